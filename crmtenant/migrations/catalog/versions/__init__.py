"""The revisions of the catalog, oldest first."""
