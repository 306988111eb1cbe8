"""What every view stands on: guards, errors, parsed queries, cursors, uploads, idempotency, view options.

It knows no entity.
"""
