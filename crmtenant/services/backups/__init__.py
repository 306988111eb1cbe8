"""Backups of companies and of the catalog: saving, proving, listing, pruning, restoring.

They work on whole databases and files and read no company's records one by one.
"""
