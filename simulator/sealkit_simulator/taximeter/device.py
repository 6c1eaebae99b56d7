"""A taximeter: what it holds, what it says on its two lines, and how it is tampered with.

Device logic only: bytes, pulses and time in, bytes out; no threads, no clock but its own. Whoever
serves it carries the bytes and makes time pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sealkit.errors import UsageError
from sealkit.meter import layouts
from sealkit.meter.bodies import (
    FareParameters,
    Heartbeat,
    MeterStatus,
    Record,
    SignedOff,
    SignedOn,
    SignReply,
    TripRecord,
)
from sealkit.meter.commands import DONE, Command
from sealkit.meter.frames import TAXIMETER, Frame, FrameDecoder, encode_frame
from sealkit.meter.reporter import MeterReporter, ReportTimes
from sealkit.meter.resolution import DistanceRounding
from sealkit.meter.tariff import CityRules, TripKind
from sealkit_simulator.taximeter import snapshot
from sealkit_simulator.taximeter.answers import Answers
from sealkit_simulator.taximeter.engine import MeterEngine
from sealkit_simulator.taximeter.factory import (
    K_PULSES_PER_KM,
    LIFETIME_HIRED_MM,
    LIFETIME_MM,
    METER_STATUS,
    SHANGHAI_FARE,
    STORED_TRIPS,
    VENDOR,
)
from sealkit_simulator.taximeter.measuring import MeterClock, PulseScale
from sealkit_simulator.taximeter.parameters import changed
from sealkit_simulator.taximeter.records import shift_record, to_minute, trip_record
from sealkit_simulator.taximeter.storing import (
    SHIFTS_MAX,
    TRIPS_MAX,
    ReportFilter,
    TripStore,
    honestly,
)
from sealkit_simulator.taximeter.totals import CASH, Totalisers

MAX_REQUEST_BYTES: Final = 127
"""The longest request, new fare parameters. A meter has no larger receive buffer, and a frame that
noise has lengthened holds up no more than this."""

_SIGNED_ON, _SIGNED_OFF, _FORCED_ON, _FORCED_OFF = 0x00, 0x01, 0x10, 0x11
_BEAT_HIRED, _BEAT_SIGNED_ON, _BEAT_FORCED_ON, _BEAT_FORCED_OFF = 1, 2, 4, 8
_TRIP_STORE_FULL, _SIGN_STORE_FULL = 0x04, 0x08
# Whoever serves the meter sends its heartbeat, or leaves it: a shift has thousands of them.
_TIMES: Final = ReportTimes(heartbeat_s=float("inf"))


class Line:
    """One of the meter's lines: bytes that arrive, the answers to them."""

    def __init__(self, answer: Callable[[Frame], bytes]) -> None:
        self._answer = answer
        self._decoder = FrameDecoder(MAX_REQUEST_BYTES)

    def receive(self, data: bytes) -> bytes:
        """The answers to the requests that `data` completes; empty if there are none."""
        return b"".join(map(self._answer, self._decoder.feed(data)))


class Taximeter:
    """A taximeter with a line to the terminal (where a technician connects) and one to the seal.

    It answers 0000, 0001, 0004, 0005 and 0006 on both, and on the terminal's line takes the
    answers to what it told of itself. Whatever else arrives, it does not answer.
    """

    def __init__(
        self,
        status: MeterStatus = METER_STATUS,
        fare: FareParameters = SHANGHAI_FARE,
        trips: tuple[TripRecord, ...] = STORED_TRIPS,
        clock: datetime | None = None,
        silent: bool = False,
        *,
        k_pulses_per_km: int = K_PULSES_PER_KM,
        rounding: DistanceRounding = DistanceRounding.CUT,
        city: CityRules | None = None,
    ) -> None:
        """clock: local time, None until the terminal sets it; then time passes by `advance`.

        rounding: what becomes of less than 0.1 km in records. city: rules beyond T2.
        """
        self.status = status
        self.fare = fare
        self.silent = silent
        self.rounding = rounding
        self.engine = MeterEngine(
            PulseScale(k_pulses_per_km),
            MeterClock(clock),
            Totalisers(LIFETIME_MM, LIFETIME_HIRED_MM),
            city or CityRules(),
        )
        self.store = TripStore(trips)
        self.report_again(())
        self.pending_fare: FareParameters | None = None
        # Frauds; None and `honestly`: there is none.
        self.charged_fare: FareParameters | None = None
        self.told_k: int | None = None
        self.report_filter: ReportFilter = honestly
        self.running_ms = 0
        self._asked: Command | None = None
        self._answers = Answers(self)
        self.terminal_line = Line(self._hear_terminal)
        self.seal_line = Line(self._answers.answer)

    # What the road does with it.

    def advance(self, pulses: int, elapsed_ms: int) -> None:
        """So many pulses came in so much time (below a few seconds, or waiting is mismeasured)."""
        self.running_ms += elapsed_ms
        self.engine.advance(pulses, elapsed_ms)
        if self.pending_fare is not None:
            self._take_up_pending_fare()

    def hire(self, kind: TripKind = TripKind.ONE_WAY) -> None:
        """A trip begins. Raises UsageError METER_NO_SHIFT, METER_HIRED, METER_NO_CLOCK,
        METER_STORE_FULL; MalformedError FARE_... for fare parameters without sense."""
        if self.device_state & _TRIP_STORE_FULL:
            raise UsageError(
                "METER_STORE_FULL",
                f"{TRIPS_MAX} trips wait for the terminal, the store is full.",
                "Connect the terminal, so that it takes them.",
            )
        hired_at = self.engine.hire(self.charged_fare or self.fare, kind)
        self.reporter.trip_started(hired_at.replace(microsecond=0))

    def end_trip(self, payment: int = CASH, city_data: bytes = b"") -> TripRecord:
        """The trip is paid for: its record, as it is stored and told.

        payment, city_data: as in `TripRecord`. Raises UsageError METER_VACANT, METER_BAD_VALUE.
        """
        finished = self.engine.end_trip(payment)
        number = self.status.total_trips + 1
        record = trip_record(finished, number, self.status, self.rounding, payment, city_data)
        self.store.add(record)
        self.status = replace(self.status, total_trips=number)
        for told in self.report_filter(record):
            self.reporter.trip_ended(told)
        return record

    def sign_on(
        self,
        driver_certificate: str | None = None,
        company_licence: str | None = None,
        *,
        forced: bool = False,
    ) -> None:
        """A shift begins. None: as before. forced: the terminal did not agree.

        Raises UsageError METER_IN_SHIFT, METER_BAD_VALUE.
        """
        status = replace(
            self.status,
            driver_certificate=driver_certificate or self.status.driver_certificate,
            company_licence=company_licence or self.status.company_licence,
            work_state=_FORCED_ON if forced else _SIGNED_ON,
        )
        layouts.STATUS.build(status)
        self.engine.sign_on()
        self.status = status
        on_time = self.clock and to_minute(self.clock)
        told = SignedOn(
            status.company_licence,
            status.driver_certificate,
            status.plate,
            on_time,
            status.total_trips,
            DONE,
        )
        self.reporter.signed_on(told)

    def sign_off(self, *, forced: bool = False) -> SignedOff:
        """The shift ends: its record. Raises UsageError METER_NO_SHIFT, METER_HIRED."""
        shift = self.engine.sign_off()
        record = shift_record(
            shift,
            self.engine.totals,
            self.clock,
            self.status,
            self.rounding,
            self.told_k or self.k_pulses_per_km,
            self.fare.day_round_trip_price_fen_per_km,
        )
        self.status = replace(self.status, work_state=_FORCED_OFF if forced else _SIGNED_OFF)
        self.reporter.signed_off(record)
        return record

    def ask_sign_on(self) -> None:
        """The driver asks the terminal, whose answer (T4) signs on the driver that it names."""
        self._asked = Command.SIGN_ON
        self.reporter.sign_on()

    def ask_sign_off(self) -> None:
        """The driver asks the terminal, whose answer (T4) ends the shift."""
        self._asked = Command.SIGN_OFF
        self.reporter.sign_off()

    def take_fare(self, fare: FareParameters) -> None:
        """New fare parameters, by command 0005."""
        self.pending_fare = fare
        self._take_up_pending_fare()

    def _take_up_pending_fare(self) -> None:
        """New fare parameters hold from their time on; without a time or a clock, at once."""
        fare, now = self.pending_fare, self.clock
        if fare is None:
            return
        if now is None or fare.enable_time is None or fare.enable_time <= now:
            self.fare, self.pending_fare = fare, None

    # What can be seen from outside.

    @property
    def trips(self) -> dict[int, TripRecord]:
        """The stored trips by number."""
        return self.store.trips

    @property
    def clock(self) -> datetime | None:
        """The meter's own local time."""
        return self.engine.clock.now

    @property
    def k_pulses_per_km(self) -> int:
        """By which it counts."""
        return self.engine.scale.k_pulses_per_km

    @property
    def signed_on(self) -> bool:
        return self.engine.shift is not None

    @property
    def hired(self) -> bool:
        return self.engine.trip is not None

    @property
    def amount_fen(self) -> int:
        """What the display shows: 0 when vacant."""
        return 0 if self.engine.trip is None else self.engine.trip.computer.amount_fen

    @property
    def unreported(self) -> tuple[Record, ...]:
        """The trips and shifts that the terminal has not acknowledged, oldest first."""
        return self.reporter.unacknowledged

    @property
    def device_state(self) -> int:
        """Bits of T1: what the status was set to, and which stores are full."""
        state, told = self.status.device_state, self.unreported
        if sum(isinstance(record, TripRecord) for record in told) >= TRIPS_MAX:
            state |= _TRIP_STORE_FULL
        if sum(isinstance(record, SignedOff) for record in told) >= SHIFTS_MAX:
            state |= _SIGN_STORE_FULL
        return state

    # What it says of itself on the terminal's line.

    def take_terminal_bytes(self) -> bytes:
        """What is due to be sent now: sign-on, trips, shifts; records until acknowledged."""
        return b"" if self.silent else self.reporter.due(self.running_ms / 1000)

    def heartbeat(self) -> bytes:
        """What a meter sends to the terminal every 5 s, unasked; empty when silent."""
        if self.silent:
            return b""
        return _frame(Command.HEARTBEAT, layouts.HEARTBEAT.build(self._beat()))

    # Tampering.

    def set_parameter(self, name: str, value: str) -> None:
        """Changes what the meter holds, bypassing every order: see `parameters.changed`."""
        self.status, self.fare = changed(self.status, self.fare, name, value)

    def replace(self, device_number: str) -> None:
        """Puts another meter, with ten digits of its own, in the place of this one."""
        self.set_parameter("device_number", device_number)

    def set_silent(self, silent: bool) -> None:
        """A silent meter takes requests in and says nothing."""
        self.silent = silent

    def set_k(self, k_pulses_per_km: int) -> None:
        """1 to 9,999 pulses/km; from now on. Raises UsageError METER_BAD_VALUE."""
        if not 1 <= k_pulses_per_km <= 9999:
            raise _bad_value(f"K cannot be {k_pulses_per_km}", "give 1 to 9999 pulses/km")
        self.engine.scale.k_pulses_per_km = k_pulses_per_km

    def tell_k(self, k_pulses_per_km: int | None) -> None:
        """What shift records tell as K instead of the true one; None: the true one."""
        self.told_k = k_pulses_per_km

    def set_clock(self, offset_s: int) -> None:
        """Moves the meter's clock forward or, below zero, back."""
        try:
            self.engine.clock.move(offset_s)
        except OverflowError as error:
            raise _bad_value(f"no clock moves by {offset_s} s", "give fewer seconds") from error

    def charge_by(self, fare: FareParameters | None) -> None:
        """Altered software: charges by this fare and goes on telling its own; None: honest."""
        self.charged_fare = fare

    def filter_reports(self, report_filter: ReportFilter = honestly) -> None:
        """What becomes of each trip's record before it is told to the terminal.

        `lambda trip: ()` hides it, `lambda trip: (replace(trip, ...),)` alters it, and
        `lambda trip: (trip, trip)` tells it twice. The stored record stays as it is.
        """
        self.report_filter = report_filter

    # What survives a restart.

    def snapshot(self) -> dict[str, Any]:
        """The whole state, as JSON values; a filter of reports is not part of it."""
        return snapshot.take(self)

    @classmethod
    def from_snapshot(cls, stored: dict[str, Any]) -> Taximeter:
        """The meter that a snapshot was taken of. Raises MalformedError METER_BAD_SNAPSHOT."""
        return snapshot.restore(cls, stored)

    def report_again(self, unacknowledged: Iterable[Record]) -> None:
        """After a restart: what the terminal had not acknowledged before it."""
        self.reporter = MeterReporter(
            self._beat, vendor=VENDOR, times=_TIMES, unacknowledged=unacknowledged
        )

    # What the terminal answers to what the meter said.

    def _hear_terminal(self, frame: Frame) -> bytes:
        if not self.silent:
            reply = self.reporter.take(frame, self.running_ms / 1000)
            if isinstance(reply, SignReply) and reply.result == DONE:
                self._sign(reply)
        return self._answers.answer(frame)

    def _sign(self, reply: SignReply) -> None:
        """The terminal agrees that the driver signs on or off."""
        with suppress(UsageError):  # unless it has become out of turn meanwhile
            if self._asked == Command.SIGN_OFF:
                self.sign_off()
            elif self._asked == Command.SIGN_ON:
                self.sign_on(reply.driver_certificate, reply.company_licence)

    def _beat(self) -> Heartbeat:
        state = _BEAT_HIRED if self.hired else 0
        if self.signed_on:
            state |= _BEAT_SIGNED_ON
        if self.status.work_state == _FORCED_ON:
            state |= _BEAT_FORCED_ON
        if self.status.work_state == _FORCED_OFF:
            state |= _BEAT_FORCED_OFF
        return Heartbeat(state, self.status.company_licence, self.status.driver_certificate)


def _frame(command: int, data: bytes) -> bytes:
    return encode_frame(Frame(TAXIMETER, VENDOR, command, data))


def _bad_value(message: str, remedy: str) -> UsageError:
    return UsageError("METER_BAD_VALUE", message, remedy)
