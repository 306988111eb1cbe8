"""Bytes to plain Python values and back: CSV, vCard, JSON, encodings.

A format knows no model, draft, session or request; the caller decides what a value means.
"""
