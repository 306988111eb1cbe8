"""The catalog's revisions."""
