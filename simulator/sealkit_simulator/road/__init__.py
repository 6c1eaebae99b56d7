"""The road: where a simulated taxi drives, what its wheels and its receivers make of that.

The world is drawn from `random.Random(seed)`, so a seed tells it again; what a device sees of it
is whole numbers. Nothing here makes a key.
"""
