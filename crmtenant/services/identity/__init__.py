"""People: accounts, sign-in, sessions, membership, invitations, passwords, who may enter which company.

These services work on the catalog alone and open its transactions themselves. They know no company's
records; `mail` sends what they write.
"""
