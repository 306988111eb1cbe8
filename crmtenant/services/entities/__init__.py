"""What holds for every entity: registration, listing, writing, ordering, idempotent answers.

It names no entity; `crm` declares them. Every function takes the caller's session or reader and never commits.
"""
