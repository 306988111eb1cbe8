"""What all views share: guards, errors, parsed queries, cursors, uploads, idempotency, view options.

It knows no entity.
"""
