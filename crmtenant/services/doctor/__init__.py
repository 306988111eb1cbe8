"""Examines an installation and reports findings: what is wrong, what it means, how it is repaired.

Examining changes nothing; only a repair that `--fix` asks for does.
"""
