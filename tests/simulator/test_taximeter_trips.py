"""The simulated taximeter drives: trips, shifts, totals, what it tells the terminal, and frauds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealkit.errors import MalformedError, UsageError
from sealkit.meter import layouts
from sealkit.meter.audit import audit_trips
from sealkit.meter.bodies import SignedOff, SignReply, TripRecord
from sealkit.meter.commands import DONE, ERROR, Command
from sealkit.meter.fares import Motion, fare_of_trace
from sealkit.meter.frames import Frame, FrameDecoder, encode_frame
from sealkit.meter.resolution import DistanceRounding
from sealkit.meter.tariff import CityRules, Tariff, TripKind
from sealkit_simulator.taximeter import SHANGHAI_FARE, Taximeter

NOON = datetime(2025, 6, 3, 12)
NUMBER = 18404
CUT, ROUND = DistanceRounding


def a_meter(**changes: Any) -> Taximeter:
    return Taximeter(**({"clock": NOON} | changes))


def drive(meter: Taximeter, metres: int, seconds: int | None = None) -> None:
    """At 36 km/h, or in so many seconds; K is 1000, a pulse for each metre."""
    seconds = metres // 10 if seconds is None else seconds
    done = 0
    for second in range(1, seconds + 1):
        pulses = metres * second // seconds - done
        meter.advance(pulses, 1000)
        done += pulses


def told(data: bytes) -> list[Frame]:
    return FrameDecoder().feed(data)


def reply(command: int, result: int = DONE) -> bytes:
    return encode_frame(Frame(0x02, 0x01, command, bytes((result,))))


def wait_for(meter: Taximeter, *commands: int) -> Frame:
    """The first frame with one of these commands, as time passes."""
    for _ in range(200):
        for frame in told(meter.take_terminal_bytes()):
            if frame.command in commands:
                return frame
        meter.advance(0, 100)
    raise AssertionError(f"the meter does not tell {commands}")


def test_a_trip_is_charged_recorded_and_counted() -> None:
    meter = a_meter()
    drive(meter, 1250)
    meter.hire()
    assert meter.hired
    assert meter.amount_fen == 1400
    drive(meter, 8400)
    assert meter.amount_fen == 2890
    drive(meter, 0, 250)
    record = meter.end_trip(payment=1, city_data=b"\x01")
    assert not meter.hired
    assert record == TripRecord(
        plate=meter.status.plate,
        company_licence=meter.status.company_licence,
        driver_certificate=meter.status.driver_certificate,
        on_time=NOON + timedelta(minutes=2),
        off_time=(NOON + timedelta(minutes=20)).time(),
        metered_distance_m=8400,
        empty_distance_m=1200,
        surcharge_fen=0,
        waiting_minutes=4,
        amount_fen=3160,
        trip_number=NUMBER,
        payment=1,
        city_data=b"\x01",
    )
    assert meter.trips[NUMBER] == record
    assert meter.status.total_trips == NUMBER
    assert meter.amount_fen == 0


def test_the_last_part_of_a_second_is_charged() -> None:
    meter = a_meter()
    meter.hire()
    drive(meter, 3000)
    meter.advance(4, 400)
    assert meter.end_trip().amount_fen == 1540


@pytest.mark.parametrize(("rounding", "told_m"), [(CUT, 3900), (ROUND, 4000)])
def test_distance_is_cut_or_rounded(rounding: DistanceRounding, told_m: int) -> None:
    meter = a_meter(rounding=rounding)
    meter.hire()
    drive(meter, 3960)
    assert meter.end_trip().metered_distance_m == told_m


def test_distance_is_pulses_by_k() -> None:
    meter = a_meter(k_pulses_per_km=980)
    meter.hire()
    drive(meter, 4900)  # pulses
    assert meter.end_trip().metered_distance_m == 5000


def test_a_round_trip_costs_the_basic_price_all_the_way() -> None:
    meter = a_meter()
    meter.hire(TripKind.ROUND_TRIP)
    drive(meter, 20_000)
    assert meter.end_trip().amount_fen == 5990


def test_a_city_may_round_and_charge_otherwise() -> None:
    meter = a_meter(city=CityRules(rounding_fen=100, surcharge_fen=100))
    meter.hire()
    drive(meter, 3300)
    record = meter.end_trip()
    assert (record.amount_fen, record.surcharge_fen) == (1600, 100)


def test_a_shift_is_summed_up() -> None:
    meter = a_meter()
    drive(meter, 700)
    meter.sign_off()
    drive(meter, 450)
    assert not meter.signed_on
    meter.sign_on("310227199001010017", "310115000777")
    started = meter.clock
    lifetime = meter.engine.totals.distance_mm
    for payment in (0, 1):
        drive(meter, 1000)
        meter.hire()
        drive(meter, 3000)
        drive(meter, 0, 240)
        meter.end_trip(payment)
    record = meter.sign_off()
    assert meter.clock is not None
    assert started is not None
    assert record == SignedOff(
        company_licence="310115000777",
        driver_certificate="310227199001010017",
        plate=meter.status.plate,
        k_pulses_per_km=1000,
        shift_on_time=started.replace(second=0),
        shift_off_time=meter.clock.replace(second=0),
        shift_distance_m=8000,
        hired_distance_m=6000,
        trips=2,
        timed_s=480,
        total_amount_fen=2 * 1670,
        card_amount_fen=1670,
        card_trips=1,
        distance_between_shifts_m=400,
        lifetime_distance_m=(lifetime + 8_000_000) // 100_000 * 100,
        lifetime_hired_distance_m=meter.engine.totals.hired_mm // 100_000 * 100,
        unit_price_fen_per_km=270,
        lifetime_trips=NUMBER + 1,
    )


@pytest.mark.parametrize(
    ("before", "action", "code"),
    [
        ("", "hire end_trip end_trip", "METER_VACANT"),
        ("", "hire hire", "METER_HIRED"),
        ("", "hire sign_off", "METER_HIRED"),
        ("", "sign_on", "METER_IN_SHIFT"),
        ("sign_off", "sign_off", "METER_NO_SHIFT"),
        ("sign_off", "hire", "METER_NO_SHIFT"),
    ],
)
def test_what_is_out_of_turn_changes_nothing(before: str, action: str, code: str) -> None:
    meter = a_meter()
    *first, last = before.split() + action.split()
    for name in first:
        getattr(meter, name)()
    state = meter.snapshot()
    with pytest.raises(UsageError) as refused:
        getattr(meter, last)()
    assert refused.value.code == code
    assert meter.snapshot() == state


def test_without_a_clock_or_a_tariff_nobody_can_hire_it() -> None:
    with pytest.raises(UsageError) as refused:
        Taximeter().hire()
    assert refused.value.code == "METER_NO_CLOCK"
    meter = a_meter(fare=replace(SHANGHAI_FARE, day_flag_fall_fen=0))
    with pytest.raises(MalformedError) as senseless:
        meter.hire()
    assert senseless.value.code == "FARE_NO_PRICE"
    assert not meter.hired


def test_its_clock_is_not_set_while_hired_nor_to_years_that_records_cannot_tell() -> None:
    meter = a_meter()
    set_clock = encode_frame(Frame(2, 0, Command.SET_CLOCK, bytes.fromhex("20250603130000")))
    nineties = encode_frame(Frame(2, 0, Command.SET_CLOCK, bytes.fromhex("19990603130000")))
    meter.hire()
    assert told(meter.terminal_line.receive(set_clock))[0].data == b"\xff"
    meter.end_trip()
    assert told(meter.terminal_line.receive(nineties))[0].data == b"\xff"
    assert told(meter.terminal_line.receive(set_clock))[0].data == b"\x90"
    assert meter.clock == NOON + timedelta(hours=1)


def test_new_fare_parameters_hold_from_their_time_on_and_a_trip_keeps_its_own() -> None:
    meter = a_meter(clock=NOON - timedelta(minutes=1))
    dearer = replace(SHANGHAI_FARE, enable_time=NOON, day_round_trip_price_fen_per_km=400)
    data = layouts.FARE_PARAMETERS.build(dearer)
    meter.terminal_line.receive(encode_frame(Frame(2, 0, Command.SET_FARE, data)))
    assert meter.fare == SHANGHAI_FARE
    meter.hire()
    drive(meter, 3500)
    assert meter.fare == dearer
    assert meter.end_trip().amount_fen == 1540
    meter.hire()
    drive(meter, 3500)
    assert meter.end_trip().amount_fen == 1600


def test_trips_and_shifts_are_told_until_they_are_acknowledged() -> None:
    meter = a_meter()
    meter.hire()
    drive(meter, 500)
    record = meter.end_trip()
    meter.sign_off()
    first = wait_for(meter, Command.TRIP_END)
    assert layouts.TRIP_RECORD.parse(first.data) == record
    assert wait_for(meter, Command.TRIP_AGAIN).data == first.data
    meter.terminal_line.receive(reply(Command.TRIP_AGAIN, ERROR))
    assert wait_for(meter, Command.TRIP_AGAIN, Command.SIGNED_OFF)
    for _ in range(20):
        frame = wait_for(
            meter,
            Command.TRIP_END,
            Command.TRIP_AGAIN,
            Command.SIGNED_OFF,
            Command.SIGNED_OFF_AGAIN,
        )
        meter.terminal_line.receive(reply(frame.command))
        if not meter.unreported:
            break
    assert meter.unreported == ()
    meter.advance(0, 60_000)
    assert not {frame.command for frame in told(meter.take_terminal_bytes())} & {
        Command.TRIP_END,
        Command.TRIP_AGAIN,
        Command.SIGNED_OFF,
    }


def test_a_driver_signs_on_and_off_by_way_of_the_terminal() -> None:
    meter = a_meter()
    answer = layouts.SIGN_REPLY.build(
        SignReply("310115000777", "310227199001010017", "AX7319", NOON, 0, None, 0, DONE)
    )
    meter.ask_sign_off()
    assert wait_for(meter, Command.SIGN_OFF).data == b"\x90"
    meter.terminal_line.receive(encode_frame(Frame(2, 1, Command.SIGN_OFF, answer)))
    assert not meter.signed_on
    assert wait_for(meter, Command.SIGNED_OFF)
    meter.terminal_line.receive(reply(Command.SIGNED_OFF))
    meter.ask_sign_on()
    wait_for(meter, Command.SIGN_ON)
    refusal = answer[:-1] + bytes((ERROR,))
    meter.terminal_line.receive(encode_frame(Frame(2, 1, Command.SIGN_ON, refusal)))
    assert not meter.signed_on
    meter.ask_sign_on()
    wait_for(meter, Command.SIGN_ON)
    meter.terminal_line.receive(encode_frame(Frame(2, 1, Command.SIGN_ON, answer)))
    assert meter.signed_on
    assert meter.status.driver_certificate == "310227199001010017"
    told_on = layouts.SIGNED_ON.parse(wait_for(meter, Command.SIGNED_ON).data)
    assert told_on.company_licence == "310115000777"


def test_a_full_store_is_told_and_takes_no_more_trips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sealkit_simulator.taximeter.device.TRIPS_MAX", 3)
    meter = a_meter()
    for _ in range(3):
        meter.hire()
        meter.end_trip()
    assert meter.device_state == 0x04
    with pytest.raises(UsageError) as refused:
        meter.hire()
    assert refused.value.code == "METER_STORE_FULL"


def test_the_heartbeat_tells_its_state() -> None:
    meter = a_meter()

    def state() -> int:
        return layouts.HEARTBEAT.parse(told(meter.heartbeat())[0].data).state

    assert state() == 0b0010
    meter.hire()
    assert state() == 0b0011
    meter.end_trip()
    meter.sign_off(forced=True)
    assert state() == 0b1000
    meter.sign_on(forced=True)
    assert state() == 0b0110


# Frauds.


def test_reports_can_be_hidden_altered_and_doubled() -> None:
    meter = a_meter()
    meter.filter_reports(lambda trip: ())
    meter.hire()
    meter.end_trip()
    assert not [told for told in meter.unreported if isinstance(told, TripRecord)]
    meter.filter_reports(lambda trip: (trip, replace(trip, amount_fen=9990)))
    meter.hire()
    record = meter.end_trip()
    assert meter.unreported == (record, replace(record, amount_fen=9990))
    assert meter.trips[record.trip_number] == record
    meter.filter_reports()
    meter.hire()
    assert meter.end_trip() == meter.unreported[-1]


def test_k_can_be_changed_and_another_told() -> None:
    meter = a_meter()
    meter.set_k(900)
    meter.hire()
    drive(meter, 900)
    assert meter.end_trip().metered_distance_m == 1000
    meter.tell_k(1000)
    assert meter.sign_off().k_pulses_per_km == 1000
    for impossible in (0, 10_000):
        with pytest.raises(UsageError):
            meter.set_k(impossible)


def test_software_can_charge_by_another_fare_than_it_tells() -> None:
    meter = a_meter()
    meter.charge_by(replace(SHANGHAI_FARE, day_flag_fall_fen=1800))
    meter.hire()
    assert meter.end_trip().amount_fen == 1800
    assert meter.fare == SHANGHAI_FARE


def test_its_clock_can_be_moved() -> None:
    meter = a_meter()
    meter.set_clock(-7200)
    assert meter.clock == NOON - timedelta(hours=2)
    with pytest.raises(UsageError):
        meter.set_clock(10**12)


# Whatever happens.

ACTIONS = st.one_of(
    st.sampled_from(["hire", "round", "end", "on", "off", "restart", "fraud"]),
    st.tuples(st.integers(0, 40), st.integers(0, 4000)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, max_size=60))
def test_totals_never_fall_and_no_distance_is_lost(actions: list[Any]) -> None:
    meter = a_meter()
    totals = meter.engine.totals
    pulses, at_first = 0, totals.distance_mm
    before = (totals.distance_mm, totals.hired_mm, meter.status.total_trips)
    for action in actions:
        try:
            match action:
                case "hire":
                    meter.hire()
                case "round":
                    meter.hire(TripKind.ROUND_TRIP)
                case "end":
                    meter.end_trip()
                case "on":
                    meter.sign_on()
                case "off":
                    meter.sign_off()
                case "restart":
                    meter = Taximeter.from_snapshot(json.loads(json.dumps(meter.snapshot())))
                case "fraud":
                    meter.replace("0102009999")
                    meter.set_parameter("software_version", "9.9")
                case (count, elapsed_ms):
                    meter.advance(count, elapsed_ms)
                    pulses += count
        except UsageError:
            pass
        totals = meter.engine.totals
        now = (totals.distance_mm, totals.hired_mm, meter.status.total_trips)
        assert all(new >= old for new, old in zip(now, before, strict=True))
        assert totals.hired_mm <= totals.distance_mm
        before = now
    assert totals.distance_mm - at_first == pulses * 1000


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(TripKind),
    st.integers(0, 86_399),
    st.lists(st.tuples(st.integers(0, 35), st.integers(1, 600)), max_size=12),
    st.sampled_from(DistanceRounding),
)
def test_a_trip_costs_what_its_trace_costs_and_the_audit_allows_it(
    kind: TripKind, hired_s: int, stretches: list[tuple[int, int]], rounding: DistanceRounding
) -> None:
    clock = datetime(2025, 6, 3) + timedelta(seconds=hired_s)
    meter = a_meter(clock=clock, rounding=rounding)
    meter.hire(kind)
    for pulses, seconds in stretches:
        for _ in range(seconds):
            meter.advance(pulses, 1000)
    trace = [Motion(pulses * seconds * 1000, seconds * 1000) for pulses, seconds in stretches]
    tariff = Tariff.of(SHANGHAI_FARE)
    record = meter.end_trip()
    assert record.amount_fen == fare_of_trace(tariff, kind, hired_s * 1000, trace).amount_fen
    [audited] = audit_trips([record], lambda hired_at: (tariff,), rounding=rounding)
    assert not audited.findings


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 400)), max_size=80), st.integers(0, 60)
)
def test_a_restart_on_the_way_changes_nothing(steps: list[tuple[int, int]], at: int) -> None:
    meter = a_meter(clock=datetime(2025, 6, 3, 22, 59, 30), k_pulses_per_km=997)
    other = Taximeter.from_snapshot(meter.snapshot())
    for each in (meter, other):
        each.hire()
    for number, (pulses, elapsed_ms) in enumerate(steps):
        meter.advance(pulses, elapsed_ms)
        other.advance(pulses, elapsed_ms)
        if number == at:
            other = Taximeter.from_snapshot(json.loads(json.dumps(other.snapshot())))
    assert meter.end_trip() == other.end_trip()
    assert meter.sign_off() == other.sign_off()
