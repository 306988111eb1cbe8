"""A lost catalog, found again: what companies' databases and backups keep of it, and how that becomes rows again.

A company's database has a copy of what is about that company only, which its own role cannot read (ADR 20).
"""
