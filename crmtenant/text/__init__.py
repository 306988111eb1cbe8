"""Pure functions over strings and dates: search tokens, recurrence rules, slugs, names, countries.

They import nothing of ours, do no I/O and know no framework.
"""
