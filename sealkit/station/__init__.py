"""The station: a memory of a fleet's seals, and what it proves to others (SPEC.md 16 to 18).

ledger   all of it together: opening it, taking evidence, judging, lists, the tree
history  one seal's history, and what stands against it
tree     what the ledger commits to
storage  its database
bulk     thousands taken and judged on all cores
proof    bundles, attestations, certificates
service  the same over HTTP, with a web page
"""
