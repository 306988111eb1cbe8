"""The rows: tables of the catalog and of a company's database, as SQLAlchemy describes them.

A row knows its columns, constraints and indexes. It knows no session, no service and no other floor.
"""
