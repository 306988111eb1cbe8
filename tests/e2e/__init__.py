"""The page in a real browser, over a real server with a real PostgreSQL.

Each test has companies of its own. Whoever visits fails the test by an error in the console, an error of the page,
an answer it did not expect, or a request to any other origin.
"""
