"""Statements that only an administrator may run: databases, roles, dumps, replication, inspection, repairs.

Where a process has no such rights, nothing of this room is opened.
"""
