"""What stands around a seal on a bench, simulated or real: one interface, `Backend`."""
