"""What people change about themselves: name and language, e-mail address, password, and a password they forgot.

These services work on the catalog alone, above `identity`, which says who somebody is.
"""
