"""The control chain as an operator has been shown it, and nothing past it is signed.

The chain is read from the device and its links are checked. Signatures are not: a device that
tells a false history gets an order made against that history's head, which the seal refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from sealkit.crypto import Suite
from sealkit.errors import IntegrityError
from sealkit.rules.chain import Head
from sealkit.rules.history import History
from sealkit.seal.client import Progress, SealClient
from sealkit.seal.words import record_words
from sealkit.wire.messages import SealStatus
from sealkit.wire.numbers import SealNumber
from sealkit.wire.records import RECORD, GenesisRecord, Record
from sealkit.wire.registry import Chain

_REMEDY = "Do not sign anything for this seal; export the log and have it verified."


@dataclass(frozen=True, slots=True)
class Shown:
    """All control records of one seal up to a head, and what they add up to.

    history is the fold of the records; it is not to be changed.
    """

    records: tuple[Record, ...]
    genesis: GenesisRecord
    history: History

    @classmethod
    def of(cls, suite: Suite, records: Iterable[bytes]) -> Self:
        """The chain of these records from the first on.

        Errors: `IntegrityError` CHAIN_BROKEN, RECORD_ORDER, RECORD_OTHER_SEAL, LOG_MISSING, and
        those of `History.add`; `MalformedError`.
        """
        history = History(suite)
        chain: list[Record] = []
        for raw in records:
            record = RECORD.parse(raw)
            _judge_link(suite, history.head, chain, record)
            history.add(record)
            chain.append(record)
        if history.genesis is None:
            raise IntegrityError("LOG_MISSING", "The seal has no history.", _REMEDY)
        return cls(tuple(chain), history.genesis, history)

    @property
    def suite(self) -> Suite:
        return self.history.suite

    @property
    def number(self) -> SealNumber:
        return self.records[0].number

    @property
    def seal_key(self) -> bytes:
        """The seal's key id, 16 bytes."""
        return self.suite.key_id(self.genesis.public_key)

    @property
    def head(self) -> Head:
        return self.history.head

    def extended(self, records: Iterable[bytes]) -> Shown:
        """The same chain with the records that follow. Errors: those of `of`."""
        return Shown.of(self.suite, [*(record.raw for record in self.records), *records])


def read_history(client: SealClient, *, progress: Progress | None = None) -> Shown:
    """The control chain up to the head that the seal's status tells.

    Errors: those of `Shown.of`; `IntegrityError` RECORD_OTHER_SEAL, HEAD_MISMATCH.
    """
    info, status = client.info(), client.status()
    shown = Shown.of(
        client.suite,
        client.read_log(Chain.CONTROL, until=status.control_sequence, progress=progress),
    )
    if shown.number != info.number or shown.genesis.public_key != info.public_key:
        raise IntegrityError(
            "RECORD_OTHER_SEAL", f"The log is not that of seal {info.number}.", _REMEDY
        )
    if shown.head != _head(status):
        raise IntegrityError(
            "HEAD_MISMATCH", "The log does not end in the head that the seal tells.", _REMEDY
        )
    return shown


def read_on(client: SealClient, shown: Shown, until: int) -> Shown:
    """The chain with what the device has after its head, up to sequence `until`."""
    return shown.extended(client.read_log(Chain.CONTROL, shown.head.sequence + 1, until=until))


def require_shown(client: SealClient, shown: Shown, status: SealStatus) -> None:
    """Refuses to go on when the seal's history is not the one shown.

    Errors: `IntegrityError` HISTORY_NOT_SHOWN, naming the records that are new; OTHER_SEAL.
    """
    if (status.number, status.seal_key) != (shown.number, shown.seal_key):
        raise IntegrityError(
            "OTHER_SEAL",
            f"The history shown is that of seal {shown.number}; this is seal {status.number}.",
            "Read the history of the seal that is connected.",
        )
    if _head(status) == shown.head:
        return
    new = read_on(client, shown, status.control_sequence).records[len(shown.records) :]
    told = "; ".join(map(record_words, new)) or "its head is another one"
    raise IntegrityError(
        "HISTORY_NOT_SHOWN",
        f"The seal's history is not the one you were shown: {told}.",
        "Look at the history again, then decide anew.",
    )


def _head(status: SealStatus) -> Head:
    return Head(status.control_sequence, status.control_digest)


def _judge_link(suite: Suite, head: Head, before: list[Record], record: Record) -> None:
    """R-1, R-2: the record comes after the head, in the same seal's chain."""
    where = f"Record {record.sequence}"
    if record.suite != suite.id or (before and record.number != before[0].number):
        raise IntegrityError("RECORD_OTHER_SEAL", f"{where} is another seal's.", _REMEDY)
    if record.sequence <= head.sequence:
        raise IntegrityError("RECORD_ORDER", f"{where} follows record {head.sequence}.", _REMEDY)
    if record.previous != head.digest:
        raise IntegrityError(
            "CHAIN_BROKEN",
            f"{where} does not carry the digest of the control record before it.",
            _REMEDY,
        )
