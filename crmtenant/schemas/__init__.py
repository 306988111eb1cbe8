"""Both directions of one JSON shape: input is read strictly into drafts, output is described.

A draft reports every error at once. Types, validation and shape belong here; loading related rows, knowing the
user, HTTP and SQL do not.
"""
