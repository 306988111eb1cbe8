"""Connections: addresses, the broker with its budget, sessions, readers, snapshots, and which errors mean what.

A pooled connection belongs to one database and one role for life.
"""
