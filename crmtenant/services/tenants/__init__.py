"""Companies as rows of the catalog: registered, renamed, suspended, deleted.

Their databases are requested here and made by `fleet` and `db`. This room does not read a company's records; the
one row it writes there is the company's own, at registration.
"""
