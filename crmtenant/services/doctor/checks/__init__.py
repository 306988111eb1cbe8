"""The checks, one file per subject: catalog, server, databases, roles. A check yields findings and changes nothing."""
