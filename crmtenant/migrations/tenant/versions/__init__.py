"""The revisions of a company's database, oldest first."""
