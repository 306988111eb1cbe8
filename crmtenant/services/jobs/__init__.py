"""Scheduled work that spans rooms: nightly backups, reminders, clean-up, reconciling.

Only operations, doctor, the worker and the command import it.
"""
