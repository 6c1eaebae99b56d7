"""What a seal can be asked, one method per command (SPEC.md 3).

Answers are parsed and bounded here, not judged: whether evidence is good, appraisal decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from sealkit.crypto import Suite, get_suite
from sealkit.errors import IntegrityError, MalformedError, RefusedError, TimedOutError, UsageError
from sealkit.rules.parameters import group_digest
from sealkit.seal.exchange import Exchange
from sealkit.transport import open_transport
from sealkit.transport.spec import SerialSpec, parse_spec
from sealkit.wire.credentials import CREDENTIAL, TRUST_STATEMENT, Credential, TrustStatement
from sealkit.wire.evidence import CHECKPOINT, EVIDENCE, Checkpoint, Evidence
from sealkit.wire.export import EXPORT_MAX
from sealkit.wire.messages import (
    CHALLENGE,
    EVIDENCE_REQUEST,
    INFO,
    OBSERVATION,
    ORDER_ANSWER,
    ORDER_REQUEST,
    PARAMETER_DIGESTS,
    READ_CREDENTIAL_REQUEST,
    READ_GROUP_REQUEST,
    READ_LOG_ANSWER,
    READ_LOG_REQUEST,
    READ_RECORD_ANSWER,
    READ_RECORD_REQUEST,
    SEAL_STATUS,
    SET_BAUD_REQUEST,
    Challenge,
    EvidenceRequest,
    Info,
    Observation,
    OrderRequest,
    ReadCredentialRequest,
    ReadGroupRequest,
    ReadLogRequest,
    ReadRecordAnswer,
    ReadRecordRequest,
    SealStatus,
    SetBaudRequest,
)
from sealkit.wire.records import RECORD_HEADER
from sealkit.wire.registry import (
    LINK_PAYLOAD_MAX,
    RECORD_MAX,
    Chain,
    Command,
    CredentialChoice,
    Status,
)

ANSWER_HEADER_BYTES: Final = 5
LOG_LIMIT: Final = LINK_PAYLOAD_MAX - ANSWER_HEADER_BYTES
"""Bytes of body that a `read_log` may answer with: all that a frame holds."""
FIRST_BAUD: Final = 9600
_SEQUENCE_FIELD: Final = 3  # of RECORD_HEADER
_LAST_SEQUENCE: Final = 0xFFFFFFFF

Progress = Callable[[int, int], None]
"""Told the sequence number reached and, 0 if not known, the last one."""


@dataclass(frozen=True, slots=True)
class OrderReceipt:
    """What the seal answered to an order: its record's sequence and digest (32 bytes).

    stored: bit i tells that credential i of the request stands in that record. already_applied:
    the order had been applied before (O-3).
    """

    sequence: int
    digest: bytes
    stored: int
    already_applied: bool


class SealClient:
    """A seal at the other end of an exchange; a context manager that closes the transport.

    Every method raises what `Exchange.ask` raises, and `MalformedError` for an answer that does
    not have its layout.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._info: Info | None = None
        self._baud = _opening_baud(exchange.transport.spec)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the transport."""
        self.exchange.transport.close()

    def ping(self, data: bytes = b"") -> None:
        """C-1. Errors: `IntegrityError` PING_DIFFERS."""
        if self.exchange.ask(Command.PING, data) != data:
            raise IntegrityError(
                "PING_DIFFERS",
                "The seal did not send back the bytes it was sent.",
                "What is on this line is no seal, or has a fault.",
            )

    def info(self) -> Info:
        """C-2; asked once, since it changes only with the firmware."""
        if self._info is None:
            self._info = INFO.parse(self.exchange.ask(Command.INFO))
        return self._info

    @property
    def suite(self) -> Suite:
        """The suite that the seal speaks. Errors: `UsageError` SUITE_UNKNOWN, SUITE_UNAVAILABLE."""
        return get_suite(self.info().suite)

    def status(self) -> SealStatus:
        """C-3; not signed."""
        return SEAL_STATUS.parse(self.exchange.ask(Command.STATUS))

    def challenge(self) -> Challenge:
        """C-4; the one before it is void."""
        return CHALLENGE.parse(self.exchange.ask(Command.CHALLENGE))

    def evidence(self, nonce: bytes) -> Evidence:
        """C-5. nonce: 32 random bytes."""
        request = EVIDENCE_REQUEST.build(EvidenceRequest(nonce))
        return EVIDENCE.parse(self.exchange.ask(Command.EVIDENCE, request))

    def submit(self, order: bytes, credentials: Sequence[bytes]) -> OrderReceipt:
        """C-6. `ordering.give_order` also reads back; use that to give an order."""
        request = ORDER_REQUEST.build(OrderRequest(order, tuple(credentials)))
        answer = self.exchange.answer(Command.ORDER, request)
        told = ORDER_ANSWER.parse(answer.body)
        return OrderReceipt(
            told.sequence, told.digest, told.stored, answer.status == Status.ALREADY_APPLIED
        )

    def read_log(
        self,
        chain: Chain,
        from_sequence: int = 1,
        *,
        until: int = _LAST_SEQUENCE,
        progress: Progress | None = None,
    ) -> Iterator[bytes]:
        """Whole records, rising, as far as there are any; none after sequence `until` (C-7).

        Errors: `MalformedError` LOG_MALFORMED for a record that is none or does not come next,
        or when there are more bytes of them than an export may hold.
        """
        following, size = from_sequence, 0
        while following <= until:
            request = READ_LOG_REQUEST.build(ReadLogRequest(chain, following, LOG_LIMIT))
            records = READ_LOG_ANSWER.parse(self.exchange.ask(Command.READ_LOG, request)).records
            if not records:
                return
            for record in records:
                sequence = record_sequence(record)
                if sequence < following:
                    raise _log_malformed(f"record {sequence} came where {following} is the least")
                if sequence > until:
                    return
                following, size = sequence + 1, size + len(record)
                if size > EXPORT_MAX:
                    raise _log_malformed(f"it has more than {EXPORT_MAX} bytes")
                yield record
            if progress is not None:
                progress(following - 1, 0 if until == _LAST_SEQUENCE else until)

    def read_record(
        self, sequence: int, offset: int = 0, length: int = RECORD_MAX
    ) -> ReadRecordAnswer:
        """A part of one record (C-8). Errors: `RefusedError` NOT_FOUND."""
        request = READ_RECORD_REQUEST.build(ReadRecordRequest(sequence, offset, length))
        return READ_RECORD_ANSWER.parse(self.exchange.ask(Command.READ_RECORD, request))

    def parameters(self) -> dict[int, bytes]:
        """The groups of the last sealed set by number, salt first (C-9).

        Errors: `IntegrityError` GROUP_DIFFERS when a group does not have the digest listed.
        """
        listed = PARAMETER_DIGESTS.parse(self.exchange.ask(Command.READ_PARAMETERS)).groups
        groups = {}
        for entry in listed:
            request = READ_GROUP_REQUEST.build(ReadGroupRequest(entry.number))
            data = self.exchange.ask(Command.READ_GROUP, request)
            if group_digest(self.suite, entry.number, data) != entry.digest:
                raise IntegrityError(
                    "GROUP_DIFFERS",
                    f"Parameter group {entry.number} does not have the digest that the seal lists.",
                    "Read again; if it repeats, the seal has a fault or the line is tampered with.",
                )
            groups[entry.number] = data
        return groups

    def credential(self, choice: CredentialChoice) -> Credential | None:
        """The seal's own credential, or its authority's; None before there is one (C-10)."""
        request = READ_CREDENTIAL_REQUEST.build(ReadCredentialRequest(choice))
        raw = self._ask_for_one(Command.READ_CREDENTIAL, request)
        return None if raw is None else CREDENTIAL.parse(raw)

    def trust_statement(self) -> TrustStatement | None:
        """The statement that the seal holds (C-10)."""
        raw = self._ask_for_one(Command.READ_TRUST)
        return None if raw is None else TRUST_STATEMENT.parse(raw)

    def checkpoint(self) -> Checkpoint | None:
        """The checkpoint of the last control record (C-10). Not of a retired seal."""
        raw = self._ask_for_one(Command.READ_CHECKPOINT)
        return None if raw is None else CHECKPOINT.parse(raw)

    def last_evidence(self) -> Evidence:
        """What a retired seal signed last, its nonce the id of RETIRE (C-5, O-34)."""
        return EVIDENCE.parse(self.exchange.ask(Command.READ_CHECKPOINT))

    def observation(self) -> Observation:
        """What the seal last saw of the meter (C-11)."""
        return OBSERVATION.parse(self.exchange.ask(Command.READ_OBSERVATION))

    def install_credential(self, credential: bytes) -> None:
        """Gives the seal its own credential (C-12)."""
        self.exchange.ask(Command.INSTALL_CREDENTIAL, credential)

    def raise_baud(self, baud: int) -> bool:
        """Whether both sides now speak at this rate; if not, both are back at the old (L-12).

        Errors: `TimedOutError` when the seal is heard at neither.
        """
        transport = self.exchange.transport
        try:
            self.exchange.ask(Command.SET_BAUD, SET_BAUD_REQUEST.build(SetBaudRequest(baud)))
        except RefusedError:
            return False
        try:
            transport.set_baud(baud)
            self.ping()
        except (TimedOutError, UsageError):
            # The seal goes back by itself after 2 s, within what the repeats below wait.
            transport.set_baud(self._baud)
            self.ping()
            return False
        self._baud = baud
        return True

    def _ask_for_one(self, command: Command, request: bytes = b"") -> bytes | None:
        """The answer, None where the seal does not hold it."""
        try:
            return self.exchange.ask(command, request)
        except RefusedError as error:
            if error.code == Status.NOT_FOUND.name:
                return None
            raise


def open_seal(spec: str) -> SealClient:
    """The seal that a spec string names. Errors: those of `open_transport`."""
    return SealClient(Exchange(open_transport(spec)))


def _opening_baud(spec: str) -> int:
    """The rate that a line was opened with; of one without a rate, what all seals begin with."""
    try:
        parsed = parse_spec(spec)
    except UsageError:
        return FIRST_BAUD
    return parsed.baud if isinstance(parsed, SerialSpec) else FIRST_BAUD


def record_sequence(record: bytes) -> int:
    """The sequence number in a record's header. Errors: `MalformedError` LOG_MALFORMED."""
    if not RECORD_HEADER.size <= len(record) <= RECORD_MAX:
        raise _log_malformed(f"a record has {len(record)} bytes")
    sequence: int = RECORD_HEADER.unpack_from(record)[_SEQUENCE_FIELD]
    return sequence


def _log_malformed(reason: str) -> MalformedError:
    return MalformedError(
        "LOG_MALFORMED",
        f"The seal's log is no log: {reason}.",
        "Read it again; if it repeats, the seal has a fault or the line is tampered with.",
    )
