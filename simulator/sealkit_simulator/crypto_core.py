"""The crypto core: it holds the seal's private key, number and maker's anchor, and gives none away.

It signs evidence and checkpoints of its own seal, nothing else (T-4).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sealkit.crypto import PrivateKey, Suite, get_suite
from sealkit.errors import MalformedError, SealkitError
from sealkit.keys.files import read_bounded, write_whole
from sealkit.keys.store import load_key, save_key
from sealkit.rules.credentials import judge_anchor
from sealkit.rules.refusals import refusal
from sealkit.wire.credentials import Credential
from sealkit.wire.evidence import CHECKPOINT, EVIDENCE
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import Role, Status

_IDENTITY: Final = "core.json"
_KEY: Final = "core.key"
# A chip encrypts its key under a secret burnt into fuses, which only it can read. This file stands
# for the fuses: whoever can read it has opened the chip.
_FUSES: Final = "fuses"
_FUSE_BYTES: Final = 32
_FILE_MAX: Final = 4096


@dataclass(slots=True)
class CryptoCore:
    """number, public_key (65 bytes) and manufacturer (the maker's anchor) are for ever."""

    suite: Suite
    number: SealNumber
    public_key: bytes
    manufacturer: Credential
    _key: PrivateKey | None
    _directory: Path | None = None

    @property
    def key_id(self) -> bytes:
        return self.suite.key_id(self.public_key)

    @property
    def destroyed(self) -> bool:
        return self._key is None

    def sign_evidence(self, fields: Mapping[str, Any]) -> bytes:
        """Evidence with these fields. Raises RefusedError KEY_DESTROYED."""
        return self._sign(EVIDENCE.unsigned(self.suite.id, {**fields, **self._identity()}))

    def sign_checkpoint(self, fields: Mapping[str, Any]) -> bytes:
        """A checkpoint with these fields. Raises RefusedError KEY_DESTROYED."""
        return self._sign(CHECKPOINT.unsigned(self.suite.id, {**fields, **self._identity()}))

    def destroy(self) -> None:
        """Destroys the key (O-34); what is left can only verify."""
        if self._directory is not None:
            (self._directory / _KEY).unlink(missing_ok=True)
            (self._directory / _FUSES).unlink(missing_ok=True)
        self._key = None

    def _identity(self) -> dict[str, Any]:
        number = self.number
        return {"maker": number.maker, "serial": number.serial, "seal_key": self.key_id}

    def _sign(self, unsigned: bytes) -> bytes:
        if self._key is None:
            raise refusal(Status.KEY_DESTROYED)
        return unsigned + self._key.sign(unsigned)


def make_core(
    key: PrivateKey, number: SealNumber, manufacturer: bytes, directory: Path | None = None
) -> CryptoCore:
    """A core around a key that was just born, kept in `directory` or in memory.

    manufacturer: the maker's self-signed credential, of the key's suite.
    Raises RefusedError if that is no anchor (K-4); AccessError if the files cannot be written.
    """
    anchor = judge_anchor(key.suite, manufacturer, Role.MANUFACTURER)
    core = CryptoCore(key.suite, number, key.public_key, anchor, key, directory)
    if directory is not None:
        fuses = secrets.token_bytes(_FUSE_BYTES)
        identity = {
            "suite": key.suite.name,
            "number": str(number),
            "public_key": key.public_key.hex(),
            "manufacturer": manufacturer.hex(),
        }
        for leftover in (_KEY, _FUSES):  # of a birth that was cut short
            (directory / leftover).unlink(missing_ok=True)
        write_whole(directory / _FUSES, fuses.hex().encode(), mode=0o600)
        save_key(directory / _KEY, key, fuses.hex().encode())
        write_whole(directory / _IDENTITY, json.dumps(identity, indent=1).encode())
    return core


def has_core(directory: Path) -> bool:
    """Whether a core was born there: its identity is written last."""
    return (directory / _IDENTITY).exists()


def load_core(directory: Path) -> CryptoCore:
    """The core that is kept in `directory`.

    Raises MalformedError CORE_MALFORMED, and the errors of `load_key`.
    """
    try:
        identity = json.loads(read_bounded(directory / _IDENTITY, _FILE_MAX))
        suite = get_suite(identity["suite"])
        number = SealNumber.from_text(identity["number"])
        public_key = bytes.fromhex(identity["public_key"])
        manufacturer = bytes.fromhex(identity["manufacturer"])
        anchor = judge_anchor(suite, manufacturer, Role.MANUFACTURER)
    except (SealkitError, KeyError, TypeError, ValueError) as error:
        raise MalformedError(
            "CORE_MALFORMED",
            f"The crypto core in {directory} cannot be read: {error}.",
            "Start the simulator with another directory.",
        ) from error
    key = None
    if (directory / _KEY).exists() and (directory / _FUSES).exists():
        key = load_key(directory / _KEY, read_bounded(directory / _FUSES, _FILE_MAX))
    return CryptoCore(suite, number, public_key, anchor, key, directory)
