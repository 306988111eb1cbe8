"""The revisions of a company's database. They run in the template first, then in every company's database.

Every table lets `<catalog>_rw` read and write rows by itself, through default privileges (0001).
"""
