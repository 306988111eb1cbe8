"""Measurements. The law: every figure is a ratio to a control measured in the same run.

Targets take turns in rounds and the median round counts, so a busy machine slows both sides alike. Nothing here
is imported by the application.
"""
