"""The schemas of the catalog and of a company's database, as Alembic revisions.

A revision is written by hand, says exactly what it does, and imports no model: models move on, it may not.
Revisions only go forward; the way back is a backup.
"""
