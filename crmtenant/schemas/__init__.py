"""Both directions of one JSON shape.

Here input is read strictly into drafts, with every fault at once, and the documents of what goes out are
described. What belongs here: types, validation, shape. What does not: loading related rows, knowing the
user, HTTP, SQL.
"""
