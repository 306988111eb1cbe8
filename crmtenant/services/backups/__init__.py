"""Backups of companies and of the catalog: making, proving, listing, pruning and restoring them.

Backups work on whole databases and files; nothing here reads a company's records one by one.
"""
