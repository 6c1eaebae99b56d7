"""Keys that live in a token (smart card, USB token, HSM) and never leave it: PKCS#11.

uri: how a key is named (RFC 7512). key: a `Signer` from such a URI, and keys made in tokens; it
needs the extra `hsm`.
"""
