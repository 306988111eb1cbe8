"""Writing rows of any noun: creating, changing, deleting with what belongs to them, restoring, purging, ordering.

Every function takes the caller's session and never commits. It names no noun; `crm` declares them.
"""
