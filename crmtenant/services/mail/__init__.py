"""Mails: templates that make them of plain values, and the outbox they wait in until they are sent.

It knows nobody who sends mail: whoever has something to say fills a template and puts it in the outbox,
in its own catalog transaction.
"""
