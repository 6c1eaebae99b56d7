"""`sealkit keys`; who signs, with a key in a file or in a token."""
