"""A simulated bench of three processes: a seal, its meter, and a rig, behind pseudo-terminals."""
