"""A seal on the bench: a vehicle in virtual time, asked and ordered as a client would."""

from __future__ import annotations

import secrets
from copy import deepcopy

from sealkit.rules.chain import Head as ChainHead
from sealkit.rules.history import History
from sealkit.wire.evidence import CHECKPOINT, EVIDENCE, Evidence
from sealkit.wire.link import FrameDecoder, encode_frame
from sealkit.wire.messages import (
    CHALLENGE,
    ORDER_ANSWER,
    ORDER_REQUEST,
    READ_LOG_ANSWER,
    READ_LOG_REQUEST,
    SEAL_STATUS,
    Answer,
    OrderAnswer,
    OrderRequest,
    ReadLogRequest,
    Request,
    SealStatus,
)
from sealkit.wire.orders import NO_CHALLENGE
from sealkit.wire.records import RECORD, Record
from sealkit.wire.registry import Chain, Command, State, Status
from sealkit_simulator.clock import VirtualTime
from sealkit_simulator.crypto_core import make_core
from sealkit_simulator.seal import SimulatedSeal
from sealkit_simulator.storage import FlashPlan
from sealkit_simulator.taximeter import Taximeter
from sealkit_simulator.vehicle import Vehicle
from support.people import NOW, NUMBER, Family, Head, Orders, family, seal_credential

SMALL = FlashPlan(control_sectors=48, journal_sectors=4)
"""Small enough to copy, and to fill its journal."""


class Bench:
    """A vehicle whose seal has power, and somebody at the seal's line."""

    def __init__(self, suite: str = "p256", plan: FlashPlan = SMALL) -> None:
        self.people: Family = family(suite)
        self.time = VirtualTime(NOW * 1000)
        key = self.people.suite.private_key(self.people.suite.digest(b"sealkit test seal"))
        self.core = make_core(key, NUMBER, self.people.credentials["manufacturer"].raw)
        self.plan = plan
        self.vehicle = Vehicle(plan.flash(), self.core, self.time, plan=plan, taximeter=Taximeter())
        self._sequence = secrets.randbelow(1 << 16)
        self._decoder = FrameDecoder()
        self.vehicle.restore_power()

    def copy(self) -> Bench:
        """The same bench once more, to try something else on."""
        shared = (self.people, self.core.suite)
        return deepcopy(self, {id(item): item for item in shared})

    @property
    def seal(self) -> SimulatedSeal:
        assert self.vehicle.seal is not None
        return self.vehicle.seal

    # Asking.

    def ask(self, command: int, body: bytes = b"") -> Answer | None:
        """The answer to one request; None if there is none."""
        self._sequence = (self._sequence + 1) % (1 << 16)
        request = Request(command, self._sequence, body)
        payloads = self._decoder.feed(self.vehicle.receive(encode_frame(request.build())))
        if not payloads:
            return None
        (payload,) = payloads
        answer = Answer.parse(payload)
        assert (answer.command, answer.sequence) == (command, self._sequence)
        return answer

    def done(self, command: int, body: bytes = b"") -> bytes:
        """The body of an answer that says "done"."""
        answer = self.ask(command, body)
        assert answer is not None
        assert answer.status == Status.OK, Status(answer.status).name
        return answer.body

    def status(self) -> SealStatus:
        return SEAL_STATUS.parse(self.done(Command.STATUS))

    def state(self) -> State:
        return self.status().state

    def evidence(self, nonce: bytes = bytes(32)) -> Evidence:
        evidence = EVIDENCE.parse(self.done(Command.EVIDENCE, nonce))
        assert self.core.suite.verify(
            self.core.public_key, evidence.signed_bytes, evidence.signature
        )
        return evidence

    def log(self, chain: Chain) -> list[Record]:
        """All records of a chain, read as a client reads them."""
        records: list[Record] = []
        while True:
            start = records[-1].sequence + 1 if records else 0
            body = READ_LOG_REQUEST.build(ReadLogRequest(chain, start, 2027))
            more = READ_LOG_ANSWER.parse(self.done(Command.READ_LOG, body)).records
            if not more:
                return records
            records += [RECORD.parse(raw) for raw in more]

    # Ordering.

    def orders(self, challenge: bytes = NO_CHALLENGE) -> Orders:
        """Orders against the seal's head as it is now."""
        status = self.status()
        head = Head(
            status.seal_key,
            status.control_sequence,
            status.control_digest,
            status.clock,
            challenge,
        )
        return Orders(self.people, head)

    def challenged(self) -> Orders:
        """Orders that carry a challenge which the seal has just given."""
        return self.orders(CHALLENGE.parse(self.done(Command.CHALLENGE)).challenge)

    def send(self, request: OrderRequest) -> tuple[Status, OrderAnswer | None] | None:
        """Status and answer of an order; None if no answer came."""
        answer = self.ask(Command.ORDER, ORDER_REQUEST.build(request))
        if answer is None:
            return None
        body = ORDER_ANSWER.parse(answer.body) if answer.body else None
        return Status(answer.status), body

    def apply(self, request: OrderRequest) -> OrderAnswer:
        """Sends an order that must be applied."""
        sent = self.send(request)
        assert sent is not None
        status, answer = sent
        assert status is Status.OK, status.name
        assert answer is not None
        return answer

    # Stages of a seal's life.

    def install_credential(self) -> None:
        credential = seal_credential(self.people, self.core.public_key)
        self.done(Command.INSTALL_CREDENTIAL, credential.raw)

    def enrol(self) -> None:
        self.apply(self.challenged().enrol())

    def seal_it(self) -> None:
        """From FACTORY to SEALED, the meter seen."""
        self.enrol()
        self.vehicle.advance(1_000)
        self.apply(self.orders().seal())

    def tamper(self) -> None:
        """From SEALED to TAMPERED: the case is opened and closed again."""
        self.vehicle.open_case()
        self.vehicle.close_case()
        assert self.state() is State.TAMPERED

    def restart(self, gap_s: int = 60) -> None:
        """The power goes and comes back."""
        self.vehicle.cut_power(gap_s)
        self.vehicle.restore_power()

    def jump_to(self, sequence: int) -> None:
        """Goes on as if the journal up to just before this number had been pruned."""
        values = self.seal.device.registers
        values.base_sequence, values.base_digest = sequence - 1, bytes(range(32))
        self.seal.device.store_registers()
        self.restart()


def check_chains(bench: Bench) -> History:
    """Both chains are whole from genesis and base to the heads that the evidence signs, the state
    is their fold, and the checkpoint fits: what any verifier would ask of a seal."""
    suite, status = bench.core.suite, bench.status()
    history = History(suite)
    control, journal = bench.log(Chain.CONTROL), bench.log(Chain.JOURNAL)
    for record in control:
        assert record.previous == history.head.digest
        history.add(record)
    values = bench.seal.device.registers
    head = ChainHead(values.base_sequence, values.base_digest)
    for record in journal:
        assert record.previous == head.digest
        head = ChainHead(record.sequence, suite.digest(record.raw))
    assert (status.control_sequence, status.control_digest) == (
        history.head.sequence,
        history.head.digest,
    )
    assert (status.journal_sequence, status.journal_digest) == (head.sequence, head.digest)
    _check_attestation(bench, status)
    numbers = sorted(record.sequence for record in (*control, *journal))
    if not status.base_sequence:
        assert numbers == list(range(1, len(numbers) + 1))
    assert len(set(numbers)) == len(numbers)
    ticks = [r.tick_ms for r in sorted((*control, *journal), key=lambda r: r.sequence)]
    assert ticks == sorted(ticks)
    assert status.state is history.state
    assert status.latched_causes == history.latched_causes
    assert status.calibration_counter == history.calibration_counter
    assert status.configuration_counter == history.configuration_counter
    assert status.trust_version == history.trust_version
    return history


def _check_attestation(bench: Bench, status: SealStatus) -> None:
    """The checkpoint, or a retired seal's last evidence, is of the control chain's head."""
    raw = bench.done(Command.READ_CHECKPOINT)
    retired = status.state is State.RETIRED
    signed = EVIDENCE.parse(raw) if retired else CHECKPOINT.parse(raw)
    assert signed.control_digest == status.control_digest
    assert signed.state is status.state
    assert bench.core.suite.verify(bench.core.public_key, signed.signed_bytes, signed.signature)
