"""The verbs that every entity has: list, create, read, change, delete, restore, many at once.

It names no entity; the registration of each says what differs.
"""
