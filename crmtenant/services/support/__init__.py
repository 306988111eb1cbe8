"""Operators in a company: an owner's grant or two operators' word, and the visits under it (ADR 24).

A visitor is nobody's login and grants nothing; what a grant allows is looked up in `identity`, as for everybody.
"""
