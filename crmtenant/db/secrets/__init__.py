"""Secret files, passwords derived from them, and the names of roles. No connection is made here."""
