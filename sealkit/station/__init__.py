"""The station: a memory of a fleet's seals, and what it proves to others (SPEC.md 16).

merkle      the tree over the ledger: growing it, proofs
"""
