"""The seal under test, as it shows itself on its line: asked, ordered, read back.

Everything that comes from it is parsed strictly; what does not parse fails the case with the clause
of the command.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar

from sealkit.errors import MalformedError
from sealkit.wire.codec import Codec
from sealkit.wire.credentials import CREDENTIAL, TRUST_STATEMENT, TrustStatement
from sealkit.wire.evidence import CHECKPOINT, EVIDENCE, Checkpoint, Evidence
from sealkit.wire.messages import (
    CHALLENGE,
    INFO,
    OBSERVATION,
    ORDER_ANSWER,
    ORDER_REQUEST,
    PARAMETER_DIGESTS,
    READ_LOG_ANSWER,
    READ_LOG_REQUEST,
    READ_RECORD_ANSWER,
    READ_RECORD_REQUEST,
    SEAL_STATUS,
    Answer,
    Info,
    Observation,
    OrderAnswer,
    OrderRequest,
    ParameterDigests,
    ReadLogRequest,
    ReadRecordAnswer,
    ReadRecordRequest,
    Request,
    SealStatus,
)
from sealkit.wire.orders import NO_CHALLENGE, ORDER
from sealkit.wire.records import RECORD, Record
from sealkit.wire.registry import (
    ORDERS,
    STATUS_KINDS,
    Chain,
    Command,
    CredentialChoice,
    MeterSeen,
    OrderKind,
    State,
    Status,
    StatusKind,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend
from sealkit_conformance.subject.effects import Applied
from sealkit_conformance.subject.line import FIRST_ANSWER_S, SealLine
from sealkit_conformance.subject.orders import Orders, Standing
from sealkit_conformance.subject.parameters import ParameterSets
from sealkit_conformance.subject.people import People
from sealkit_conformance.subject.shown import COUNTERS, look_at, same

T = TypeVar("T")

WHOLE_MS: Final = 10_000
READ_LIMIT: Final = 2_027
_WAIT_STEP_MS: Final = 250
_BEHIND_S: Final = 0.2
_LOOKS: Final = 18
"""How often in `FIRST_ANSWER_S` it is asked whether the power is still there."""
_SHORT_MAX: Final = 512
_ANSWERED: Final = "L-10"
"""What a seal breaks that does not answer, unless the case is about another rule."""
_UNANSWERED_MAX: Final = 16
_SECONDS_TRIED: Final = 20
_CLAUSES: Final = {
    Command.PING: "C-1",
    Command.INFO: "C-2",
    Command.STATUS: "C-3",
    Command.CHALLENGE: "C-4",
    Command.EVIDENCE: "C-5",
    Command.ORDER: "C-6",
    Command.READ_LOG: "C-7",
    Command.READ_RECORD: "C-8",
    Command.READ_PARAMETERS: "C-9",
    Command.READ_GROUP: "C-9",
    Command.READ_CREDENTIAL: "C-10",
    Command.READ_TRUST: "C-10",
    Command.READ_CHECKPOINT: "C-10",
    Command.READ_OBSERVATION: "C-11",
    Command.INSTALL_CREDENTIAL: "C-12",
    Command.SET_BAUD: "L-12",
}

_RULES: Final[dict[int, str]] = {
    Status.TOO_LONG: "O-1",
    Status.MALFORMED: "O-1",
    Status.WRONG_VERSION: "T-2",
    Status.WRONG_SUITE: "T-2",
    Status.KEY_DESTROYED: "O-2",
    Status.WRONG_SEAL: "O-4",
    Status.WRONG_STATE: "O-5",
    Status.TIME_NOT_SET: "O-6",
    Status.CLOCK_RUNNING: "O-6",
    Status.STALE_HEAD: "O-7",
    Status.CHALLENGE_MISSING: "O-8",
    Status.CHALLENGE_WRONG: "O-8",
    Status.CHALLENGE_EXPIRED: "O-8",
    Status.WINDOW_TOO_LONG: "O-9",
    Status.NOT_YET_VALID: "O-9",
    Status.EXPIRED: "O-9",
    Status.CREDENTIAL_MISSING: "O-10",
    Status.CREDENTIAL_INVALID: "O-10",
    Status.CREDENTIAL_UNTRUSTED: "K-5",
    Status.CREDENTIAL_NOT_YET_VALID: "K-5",
    Status.CREDENTIAL_EXPIRED: "K-5",
    Status.CREDENTIAL_REVOKED: "K-5",
    Status.ROLE_NOT_ALLOWED: "O-11",
    Status.SIGNATURES_MISSING: "O-11",
    Status.CREDENTIAL_SCOPE: "O-11",
    Status.SAME_SIGNER: "O-12",
    Status.SIGNATURE_INVALID: "O-13",
    Status.GROUP_UNKNOWN: "P-2",
    Status.PARAMETERS_INCOMPLETE: "O-22",
    Status.TAMPER_LIVE: "O-25",
    Status.METER_NOT_SEEN: "O-25",
    Status.METER_MISMATCH: "O-25",
    Status.CLOCK_LIMIT: "O-29",
    Status.VEHICLE_MOVING: "O-29",
    Status.TRUST_VERSION: "O-31",
    Status.TRUST_INVALID: "O-31",
    Status.ACKNOWLEDGE_INVALID: "O-32",
    Status.LOG_FULL: "O-15",
    Status.COUNTER_ENDED: "O-15",
}
"""The rule by which an order is refused with a status, where one rule has it."""


class SealUnderTest:
    """`line` for bytes, `backend` for what is done to the seal, `people` for who gives orders."""

    def __init__(self, backend: Backend, line: SealLine, people: People) -> None:
        self.backend = backend
        self.line = line
        self.people = people
        self.suite = backend.suite
        self.sequence = secrets.randbelow(1 << 16)
        self._identity: Info | None = None
        self._unanswered: deque[tuple[int, int]] = deque(maxlen=_UNANSWERED_MAX)

    # Requests and answers.

    def next_sequence(self) -> int:
        """A new sequence number (L-8)."""
        self.sequence = (self.sequence + 1) % (1 << 16)
        return self.sequence

    def ask(self, command: int, body: bytes = b"", **changes: int) -> Answer:
        """The answer to one new request, with the header that L-6 asks for, and without `working`.

        changes: `sequence`, `version` of the request.
        """
        changes.setdefault("sequence", self.next_sequence())
        return self.ask_payload(Request(command, body=body, **changes).build())

    def ask_payload(self, payload: bytes, clause: str = _ANSWERED) -> Answer:
        """The answer to a request that is whole but for what the case makes of it."""
        sent = self.line.send(payload)
        return self.answer_to(payload, sent, clause)

    def answer_to(self, payload: bytes, sent: int = 0, clause: str = _ANSWERED) -> Answer:
        """The answer to a request that was sent: it is due, or else `clause` is broken."""
        begun = self.backend.running_ms()
        command, sequence = payload[1], int.from_bytes(payload[2:4], "big")
        wait_s = FIRST_ANSWER_S + sent * self.line.byte_s
        self._unanswered.append((command, sequence))
        while True:
            raw = self.line.next_payload(wait_s)
            if raw is None:
                judged = clause == _ANSWERED
                if judged and len(payload) > _SHORT_MAX and self._answers_short_requests():
                    size = f"{len(payload)} bytes and answers short ones: its buffers are too small"
                    expect.fail("M-1", f"the seal drops a request of {size}")
                expect.fail(clause, f"the seal does not answer request {command:#04x} in time")
            answer = self.parsed_answer(raw)
            if (answer.command, answer.sequence) != (command, sequence):
                self._blame_other(payload, answer)
            if answer.status != Status.WORKING:
                self._unanswered.remove((command, sequence))
                return answer
            expect.equal("L-6", b"", answer.body, "`working` has a body")
            if self.backend.running_ms() - begun > WHOLE_MS:
                expect.fail("L-10", f"the seal works on {command:#04x} for more than {WHOLE_MS} ms")

    def _answers_short_requests(self) -> bool:
        self.line.send(Request(Command.PING, self.next_sequence(), b"").build())
        return self.line.next_payload() is not None

    def _blame_other(self, payload: bytes, answer: Answer) -> NoReturn:
        """What came is no answer to this request: it is late, or besides one, or in its place."""
        if (answer.command, answer.sequence) in self._unanswered:
            self.line.was_late()
            expect.fail("L-10", f"the answer to request {answer.command:#04x} comes too late")
        awaited = bytes((payload[1] | 0x80,)) + payload[2:4]
        behind = self.line.next_payload(_BEHIND_S)
        if behind is not None and behind[1:4] == awaited:
            expect.fail("L-5", "before its answer the seal sends what nobody asked for")
        expect.equal("L-6", payload[1], answer.command, "the answer is to another command")
        expect.fail("L-6", "the answer has another sequence number")

    def parsed_answer(self, raw: bytes) -> Answer:
        """An answer whose header and status are those of L-6."""
        try:
            answer = Answer.parse(raw)
        except MalformedError:
            expect.fail("L-6", f"an answer has no header of an answer: {raw[:16].hex(' ')}")
        expect.equal("L-6", 1, answer.version, "an answer has another version")
        try:
            kind = STATUS_KINDS[Status(answer.status)]
        except ValueError:
            expect.fail("L-6", f"status 0x{answer.status:02x} is not in the table of chapter 3.1")
        if kind is not StatusKind.DONE:
            expect.equal("L-6", b"", answer.body, "a refusal has a body")
        return answer

    def no_answer(self, clause: str, what: str, wait_s: float = FIRST_ANSWER_S) -> None:
        """Nothing comes."""
        payload = self.line.silence(wait_s)
        if payload is not None:
            expect.fail(clause, f"{what}; the seal answers {payload[:16].hex(' ')}")

    def done(self, command: Command, body: bytes = b"") -> bytes:
        """The body of an answer that says "ok"."""
        return expect.status(_CLAUSES[command], Status.OK, self.ask(command, body)).body

    def refused(self, command: Command, body: bytes, status: Status, clause: str) -> None:
        """A request other than `order` is refused with this status."""
        expect.status(clause, status, self.ask(command, body))

    def read(self, command: Command, codec: Codec[T], body: bytes = b"") -> T:
        """The parsed body of an answer that says "ok"."""
        return parsed(_CLAUSES[command], codec, self.done(command, body))

    # What the seal tells.

    def info(self) -> Info:
        return self.read(Command.INFO, INFO)

    @property
    def identity(self) -> Info:
        """Number, key and limits, asked once: they never change (C-2)."""
        if self._identity is None:
            self._identity = self.info()
        return self._identity

    def forget_identity(self) -> None:
        """It is another seal from now on."""
        self._identity = None

    def status(self) -> SealStatus:
        return self.read(Command.STATUS, SEAL_STATUS)

    def state(self) -> State:
        return self.status().state

    def challenge(self) -> bytes:
        return self.read(Command.CHALLENGE, CHALLENGE).challenge

    def evidence(self, nonce: bytes | None = None) -> Evidence:
        """Evidence for a fresh nonce, its signature and nonce checked."""
        nonce = secrets.token_bytes(32) if nonce is None else nonce
        evidence = self.read(Command.EVIDENCE, EVIDENCE, nonce)
        self.check_signed(evidence, "T-3")
        expect.equal("C-5", nonce, evidence.nonce, "the evidence answers another nonce")
        return evidence

    def check_signed(self, signed: Evidence | Checkpoint, clause: str) -> None:
        """Its signature is the seal's, over the bytes as received; it names seal and suite."""
        info = self.identity
        expect.equal("S-5", self.suite.id, int(signed.suite), "the seal signs in another suite")
        good = self.suite.verify(info.public_key, signed.signed_bytes, signed.signature)
        expect.true(clause, good, "the seal's signature does not verify under its public key")
        expect.fields_of(
            "E-1",
            signed,
            {
                "maker": info.maker,
                "serial": info.serial,
                "seal_key": self.suite.key_id(info.public_key),
            },
            "what the seal signs names another seal",
        )

    def checkpoint(self) -> Checkpoint:
        """The checkpoint, its signature checked."""
        checkpoint = self.read(Command.READ_CHECKPOINT, CHECKPOINT)
        self.check_signed(checkpoint, "R-7")
        return checkpoint

    def last_evidence(self) -> Evidence:
        """A retired seal's last evidence, its signature checked (O-34)."""
        evidence = self.read(Command.READ_CHECKPOINT, EVIDENCE)
        self.check_signed(evidence, "O-34")
        return evidence

    def observation(self) -> Observation:
        return self.read(Command.READ_OBSERVATION, OBSERVATION)

    def log(self, chain: Chain, start: int = 0) -> list[Record]:
        """All records of a chain that the seal still holds, from number `start` on."""
        return [parsed("C-7", RECORD, raw) for raw in self.raw_log(chain, start=start)]

    def raw_log(self, chain: Chain, limit: int = READ_LIMIT, start: int = 0) -> list[bytes]:
        """The same as bytes, read with this limit."""
        records: list[bytes] = []
        while True:
            body = READ_LOG_REQUEST.build(ReadLogRequest(chain, start, limit))
            more = self.read(Command.READ_LOG, READ_LOG_ANSWER, body).records
            if not more:
                return records
            for raw in more:
                sequence = parsed("C-7", RECORD, raw).sequence
                expect.true("C-7", sequence >= start, f"record {sequence} was not asked for")
                start = sequence + 1
            records += more

    def record(self, sequence: int, offset: int, length: int) -> ReadRecordAnswer:
        body = READ_RECORD_REQUEST.build(ReadRecordRequest(sequence, offset, length))
        return self.read(Command.READ_RECORD, READ_RECORD_ANSWER, body)

    def group_digests(self) -> ParameterDigests:
        return self.read(Command.READ_PARAMETERS, PARAMETER_DIGESTS)

    def group(self, number: int) -> bytes:
        return self.done(Command.READ_GROUP, bytes((number,)))

    def groups(self) -> dict[int, bytes]:
        """All groups that the seal gives out."""
        return {one.number: self.group(one.number) for one in self.group_digests().groups}

    def credential(self, choice: CredentialChoice) -> bytes:
        raw = self.done(Command.READ_CREDENTIAL, bytes((choice,)))
        parsed("C-10", CREDENTIAL, raw)
        return raw

    def trust(self) -> TrustStatement:
        return self.read(Command.READ_TRUST, TRUST_STATEMENT)

    # Orders.

    def standing(self, *, challenge: bool = False) -> Standing:
        """What an order is made against now; with a fresh challenge."""
        given = self.challenge() if challenge else NO_CHALLENGE
        status = self.status()
        return Standing(
            status.maker,
            status.serial,
            status.seal_key,
            status.control_sequence,
            status.control_digest,
            status.clock,
            status.journal_sequence,
            status.journal_digest,
            status.trust_version,
            given,
        )

    def orders(self, *, challenge: bool = False) -> Orders:
        """Orders against the seal's head as it is now."""
        sets = ParameterSets(self.backend.meter, self.backend.now())
        return Orders(self.people, self.standing(challenge=challenge), sets)

    def good(self, kind: OrderKind, **changes: Any) -> OrderRequest:
        """A good order of a kind, made against the seal's head; see `Orders.good`."""
        return self.orders(challenge=ORDERS[kind].challenge).good(kind, **changes)

    def order(self, request: OrderRequest) -> Answer:
        """The answer to an order."""
        return self.ask(Command.ORDER, ORDER_REQUEST.build(request))

    def order_as_power_goes(self, request: OrderRequest, step: int) -> bytes | None:
        """Sends an order, and the power goes at this moment of it if it has so many: its answer's
        payload, None if none comes. `Backend.has_power` says whether it went."""
        self.backend.cut_power_in_order(step)
        body = ORDER_REQUEST.build(request)
        self.line.send(Request(Command.ORDER, self.next_sequence(), body).build())
        powered = True
        for _ in range(_LOOKS):
            payload = self.line.next_payload(FIRST_ANSWER_S / _LOOKS)
            if payload is not None or not powered:
                return payload
            # Once the power is gone only what is on the line can come, and nobody need wait longer.
            powered = self.backend.has_power()
        return None

    def apply(self, request: OrderRequest, clause: str | None = None) -> OrderAnswer:
        """An order that must be applied, and do all that it has to do and nothing else.

        clause: what a refusal breaks; without one, the rule by which such a status is given.
        """
        applied = Applied.prepare(self, request)
        told = self.take(request, clause)
        applied.check(self, request, told)
        return told

    def take(self, request: OrderRequest, clause: str | None = None) -> OrderAnswer:
        """An order that must be applied, without a look at what it does.

        For what only leads to a case: there it would be told by another rule than the case's.
        """
        answer = self.order(request)
        broken = clause or _RULES.get(answer.status, "O-16")
        if answer.status == Status.SIGNATURE_INVALID and self._has_a_high_s(request):
            broken = "S-2"
        expect.status(broken, Status.OK, answer, "a good order is refused")
        return parsed("C-6", ORDER_ANSWER, answer.body)

    def _has_a_high_s(self, request: OrderRequest) -> bool:
        """Whether a signature of an order is of the form that some libraries refuse (S-2)."""
        signatures = ORDER.parse(request.order).signatures
        half = self.suite.largest_scalar // 2
        values = (signatures[at : at + 32] for at in range(32, len(signatures), 64))
        return any(int.from_bytes(s, "big") > half for s in values)

    def give(self, kind: OrderKind, clause: str | None = None, **changes: Any) -> OrderAnswer:
        """Makes and applies a good order."""
        return self.apply(self.good(kind, **changes), clause)

    def refuses(
        self, request: OrderRequest, status: Status, clause: str, *, counted: bool = True
    ) -> None:
        """An order is refused with this status; nothing changes, but its counter steps by one.

        counted False: compare the status alone, for those who try many.
        """
        before = look_at(self, whole=counted)
        expect.status(clause, status, self.order(request))
        after = look_at(self, whole=counted)
        stepped = COUNTERS[STATUS_KINDS[status]]
        same(clause, before, after, "a refusal changed it", refused=stepped)

    def judged_within(self, make: Callable[[int], OrderRequest]) -> Answer:
        """The answer to an order that is made for one second of the seal's clock and judged in it.

        Tries anew with the next second if the clock went on meanwhile.
        """
        for _ in range(_SECONDS_TRIED):
            clock = self.status().clock
            answer = self.order(make(clock))
            if self.status().clock == clock:
                return answer
        return expect.fail("L-10", "no order is judged within a second of the seal's clock")

    # What happens to it.

    def restart(self, gap_s: int = 60) -> None:
        """The power goes and comes back."""
        self.backend.cut_power()
        self.backend.restore_power(gap_s)
        self.line.forget()

    def reset(self) -> None:
        """The firmware starts anew, and the power stays."""
        self.backend.reset()
        self.line.forget()

    def wait_until(self, condition: Callable[[], bool], limit_ms: int) -> bool:
        """Lets time pass until something holds; gives whether it did within the limit."""
        begun = self.backend.running_ms()
        while not condition():
            if self.backend.running_ms() - begun > limit_ms:
                return False
            self.backend.pass_time(_WAIT_STEP_MS)
        return True

    def see_meter(self, limit_ms: int = 16_000) -> None:
        """Waits for a look at the meter that is younger than this call."""
        begun = self.backend.running_ms()

        def seen() -> bool:
            observation = self.observation()
            age_ms = self.backend.running_ms() - begun
            return observation.seen is MeterSeen.ANSWERS and observation.age_ms < age_ms

        if not self.wait_until(seen, limit_ms):
            expect.fail("W-1", f"the seal does not look at its meter within {limit_ms} ms")


def parsed(clause: str, codec: Codec[T], raw: bytes) -> T:
    """What the seal sent has the layout of the clause, byte for byte."""
    try:
        return codec.parse(raw)
    except MalformedError as error:
        expect.fail(clause, f"{error.message} The bytes: {raw[:64].hex(' ')}")
