"""What the ledger commits to (SPEC.md 16). Pure.

leaves      one for each evidence taken, and for each verdict
merkle      the tree over them: growing it, proofs
tree_heads  what a station signs: heads of its tree, attestations
draw        a random draw that follows from a head
"""
