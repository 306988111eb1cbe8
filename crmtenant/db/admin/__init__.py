"""What needs administering rights: databases, roles, dumps, replication, inspection, repairs.

A process without these rights uses nothing of this room.
"""
