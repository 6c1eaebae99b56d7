"""The certificate of a verification that passed: content, how the sheet looks, its fonts; pdf."""
