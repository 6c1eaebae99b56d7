"""Firmware that starts anew and never lost its power: a watchdog, or the reset pin (R56).

What a power cut forgets is forgotten here too, though it may still stand in memory; what a power
cut keeps is kept.
"""

from __future__ import annotations

from typing import Final

import pytest

from sealkit.wire.records import BootRecord, parse_record_body
from sealkit.wire.registry import (
    BootCause,
    Cause,
    ClockQuality,
    OrderKind,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.cases.test_power import (
    changes_nothing,
    forgets_its_last_answer,
    keeps_its_refused_orders,
)
from sealkit_conformance.cases.test_secret_numbers import shown_of_number
from sealkit_conformance.cases.test_timing import ask_rate, at_rate, hears, rates_of
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

pytestmark = needs(Capability.RESET)
AWAKE_MS: Final = 4_000
"""Less than 5,000: how it is stored that time passes is the seal's own affair."""
TICKS_LOST_MAX: Final = 5_000


def last_boot(seal: SealUnderTest) -> BootRecord:
    """As the journal tells it; the log adds up."""
    bodies = [parse_record_body(record) for record in check_history(seal).journal]
    return [body for body in bodies if isinstance(body, BootRecord)][-1]


# The boot's record.


@clause("R56", "R-4")
def test_after_a_reset_the_cause_is_reset(sealed: SealUnderTest) -> None:
    for _ in range(2):
        sealed.reset()
        expect.equal("R56", BootCause.RESET, last_boot(sealed).cause, "the cause after a reset")


@clause("R56", "R-4")
@needs(Capability.POWER)
def test_each_boot_tells_its_own_cause(sealed: SealUnderTest) -> None:
    """A reset is no power cut because there was one before it, nor the other way round."""
    for due in (BootCause.POWER, BootCause.RESET, BootCause.POWER, BootCause.RESET):
        boot = sealed.restart if due is BootCause.POWER else sealed.reset
        boot()
        expect.equal("R56", due, last_boot(sealed).cause, f"the cause after {due.name}")


@clause("R56", "R-4")
@needs(Capability.TIME)
@pytest.mark.parametrize("awake_ms", [AWAKE_MS, 247_000, 3_600_000])
def test_a_reset_has_no_gap(sealed: SealUnderTest, bench: Backend, awake_ms: int) -> None:
    """However long ago the last record is, or what was stored last: the power was there."""
    for _ in range(3):
        sealed.reset()
        bench.pass_time(awake_ms)
        sealed.reset()
        gap_s = last_boot(sealed).gap_s
        expect.equal("R56", 0, gap_s, f"the gap of a reset, {awake_ms} ms after the last boot")


@clause("R56", "R-4", "R39")
@needs(Capability.CLOCK)
def test_without_a_clock_a_reset_has_no_gap_either(opened: SealUnderTest, bench: Backend) -> None:
    bench.lose_clock()
    bench.pass_time(500)
    opened.reset()
    expect.equal("R-4", ClockQuality.LOST, opened.status().clock_quality, "the clock's quality")
    expect.equal("R56", 0, last_boot(opened).gap_s, "the gap of a reset without a clock")


@clause("Z-3", "R39")
@needs(Capability.CLOCK)
def test_a_reset_without_a_clock_latches_unsupervised(
    sealed: SealUnderTest, bench: Backend
) -> None:
    """As any boot does."""
    bench.lose_clock()
    bench.pass_time(500)
    expect.equal("Z-3", State.SEALED, sealed.state(), "a clock that is lost with power")
    sealed.reset()
    status = sealed.status()
    bit = 1 << (Cause.UNSUPERVISED - 1)
    told = (status.state, status.latched_causes & bit)
    expect.equal("Z-3", (State.TAMPERED, bit), told, "state and latched cause after a reset")


@clause("R-4", "N-4")
def test_resets_are_counted_as_boots(opened: SealUnderTest) -> None:
    boot = opened.status().boot
    for number in range(1, 4):
        opened.reset()
        expect.equal("R-4", boot + number, opened.status().boot, "the boots counted")
        expect.equal("E-1", boot + number, opened.evidence().boot, "the boots in the evidence")


# What is kept.


@clause("J-4", "R-5", "Z-2", "E-1")
@pytest.mark.parametrize("state", list(State))
def test_a_reset_changes_nothing_but_the_journal(
    seal: SealUnderTest, stages: Stages, state: State
) -> None:
    stages.bring(seal, state)
    changes_nothing(seal, seal.reset)


@clause("N-4")
@needs(Capability.TIME)
def test_a_reset_loses_few_ticks(sealed: SealUnderTest, bench: Backend) -> None:
    """Those since they were last stored, however long ago the last record is."""
    begun, first = bench.running_ms(), sealed.status().tick_ms
    for _ in range(4):
        bench.pass_time(62_000 + AWAKE_MS)
        before = sealed.status().tick_ms
        sealed.reset()
        lost = before - sealed.status().tick_ms
        expect.true("N-4", lost <= TICKS_LOST_MAX, f"a reset lost {lost} ticks")
    gained = sealed.status().tick_ms - first - (bench.running_ms() - begun)
    expect.true("N-4", gained <= TICKS_LOST_MAX, f"{gained} ticks more than time passed")


@clause("E-1", "J-4")
@needs(Capability.PULSES)
def test_pulses_stay_counted_across_a_reset(sealed: SealUnderTest, bench: Backend) -> None:
    bench.pulses(321)
    bench.pass_time(6_000)
    before = sealed.evidence().pulses
    sealed.reset()
    expect.equal("E-1", before, sealed.evidence().pulses, "the pulses after a reset")


@clause("O-1", "R41", "J-4")
def test_refused_orders_stay_counted_across_a_reset(sealed: SealUnderTest) -> None:
    keeps_its_refused_orders(sealed, sealed.reset)


@clause("O-3", "L-9")
def test_an_order_stays_applied_across_a_reset(opened: SealUnderTest) -> None:
    request = opened.good(OrderKind.TRUST)
    opened.apply(request)
    opened.reset()
    expect.status("O-3", Status.ALREADY_APPLIED, opened.order(request), "after a reset")


# What is forgotten.


@clause("C-4", "O-8")
def test_a_challenge_does_not_live_across_a_reset(sealed: SealUnderTest) -> None:
    given = sealed.challenge()
    sealed.reset()
    request = sealed.orders().good(OrderKind.UNSEAL, challenge=given)
    sealed.refuses(request, Status.CHALLENGE_MISSING, "C-4")


@clause("C-4")
def test_after_a_reset_no_challenge_comes_again(sealed: SealUnderTest) -> None:
    seen: set[bytes] = set()
    for _ in range(3):
        sealed.reset()
        given = {sealed.challenge() for _ in range(4)}
        expect.true("C-4", not seen & given, "a challenge comes again after a reset")
        seen |= given


@clause("S-1", "R26")
def test_after_a_reset_no_secret_number_comes_again(sealed: SealUnderTest) -> None:
    public_key, signed = sealed.info().public_key, []
    for _ in range(3):
        signed += [sealed.evidence() for _ in range(2)]
        sealed.reset()
    numbers = {shown_of_number(sealed.suite, public_key, one) for one in signed}
    expect.equal("S-1", len(signed), len(numbers), "secret numbers of as many signatures")


@clause("L-9")
def test_the_last_answer_is_forgotten_at_a_reset(sealed: SealUnderTest) -> None:
    forgets_its_last_answer(sealed, sealed.reset, "the reset")


@clause("L-12")
def test_a_reset_goes_back_to_9600(sealed: SealUnderTest, bench: Backend) -> None:
    for rate in rates_of(sealed, bench)[-1:]:
        expect.equal("L-12", Status.OK, ask_rate(sealed, rate), f"a rate of {rate}")
        with at_rate(sealed, bench, rate):
            hears(sealed, f"at {rate}")
        sealed.reset()
        hears(sealed, "after a reset")
