"""A company as a row of the catalog: registered, renamed, suspended, deleted.

Its database is requested here and made by `fleet` and `db`; its records are none of this room's business.
"""
