"""The installation's servers, databases and roles: adding, migrating, moving, rotating passwords.

Here a company is a database on a server with a role; nothing here knows its people.
"""
