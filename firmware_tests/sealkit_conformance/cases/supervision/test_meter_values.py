"""What a look shows, held against the set: meter, software, fare, tariff's calendar (W-3, P-7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sealkit.wire.orders import ParametersBody
from sealkit.wire.parameters import PendingTariff, TariffGroup
from sealkit.wire.records import TariffRecord, parse_record_body
from sealkit.wire.registry import Attachment, Cause, Chain, Group, OrderKind, State
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.bench.meter import SIGNED_OFF, ConformanceMeter
from sealkit_conformance.cases.supervision.watched import ALL, NOTHING, Watched
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.parameters import item, watched_fare
from sealkit_conformance.subject.seal import SealUnderTest

pytestmark = needs(Capability.METER_SCRIPTED, Capability.TIME)
FARE_BYTES = 127
WATCHED_BYTES = 41
LEAD_S = 60

FACTS: dict[str, tuple[Cause, dict[str, Any]]] = {
    "another serial number": (
        Cause.METER_IDENTITY_CHANGED,
        {"device": bytes.fromhex("0102004712")},
    ),
    "another vendor": (Cause.METER_IDENTITY_CHANGED, {"device": bytes.fromhex("0202004711")}),
    "another type": (Cause.METER_IDENTITY_CHANGED, {"device": bytes.fromhex("0103004711")}),
    "other hardware": (Cause.METER_IDENTITY_CHANGED, {"hardware_version": 9}),
    "other software": (Cause.METER_SOFTWARE_CHANGED, {"software": b"\x09\x07"}),
    "other software, last byte": (Cause.METER_SOFTWARE_CHANGED, {"software": b"\x02\x08"}),
}


def altered(fare: bytes, at: int) -> bytes:
    """The fare with another byte, which still is a fare."""
    return fare[:at] + bytes((fare[at] ^ 0x01,)) + fare[at + 1 :]


def told(facts: Any, cause: Cause) -> bytes:
    """What the tamper record of a cause tells of a meter (chapter 7)."""
    match cause:
        case Cause.METER_IDENTITY_CHANGED:
            return bytes((*facts.device, facts.hardware_version))
        case Cause.METER_SOFTWARE_CHANGED:
            return bytes(facts.software)
        case _:
            return bytes(facts.fare)


@clause("W-3", "Z-1", "R46", "P-8")
@pytest.mark.parametrize("change", FACTS)
def test_another_meter_is_found_at_the_next_look(
    opened: SealUnderTest, bench: Backend, change: str
) -> None:
    cause, fields = FACTS[change]
    watched = Watched(opened, bench)
    before = watched.meter.facts
    watched.meter.facts = replace(before, **fields)
    watched.look()
    body = watched.alarm("W-3", cause, change)
    due = (told(before, cause), told(watched.meter.facts, cause))
    expect.equal("W-3", due, (body.before, body.after), "before and after")
    expect.equal("Z-1", {cause}, watched.live, "the live causes")
    watched.meter.facts = before
    watched.look()
    expect.equal("W-3", set(), watched.live, "the live causes once the meter is back")
    expect.equal("Z-1", {cause}, watched.causes, "the latched causes")


@clause("W-3", "P-7", "R01", "R05")
@pytest.mark.parametrize("half", range(2))
def test_every_watched_byte_of_the_fare_counts(
    opened: SealUnderTest, bench: Backend, half: int
) -> None:
    """Each alone, in OPEN, where a cause is live and does not latch (Z-1)."""
    watched = Watched(opened, bench)
    opened.give(OrderKind.UNSEAL)
    honest = watched.meter.facts
    for at in range(half, WATCHED_BYTES, 2):
        watched.meter.facts = replace(honest, fare=altered(honest.fare, at))
        watched.look()
        due = {Cause.FARE_PARAMETERS_CHANGED}
        expect.equal("W-3", due, watched.live, f"with byte {at} of the fare changed")
        expect.equal("Z-1", State.OPEN, opened.state(), "a live cause in OPEN latches nothing")
    watched.meter.facts = honest
    watched.look()
    expect.equal("W-3", set(), watched.live, "with the fare as sealed")


@clause("W-3", "P-7")
def test_the_last_bit_that_a_mask_can_have_counts(opened: SealUnderTest, bench: Backend) -> None:
    """Byte 126 alone is watched."""
    facts = bench.meter()
    mask = (2).to_bytes(16, "big")
    watched = Watched(opened, bench, mask=mask)
    for at in (0, 60, 125):
        watched.meter.facts = replace(facts, fare=altered(facts.fare, at))
        watched.look()
        watched.calm("W-3", f"byte {at} is not watched")
    watched.meter.facts = replace(facts, fare=altered(facts.fare, FARE_BYTES - 1))
    watched.look()
    watched.alarm("W-3", Cause.FARE_PARAMETERS_CHANGED, "byte 126 is watched")


@clause("W-3", "P-7")
def test_what_is_not_watched_may_change(opened: SealUnderTest, bench: Backend) -> None:
    """Bytes outside the mask, driver, plate, and what a meter says of its day."""
    watched = Watched(opened, bench)
    facts = watched.meter.facts
    for at in range(WATCHED_BYTES, FARE_BYTES, 17):
        watched.meter.facts = replace(facts, fare=altered(facts.fare, at))
        watched.look()
    watched.meter.facts = replace(facts, fare=altered(facts.fare, FARE_BYTES - 1), plate="BX0001")
    watched.meter.work_state, watched.meter.device_state = SIGNED_OFF, 0x0F
    watched.look(2)
    watched.calm("W-3", "nothing that is sealed has changed")
    expect.equal("C-11", "BX0001", opened.observation().plate, "the plate that was seen")


@clause("W-3", "Z-1", "R46")
def test_all_that_has_changed_gets_a_record_each(opened: SealUnderTest, bench: Backend) -> None:
    watched = Watched(opened, bench)
    before = watched.meter.facts
    after = replace(
        before,
        device=bytes.fromhex("0102009999"),
        hardware_version=7,
        software=b"\x03\x01",
        fare=altered(before.fare, 9),
    )
    watched.meter.facts = after
    watched.look()
    causes = [
        Cause.FARE_PARAMETERS_CHANGED,
        Cause.METER_IDENTITY_CHANGED,
        Cause.METER_SOFTWARE_CHANGED,
    ]
    expect.equal("W-3", set(causes), watched.causes, "the latched causes")
    found = {body.cause: (body.before, body.after) for body in watched.tampers()}
    due = {cause: (told(before, cause), told(after, cause)) for cause in causes}
    expect.equal("W-3", due, found, "what the records tell")
    watched.meter.facts = replace(before, fare=altered(before.fare, 11))
    watched.look()
    expect.equal("Z-1", 3, len(watched.tampers()), "a latched cause gets no second record")
    expect.equal("W-3", {Cause.FARE_PARAMETERS_CHANGED}, watched.live, "the live causes")


@clause("W-3", "Z-1", "R55")
def test_after_clear_the_set_is_what_changes_are_measured_against(
    opened: SealUnderTest, bench: Backend
) -> None:
    watched = Watched(opened, bench)
    honest = watched.meter.facts
    watched.meter.facts = replace(honest, software=b"\x09\x09")
    watched.look()
    watched.alarm("W-3", Cause.METER_SOFTWARE_CHANGED, "other software")
    opened.give(OrderKind.CLEAR)
    status = opened.status()
    expect.equal("O-28", (State.OPEN, 0), (status.state, status.latched_causes), "after CLEAR")
    expect.equal("Z-1", {Cause.METER_SOFTWARE_CHANGED}, watched.live, "measured against the set")


# The tariff's calendar (P-7).


class Calendar:
    """A seal with a pending tariff: its window opens LEAD_S from now and is LEAD_S long."""

    def __init__(self, seal: SealUnderTest, bench: Backend) -> None:
        self.seal, self.bench = seal, bench
        self.meter = ConformanceMeter(bench.meter())
        bench.script_meter(self.meter.answer)
        seal.see_meter()
        self.held = self.meter.facts.fare
        self.next = altered(self.held, 9)
        clock = seal.status().clock
        self.valid_from, self.valid_until = clock + LEAD_S, clock + 2 * LEAD_S
        pending = (PendingTariff(self.valid_from, self.valid_until, self.next),)
        tariff = item(Group.TARIFF, TariffGroup(self.held, watched_fare(), pending))
        others = seal.orders().set_body(**{**NOTHING, "look_interval_ms": 500})
        groups = [one for one in others.groups if one.number != Group.TARIFF]
        body = ParametersBody(tuple(sorted((*groups, tariff), key=lambda one: one.number)))
        seal.give(OrderKind.SEAL, body=body)
        bench.pass_time(6_000)

    def show(self, fare: bytes) -> None:
        """The meter holds this fare, and the seal has seen it."""
        self.meter.facts = replace(self.meter.facts, fare=fare)
        self.bench.pass_time(1_500)

    def wait_for(self, clock: int) -> None:
        """Until the seal's clock shows this."""
        self.bench.pass_time(max(0, clock - self.seal.status().clock) * 1_000)

    def held_against(self, clause: str, state: State, what: str) -> None:
        expect.equal(clause, state, self.seal.state(), what)


@clause("P-7", "W-3", "R03", "R05")
def test_a_pending_tariff_may_not_be_there_too_early(opened: SealUnderTest, bench: Backend) -> None:
    calendar = Calendar(opened, bench)
    calendar.held_against("P-7", State.SEALED, "with the tariff of now")
    calendar.wait_for(calendar.valid_from - 8)
    calendar.held_against("P-7", State.SEALED, "with the tariff of now, before the window")
    calendar.show(calendar.next)
    calendar.held_against("P-7", State.TAMPERED, "with the pending tariff before the window")


@clause("P-7", "W-3", "R03", "R05")
def test_in_its_window_either_tariff_may_be_there(opened: SealUnderTest, bench: Backend) -> None:
    calendar = Calendar(opened, bench)
    calendar.wait_for(calendar.valid_from + 2)
    for fare in (calendar.held, calendar.next, calendar.held, calendar.next):
        calendar.show(fare)
        calendar.held_against("P-7", State.SEALED, "in the window with either tariff")
    calendar.show(altered(calendar.next, 11))
    calendar.held_against("P-7", State.TAMPERED, "in the window with a third tariff")


@clause("P-7", "W-3", "R03", "R05")
@pytest.mark.parametrize("changed", [True, False], ids=["changed", "not changed"])
def test_after_its_window_the_pending_tariff_has_to_be_there(
    opened: SealUnderTest, bench: Backend, changed: bool
) -> None:
    calendar = Calendar(opened, bench)
    calendar.wait_for(calendar.valid_until - 8)
    if changed:
        calendar.show(calendar.next)
    calendar.held_against("P-7", State.SEALED, "at the end of the window")
    calendar.wait_for(calendar.valid_until + 3)
    due = State.SEALED if changed else State.TAMPERED
    calendar.held_against("P-7", due, "after the window")
    if changed:
        calendar.show(calendar.held)
        calendar.held_against("P-7", State.TAMPERED, "with the old tariff after the window")


@clause("R-4", "P-7", "R03")
def test_a_change_of_tariff_is_a_record(opened: SealUnderTest, bench: Backend) -> None:
    """One record, with the digests before and after, and none for what is no change."""
    calendar = Calendar(opened, bench)
    calendar.wait_for(calendar.valid_from + 2)
    for fare in (calendar.held, calendar.next, calendar.next):
        calendar.show(fare)
    bodies = [parse_record_body(record) for record in opened.log(Chain.JOURNAL)]
    changes = [body for body in bodies if isinstance(body, TariffRecord)]
    digest = opened.suite.digest
    due = [TariffRecord(digest(calendar.held), digest(calendar.next))]
    expect.equal("R-4", due, changes, "the tariff records")
    calendar.held_against("P-7", State.SEALED, "a change that was sealed ahead")


# What is not attached is not watched.


@clause("P-11", "W-3")
def test_without_its_own_line_the_seal_judges_no_meter(
    opened: SealUnderTest, bench: Backend
) -> None:
    watched = Watched(opened, bench, attachments=ALL & ~Attachment.OWN_LINE, silence_limit_ms=5_000)
    facts = watched.meter.facts
    watched.meter.facts = replace(
        facts, device=bytes.fromhex("0102009999"), software=b"\x09\x09", fare=altered(facts.fare, 9)
    )
    bench.pass_time(10_000)
    watched.calm("P-11", "the set does not rely on the seal's own line")
    watched.meter.silent = True
    bench.pass_time(15_000)
    watched.calm("P-11", "the set does not rely on the seal's own line")


@clause("P-11", "Z-1")
@needs(Capability.CASE)
def test_without_a_case_switch_the_case_is_not_judged(
    opened: SealUnderTest, bench: Backend
) -> None:
    watched = Watched(opened, bench, attachments=ALL & ~Attachment.CASE_SWITCH)
    bench.open_case()
    bench.pass_time(1_000)
    watched.calm("P-11", "the set does not rely on a case switch")
    bench.close_case()
