"""What is asked beside the seal itself: the meter, and the control channel of a simulation."""
