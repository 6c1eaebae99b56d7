"""Power that goes at any moment: before the order or after it, nothing in between (R-6, R-7, J-4).

A simulator cuts at each operation of its flash in turn, a rig at one millisecond after another.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sealkit.wire.messages import Request
from sealkit.wire.records import DrivenRecord, parse_record_body
from sealkit.wire.registry import (
    ORDERS,
    Cause,
    Chain,
    Command,
    Flag,
    OrderKind,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, every_order, needs
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.shown import lasting, look_at
from sealkit_conformance.subject.stages import Stages

STEPS_MAX = 40
_AT_A_BOOT = ("boot", "flags", "journal_sequence", "journal_digest", "journal_free", "clock_floor")
"""What a boot changes: it stands in the journal, whose clocks raise the floor (E-3)."""
_GATHERING = ("meter_seen", "meter_device", "meter_software", "meter_fare_digest")
"""What is told of the meter begins anew with a look (E-2)."""
pytestmark = needs(Capability.POWER)


@clause("O-16", "R-6", "R-7", "J-4", "R-5", "O-3", "R23")
@needs(Capability.POWER_IN_ORDER)
@pytest.mark.parametrize("kind", every_order())
@pytest.mark.seconds(240)
def test_power_that_goes_in_an_order(
    seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind
) -> None:
    """At every moment of it: after the boot the order was applied whole, or never was."""
    rule = ORDERS[kind]
    for step in range(STEPS_MAX):
        stages.bring_for(seal, kind)
        before = [record.raw for record in seal.log(Chain.CONTROL)]
        shown = seal.status()
        state = shown.state
        request = seal.good(kind)
        answered = seal.order_as_power_goes(request, step)
        if bench.has_power():
            expect.true("L-10", answered, "the seal does not answer an order")
            return  # the order has fewer steps than that
        bench.restore_power(5)
        seal.line.forget()
        control = seal.raw_log(Chain.CONTROL)
        expect.equal("J-4", before, control[: len(before)], "earlier control records changed")
        applied = any(request.order in raw for raw in control[len(before) :])
        if len(control) == len(before):  # a boot without a clock has a record of its own (Z-3)
            due = lasting(shown, but=_AT_A_BOOT)
            expect.fields_of("O-16", seal.status(), due, "an order that was not applied shows")
        check_history(seal)
        if applied:
            expect.equal("O-16", rule.to_state or state, seal.state(), "the state after it")
            expect.status("O-3", Status.ALREADY_APPLIED, seal.order(request), "after the boot")
        else:
            expect.true("O-16", answered is None, "an order that was answered is gone")
            expect.equal("O-16", state, seal.state(), "an order that was not applied shows")
            if not rule.challenge:
                seal.apply(seal.good(kind), "O-16")
    expect.fail("O-16", f"an order takes more than {STEPS_MAX} operations")


@clause("O-16", "R-4", "J-4", "R23")
@needs(Capability.POWER_IN_ORDER, Capability.PULSES)
@pytest.mark.parametrize("kind", [OrderKind.SEAL, OrderKind.RETIRE])
@pytest.mark.seconds(240)
def test_power_that_goes_while_what_was_driven_is_told(
    seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind
) -> None:
    """The journal's record comes before the order's: however often, each pulse is told once."""
    for step in range(STEPS_MAX):
        stages.bring(seal, State.SEALED)
        seal.give(OrderKind.UNSEAL)
        first = seal.evidence().pulses
        bench.pulses(777)
        seal.see_meter()
        last = seal.evidence().pulses
        request = seal.good(kind)
        seal.order_as_power_goes(request, step)
        whole = bench.has_power()
        if not whole:
            bench.restore_power(5)
            seal.line.forget()
            if check_history(seal).fold.state is State.OPEN:
                seal.see_meter()
                seal.apply(seal.good(kind), "O-16")
        records = [parse_record_body(record) for record in check_history(seal).journal]
        told = [(r.from_pulses, r.to_pulses) for r in records if isinstance(r, DrivenRecord)]
        ends = [first, *(end for _, end in told)]
        expect.equal("R-4", (first, last), (told[0][0], told[-1][1]), "the pulses that are told")
        expect.equal("R-4", ends[:-1], [begin for begin, _ in told], "where each record begins")
        if whole:
            return


@clause("P-4", "O-16", "R23")
@needs(Capability.POWER_IN_ORDER)
@pytest.mark.seconds(240)
def test_counters_step_with_the_record_and_not_without(
    seal: SealUnderTest, stages: Stages, bench: Backend
) -> None:
    for step in range(STEPS_MAX):
        stages.bring(seal, State.SEALED)
        before, count = seal.status(), len(seal.raw_log(Chain.CONTROL))
        seal.order_as_power_goes(seal.good(OrderKind.SEAL), step)
        whole = bench.has_power()
        if not whole:
            bench.restore_power(5)
            seal.line.forget()
        applied = len(seal.raw_log(Chain.CONTROL)) - count
        due = {
            "calibration_counter": before.calibration_counter + applied,
            "configuration_counter": before.configuration_counter,
        }
        expect.fields_of("P-4", seal.status(), due, "counters after a power cut")
        expect.fields_of("P-4", seal.evidence(), due, "counters in the evidence after it")
        if whole:
            return


@clause("R-6", "J-4", "R23")
@needs(Capability.POWER_IN_ORDER)
def test_many_cuts_in_a_row(opened: SealUnderTest, bench: Backend) -> None:
    for step in range(24):
        request = opened.good(OrderKind.TRUST)
        opened.order_as_power_goes(request, step % 6)
        if not bench.has_power():
            bench.restore_power()
        opened.line.forget()
    check_history(opened)


@clause("J-4", "R-5", "Z-2", "E-1", "R23")
@pytest.mark.parametrize("state", list(State))
def test_a_boot_changes_nothing_but_the_journal(
    seal: SealUnderTest, stages: Stages, state: State
) -> None:
    stages.bring(seal, state)
    changes_nothing(seal, seal.restart)


def changes_nothing(seal: SealUnderTest, boot: Callable[[], None]) -> None:
    """All else that it shows is as it was: counters, pulses, credentials, statement, groups."""
    if seal.state() not in (State.FACTORY, State.RETIRED):
        seal.give(OrderKind.TRUST)
    before, control = look_at(seal), seal.raw_log(Chain.CONTROL)
    groups, journal = seal.groups(), seal.raw_log(Chain.JOURNAL)
    for _ in range(2):
        boot()
        expect.equal("J-4", control, seal.raw_log(Chain.CONTROL), "the control chain changed")
        kept = seal.raw_log(Chain.JOURNAL)[: len(journal)]
        expect.equal("J-4", journal, kept, "earlier journal records changed")
        after = look_at(seal)
        due = lasting(before.status, but=_AT_A_BOOT)
        expect.fields_of("Z-2", after.status, due, "a boot changed it")
        for name, held in before.held.items():
            expect.equal("J-4", held, after.held[name], f"a boot changed {name}")
        if before.evidence is not None and after.evidence is not None:
            due = lasting(before.evidence, but=(*_AT_A_BOOT, *_GATHERING))
            expect.fields_of("E-1", after.evidence, due, "a boot changed the evidence")
        expect.equal("J-4", groups, seal.groups(), "a boot changed the parameters")
        check_history(seal)


@clause("E-1", "J-4")
@needs(Capability.PULSES)
def test_pulses_stay_counted_across_a_boot(sealed: SealUnderTest, bench: Backend) -> None:
    """What is stored at least every 5 s, or was told, is not lost (W-5)."""
    bench.pulses(321)
    bench.pass_time(6_000)
    before = sealed.evidence().pulses
    sealed.restart()
    expect.equal("E-1", before, sealed.evidence().pulses, "the pulses after a boot")


@clause("Z-1", "R46", "R55", "Z-3")
@needs(Capability.CASE)
def test_a_case_opened_without_power_latches_at_the_boot(
    sealed: SealUnderTest, bench: Backend
) -> None:
    """As far as it is still open then: the switch cannot tell of before."""
    bench.cut_power()
    bench.open_case()
    bench.restore_power(10)
    sealed.line.forget()
    status = sealed.status()
    bit = 1 << (Cause.CASE_OPENED - 1)
    expect.equal("Z-1", State.TAMPERED, status.state, "the state after a boot with an open case")
    told = (status.latched_causes & bit, status.live_causes & bit)
    expect.equal("Z-1", (bit, bit), told, "latched and live causes")
    expect.true("Z-1", status.flags & Flag.CASE_OPEN, "the flag case_open")
    history = check_history(sealed)
    expect.equal("Z-3", status.boot, history.control[-1].boot, "the boot of its record")


@clause("Z-1", "W-3")
@needs(Capability.METER)
def test_a_meter_changed_without_power_latches_at_the_first_look(
    sealed: SealUnderTest, bench: Backend
) -> None:
    facts = bench.meter()
    bench.cut_power()
    bench.set_fare(facts.fare[:9] + bytes((facts.fare[9] ^ 1,)) + facts.fare[10:])
    bench.restore_power(10)
    sealed.line.forget()
    sealed.see_meter()
    status = sealed.status()
    bit = 1 << (Cause.FARE_PARAMETERS_CHANGED - 1)
    told = (status.state, status.latched_causes)
    expect.equal("Z-1", (State.TAMPERED, bit), told, "state and latched causes")


@clause("C-10", "O-34", "R-7")
@pytest.mark.parametrize("state", [State.SEALED, State.TAMPERED])
def test_the_checkpoint_survives_a_boot(seal: SealUnderTest, stages: Stages, state: State) -> None:
    stages.bring(seal, state)
    before = seal.checkpoint()
    seal.restart()
    expect.equal("R-7", before.signed_bytes, seal.checkpoint().signed_bytes, "the checkpoint")


@clause("Z-2", "R46")
@needs(Capability.CASE)
def test_tampered_stays_however_often_the_power_goes(tampered: SealUnderTest) -> None:
    causes = tampered.status().latched_causes
    for gap_s in (0, 1, 3_600, 86_400):
        tampered.restart(gap_s)
        status = tampered.status()
        expect.equal("Z-2", State.TAMPERED, status.state, "the state after a boot")
        expect.equal("Z-2", causes, status.latched_causes, "the causes after a boot")


@clause("O-34", "R49")
def test_a_retired_seal_stays_readable(retired: SealUnderTest) -> None:
    log, evidence = retired.raw_log(Chain.BOTH), retired.last_evidence().raw
    for _ in range(2):
        retired.restart()
        expect.equal("O-34", log, retired.raw_log(Chain.BOTH), "the log of a retired seal")
        expect.equal("O-34", evidence, retired.last_evidence().raw, "its last evidence")
        answer = retired.ask(Command.EVIDENCE, bytes(32))
        expect.status("O-34", Status.KEY_DESTROYED, answer, "the key is there again")


@clause("O-34", "O-2", "R49")
@pytest.mark.destructive
def test_retire_signs_a_last_evidence(seal: SealUnderTest, stages: Stages) -> None:
    stages.bring(seal, State.OPEN)
    request = seal.good(OrderKind.RETIRE)
    seal.apply(request)
    evidence = seal.last_evidence()
    order_id = seal.suite.digest(request.order[:-64])
    expect.equal("O-34", order_id, evidence.nonce, "the nonce of the last evidence")
    expect.equal("O-34", State.RETIRED, evidence.state, "its state")
    expect.status("O-3", Status.ALREADY_APPLIED, seal.order(request), "RETIRE given again")
    seal.refuses(seal.good(OrderKind.TRUST), Status.KEY_DESTROYED, "O-2", counted=False)


@clause("L-9", "O-3")
def test_the_last_answer_is_forgotten_at_a_boot(sealed: SealUnderTest) -> None:
    forgets_its_last_answer(sealed, sealed.restart, "the boot")


def forgets_its_last_answer(sealed: SealUnderTest, begin: Callable[[], None], what: str) -> None:
    """Asked the same with the same number before and after a beginning anew, it answers anew."""
    payload = Request(Command.EVIDENCE, sealed.next_sequence(), bytes(32)).build()
    first = sealed.ask_payload(payload)
    begin()
    again = sealed.ask_payload(payload)
    expect.true("L-9", first.body != again.body, f"an answer from before {what} is given")


@clause("O-1", "R41", "J-4")
def test_refused_orders_stay_counted_once_evidence_has_told_them(sealed: SealUnderTest) -> None:
    keeps_its_refused_orders(sealed, sealed.restart)


def keeps_its_refused_orders(sealed: SealUnderTest, begin: Callable[[], None]) -> None:
    """What evidence has told of refused orders is told after a beginning anew as well."""
    for _ in range(3):
        sealed.order(sealed.good(OrderKind.CONFIRM, head_sequence=1))
    told = sealed.evidence().refused_stale
    begin()
    expect.equal("O-1", told, sealed.evidence().refused_stale, "refused orders were forgotten")


@clause("N-4", "R-4")
def test_boots_are_counted(opened: SealUnderTest) -> None:
    boot = opened.status().boot
    for number in range(1, 4):
        opened.restart(1)
        expect.equal("R-4", boot + number, opened.status().boot, "the boots counted")
        expect.equal("E-1", boot + number, opened.evidence().boot, "the boots in the evidence")
