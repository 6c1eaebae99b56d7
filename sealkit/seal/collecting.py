"""Reading all that a verifier needs from a seal, such that it fits together.

Evidence comes last, and what the log gained while it was read is read on, so that evidence, log
and parameters are those of one moment. Whether they are good is for the verifier to say: what a
seal gives is collected even where it contradicts itself.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

from sealkit.crypto import get_suite
from sealkit.errors import UndeterminedError
from sealkit.seal.client import Progress, SealClient, record_sequence
from sealkit.wire.evidence import Checkpoint, Evidence
from sealkit.wire.export import build_export
from sealkit.wire.records import FIRST_JOURNAL_KIND, RECORD_HEADER
from sealkit.wire.registry import Chain, CredentialChoice, State

_ROUNDS: Final = 5
_NONCE_BYTES: Final = 32
_KIND_FIELD: Final = 4  # of RECORD_HEADER


@dataclass(frozen=True, slots=True)
class Collected:
    """What a seal gave, in the bytes it gave: the parts of an export.

    control, journal: whole records up to the evidence's heads. journal None: it was not read.
    """

    evidence: Evidence
    seal_credential: bytes | None
    checkpoint: bytes | None
    groups: dict[int, bytes]
    control: tuple[bytes, ...]
    journal: tuple[bytes, ...] | None


@dataclass(slots=True)
class _Log:
    """What was read of the log so far."""

    chain: Chain
    control: list[bytes] = field(default_factory=list)
    journal: list[bytes] = field(default_factory=list)
    reached: int = 0
    control_sequence: int = 0

    def read_on(self, client: SealClient, until: int, progress: Progress | None) -> None:
        """The records after those that were read, up to sequence `until`."""
        records = client.read_log(self.chain, self.reached + 1, until=until, progress=progress)
        for record in records:
            self.reached = record_sequence(record)
            if RECORD_HEADER.unpack_from(record)[_KIND_FIELD] < FIRST_JOURNAL_KIND:
                self.control.append(record)
                self.control_sequence = self.reached
            else:
                self.journal.append(record)


def collect(
    client: SealClient,
    *,
    journal: bool = True,
    nonce: bytes | None = None,
    progress: Progress | None = None,
) -> Collected:
    """All that a verifier needs, of one moment.

    nonce: 32 bytes that the evidence has to answer; random if None. Of a retired seal the
    evidence is the last it signed, with a nonce of its own (O-34), and there is no checkpoint.
    Errors: `UndeterminedError` LOG_RESTLESS when the seal's history does not stand still; those
    of the client's methods.
    """
    log = _Log(Chain.BOTH if journal else Chain.CONTROL)
    nonce = nonce or secrets.token_bytes(_NONCE_BYTES)
    for _ in range(_ROUNDS):
        had = log.control_sequence
        status = client.status()
        last = max(status.control_sequence, status.journal_sequence if journal else 0)
        log.read_on(client, last, progress)
        groups = client.parameters()
        if status.state is State.RETIRED:
            checkpoint, evidence = None, client.last_evidence()
        else:
            checkpoint, evidence = client.checkpoint(), client.evidence(nonce)
        # A seal that tells of records and does not give them is for the verifier to judge.
        if had < log.control_sequence < evidence.control_sequence:
            continue
        if journal:
            log.read_on(client, evidence.journal_sequence, progress)
        return _collected(client, log, groups, checkpoint, evidence)
    raise UndeterminedError(
        "LOG_RESTLESS",
        f"The seal wrote control records in each of {_ROUNDS} attempts to read it whole.",
        "See what keeps happening to it: `sealkit log list`; then try again.",
    )


def _collected(
    client: SealClient,
    log: _Log,
    groups: dict[int, bytes],
    checkpoint: Checkpoint | None,
    evidence: Evidence,
) -> Collected:
    credential = client.credential(CredentialChoice.SEAL)
    attested = range(evidence.base_sequence + 1, evidence.journal_sequence + 1)
    return Collected(
        evidence,
        None if credential is None else credential.raw,
        None if checkpoint is None else checkpoint.raw,
        groups,
        tuple(log.control),
        tuple(record for record in log.journal if record_sequence(record) in attested)
        if log.chain is Chain.BOTH
        else None,
    )


def export_bytes(collected: Collected) -> bytes:
    """The export file of what was collected (chapter 12)."""
    suite = get_suite(collected.evidence.suite)
    return build_export(
        suite.id,
        suite.digest,
        evidence=collected.evidence.raw,
        seal_credential=collected.seal_credential,
        checkpoint=collected.checkpoint,
        groups=tuple(sorted(collected.groups.items())),
        control=collected.control,
        journal=collected.journal or (),
    )
