"""Secret files, the passwords derived from them, and the names of roles. Nothing here opens a connection."""
