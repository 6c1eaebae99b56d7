"""What a seal notices by watching for a while: one detector a file (SPEC.md 11).

Integers only, a memory that does not grow, no input or output: to be carried over to a firmware.
"""
