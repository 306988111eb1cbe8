"""The fleet's page for operators: a small WSGI application on an address of its own, with accounts of its own.

It only reads. It knows no person's sign-in and opens no company; nothing of it is reachable from the site.
"""
