"""Faults of the checks of chapter 11: each detector, wrong in one of the ways it can be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from sealkit.wire.registry import Attachment, Cause, Rounding
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around, gather

FAULTS: Final[list[Fault]] = []
fault = gather(FAULTS)
_WATCHING: Final = "sealkit_simulator.watching"
_K: Final = f"{_WATCHING}.distance_constant"
_MOTION: Final = f"{_WATCHING}.motion"
_TRIPS: Final = f"{_WATCHING}.trips:Trips"
_DETECTORS: Final = f"{_WATCHING}.detectors:Detectors"
_MILLION: Final = 1_000_000


def _limits(patch: pytest.MonkeyPatch, **changes: Any) -> None:
    """The detectors are made with other limits than the set's: functions of the set's own."""

    def faulty(original: Any, detectors: Any, k: int, limits: Any) -> None:
        fields = {name: change(getattr(limits, name)) for name, change in changes.items()}
        original(detectors, k, replace(limits, **fields))

    around(patch, f"{_DETECTORS}.__init__", faulty)


def _reported(patch: pytest.MonkeyPatch, cause: Cause, change: Any) -> None:
    """What a detector has found is told with other bytes: change(before, after)."""

    def faulty(original: Any, device: Any) -> Any:
        return [
            replace(one, before=told[0], after=told[1])
            if one.cause is cause and (told := change(one.before, one.after))
            else one
            for one in original(device)
        ]

    around(patch, "sealkit_simulator.supervision:_differences", faulty)


# W-5, W-6.


@fault("W-5", "A boot forgets what was gathered.")
def forgets_what_was_gathered_at_a_boot(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.detectors.Detectors.unpack", lambda detectors, packed: None)


@fault("W-5", "SEAL goes on with what was gathered before it.", also=("E-5",))
def does_not_start_anew_at_seal(patch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []

    def faulty(original: Any, detectors: Any, k: int, limits: Any) -> None:
        original(detectors, k, limits)
        if kept and kept[-1].k.k == k:
            detectors.unpack(kept[-1].pack())
        kept.append(detectors)

    around(patch, f"{_DETECTORS}.__init__", faulty)


@fault("W-5", "What a check has found is live for a moment only.")
def forgets_what_it_has_found(patch: pytest.MonkeyPatch) -> None:
    told: set[int] = set()

    def faulty(original: Any, detectors: Any) -> Any:
        for found in list(original(detectors)):
            if (key := hash((id(detectors), found))) not in told:
                told.add(key)
                yield found

    around(patch, f"{_DETECTORS}.found", faulty)


@fault("W-5", "The checks rest in TAMPERED.")
def checks_nothing_in_tampered(patch: pytest.MonkeyPatch) -> None:
    from sealkit.wire.registry import State

    def faulty(original: Any, device: Any) -> Any:
        found = original(device)
        late = [one for one in found if one.cause < Cause.K_MISMATCH]
        latched = device.history.latched_causes
        return (
            late + [one for one in found if one not in late and latched >> (one.cause - 1) & 1]
            if device.state is State.TAMPERED
            else found
        )

    around(patch, "sealkit_simulator.supervision:_differences", faulty)


@fault("W-6", "An excess is a plain sum: what was too little before is set off against it.")
def sums_up_without_a_floor(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, excess: Any, more: int, less: int, tolerance_ppm: int) -> None:
        excess.value += more - less - less * tolerance_ppm // _MILLION
        excess.more += more
        excess.less += less

    around(patch, f"{_WATCHING}.excess:Excess.add", faulty)


@fault("W-6", "The tolerance is not taken off: noise adds up.")
def takes_no_tolerance_off(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, excess: Any, more: int, less: int, tolerance_ppm: int) -> None:
        original(excess, more, less, 0)

    around(patch, f"{_WATCHING}.excess:Excess.add", faulty)


@fault("W-6", "The record tells all stretches, not those since the excess began.")
def tells_all_stretches(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, excess: Any, more: int, less: int, tolerance_ppm: int) -> None:
        kept = (excess.more, excess.less)
        original(excess, more, less, tolerance_ppm)
        if excess.value == 0:
            excess.more, excess.less = kept[0] + more, kept[1] + less

    around(patch, f"{_WATCHING}.excess:Excess.add", faulty)


# K (W-7 to W-9).


@fault("W-7", "A meter that charges too much is found, one with too little is not.", also=("W-6",))
def overlooks_a_k_that_is_too_small(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, check: Any, more: Any, less: Any, metres: int, pulses: int) -> None:
        if metres * check.k >= pulses * 1_000:
            original(check, more, less, metres, pulses)

    around(patch, f"{_K}:DistanceConstant._judge", faulty)


@fault("W-7", "The limit is twice what the set says.")
def waits_for_twice_the_limit_of_k(patch: pytest.MonkeyPatch) -> None:
    _limits(patch, k_window_m=lambda window: 2 * window)


@fault("W-7", "The tolerance is one and a half of what the set says.")
def widens_the_tolerance_of_k(patch: pytest.MonkeyPatch) -> None:
    _limits(patch, k_tolerance_ppm=lambda tolerance: tolerance * 3 // 2)


@fault("W-7", "Empty distance is left out.")
def leaves_out_empty_distance(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, check: Any, metered_m: int, empty_m: int, pulses: Any) -> None:
        original(check, metered_m, 0, pulses)

    around(patch, f"{_K}:DistanceConstant.end_trip", faulty)


@fault("W-7", "The first trip is judged by the pulses since SEAL.")
def judges_the_first_trip(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, check: Any, metered_m: int, empty_m: int, pulses: Any) -> None:
        check.trip_known = 1
        original(check, metered_m, empty_m, pulses)

    around(patch, f"{_K}:DistanceConstant.end_trip", faulty)


@fault("W-7", "A sign-off between two trips does not start anew.")
def goes_on_over_a_sign_off(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, detectors: Any, total: int, *, signed_off: bool) -> Any:
        return original(detectors, total, signed_off=False)

    around(patch, f"{_DETECTORS}.count_trips", faulty)


@fault("W-7", "An empty distance at the end of its field is taken as it is.")
def believes_a_field_at_its_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_K}._EMPTY_END_M", 10_000_000)


@fault("W-7", "A trip that is told again counts again.")
def counts_a_trip_twice(patch: pytest.MonkeyPatch) -> None:
    from sealkit_simulator.watching.trips import Seen

    def faulty(original: Any, detectors: Any, seen: Any, trip: Any, pulses: Any) -> None:
        original(detectors, Seen.NEXT if seen is Seen.KNOWN else seen, trip, pulses)

    around(patch, f"{_DETECTORS}._end_trip", faulty)


@fault("W-7", "The record tells the sealed K where the inferred one belongs.")
def tells_the_sealed_k_as_inferred(patch: pytest.MonkeyPatch) -> None:
    _reported(patch, Cause.K_MISMATCH, lambda before, after: (before, before + after[4:]))


@fault("W-7", "The record tells kilometres where metres belong.")
def tells_the_basis_in_kilometres(patch: pytest.MonkeyPatch) -> None:
    def told(before: bytes, after: bytes) -> tuple[bytes, bytes]:
        metres = int.from_bytes(after[4:], "big")
        return before, after[:4] + (metres // 1_000).to_bytes(4, "big")

    _reported(patch, Cause.K_MISMATCH, told)


@fault("W-8", "Nothing is added for a meter that cuts.")
def adds_nothing_for_a_meter_that_cuts(patch: pytest.MonkeyPatch) -> None:
    _limits(patch, rounding=lambda rounding: Rounding.ROUNDS)


@fault("W-8", "Fifty metres are added to a part of zero as well.")
def adds_to_a_part_of_zero(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, check: Any, told_m: int) -> int:
        return told_m + (50 if check.rounding is Rounding.CUTS else 0)

    around(patch, f"{_K}:DistanceConstant._distance", faulty)


@fault("W-9", "K in T6 is not looked at.")
def does_not_read_k_in_t6(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_K}.DistanceConstant.tell_k", lambda check, told_k: None)


@fault("W-9", "K in T6 is compared although it has only the last four digits.")
def compares_a_k_of_five_digits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_K}._TOLD_K_MAX", 99_999)


@fault("W-9", "Lifetime distances are not compared.")
def overlooks_the_lifetime_distance(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, check: Any, told_k: int, lifetime_m: int, pulses: int) -> None:
        check.tell_k(told_k)

    around(patch, f"{_K}:DistanceConstant.end_shift", faulty)


@fault("W-9", "A sign-off that is sent again is taken for the end of a shift.")
def takes_a_repeated_sign_off_for_another(patch: pytest.MonkeyPatch) -> None:
    from sealkit.meter.commands import Command

    def faulty(original: Any, device: Any, frame: Any) -> None:
        if frame.command == Command.SIGNED_OFF_AGAIN:
            frame = replace(frame, command=int(Command.SIGNED_OFF))
        original(device, frame)

    around(patch, "sealkit_simulator.hearing:_hear_frame", faulty)


@fault("W-9", "Trips and shifts are gathered together.")
def gathers_trips_and_shifts_together(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, check: Any, more: Any, less: Any, metres: int, pulses: int) -> None:
        original(check, check.trip_more, check.trip_less, metres, pulses)

    around(patch, f"{_K}:DistanceConstant._judge", faulty)


# Pulse rate (W-10).


@fault("W-10", "Acceleration is not judged.")
def overlooks_acceleration(patch: pytest.MonkeyPatch) -> None:
    _limits(patch, acceleration_max_mm_s2=lambda limit: 0)


@fault("W-10", "Braking is judged as well.")
def judges_braking(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, rate: Any, pulses: int, elapsed: int) -> int:
        quicker: int = original(rate, pulses, elapsed)
        if quicker or not rate._before_ms or not rate.k:
            return quicker
        lost = rate._before * 1_000 // rate._before_ms - pulses * 1_000 // elapsed
        return int(max(0, lost - 2) * _MILLION // rate.k)

    around(patch, f"{_WATCHING}.pulse_rate:PulseRate._acceleration", faulty)


@fault("W-10", "Two pulses more count as acceleration.")
def takes_two_pulses_for_acceleration(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.pulse_rate._UNSURE_PULSES", 0)


@fault("W-10", "The rate is judged over a tenth of a second.")
def judges_the_rate_of_a_moment(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.pulse_rate._WINDOW_MS", 100)


@fault("W-10", "The rate is judged over a minute.")
def judges_the_rate_of_a_minute(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.pulse_rate._WINDOW_MS", 60_000)


@fault("W-10", "After a boot the vehicle is taken to have stood.")
def takes_a_boot_for_standing(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, rate: Any, *args: Any) -> None:
        original(rate, *args)
        rate._first, rate._before, rate._before_ms = False, 0, 1_000

    around(patch, f"{_WATCHING}.pulse_rate:PulseRate.__init__", faulty)


# Second source (W-11 to W-13).


@fault("W-11", "A tunnel counts as driven at the speed before and after it.")
def bridges_a_tunnel(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.stretches._GAP_MS", 600_000)


@fault("W-11", "The first seconds of standing are not taken for driving.")
def takes_stopping_for_standing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.stretches._SETTLING_MS", 0)


@fault("W-11", "The last seconds of standing are not taken for driving.")
def takes_starting_for_standing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.stretches._DELAY_MS", 0)


@fault("W-11", "Each speed that the source tells is taken for a second of standing.")
def counts_speeds_for_seconds(patch: pytest.MonkeyPatch) -> None:
    counted: dict[int, int] = {}

    def faulty(original: Any, stretches: Any, stretch: Any, begun: int, ended: int) -> Any:
        before = 0 if stretches._stands_since is None else counted.get(id(stretches), 0)
        counted[id(stretches)] = before + 1
        return original(stretches, stretch, 1_000 * before, 1_000 * (before + 1))

    around(patch, f"{_WATCHING}.stretches:Stretches._stand", faulty)


@fault("W-11", "Walking pace is taken for driving.")
def takes_crawling_for_driving(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.stretches._STANDING_MM_S", 100)


@fault("W-11", "Up to two metres a second count as standing.")
def takes_driving_for_standing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.stretches._STANDING_MM_S", 2_000)


@fault("W-12", "The source's distance is not taken off.")
def ignores_the_source_while_standing(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, standing: Any, pulses: int, source_um: int) -> None:
        original(standing, pulses, 0)

    around(patch, f"{_WATCHING}.standing:Standing.stand", faulty)


@fault("W-12", "Nothing is forgiven for what is driven.")
def forgives_no_car_wash(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.standing.Standing.drive", lambda standing, source_um: None)


@fault("W-12", "All is forgiven as soon as the vehicle drives.")
def forgives_all_when_driving(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.standing._FORGIVEN", 1)


@fault("W-12", "Half of the limit is enough.")
def finds_standing_at_half_the_limit(patch: pytest.MonkeyPatch) -> None:
    _limits(patch, standing_limit_m=lambda limit: limit // 2)


@fault("W-13", "Too few pulses are not found.")
def overlooks_pulses_that_are_missing(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, motion: Any) -> None:
        motion.less.value = 0
        original(motion)

    around(patch, f"{_MOTION}:Motion._judge", faulty)


@fault("W-13", "Fast driving is not judged alone.")
def overlooks_an_injector_at_speed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_MOTION}._FAST_MM_S", 1_000_000)


@fault("W-13", "All driving is judged as if it were fast.")
def takes_slow_for_fast(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_MOTION}._FAST_MM_S", 9_000)


@fault("W-13", "Driving hired is not judged alone.")
def overlooks_an_injector_for_passengers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.trips.Trips.hired", property(lambda trips: False))


@fault("W-13", "A ferry is taken for a fraud.")
def does_not_know_ferries(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_MOTION}._CARRIED_UM", 1 << 60)


@fault("W-13", "Any stretch without a pulse is left out.")
def leaves_out_all_without_a_pulse(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_MOTION}._CARRIED_UM", 0)


@fault("W-13", "The record tells both distances the wrong way round.")
def swaps_the_distances_of_motion(patch: pytest.MonkeyPatch) -> None:
    _reported(patch, Cause.MOTION_DISAGREES, lambda before, after: (after, before))


# The meter's clock (W-14).


@fault("W-14", "The meter's clock is not looked at.")
def overlooks_the_meters_clock(patch: pytest.MonkeyPatch) -> None:
    _limits(patch, meter_clock_tolerance_s=lambda tolerance: 0)


@fault("W-14", "The meter's time is taken for UTC.")
def takes_local_time_for_utc(patch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    patch.setattr("sealkit_simulator.hearing._CHINA", timedelta(0))


@fault("W-14", "A meter that is behind is found, one that is ahead is not.")
def overlooks_a_meter_that_is_ahead(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, check: Any, told: int, clock: int, **slack: Any) -> None:
        original(check, min(told, clock), clock, **slack)

    around(patch, f"{_WATCHING}.meter_clock:MeterClock.tell", faulty)


@fault("W-14", "Minutes are taken for seconds: nothing is added for a time told to the minute.")
def adds_no_minute(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.detectors._MINUTE_S", 0)


@fault("W-14", "A trip over midnight is taken to have ended before it began.")
def does_not_know_midnight(patch: pytest.MonkeyPatch) -> None:
    from datetime import datetime

    def end(record: Any) -> int | None:
        from sealkit_simulator.hearing import _seconds

        if record.on_time is None:
            return None
        return _seconds(datetime.combine(record.on_time.date(), record.off_time))

    patch.setattr("sealkit_simulator.hearing._end", end)


@fault("W-14", "The meter is judged by a clock that is lost.")
def judges_by_a_lost_clock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.hearing._clock", lambda device: device.clock.now)


@fault("W-14", "The age of what a look shows is not added.")
def forgets_the_age_of_a_look(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, check: Any, told: int, clock: int, **slack: Any) -> None:
        original(check, told, clock, **{**slack, "age_s": 0})

    around(patch, f"{_WATCHING}.meter_clock:MeterClock.tell", faulty)


# Trips (W-15, W-16).


@fault("W-15", "A total that falls is the new total.")
def believes_a_total_that_falls(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, trips: Any, total: int) -> None:
        if total < trips.total:
            trips.total_known = 0
        original(trips, total)

    around(patch, f"{_TRIPS}.count", faulty)


@fault("W-15", "A trip that is not there is passed over.")
def passes_over_a_trip_that_is_gone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.trips._NOT_THERE", 1_000)


@fault("W-15", "A trip that is not there at once is missed.")
def has_no_patience_with_a_trip(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.trips._NOT_THERE", 1)


@fault("W-15", "Numbers on the tap are not looked at.")
def overlooks_skipped_numbers(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, trips: Any, record: bytes) -> Any:
        trips.told = max(trips.told, int.from_bytes(record[61:65], "big") - 1)
        return original(trips, record)

    around(patch, f"{_TRIPS}.hear_trip", faulty)


@fault("W-15", "A start that leads to no trip is not noticed.")
def overlooks_a_trip_never_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.trips.Trips._miss_started", lambda trips: None)


@fault("W-15", "A start that is told again is another trip.")
def takes_a_repeated_start_for_another(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, trips: Any, time: int) -> None:
        trips._started = 2 if trips._started else 0
        original(trips, time)

    around(patch, f"{_TRIPS}.hear_start", faulty)


@fault("W-15", "A single heartbeat hired is a start.")
def takes_a_heartbeat_for_a_start(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.trips._BEATS", 1)


@fault("W-15", "Numbers are missed although bytes were lost.")
def forgets_that_bytes_were_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.trips.Trips.lose_bytes", lambda trips: None)


@fault("W-15", "Numbers are missed across a boot.")
def misses_trips_across_a_boot(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, detectors: Any, packed: bytes) -> None:
        original(detectors, packed)
        detectors.trips._lost_bytes = False

    around(patch, f"{_DETECTORS}.unpack", faulty)


@fault("W-16", "A trip that is told in two ways is not noticed.")
def overlooks_an_altered_trip(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, trips: Any, before: bytes, after: bytes) -> None:
        if before[61:65] != after[61:65]:
            original(trips, before, after)

    around(patch, f"{_TRIPS}._alter", faulty)


@fault("W-16", "A trip under two numbers is not noticed.")
def overlooks_a_trip_with_two_numbers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.trips._same_but_number", lambda one, other: False)


@fault("W-16", "Two trips without distance are one.")
def takes_two_empty_trips_for_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_WATCHING}.trips._DISTANCE", slice(0, 66))


@fault("W-16", "Trips are asked for once only.")
def asks_for_a_trip_once(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        f"{_TRIPS}._asked",
        lambda original, trips, number, again: original(trips, number, 1),
    )


@fault("W-16", "Only the amount of a trip is compared.")
def compares_the_amount_alone(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, trips: Any, before: bytes, after: bytes) -> None:
        if before[58:61] != after[58:61]:
            original(trips, before, after)

    around(patch, f"{_TRIPS}._alter", faulty)


# What is attached (P-11), what evidence tells (E-5).


@fault("P-11", "The terminal's line is listened to although the set does not rely on it.")
def listens_without_a_tap(patch: pytest.MonkeyPatch) -> None:
    _limits(patch, attachments=lambda bits: bits | Attachment.TERMINAL_TAP)


@fault("P-11", "Pulses are judged although the set does not rely on the pulse input.")
def judges_pulses_that_are_not_attached(patch: pytest.MonkeyPatch) -> None:
    _limits(patch, attachments=lambda bits: bits | Attachment.PULSE_INPUT)


@fault("P-11", "The own line's trips are judged although the set does not rely on it.")
def judges_a_line_that_is_not_attached(patch: pytest.MonkeyPatch) -> None:
    _limits(patch, attachments=lambda bits: bits | Attachment.OWN_LINE)


@fault("E-5", "What K rests on is never halved.")
def never_halves_what_k_rests_on(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, check: Any, metres: int, pulses: int) -> None:
        window, check.window_m = check.window_m, 1 << 40
        basis = (check.basis_m + metres, check.basis_pulses + pulses)
        check.window_m = window
        original(check, metres, pulses)
        check.basis_m, check.basis_pulses = basis

    around(patch, f"{_K}:DistanceConstant._judge_trip", faulty)


@fault("E-5", "The distances of motion are told the wrong way round.")
def swaps_the_distances_in_evidence(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, detectors: Any) -> Any:
        told = original(detectors)
        told["motion_distance_m"], told["motion_pulses_m"] = (
            told["motion_pulses_m"] // 2,
            told["motion_distance_m"],
        )
        return told

    around(patch, "sealkit_simulator.evidence:_gathered", faulty)


@fault("E-5", "Trips are counted twice when they are told by both lines.")
def counts_trips_by_both_lines(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, detectors: Any, *args: Any) -> None:
        detectors.k.trips += 1
        original(detectors, *args)

    around(patch, f"{_DETECTORS}.tell_trip", faulty)
