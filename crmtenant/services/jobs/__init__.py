"""Scheduled work that needs several rooms: nightly backups, reminders, cleanup, reconciliation.

Only operations, doctor, the worker and the command line import it.
"""
