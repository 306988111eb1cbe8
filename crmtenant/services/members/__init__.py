"""Who belongs to which company: members and their roles, invitations and how they are accepted.

These services work on the catalog alone, above `identity`, which says who somebody is.
"""
