"""`sealkit meter` and `audit`: the taximeter, and what it recorded."""
