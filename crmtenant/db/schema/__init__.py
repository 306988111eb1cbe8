"""Schema changes: Alembic's revisions run, rendered once and replayed in each company's database."""
