"""`sealkit sim`: simulated devices, taxis that cheat and that do not, a whole city."""
