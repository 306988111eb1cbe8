"""Engines, connections, sessions, servers, schemas: everything that talks to PostgreSQL below the services.

`create_engine`, `sessionmaker` and `zope.sqlalchemy.register` appear only here. No business rules.
"""
