"""Schema migrations: Alembic's revisions, rendered to SQL once and replayed in each company's database."""
