"""The embedded PostgreSQL server, run from the programs of a Python package."""
