"""`sealkit verify` and `witness`: what a seal or a file proves."""
