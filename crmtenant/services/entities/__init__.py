"""What holds for every entity: its declaration, listing, writing, ordering, stored responses.

It names no entity; `crm` declares them. Every function takes the caller's session or reader and never commits.
"""
