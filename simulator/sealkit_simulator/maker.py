"""A maker for simulated seals that nobody else has made: test keys, for tests and demos only."""

from __future__ import annotations

from pathlib import Path
from time import time
from typing import Final

from sealkit.crypto import Suite
from sealkit.keys.credentialfile import read_credentials, write_credentials
from sealkit.keys.issuing import issue_credential
from sealkit.keys.store import load_key, save_key
from sealkit.wire.registry import Role
from sealkit_simulator.commands import install_credential
from sealkit_simulator.vehicle import Vehicle

KEY_FILE: Final = "manufacturer.pem"
CREDENTIAL_FILE: Final = "manufacturer.cred"
# The maker of a simulated seal is trusted by nobody but the demo that made it.
PASSPHRASE: Final = b"simulated"
_DAY_S: Final = 86_400
_VALID_DAYS: Final = 3_650


def anchor_in(directory: Path, suite: Suite, maker: int) -> bytes:
    """The self-signed credential of the maker in `directory`, who is made if he is not there.

    maker: his number, the scope of his credential. Raises what key and credential files raise.
    """
    path = directory / CREDENTIAL_FILE
    if not path.exists():
        (directory / KEY_FILE).unlink(missing_ok=True)  # of a making that was cut short
        key = suite.generate()
        save_key(directory / KEY_FILE, key, PASSPHRASE)
        now = int(time())
        credential = issue_credential(
            key,
            None,
            role=Role.MANUFACTURER,
            scope=maker,
            serial=1,
            generation=1,
            not_before=now - _DAY_S,
            not_after=now + _VALID_DAYS * _DAY_S,
            public_key=key.public_key,
            name="simulated manufacturer",
        )
        write_credentials(path, [credential.raw])
    return read_credentials(path)[0]


def install_own_credential(directory: Path, vehicle: Vehicle) -> None:
    """Gives a seal its credential, if it has none and the maker in `directory` is its own."""
    seal, path = vehicle.seal, directory / KEY_FILE
    if seal is None or seal.device.registers.credential or not path.exists():
        return
    core = vehicle.core
    key = load_key(path, PASSPHRASE)
    if key.public_key != core.manufacturer.public_key or core.destroyed:
        return
    now = int(time())
    credential = issue_credential(
        key,
        core.manufacturer,
        role=Role.SEAL,
        scope=core.number.maker,
        serial=core.number.serial,
        generation=1,
        not_before=now - _DAY_S,
        not_after=now + _VALID_DAYS * _DAY_S,
        public_key=core.public_key,
        name=f"simulated seal {core.number}",
    )
    install_credential(seal.device, credential.raw)
