"""Bytes to plain Python values and back: CSV, vCard, JSON, encodings.

A format knows no model, draft, session or request; what a value means is decided by who reads it.
"""
