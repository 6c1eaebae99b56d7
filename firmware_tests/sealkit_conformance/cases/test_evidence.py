"""What a seal signs of itself (chapter 9, T-4)."""

from __future__ import annotations

import secrets

import pytest

from sealkit.wire.messages import Request
from sealkit.wire.registry import Chain, Command, MeterSeen, OrderKind, State, Status
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.fold import Fold
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.shown import SHARED
from sealkit_conformance.subject.stages import Stages


@clause("E-1", "C-3", "C-5")
@pytest.mark.parametrize("state", [s for s in State if s is not State.RETIRED])
def test_evidence_says_what_the_status_says(
    seal: SealUnderTest, stages: Stages, state: State
) -> None:
    stages.bring(seal, state)
    status, evidence, info = seal.status(), seal.evidence(), seal.info()
    due = {name: getattr(status, name) for name in SHARED}
    due |= {"firmware_version": info.firmware_version, "firmware_digest": info.firmware_digest}
    expect.fields_of("E-1", evidence, due, "evidence and status differ")
    expect.true("E-1", 0 <= evidence.tick_ms - status.tick_ms <= 5_000, "the ticks differ")
    expect.true("E-1", 0 <= evidence.clock - status.clock <= 5, "the clocks differ")


def of_the_log(seal: SealUnderTest) -> dict[str, object]:
    """What the log adds up to, and what its last record tells, without a look at anything else."""
    fold = Fold(seal.suite)
    for record in seal.log(Chain.CONTROL):
        fold.add(record)
    last = seal.log(Chain.BOTH)[-1]
    return {
        "state": fold.state,
        "flags": last.flags,
        "boot": last.boot,
        "clock_quality": last.clock_quality,
        "control_sequence": fold.head_sequence,
        "control_digest": fold.head_digest,
        "trust_version": fold.trust_version,
        "parameter_root": fold.parameter_root,
        "calibration_counter": fold.calibration_counter,
        "configuration_counter": fold.configuration_counter,
        "latched_causes": fold.latched_causes,
    }


@clause("C-3", "R-5")
@pytest.mark.parametrize("state", list(State))
def test_the_status_is_what_the_log_adds_up_to(
    seal: SealUnderTest, stages: Stages, state: State
) -> None:
    stages.bring(seal, state)
    due = of_the_log(seal)
    if state is State.TAMPERED:
        del due["flags"]  # the case was closed since, which no record tells
    expect.fields_of("C-3", seal.status(), due, "the status differs from the log")


@clause("E-1", "R-5")
@pytest.mark.parametrize("state", [s for s in State if s is not State.RETIRED])
def test_evidence_is_what_the_log_adds_up_to(
    seal: SealUnderTest, stages: Stages, state: State
) -> None:
    stages.bring(seal, state)
    due = of_the_log(seal)
    if state is State.TAMPERED:
        del due["flags"]
    expect.fields_of("E-1", seal.evidence(), due, "the evidence differs from the log")


@clause("C-5", "E-1", "T-4", "R26")
def test_evidence_answers_the_nonce_that_was_asked(sealed: SealUnderTest) -> None:
    for nonce in (bytes(32), b"\xff" * 32, secrets.token_bytes(32), bytes(31) + b"\1"):
        expect.equal("C-5", nonce, sealed.evidence(nonce).nonce, "another nonce")


@clause("E-1", "S-1", "T-3")
def test_no_two_signatures_share_their_r(sealed: SealUnderTest) -> None:
    """A signature's randomness that repeats gives the key away."""
    seen = [sealed.evidence(secrets.token_bytes(32)).signature for _ in range(8)]
    expect.equal("S-1", 8, len({signature[:32] for signature in seen}), "r repeats")
    expect.true("S-1", all(any(s[:32]) and any(s[32:]) for s in seen), "r or s is zero")


@clause("E-1", "C-5")
def test_evidence_is_of_the_moment(sealed: SealUnderTest, bench: Backend) -> None:
    """Each is newer than the one before, also for the same nonce."""
    nonce = secrets.token_bytes(32)
    first = sealed.evidence(nonce)
    bench.pass_time(3_000)
    second = sealed.evidence(nonce)
    passed = second.tick_ms - first.tick_ms
    expect.true("E-1", passed >= 2_900, "the second evidence is as old as the first")
    sealed.give(OrderKind.CONFIRM)
    third = sealed.evidence(nonce)
    expect.true("E-1", third.control_sequence > second.control_sequence, "an old control head")


@clause("T-4", "R26", "L-7")
def test_the_seal_signs_nothing_of_a_callers_but_a_nonce(sealed: SealUnderTest) -> None:
    for body in (b"", bytes(31), bytes(33), bytes(64), secrets.token_bytes(400)):
        expect.status("T-4", Status.MALFORMED, sealed.ask(Command.EVIDENCE, body))
    for number in (0x00, 0x11, 0x20, 0x40, 0x7F):
        answer = sealed.ask(number, secrets.token_bytes(32))
        expect.status("T-4", Status.UNKNOWN_COMMAND, answer)


@clause("L-9", "E-1")
def test_a_repeated_nonce_in_a_new_request_is_signed_anew(sealed: SealUnderTest) -> None:
    nonce = secrets.token_bytes(32)
    payload = Request(Command.EVIDENCE, sealed.next_sequence(), nonce).build()
    first = sealed.ask_payload(payload).body
    expect.equal("L-9", first, sealed.ask_payload(payload).body, "a repeated request")
    sealed.backend.pass_time(1_500)
    expect.true("E-1", first != sealed.evidence(nonce).raw, "an old evidence is given again")


@clause("E-2", "C-11", "W-1")
def test_evidence_tells_the_meter_as_seen(sealed: SealUnderTest, bench: Backend) -> None:
    sealed.see_meter()
    evidence, facts = sealed.evidence(), bench.meter()
    due = {
        "meter_seen": MeterSeen.ANSWERS,
        "meter_device": facts.device,
        "meter_software": facts.software,
        "meter_fare_digest": sealed.suite.digest(facts.fare),
    }
    expect.fields_of("E-2", evidence, due, "the meter in the evidence")
    expect.true("E-2", evidence.meter_age_ms <= 17_000, f"it is {evidence.meter_age_ms} ms old")


@clause("E-2", "W-2")
@needs(Capability.METER, Capability.TIME)
def test_the_meters_age_grows_while_it_is_silent(sealed: SealUnderTest, bench: Backend) -> None:
    sealed.see_meter()
    bench.silence_meter(True)
    begun, ages, passed = bench.running_ms(), [], []
    for _ in range(3):
        bench.pass_time(20_000)
        ages.append(sealed.evidence().meter_age_ms)
        passed.append(bench.running_ms() - begun)
    for age, due in zip(ages, passed, strict=True):
        expect.true("E-2", due - 6_500 <= age <= due + 6_500, f"the age is {age} after {due} ms")
    grown, due = ages[2] - ages[0], passed[2] - passed[0]
    expect.true("E-2", abs(grown - due) <= 1_500, f"the age grew by {grown} in {due} ms")
    bench.silence_meter(False)
    sealed.see_meter()
    age = sealed.evidence().meter_age_ms
    expect.true("E-2", age <= 6_000, f"the age is {age} after a look")


@clause("E-1")
@needs(Capability.PULSES)
def test_pulses_are_counted(sealed: SealUnderTest, bench: Backend) -> None:
    before = sealed.evidence().pulses
    for count in (1, 499, 500):
        bench.pulses(count)
        bench.pass_time(1_500)
    expect.equal("E-1", before + 1_000, sealed.evidence().pulses, "the pulses counted")


@clause("E-3", "R36")
def test_the_floor_never_goes_down(sealed: SealUnderTest, bench: Backend) -> None:
    floor = sealed.status().clock_floor
    for kind in (OrderKind.CONFIRM, OrderKind.TRUST, OrderKind.ADJUST_CLOCK, OrderKind.UNSEAL):
        bench.pass_time(2_000)
        sealed.give(kind)
        status = sealed.status()
        expect.true("E-3", status.clock_floor >= floor, f"the floor fell after {kind.name}")
        head = sealed.record(status.control_sequence, 38, 8).data
        clock = int.from_bytes(head, "big")
        expect.true("E-3", status.clock_floor >= clock, "the floor is below a record's clock")
        floor = status.clock_floor


@clause("E-3")
@needs(Capability.CLOCK, Capability.POWER)
def test_the_floor_holds_across_a_lost_clock(opened: SealUnderTest, bench: Backend) -> None:
    floor = opened.status().clock_floor
    bench.move_clock(-1_000_000)
    expect.true("E-3", opened.status().clock_floor >= floor, "the floor fell with the clock")
    bench.lose_clock()
    opened.restart()
    status = opened.status()
    expect.true("E-3", status.clock_floor >= floor, "the floor fell with a lost clock")
    expect.equal("E-3", status.clock_floor, status.clock, "a lost clock shows the floor")
