"""A company's own records, one file an entity: what it is, and the rules of writing it.

Every function takes the caller's session or reader and never commits. Nothing here knows the catalog,
a sign-in, a server or a backup.
"""
