"""Everything that talks to PostgreSQL below the services: connections, sessions, schemas, servers.

`create_engine`, `sessionmaker` and `zope.sqlalchemy.register` are called only here. There are no business rules.
"""
