"""Thousands at a time, on all cores (workers).

submissions  the exports in a directory, and how each came
importing    takes them: intake is the part of it that any core can do
verifying    judges every seal that has no verdict of now
"""
