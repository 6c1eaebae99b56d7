"""The station: a memory of a fleet's seals, and what it proves to others (SPEC.md 16 to 18).

ledger      all of it together: opening it, taking evidence, judging, lists, the tree
visits      how material came: when, from whom, where
examining   what of a submission is a seal's own word
storing     writes it, many at a time
database    SQLite or PostgreSQL: transactions, migrations; failures, in our words
schema      the tables; migrations make them, and refuse any change to what is in them
dossier     all that is held about one seal
comparing   its history against itself: forks, set-backs, gaps
biography   its control chain as a life: who did what, what was sealed when
findings    what only a memory of the whole fleet can find
judging     findings and appraisal become a verdict; judgements keeps them
fleet       the fleet in lists and numbers; leads, from the lives of all seals; the draw
bulk        thousands taken and judged on all cores (workers, intake); submissions lists a directory
acknowledging  what the ledger holds, so that a journal may be pruned
trusting    whom the ledger believes, and since when somebody is revoked
merkle      the tree over the ledger: growing it, proofs
tree_heads  what a station signs: heads of its tree, attestations
bundles     leaves, and the evidence bundle
"""
