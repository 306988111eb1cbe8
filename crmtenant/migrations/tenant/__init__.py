"""The revisions of a company's database. They run in the template first, then in every company's database.

`<catalog>_rw` may read and write the rows of every table by default privileges (0001).
"""
