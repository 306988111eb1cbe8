"""The schemas of the catalog and of a company's database, as Alembic revisions.

A revision is written by hand and imports no model, because models change and a revision must not. There are no
downgrades; the way back is a backup.
"""
