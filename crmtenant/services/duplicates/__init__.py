"""Who is the same: one rule for imports, the hint on creating a contact, and whoever looks for duplicates.

It compares what contacts are known by; what becomes of those that are the same is decided by who asks.
"""
