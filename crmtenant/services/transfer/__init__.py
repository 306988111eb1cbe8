"""A company's records in and out in bulk: contact lists, and everything of a company as one file.

Every function takes the caller's session, reader or snapshot and never commits.
"""
