"""Shapes of files: rows of an import, the archive of a company."""
