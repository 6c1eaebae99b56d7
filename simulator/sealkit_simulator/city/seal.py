"""A seal of the city: it keeps the contract's rules and chains, and has no flash, line or clock.

The simulated seal proper takes some 6 ms for a record, and a city writes two million. This one has
the same codec, rules and crypto core, holds its chains in lists, and is told what time it is.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Any, Final

from sealkit.crypto import get_suite
from sealkit.keys.issuing import issue_credential
from sealkit.rules.chain import EMPTY_CHAIN, Head
from sealkit.rules.history import History
from sealkit.rules.orders import SealView, judge_order, read_order
from sealkit.rules.parameters import parameter_root
from sealkit.rules.supervision import MeterLook
from sealkit.wire.export import build_export
from sealkit.wire.numbers import SealNumber
from sealkit.wire.orders import (
    NO_CHALLENGE,
    NO_SIGNER,
    ORDER,
    AdjustClockBody,
    OrderBody,
    build_body,
)
from sealkit.wire.records import (
    NO_DIGEST,
    RECORD,
    RECORD_HEADER,
    BootRecord,
    DrivenRecord,
    GenesisRecord,
    OrderRecord,
    RecordBody,
    TamperRecord,
    build_record_body,
)
from sealkit.wire.registry import (
    LAYOUTS,
    ORDERS,
    Attachment,
    BootCause,
    Cause,
    ClockQuality,
    Flag,
    MeterSeen,
    OrderKind,
    RecordKind,
    Role,
    State,
    TagType,
)
from sealkit.wire.tags import domain_tag
from sealkit_simulator.city.people import MAKER, People, Person, drawn_key
from sealkit_simulator.city.plan import DAY_S, CityPlan
from sealkit_simulator.crypto_core import CryptoCore, make_core
from sealkit_simulator.device import FIRMWARE_VERSION, HARDWARE_VERSION

_FIRMWARE: Final = b"sealkit simulated seal of a city"
_ROOM: Final = 1 << 20
_WINDOW_S: Final = 3_600
_STANDS_MS: Final = 60_000
_LOOKED_MS: Final = 700
_body: Final = lru_cache(maxsize=4_096)(build_record_body)
"""Journal records say the same few things again and again."""


class CitySeal:
    """A seal with power, from its birth on.

    forgets_scope: its firmware is faulty, and takes an order that it had to refuse.
    """

    def __init__(self, plan: CityPlan, people: People, serial: int, random: Random) -> None:
        self.suite = get_suite(plan.suite)
        self.number = SealNumber(MAKER, serial)
        key = drawn_key(self.suite, plan.seed, f"seal {serial}")
        self._core: CryptoCore = make_core(key, self.number, people.maker.credential.raw)
        self._credential = issue_credential(
            self.suite.private_key(people.maker.scalar),
            people.maker.credential,
            role=Role.SEAL,
            scope=MAKER,
            serial=serial,
            generation=1,
            not_before=plan.start - 30 * DAY_S,
            not_after=plan.until + 10 * 365 * DAY_S,
            public_key=key.public_key,
            name=f"seal {self.number}",
        ).raw
        self._random = random
        self._tag = domain_tag(self.suite.id, TagType.RECORD)
        self.forgets_scope = False
        self.time = plan.start
        self.offset_s = 0
        self.tick_ms = 0
        self.boots = 0
        self.pulses = 0
        self._opened_pulses = 0
        self.flags = Flag(0)
        self.history = History(self.suite)
        self.control: list[bytes] = []
        self.journal: list[bytes] = []
        self.sequence = 0
        self.journal_head = EMPTY_CHAIN
        self._be_born()

    def copy(self, random: Random) -> CitySeal:
        """A clone, or a backup of the flash: all that the seal holds, its key too."""
        other = copy(self)
        other._random = random
        other.control, other.journal = list(self.control), list(self.journal)
        history = self.history
        other.history = replace(
            history,
            groups=dict(history.groups),
            orders=dict(history.orders),
            credentials=dict(history.credentials),
            adjustments=list(history.adjustments),
        )
        return other

    @property
    def clock(self) -> int:
        """What the seal takes the time for, seconds since 1970."""
        return self.time + self.offset_s

    # Time.

    def work_until(self, time: int) -> None:
        """Time passes with power."""
        self.tick_ms += 1_000 * max(0, time - self.time)
        self.time = max(time, self.time)

    def boot(self, time: int) -> None:
        """The power was off until now."""
        gap_s = max(0, time - self.time)
        self.time += gap_s
        self.boots += 1
        self.note(RecordKind.BOOT, BootRecord(BootCause.POWER, gap_s))

    # Records.

    def note(self, kind: RecordKind, body: RecordBody) -> None:
        """Writes a journal record."""
        raw = self._record(kind, _body(kind, body), self.journal_head.digest, self.history.state)
        self.journal.append(raw)
        self.journal_head = Head(self.sequence, self.suite.digest(raw))

    def tamper(self, cause: Cause, before: bytes = b"", after: bytes = b"") -> None:
        """Latches a cause."""
        head = self.journal_head
        body = TamperRecord(head.sequence, head.digest, cause, before, after)
        self._write_control(RecordKind.TAMPER, body, State.TAMPERED)

    def _be_born(self) -> None:
        body = GenesisRecord(
            journal_sequence=0,
            journal_digest=NO_DIGEST,
            public_key=self._core.public_key,
            random=self._random.randbytes(32),
            manufacturer=self.suite.key_id(self._core.manufacturer.public_key),
            hardware_version=HARDWARE_VERSION,
            firmware_version=FIRMWARE_VERSION,
            firmware_digest=self.suite.digest(_FIRMWARE),
            attachments=sum(Attachment),
            control_capacity=_ROOM,
            journal_capacity=_ROOM,
        )
        self._write_control(RecordKind.GENESIS, body, State.FACTORY)

    def _write_control(self, kind: RecordKind, body: RecordBody, state: State) -> None:
        content = build_record_body(kind, body)
        raw = self._record(kind, content, self.history.head.digest, state)
        self.control.append(raw)
        self.history.add(RECORD.parse(raw))

    def _record(self, kind: RecordKind, content: bytes, previous: bytes, state: State) -> bytes:
        self.sequence += 1
        header = RECORD_HEADER.pack(
            self._tag,
            self.number.maker,
            self.number.serial,
            self.sequence,
            kind,
            state,
            self.flags,
            self.boots,
            self.tick_ms,
            self.clock,
            ClockQuality.SET,
            previous,
            len(content),
        )
        return header + content

    # Orders.

    def take(self, kind: OrderKind, body: OrderBody, look: MeterLook, *signers: Person) -> None:
        """Has an order drafted against the head, signed, judged by the contract's rules, applied.

        Errors: `RefusedError`: the city's story would not be possible.
        """
        challenge = self._random.randbytes(16) if ORDERS[kind].challenge else NO_CHALLENGE
        order = self._signed(kind, body, challenge, signers)
        credentials = tuple(dict.fromkeys(raw for signer in signers for raw in signer.chain))
        view = self._view(look, challenge)
        if self.forgets_scope:
            store = _judge_badly(view, order, credentials)
        else:
            store = judge_order(view, order, credentials).store
        self._apply(kind, body, order, store)

    def _signed(
        self, kind: OrderKind, body: OrderBody, challenge: bytes, signers: tuple[Person, ...]
    ) -> bytes:
        head = self.history.head
        named = [self.suite.digest(signer.credential.raw) for signer in signers]
        values = {
            "kind": kind,
            "maker": self.number.maker,
            "serial": self.number.serial,
            "seal_key": self._core.key_id,
            "head_sequence": head.sequence,
            "head_digest": head.digest,
            "not_before": self.time - _WINDOW_S // 6,
            "not_after": self.time + _WINDOW_S,
            "challenge": challenge,
            "first_signer": named[0],
            "second_signer": named[1] if len(named) > 1 else NO_SIGNER,
            "body": build_body(kind, body),
        }
        unsigned = ORDER.unsigned(self.suite.id, values, "signatures")
        return unsigned + b"".join(signer.sign(unsigned) for signer in signers)

    def _view(self, look: MeterLook, challenge: bytes) -> SealView:
        return SealView(
            suite=self.suite,
            maker=self.number.maker,
            serial=self.number.serial,
            seal_key=self._core.key_id,
            manufacturer=self._core.manufacturer,
            history=self.history,
            clock=self.clock,
            clock_quality=ClockQuality.SET,
            clock_floor=self.clock,
            tick_ms=self.tick_ms,
            challenge=None if challenge == NO_CHALLENGE else challenge,
            challenge_age_ms=0,
            look=look,
            look_age_ms=_LOOKED_MS,
            live_causes=0,
            pulse_age_ms=_STANDS_MS,
            journal_digest=self._journal_digest,
            next_sequence=self.sequence + 1,
            control_room=_ROOM,
            retire_room=_ROOM,
        )

    def _journal_digest(self, sequence: int) -> bytes | None:
        head = self.journal_head
        return head.digest if head.sequence == sequence else None

    def _apply(
        self, kind: OrderKind, body: OrderBody, order: bytes, store: tuple[bytes, ...]
    ) -> None:
        before = self.history.state
        after = ORDERS[kind].to_state or before
        if before is State.OPEN and after is not State.OPEN and self.pulses > self._opened_pulses:
            driven = DrivenRecord(self._opened_pulses, self.pulses)
            self.note(RecordKind.DRIVEN, driven)
            self.flags &= ~Flag.DRIVEN_WHILE_OPEN
        if isinstance(body, AdjustClockBody):
            self.offset_s += body.change_s
        head = self.journal_head
        record = OrderRecord(head.sequence, head.digest, order, store)
        self._write_control(RecordKind.ORDER, record, after)
        if after is State.OPEN:
            self._opened_pulses = self.pulses

    def drive(self, pulses: int) -> None:
        """Pulses of the sensor."""
        self.pulses += pulses
        if self.history.state is State.OPEN:
            self.flags |= Flag.DRIVEN_WHILE_OPEN

    # What it shows.

    def export(self, look: MeterLook) -> bytes:
        """What `sealkit log export` would write now."""
        history = self.history
        head = {
            "control_sequence": history.head.sequence,
            "control_digest": history.head.digest,
            "state": history.state,
        }
        return build_export(
            self.suite.id,
            self.suite.digest,
            evidence=self._core.sign_evidence(self._evidence(look) | head),
            seal_credential=self._credential,
            checkpoint=self._core.sign_checkpoint(head),
            groups=tuple(sorted(history.groups.items())),
            control=tuple(self.control),
            journal=tuple(self.journal),
        )

    def _evidence(self, look: MeterLook) -> dict[str, Any]:
        history = self.history
        return {
            **{name: 0 for name, _ in LAYOUTS["evidence"]},
            "flags": self.flags,
            "boot": self.boots,
            "tick_ms": self.tick_ms,
            "clock": self.clock,
            "clock_quality": ClockQuality.SET,
            "clock_floor": self.clock,
            "journal_sequence": self.journal_head.sequence,
            "journal_digest": self.journal_head.digest,
            "base_digest": NO_DIGEST,
            "trust_version": history.trust_version,
            "parameter_root": parameter_root(self.suite, history.groups),
            "calibration_counter": history.calibration_counter,
            "configuration_counter": history.configuration_counter,
            "latched_causes": history.latched_causes,
            "pulses": self.pulses,
            "meter_seen": MeterSeen.ANSWERS,
            "meter_age_ms": _LOOKED_MS,
            "meter_device": look.device,
            "meter_software": look.software,
            "meter_fare_digest": self.suite.digest(look.fare),
            "firmware_version": FIRMWARE_VERSION,
            "firmware_digest": self.suite.digest(_FIRMWARE),
            "nonce": self._random.randbytes(32),
        }


def _judge_badly(view: SealView, order: bytes, credentials: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """What faulty firmware makes of an order: it looks at its layout alone."""
    read_order(view.suite, order, credentials)
    known = view.history.credentials
    return tuple(raw for raw in credentials if view.suite.digest(raw) not in known)
