"""What holds for every entity: its declaration, listing, stored responses, who acts and what a write carries.

It names no entity; `crm` declares them. Every function takes the caller's session or reader and never commits.
"""
