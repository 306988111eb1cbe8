"""Addresses, and the pool of connections with its sessions, readers and snapshots.

A pooled connection belongs to one database and one role for as long as it is open.
"""
