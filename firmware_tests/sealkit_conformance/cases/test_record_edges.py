"""What records, counters and evidence tell when it comes to it a second time, or very often."""

from __future__ import annotations

from typing import Final, TypeVar

import pytest

from sealkit.wire.credentials import Credential
from sealkit.wire.messages import Request
from sealkit.wire.orders import AcknowledgeBody
from sealkit.wire.records import (
    BootRecord,
    CoalescedRecord,
    DrivenRecord,
    FlagsRecord,
    GenesisRecord,
    MeterRecord,
    Record,
    parse_record_body,
)
from sealkit.wire.registry import (
    Attachment,
    BootCause,
    Chain,
    Command,
    CredentialChoice,
    Flag,
    MeterSeen,
    OrderKind,
    RecordKind,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.cases.test_counters import (
    KEPT,
    LAST_OF_ORDERS,
    WARNING,
    highest,
    near_end,
)
from sealkit_conformance.cases.test_power import STEPS_MAX
from sealkit_conformance.marks import clause, destructive, needs
from sealkit_conformance.subject.filling import fill_journal, flip_flag
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

Told = TypeVar("Told")
MORE_THAN_A_BYTE: Final = 300
COUNTER_END: Final = 65_535
ATTACHED: Final = {
    Capability.METER: Attachment.OWN_LINE,
    Capability.PULSES: Attachment.PULSE_INPUT,
    Capability.CASE: Attachment.CASE_SWITCH,
    Capability.TERMINAL_TAP: Attachment.TERMINAL_TAP,
    Capability.MOTION: Attachment.SECOND_SOURCE,
}


def told(seal: SealUnderTest, kind: type[Told]) -> list[Told]:
    """The bodies of all journal records of a kind."""
    bodies = [parse_record_body(record) for record in seal.log(Chain.JOURNAL)]
    return [body for body in bodies if isinstance(body, kind)]


def counted(seal: SealUnderTest) -> dict[int, int]:
    """What the last coalesced record tells, by kind."""
    bodies = told(seal, CoalescedRecord)[-1:]
    return {item.kind: item.count for body in bodies for item in body.items}


# Genesis.


@clause("R-4", "R20")
def test_the_first_start_has_number_one(seal: SealUnderTest, stages: Stages) -> None:
    stages.bring(seal, State.FACTORY)
    genesis = seal.log(Chain.CONTROL)[0]
    expect.equal("R-4", 1, genesis.boot, "the boot in the record of the seal's birth")


@clause("R20", "P-11")
def test_genesis_tells_what_is_attached(sealed: SealUnderTest, bench: Backend) -> None:
    """At least what the bench does to the seal."""
    body = parse_record_body(sealed.log(Chain.CONTROL)[0])
    attached = body.attachments if isinstance(body, GenesisRecord) else 0
    for capability, bit in ATTACHED.items():
        if capability in bench.capabilities:
            expect.true("R20", attached & bit, f"{bit!r} stands in no inventory")
    expect.equal("R20", 0, attached & ~sum(Attachment), "attachments that have no name")


# Boots.


@clause("R56", "R-4")
@needs(Capability.POWER)
def test_after_a_power_cut_the_cause_is_power(sealed: SealUnderTest) -> None:
    sealed.restart(60)
    boots = told(sealed, BootRecord)
    expect.equal("R56", BootCause.POWER, boots[-1].cause, "the cause of a boot after a power cut")


@clause("R56", "R-4")
@needs(Capability.POWER, Capability.TIME)
def test_a_gap_begins_when_the_power_goes(sealed: SealUnderTest, bench: Backend) -> None:
    """Not with the last record, nor at the last full minute."""
    bench.pass_time(247_000)
    sealed.restart(33)
    gap_s = told(sealed, BootRecord)[-1].gap_s
    expect.true("R56", 33 <= gap_s <= 43, f"a gap of 33 s is told as {gap_s} s")


@clause("R56", "R-4")
@needs(Capability.POWER, Capability.CLOCK)
def test_a_clock_that_went_back_makes_no_gap(sealed: SealUnderTest, bench: Backend) -> None:
    bench.cut_power()
    bench.move_clock(-3_600)
    bench.restore_power(60)
    sealed.line.forget()
    expect.equal("R56", 0, told(sealed, BootRecord)[-1].gap_s, "the gap by a clock that went back")
    check_history(sealed)


# What was driven.


def drive_open(seal: SealUnderTest, bench: Backend, pulses: int) -> DrivenRecord:
    """Drives the seal while it is open; the record that is due."""
    first = seal.evidence().pulses
    bench.pulses(pulses)
    bench.pass_time(1_000)
    return DrivenRecord(first, first + pulses)


@clause("R-4", "J-3", "E-1")
@needs(Capability.PULSES)
def test_each_time_that_it_is_open_is_told_by_itself(sealed: SealUnderTest, bench: Backend) -> None:
    """From the order that opened it; what is driven in SEALED is told by none, nor is nothing."""
    due = []
    bench.pulses(321)
    for pulses in (77, 0, 5):
        sealed.take(sealed.good(OrderKind.UNSEAL))
        driven = drive_open(sealed, bench, pulses)
        if pulses:
            due.append(driven)
        sealed.see_meter()
        sealed.take(sealed.good(OrderKind.SEAL))
        bench.pulses(40)
        bench.pass_time(1_000)
    expect.equal("R-4", due, told(sealed, DrivenRecord), "what was driven while it was open")
    check_history(sealed)


@clause("R-4", "Z-1")
@needs(Capability.PULSES, Capability.CASE)
def test_what_is_driven_in_tampered_is_not_driven_open(
    tampered: SealUnderTest, bench: Backend
) -> None:
    bench.pulses(55)
    bench.pass_time(1_000)
    raised = tampered.status().flags & Flag.DRIVEN_WHILE_OPEN
    expect.true("R-4", not raised, "driven_while_open in TAMPERED")
    tampered.take(tampered.good(OrderKind.CLEAR))
    expect.equal("R-4", [], told(tampered, DrivenRecord), "a record of what was driven before it")
    due = drive_open(tampered, bench, 66)
    tampered.see_meter()
    tampered.take(tampered.good(OrderKind.SEAL))
    expect.equal("R-4", [due], told(tampered, DrivenRecord), "what was driven while it was open")


@clause("R-4", "O-34")
@destructive
@needs(Capability.PULSES)
def test_what_is_driven_before_retire_is_told(opened: SealUnderTest, bench: Backend) -> None:
    due = drive_open(opened, bench, 88)
    opened.take(opened.good(OrderKind.RETIRE))
    expect.equal("R-4", due, told(opened, DrivenRecord)[-1], "what was driven while it was open")


@clause("E-1", "N-1")
@needs(Capability.PULSES)
@pytest.mark.parametrize("state", [State.FACTORY, State.OPEN, State.SEALED, State.TAMPERED])
def test_more_pulses_than_two_bytes_count(
    seal: SealUnderTest, stages: Stages, bench: Backend, state: State
) -> None:
    """In every state."""
    stages.bring(seal, state)
    before = seal.evidence().pulses
    for _ in range(3):
        bench.pulses(30_000)
        bench.pass_time(60_000)
    expect.equal("E-1", before + 90_000, seal.evidence().pulses, "pulses in the evidence")


# Flags.


@clause("R-4", "Z-1")
@needs(Capability.CASE, Capability.METER, Capability.TIME)
def test_flags_that_others_tell_make_no_record(opened: SealUnderTest, bench: Backend) -> None:
    """The case's by its cause, the meter's silence by a record of the meter."""
    before = told(opened, FlagsRecord)
    bench.open_case()
    bench.pass_time(1_000)
    bench.close_case()
    bench.silence_meter(True)
    bench.pass_time(40_000)
    bench.silence_meter(False)
    opened.see_meter()
    expect.equal("R-4", before, told(opened, FlagsRecord), "records of flags")


@clause("R-4", "K-6", "R31")
@needs(Capability.TIME)
def test_an_expiry_is_recorded_when_it_comes(sealed: SealUnderTest, bench: Backend) -> None:
    """And once; a renewed credential ends it, and that is recorded too."""
    info, clock = sealed.info(), sealed.status().clock
    for not_after, passes_s in ((clock + 60, 90), (clock + 10**9, 1)):
        own = sealed.people.seal(info.serial, info.public_key, not_after=not_after)
        sealed.done(Command.INSTALL_CREDENTIAL, own.credential.raw)
        bench.pass_time(passes_s * 1_000)
    flips = [
        bool(body.after & Flag.CERTIFICATE_EXPIRED)
        for body in told(sealed, FlagsRecord)
        if (body.before ^ body.after) & Flag.CERTIFICATE_EXPIRED
    ]
    expect.equal("R-4", [True, False], flips, "records of certificate_expired")
    check_history(sealed)


@clause("R-8", "R29", "R30")
@destructive
@needs(Capability.COUNTER_END, Capability.POWER)
def test_the_warning_begins_with_the_last_thousand(sealed: SealUnderTest, bench: Backend) -> None:
    """Of the numbers that orders may take, to the very number."""
    near_end(sealed, bench, WARNING + KEPT + 6)
    for _ in range(12):
        for where, flags in (
            ("status", sealed.status().flags),
            ("evidence", sealed.evidence().flags),
        ):
            left = LAST_OF_ORDERS - highest(sealed)
            raised = bool(flags & Flag.COUNTER_NEARLY_ENDED)
            what = f"counter_nearly_ended in the {where} with {left} numbers left"
            expect.equal("R-8", left <= WARNING, raised, what)
        sealed.take(sealed.good(OrderKind.TRUST))


# Refused orders (R41).


@clause("O-1", "R41", "E-1", "N-1")
def test_more_refusals_than_a_byte_count(sealed: SealUnderTest) -> None:
    before = sealed.evidence().refused_malformed
    for _ in range(MORE_THAN_A_BYTE):
        sealed.ask(Command.ORDER)
    after = sealed.evidence().refused_malformed
    expect.equal("O-1", before + MORE_THAN_A_BYTE, after, "orders refused as malformed")


@clause("O-1", "R41", "E-1")
@destructive
@needs(Capability.COUNTER_END, Capability.POWER)
def test_refusals_stop_at_the_end_of_their_counters(sealed: SealUnderTest, bench: Backend) -> None:
    """Each by itself, also across a boot."""
    near_end(sealed, bench, 2 * WARNING)
    body = sealed.good(OrderKind.CONFIRM, head_sequence=1)
    told_before = sealed.evidence()
    for _ in range(40):
        sealed.ask(Command.ORDER)
    for _ in range(40):
        expect.status("O-7", Status.STALE_HEAD, sealed.order(body))
    for _ in range(2):
        evidence = sealed.evidence()
        due = {
            "refused_malformed": COUNTER_END,
            "refused_stale": COUNTER_END,
            "refused_authority": told_before.refused_authority,
            "refused_state": told_before.refused_state,
        }
        expect.fields_of("O-1", evidence, due, "the refused orders by kind")
        sealed.restart()


@clause("J-4", "E-1", "R41", "N-4")
@needs(Capability.POWER)
def test_what_is_stored_very_often_is_the_newest_after_a_boot(sealed: SealUnderTest) -> None:
    """Counters of refused orders, as evidence has told them; pages that are written by turns."""
    for _ in range(3):
        for _ in range(MORE_THAN_A_BYTE // 3):
            sealed.ask(Command.ORDER)
            evidence = sealed.evidence()
        sealed.restart()
        again = sealed.evidence()
        count = evidence.refused_malformed
        expect.equal("J-4", count, again.refused_malformed, "refused orders after a boot")
        expect.true("J-4", again.tick_ms + 10_000 >= evidence.tick_ms, "ticks after a boot")


# The journal, full and acknowledged.


def acknowledge(seal: SealUnderTest, record: Record) -> None:
    body = AcknowledgeBody(record.sequence, seal.suite.digest(record.raw), bytes(32))
    seal.take(seal.good(OrderKind.ACKNOWLEDGE, body=body))


@clause("J-2", "O-32", "R21")
@needs(Capability.BATTERY)
def test_an_older_acknowledgement_takes_nothing_back(sealed: SealUnderTest) -> None:
    """Records up to the highest that was named may go, whatever is named after it."""
    fill_journal(sealed)
    journal = sealed.log(Chain.JOURNAL)
    acknowledge(sealed, journal[-1])
    acknowledge(sealed, journal[0])
    for _ in range(len(journal) // 2):
        flip_flag(sealed)
        full = sealed.status().flags & Flag.JOURNAL_FULL
        expect.true("J-2", not full, "the journal is full of records that were acknowledged")
    check_history(sealed)


@clause("J-2", "R-3", "E-1", "N-1", "R21", "R33")
@needs(Capability.BATTERY)
@pytest.mark.seconds(240)
def test_more_gone_records_than_a_byte_count(sealed: SealUnderTest) -> None:
    """And what follows names the journal's head, not its base."""
    seen: dict[int, int] = {}

    def look() -> list[Record]:
        journal = sealed.log(Chain.JOURNAL)
        seen.update((record.sequence, record.kind) for record in journal)
        return journal

    fill_journal(sealed)
    while sealed.evidence().pruned_flags < MORE_THAN_A_BYTE - 30:
        acknowledge(sealed, look()[-1])
        for _ in range(30):
            flip_flag(sealed)
        look()
        evidence = sealed.evidence()
        gone = [kind for number, kind in seen.items() if number <= evidence.base_sequence]
        due = gone.count(RecordKind.FLAGS)
        expect.equal("J-2", due, evidence.pruned_flags, "flags records that are gone")
    check_history(sealed)


@clause("J-3", "R-4", "R25")
@needs(Capability.BATTERY, Capability.PULSES)
def test_every_kind_that_was_counted_is_told(sealed: SealUnderTest, bench: Backend) -> None:
    """Also what was driven while the seal was open."""
    fill_journal(sealed)
    sealed.take(sealed.good(OrderKind.UNSEAL))
    drive_open(sealed, bench, 44)
    sealed.see_meter()
    sealed.take(sealed.good(OrderKind.SEAL))
    expect.equal("J-3", [], told(sealed, DrivenRecord), "records in a full journal")
    sealed.take(sealed.good(OrderKind.ACKNOWLEDGE))
    bench.pass_time(1_000)
    expect.equal("J-3", 1, counted(sealed).get(RecordKind.DRIVEN, 0), "driven, as it was counted")


@clause("J-3", "N-1", "R25")
@needs(Capability.BATTERY, Capability.POWER, Capability.METER, Capability.TIME)
def test_more_counted_records_than_a_byte_are_told(sealed: SealUnderTest, bench: Backend) -> None:
    """And the last of them is not lost with the power that goes just then."""
    fill_journal(sealed)
    for _ in range(MORE_THAN_A_BYTE):
        flip_flag(sealed)
    bench.silence_meter(True)
    silent = sealed.wait_until(lambda: sealed.observation().seen is MeterSeen.SILENT, 60_000)
    expect.true("W-2", silent, "the meter is silent, and the seal does not notice")
    sealed.restart()
    sealed.give(OrderKind.ACKNOWLEDGE, clause="J-3")
    bench.pass_time(1_000)
    counts = counted(sealed)
    flags = counts.get(RecordKind.FLAGS, 0)
    expect.true("J-3", flags >= MORE_THAN_A_BYTE, f"{flags} flags records were counted")
    expect.equal("J-3", 1, counts.get(RecordKind.METER, 0), "meter records that were counted")


@clause("R-4", "W-2")
@needs(Capability.METER, Capability.TIME)
def test_a_meter_that_comes_and_goes_is_told_each_time(
    sealed: SealUnderTest, bench: Backend
) -> None:
    before = len(told(sealed, MeterRecord))
    for _ in range(2):
        for silent in (True, False):
            bench.silence_meter(silent)
            bench.pass_time(30_000)
    events = [int(body.event) for body in told(sealed, MeterRecord)[before:]]
    expect.equal("R-4", [2, 1, 2, 1], events, "the meter's silence and its answers")


# A credential that is installed while the power goes.


@clause("C-12", "J-4", "R23")
@needs(Capability.POWER, Capability.POWER_IN_ORDER)
@pytest.mark.seconds(120)
def test_power_that_goes_while_a_credential_is_installed(
    seal: SealUnderTest, stages: Stages, bench: Backend
) -> None:
    """The old one is there, or the new one; and nothing else has changed."""
    for step in range(STEPS_MAX):
        stages.bring(seal, State.SEALED)
        info, old = seal.info(), seal.credential(CredentialChoice.SEAL)
        new: Credential = seal.people.seal(
            info.serial, info.public_key, name=f"renewed {step}"
        ).credential
        control, counted = seal.raw_log(Chain.CONTROL), seal.evidence().refused_malformed
        bench.cut_power_in_order(step)
        seal.line.send(Request(Command.INSTALL_CREDENTIAL, seal.next_sequence(), new.raw).build())
        answered = seal.line.next_payload()
        whole = bench.has_power()
        if not whole:
            bench.restore_power(5)
            seal.line.forget()
        answer = seal.ask(Command.READ_CREDENTIAL, bytes((CredentialChoice.SEAL,)))
        expect.status("C-12", Status.OK, answer, "there is no credential any more")
        known = {old, new.raw} if answered is None else {new.raw}
        expect.true("C-12", answer.body in known, "the credential is neither the old nor the new")
        expect.equal("C-12", control, seal.raw_log(Chain.CONTROL), "the control chain")
        refused = seal.evidence().refused_malformed
        expect.equal("J-4", counted, refused, "refused orders after the power went")
        check_history(seal)
        if whole:
            return
    expect.fail("C-12", f"a credential takes more than {STEPS_MAX} operations")
