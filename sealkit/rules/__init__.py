"""What the contract decides, as pure functions; device and verifier stand on the same ones.

refusals      a status as an error
credentials   whether a credential holds (K-1 to K-7)
parameters    digests, root, ranges and changes of a parameter set (P-1 to P-4)
chain         links between records (R-1 to R-3)
history       the fold of the control chain: state, head, sealed set, counters (R-5)
orders        whether an order is to be applied (O-1 to O-34)
supervision   what a look at the meter means (W-3, Z-1)
"""
