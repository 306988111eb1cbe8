"""Who somebody is and what they may do: tokens, passwords, identity, Pyramid's policy.

Pure computation: no SQL, no HTTP but for `policy.py` (Pyramid's interface) and the texts of two headers.
`tokens.py` is the only importer of jwt.
"""
