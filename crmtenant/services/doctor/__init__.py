"""Examines an installation and reports findings: what is wrong, what it means, and how to repair it.

Examining changes nothing; only repairs do, which `--fix` asks for. The checks are in `checks/`.
"""
