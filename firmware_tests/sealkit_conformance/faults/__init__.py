"""Planted faults: small named changes to the simulated seal, which the cases have to find."""
