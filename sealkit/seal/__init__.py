"""The client of a seal: asking it, giving it orders, reading it out.

exchange    one request and its answer, over a line that loses and repeats
client      every command of SPEC.md as a method
history     the control chain as it was shown to whoever signs
job         what a technician writes down, as parameter groups
drafting    an order before it is given; orderfile carries it, review tells it in words
ordering    giving an order, and reading back that it was applied
collecting  all that a verifier needs, as an export file
"""

from sealkit.seal.client import SealClient, open_seal

__all__ = ["SealClient", "open_seal"]
