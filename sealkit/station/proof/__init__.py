"""What the station proves to others (SPEC.md 17).

bundles      the evidence bundle
proving      it and the attestation, out of the ledger
certificate  the sheet of a verification that passed, with its code
"""
