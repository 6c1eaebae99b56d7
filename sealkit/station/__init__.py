"""The station: a memory of a fleet's seals, and what it proves to others (SPEC.md 16).

merkle      the tree over the ledger: growing it, proofs
tree_heads  what a station signs: heads of its tree, attestations
bundles     leaves, and the evidence bundle
"""
