"""The test maker's key, and the authority's that a seal on a bench goes on to know.

`DIR/manufacturer.pem` and `.cred` are the maker's, under whose anchor the seals on the bench were
made. `DIR/authority.pem` is made at the first run and kept, since ENROL installs an authority once.
"""

from __future__ import annotations

from getpass import getpass
from pathlib import Path

from sealkit.crypto import PrivateKey, Suite
from sealkit.errors import UsageError
from sealkit.keys import load_key
from sealkit.keys.credentialfile import read_credentials
from sealkit.keys.passphrase import find_passphrase
from sealkit.keys.store import save_key
from sealkit.wire.credentials import CREDENTIAL
from sealkit.wire.registry import Role
from sealkit_conformance.bench.backend import Maker


def load_maker(directory: Path, passphrase: bytes) -> Maker:
    """The test maker. Raises UsageError TEST_ANCHOR_WRONG and what key files raise."""
    key = load_key(directory / "manufacturer.pem", passphrase)
    credential = CREDENTIAL.parse(read_credentials(directory / "manufacturer.cred")[0])
    if credential.role is not Role.MANUFACTURER or credential.public_key != key.public_key:
        raise UsageError(
            "TEST_ANCHOR_WRONG",
            f"{directory} does not hold a maker's key with its own credential.",
            "Put the test maker's manufacturer.pem and manufacturer.cred there.",
        )
    return Maker(key, credential)


def load_authority(directory: Path, suite: Suite, passphrase: bytes) -> PrivateKey:
    """The authority's key, made now if it is not there. Raises what key files raise."""
    path = directory / "authority.pem"
    if not path.exists():
        save_key(path, suite.generate(), passphrase)
    return load_key(path, passphrase)


def passphrase_of(directory: Path) -> bytes:
    """The passphrase of the keys: from the environment, or asked for at the terminal."""
    return find_passphrase(lambda: getpass(f"Passphrase of {directory}: "))
