"""What was written to rows of any noun: gathered in the session, logged, batched and told when it commits.

Whoever writes hands it in; nobody else writes the log. It knows no noun by name.
"""
