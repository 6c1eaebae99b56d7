"""The seal's life, from provisioning to its end: look, order, sign, read the log."""
