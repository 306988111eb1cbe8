"""The installation's servers, databases and roles: registered, migrated, moved, measured, given new passwords.

It knows companies as databases and no people.
"""
