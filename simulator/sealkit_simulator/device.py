"""The parts of a seal that has power, and what follows from its log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealkit.errors import IntegrityError
from sealkit.meter.frames import FrameDecoder
from sealkit.rules.history import History
from sealkit.rules.supervision import MeterLook
from sealkit.wire.records import NO_DIGEST, RECORD, Record
from sealkit.wire.registry import ORDERS, BootCause, ClockQuality, OrderKind, RecordKind, State
from sealkit_simulator.attachments import Attachments
from sealkit_simulator.baud import BaudRate
from sealkit_simulator.clock import SealClock, TimeSource
from sealkit_simulator.crypto_core import CryptoCore
from sealkit_simulator.flash import Flash
from sealkit_simulator.meter_watch import MeterWatch
from sealkit_simulator.registers import KINDS
from sealkit_simulator.sealed_set import SealedSet
from sealkit_simulator.storage import FlashPlan, Storage
from sealkit_simulator.watching.detectors import Detectors

HARDWARE_VERSION: Final = 1
FIRMWARE_VERSION: Final = 0x00_01_00_00
_FOR_TESTS_ALONE: Final = 1 << 31
"""The bit of the version of a firmware that is built for tests alone (C-2)."""
MODEL: Final = "sealkit simulated seal"
TAP_BYTES_MAX: Final = 256
"""The data of the longest frame on the terminal's line that is heard whole."""
_FIRMWARE: Final = b"sealkit simulated seal firmware 0.1.0"


@dataclass(frozen=True, slots=True)
class OutstandingChallenge:
    """16 random bytes, and the tick at which they were given out (C-4)."""

    value: bytes
    given_at: int


@dataclass(frozen=True, slots=True)
class TripEnd:
    """When a status first counted a trip: the seal's pulses, and the tick of the look before."""

    number: int
    pulses: int
    looked_before: int | None


class Device:
    """Everything the seal's own code works on. State is the fold of the control log (R-5)."""

    def __init__(
        self,
        flash: Flash,
        plan: FlashPlan,
        core: CryptoCore,
        source: TimeSource,
        attachments: Attachments,
        boot_cause: BootCause = BootCause.POWER,
    ) -> None:
        """Finds things as the last power cut left them, and changes nothing.

        boot_cause: as a microcontroller keeps it in a register.

        Raises IntegrityError LOG_DAMAGED, HISTORY_IMPOSSIBLE; MalformedError: the flash does not
        hold what a seal wrote.
        """
        self.core = core
        self.attachments = attachments
        self.boot_cause = boot_cause
        self.storage = Storage(flash, core.suite, plan)
        self.registers = self.storage.registers.values
        self.history = self._fold()
        self.sealed = SealedSet.of(self.history.groups)
        self._adopt_pending_clock()
        self.clock = SealClock(source, self.registers)
        self.noted_flags = self._recover_from_records()
        self._recover_counts()
        self.journal_full = any(self.registers.coalesced)
        self.watch = MeterWatch(self.clock.tick_ms)
        self.tap = FrameDecoder(TAP_BYTES_MAX)
        self.detectors = self._detectors()
        self.baud = BaudRate()
        self.challenge: OutstandingChallenge | None = None
        self.tariff_noted_of: MeterLook | None = None
        self.live_causes = 0
        self.last_pulse_tick: int | None = None
        self.trip_end: TripEnd | None = None

    @property
    def state(self) -> State:
        return self.history.state

    @property
    def firmware_version(self) -> int:
        return FIRMWARE_VERSION | (_FOR_TESTS_ALONE if self.storage.counter_from else 0)

    @property
    def firmware_digest(self) -> bytes:
        return self.core.suite.digest(_FIRMWARE)

    @property
    def clock_restored(self) -> bool:
        """Whether RESTORE_CLOCK set the clock and no CONFIRM or SEAL has followed (chapter 7)."""
        if self.clock.quality is not ClockQuality.RESTORED:
            return False
        for order in reversed(self.history.orders.values()):
            if order.kind in (OrderKind.CONFIRM, OrderKind.SEAL):
                return False
            if order.kind is OrderKind.RESTORE_CLOCK:
                break
        return True

    def follow(self, record: Record) -> None:
        """Takes what follows from a control record that has just come to count."""
        self.history.add(record)
        self.sealed = SealedSet.of(self.history.groups)
        self.clock.not_before(record.tick_ms, record.clock)

    def store_registers(self) -> None:
        """Stores the registers, as of now. Raises FlashFault, PowerCut."""
        values, clock = self.registers, self.clock
        if not clock.lost:
            values.last_seen_ms = clock.now_ms
        values.tick_ms = clock.tick_ms
        values.clock_floor = clock.floor
        values.clock_offset_ms = clock.offset_ms
        values.clock_quality = clock.quality
        values.watching = self.detectors.pack()
        self.storage.registers.store()

    def start_detectors(self) -> None:
        """Has the detectors begin anew, with what is sealed now; not yet stored (W-5)."""
        self.registers.watching_since = self.history.head.sequence
        self.registers.watching = b""
        self.detectors = self._detectors()

    def notice_clock_failure(self) -> None:
        """Loses the clock for good if its chip has stood still. Raises FlashFault, PowerCut."""
        if self.clock.notice_failure():
            self.store_registers()
            self.clock.forget_failure()

    def _detectors(self) -> Detectors:
        """The detectors by the last sealed set, with what the registers hold of them."""
        detectors = Detectors(self.sealed.k, self.sealed.limits)
        if self.registers.watching:
            detectors.unpack(self.registers.watching)
        return detectors

    def _fold(self) -> History:
        history = History(self.core.suite)
        for raw in self.storage.control.records():
            record = RECORD.parse(raw)
            if record.previous != history.head.digest:
                raise IntegrityError(
                    "LOG_DAMAGED",
                    f"Record {record.sequence} in the flash does not follow the one before it.",
                    "The flash is damaged: replace the seal.",
                )
            history.add(record)
        if history.genesis is not None:
            self.storage.control.capacity = history.genesis.control_capacity
        return history

    def _adopt_pending_clock(self) -> None:
        """A clock order whose record came to count just before the power went (O-16)."""
        values = self.registers
        if values.pending_record == self.history.head.digest != NO_DIGEST:
            values.clock_offset_ms = values.pending_offset_ms
            values.clock_quality = values.pending_quality
        values.pending_record = NO_DIGEST

    def _recover_from_records(self) -> int:
        """Nothing goes back behind what a record told; gives the last record's flags."""
        last: Record | None = None
        for raw in (*self.storage.control.records(), *self.storage.journal.records()):
            record = RECORD.parse(raw)
            self.clock.not_before(record.tick_ms, record.clock)
            self.registers.boot = max(self.registers.boot, record.boot)
            if last is None or record.sequence > last.sequence:
                last = record
        started = self._last_order(OrderKind.SEAL, OrderKind.CLEAR)
        if started != self.registers.watching_since:
            self.registers.watching_since = started
            self.registers.watching = b""
        opening = self._opening_sequence()
        if opening != self.registers.opened_by:
            self.registers.opened_by = opening
            self.registers.opened_pulses = self.registers.pulses
            self.registers.driven_while_open = 0
        return 0 if last is None else last.flags

    def _recover_counts(self) -> None:
        """Counts that a coalesced record told just before the power went are done with (J-3)."""
        if any(
            place.kind == RecordKind.COALESCED and place.sequence >= self.registers.coalesced_before
            for place in self.storage.journal.places
        ):
            self.registers.coalesced = [0] * KINDS

    def _opening_sequence(self) -> int:
        """The record of the last order that opened the seal; 0 if none did."""
        return self._last_order(*(k for k, rule in ORDERS.items() if rule.to_state is State.OPEN))

    def _last_order(self, *kinds: OrderKind) -> int:
        """The record of the last order of these kinds; 0 if there is none."""
        orders = self.history.orders.values()
        return max((order.head.sequence for order in orders if order.kind in kinds), default=0)
