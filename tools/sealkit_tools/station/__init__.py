"""`sealkit station`: a city's ledger, what it proves, and its service."""
