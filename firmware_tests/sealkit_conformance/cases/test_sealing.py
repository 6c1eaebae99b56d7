"""What may be sealed, opened, confirmed and cleared (chapter 5, O-21 to O-28)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

import pytest

from sealkit.wire.orders import GroupItem, ParametersBody, ReasonBody
from sealkit.wire.parameters import PendingTariff
from sealkit.wire.records import DrivenRecord, parse_record_body
from sealkit.wire.registry import (
    GROUP_MAX,
    GROUPS,
    K_MAX,
    K_MIN,
    PARAMETER_SET_MAX,
    Flag,
    Group,
    OrderKind,
    Reason,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.parameters import item
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

ALL = list(Group)
Fields = dict[str, Any]


def set_of(seal: SealUnderTest, *groups: Group, **fields: Any) -> ParametersBody:
    return seal.orders().set_body(*groups, **fields)


def refuses_set(
    seal: SealUnderTest, body: ParametersBody | bytes, status: Status, clause_id: str
) -> None:
    seal.refuses(seal.good(OrderKind.SEAL, body=body), status, clause_id)


def counters(seal: SealUnderTest) -> tuple[int, int]:
    status = seal.status()
    return status.calibration_counter, status.configuration_counter


def with_group(body: ParametersBody, number: int, data: bytes) -> ParametersBody:
    """The set with these bytes for this group."""
    groups = {one.number: one for one in body.groups} | {number: GroupItem(number, data)}
    return ParametersBody(tuple(groups[n] for n in sorted(groups)))


# From OPEN.


@clause("O-22", "R04")
@pytest.mark.parametrize("missing", ALL, ids=lambda group: group.name.lower())
def test_every_mandatory_group_is_needed(opened: SealUnderTest, missing: Group) -> None:
    expect.true("O-22", GROUPS[missing].mandatory, "the registry has another rule")
    body = set_of(opened, *(group for group in ALL if group is not missing))
    refuses_set(opened, body, Status.PARAMETERS_INCOMPLETE, "O-22")


@clause("O-22")
def test_no_groups_are_no_set(opened: SealUnderTest) -> None:
    refuses_set(opened, ParametersBody(()), Status.PARAMETERS_INCOMPLETE, "O-22")


@clause("O-21")
def test_numbers_rise_without_repeats(opened: SealUnderTest) -> None:
    groups = set_of(opened).groups
    for wrong in (groups[::-1], (groups[0], *groups), (*groups, groups[-1])):
        refuses_set(opened, ParametersBody(tuple(wrong)), Status.BODY_INVALID, "O-21")
    swapped = (groups[1], groups[0], *groups[2:])
    refuses_set(opened, ParametersBody(swapped), Status.BODY_INVALID, "O-21")


RANGES: list[tuple[str, Fields, bool]] = [
    ("P-5", {"k_pulses_per_km": 0}, False),
    ("P-5", {"k_pulses_per_km": K_MIN - 1}, False),
    ("P-5", {"k_pulses_per_km": K_MIN}, True),
    ("P-5", {"k_pulses_per_km": K_MAX}, True),
    ("P-5", {"k_pulses_per_km": K_MAX + 1}, False),
    ("P-5", {"k_pulses_per_km": 0xFFFFFFFF}, False),
    ("P-6", {"circumference_um": 499_999}, False),
    ("P-6", {"circumference_um": 500_000}, True),
    ("P-6", {"circumference_um": 5_000_000}, True),
    ("P-6", {"circumference_um": 5_000_001}, False),
    ("P-9", {"kind": 0}, False),
    ("P-9", {"kind": 2}, True),
    ("P-9", {"kind": 3}, False),
    ("P-11", {"look_interval_ms": 499}, False),
    ("P-11", {"look_interval_ms": 500}, True),
    ("P-11", {"look_interval_ms": 60_000}, True),
    ("P-11", {"look_interval_ms": 60_001}, False),
    ("P-11", {"k_tolerance_ppm": 200_000}, True),
    ("P-11", {"k_tolerance_ppm": 200_001}, False),
    ("P-11", {"k_window_m": 1_000_000}, True),
    ("P-11", {"k_window_m": 1_000_001}, False),
    ("P-11", {"motion_tolerance_ppm": 200_000}, True),
    ("P-11", {"motion_tolerance_ppm": 200_001}, False),
    ("P-11", {"k_tolerance_ppm": 0}, True),
    ("P-11", {"k_tolerance_ppm": 0, "k_window_m": 0}, True),
    ("P-11", {"motion_limit_m": 0}, True),
    ("P-11", {"motion_limit_m": 0, "motion_tolerance_ppm": 0}, True),
    ("P-7", {"mask": b"\xff" * 15 + b"\xfe"}, True),
    ("P-7", {"mask": b"\xff" * 16}, False),
]


@clause("O-22", "P-5", "P-6", "P-7", "P-9", "P-11", "R02", "R12")
@pytest.mark.parametrize(
    ("clause_id", "fields", "taken"), RANGES, ids=lambda value: str(value).replace(" ", "")
)
def test_the_ranges_of_chapter_5(
    opened: SealUnderTest, clause_id: str, fields: Fields, taken: bool
) -> None:
    opened.see_meter()
    request = opened.good(OrderKind.SEAL, body=set_of(opened, **fields))
    if taken:
        opened.apply(request, clause_id)
    else:
        opened.refuses(request, Status.BODY_INVALID, clause_id)


@clause("P-7")
def test_a_pending_tariff_begins_before_it_ends(opened: SealUnderTest) -> None:
    opened.see_meter()
    fare, now = opened.backend.meter().fare, opened.backend.now()
    for begin, end in ((now, now), (now + 9, now + 8)):
        pending = (PendingTariff(begin, end, fare),)
        refuses_set(opened, set_of(opened, pending=pending), Status.BODY_INVALID, "P-7")
    pending = (PendingTariff(now + 8, now + 9, fare),)
    opened.give(OrderKind.SEAL, body=set_of(opened, pending=pending), clause="P-7")


@clause("O-22", "N-3")
@pytest.mark.parametrize("group", ALL, ids=lambda group: group.name.lower())
def test_a_group_that_does_not_fit_its_layout(opened: SealUnderTest, group: Group) -> None:
    body = set_of(opened)
    data = next(one.data for one in body.groups if one.number == group)
    for wrong in (data[:-1], data + b"\0", data[:16], b"", bytes(15)):
        refuses_set(opened, with_group(body, group, wrong), Status.BODY_INVALID, "O-22")


@clause("O-22", "N-2", "N-3")
def test_values_that_no_table_has(opened: SealUnderTest) -> None:
    body = set_of(opened)

    def altered(group: Group, at: int, value: int) -> ParametersBody:
        data = bytearray(next(one.data for one in body.groups if one.number == group))
        data[16 + at] = value
        return with_group(body, group, bytes(data))

    for wrong in (
        altered(Group.DISTANCE, 4, 0),
        altered(Group.DISTANCE, 4, 9),
        altered(Group.CALIBRATION, 0, 0),
        altered(Group.CALIBRATION, 0, 77),
        altered(Group.SUPERVISION, 21, 2),
        altered(Group.TYRE, 2, 0x07),
        altered(Group.TYRE, 2, 0),
    ):
        refuses_set(opened, wrong, Status.BODY_INVALID, "N-3")


@clause("P-2", "O-22")
@pytest.mark.parametrize("number", [0, 9, 64, 127])
def test_low_groups_have_to_be_known(opened: SealUnderTest, number: int) -> None:
    body = with_group(set_of(opened), number, bytes(20))
    refuses_set(opened, body, Status.GROUP_UNKNOWN, "P-2")


@clause("P-2", "C-9", "P-1")
@pytest.mark.parametrize("number", [128, 200, 255])
def test_high_groups_are_kept_as_they_are(opened: SealUnderTest, number: int) -> None:
    opened.see_meter()
    data = secrets.token_bytes(16) + b"whatever a maker keeps here"
    opened.give(OrderKind.SEAL, body=with_group(set_of(opened), number, data), clause="P-2")
    expect.equal("P-2", data, opened.group(number), "the group is another")
    check_history(opened)


@clause("P-1", "O-22")
def test_a_group_has_a_salt(opened: SealUnderTest) -> None:
    for data in (b"", bytes(15)):
        refuses_set(opened, with_group(set_of(opened), 200, data), Status.BODY_INVALID, "P-1")


@clause("O-22")
def test_a_set_has_at_most_so_many_bytes(sealed: SealUnderTest) -> None:
    held = sum(len(data) for data in sealed.groups().values())
    calibration = set_of(sealed, Group.CALIBRATION)
    room = PARAMETER_SET_MAX - held
    for length in (room + 1, min(room + 100, GROUP_MAX)):
        refuses_set(sealed, with_group(calibration, 200, bytes(length)), Status.TOO_LONG, "O-22")
    sealed.give(OrderKind.SEAL, body=with_group(calibration, 200, bytes(room)), clause="O-22")
    full = sum(len(data) for data in sealed.groups().values())
    expect.equal("O-22", PARAMETER_SET_MAX, full, "the bytes of the set")
    refuses_set(sealed, with_group(calibration, 201, bytes(16)), Status.TOO_LONG, "O-22")


@clause("O-22", "N-3")
def test_a_group_over_its_limit_is_malformed(opened: SealUnderTest) -> None:
    raw = b"\1" + bytes((200,)) + (GROUP_MAX + 1).to_bytes(2, "big") + bytes(GROUP_MAX + 1)
    refuses_set(opened, raw, Status.MALFORMED, "N-3")


@clause("O-25", "P-8")
@pytest.mark.parametrize(
    "fields",
    [
        {"device": bytes.fromhex("0102004712")},
        {"hardware_version": 4},
        {"software": bytes((2, 8))},
    ],
    ids=["device", "hardware", "software"],
)
def test_the_meter_has_to_be_the_one_on_the_line(opened: SealUnderTest, fields: Fields) -> None:
    opened.see_meter()
    refuses_set(opened, set_of(opened, **fields), Status.METER_MISMATCH, "O-25")


@clause("O-25", "P-7", "R01")
def test_the_watched_fare_has_to_be_the_meters(opened: SealUnderTest) -> None:
    opened.see_meter()
    fare = opened.backend.meter().fare
    for at in (0, 5, 40):
        other = fare[:at] + bytes((fare[at] ^ 1,)) + fare[at + 1 :]
        refuses_set(opened, set_of(opened, fare=other), Status.METER_MISMATCH, "O-25")
    unwatched = fare[:-1] + bytes((fare[-1] ^ 1,))
    opened.give(OrderKind.SEAL, body=set_of(opened, fare=unwatched), clause="O-25")


@clause("O-25")
@needs(Capability.METER, Capability.TIME)
def test_a_meter_that_was_not_seen_is_not_sealed(opened: SealUnderTest, bench: Backend) -> None:
    opened.see_meter()
    body = set_of(opened)
    bench.silence_meter(True)
    bench.pass_time(60_000)
    refuses_set(opened, body, Status.METER_NOT_SEEN, "O-25")
    without = set_of(opened, attachments=30)
    opened.give(OrderKind.SEAL, body=without, clause="O-25")


@clause("O-25", "O-26")
@needs(Capability.METER, Capability.TIME)
def test_sealed_too_a_silent_meter_hinders_seal_but_not_confirm(
    sealed: SealUnderTest, bench: Backend
) -> None:
    """CONFIRM changes nothing that the meter could contradict."""
    sealed.see_meter()
    body = set_of(sealed, k_pulses_per_km=1_200)
    bench.silence_meter(True)
    bench.pass_time(60_000)
    refuses_set(sealed, body, Status.METER_NOT_SEEN, "O-25")
    sealed.give(OrderKind.CONFIRM, clause="O-26")


@clause("O-25", "Z-1")
@needs(Capability.CASE)
def test_nothing_is_sealed_while_the_case_is_open(opened: SealUnderTest, bench: Backend) -> None:
    opened.see_meter()
    bench.open_case()
    opened.see_meter()
    refuses_set(opened, set_of(opened), Status.TAMPER_LIVE, "O-25")
    bench.close_case()
    opened.see_meter()
    opened.give(OrderKind.SEAL, clause="O-25")


# From SEALED.


@clause("O-24")
@needs(Capability.METER)
def test_what_changes_nothing_is_refused(sealed: SealUnderTest) -> None:
    """Another salt is no change (P-3), nor is another calibration alone."""
    contents = {number: data[16:] for number, data in sealed.groups().items()}
    same = ParametersBody(
        tuple(GroupItem(n, secrets.token_bytes(16) + contents[n]) for n in sorted(contents))
    )
    refuses_set(sealed, same, Status.NOTHING_CHANGED, "O-24")
    alone = ParametersBody(tuple(one for one in same.groups if one.number == Group.TYRE))
    refuses_set(sealed, alone, Status.NOTHING_CHANGED, "O-24")
    calibration = set_of(sealed, Group.CALIBRATION, workshop="another")
    refuses_set(sealed, calibration, Status.NOTHING_CHANGED, "O-24")


@clause("O-24")
@pytest.mark.parametrize("group", [Group.TYRE, Group.DISTANCE, Group.VEHICLE, Group.SUPERVISION])
def test_a_change_needs_a_calibration_group(sealed: SealUnderTest, group: Group) -> None:
    body = changing(sealed, group)
    refuses_set(sealed, body, Status.PARAMETERS_INCOMPLETE, "O-24")
    calibration = set_of(sealed, Group.CALIBRATION).groups
    both = ParametersBody(tuple(sorted((*body.groups, *calibration), key=lambda one: one.number)))
    sealed.give(OrderKind.SEAL, body=both, clause="O-24")


CHANGES: dict[Group, Fields] = {
    Group.DISTANCE: {"k_pulses_per_km": 901},
    Group.TYRE: {"size": "205/55R16"},
    Group.TARIFF: {"mask": b"\xff" * 4 + bytes(12)},
    Group.METER: {"model": "another"},
    Group.SENSOR: {"sensor_serial": "SN-0043"},
    Group.VEHICLE: {"vin": "LSVAA49J132047372"},
    Group.SUPERVISION: {"silence_limit_ms": 610_000},
}


def changing(seal: SealUnderTest, *groups: Group) -> ParametersBody:
    """Groups whose content is another than the sealed one."""
    contents = seal.orders().parameters.contents()
    return ParametersBody(
        tuple(item(group, replace(contents[group], **CHANGES[group])) for group in sorted(groups))
    )


@clause("P-4", "P-3", "R14", "R15", "R17")
@pytest.mark.parametrize("group", list(CHANGES), ids=lambda group: group.name.lower())
def test_a_change_steps_the_counter_of_its_group(sealed: SealUnderTest, group: Group) -> None:
    calibration, configuration = counters(sealed)
    body = changing(sealed, group)
    groups = (*body.groups, *set_of(sealed, Group.CALIBRATION).groups)
    sealed.give(OrderKind.SEAL, body=ParametersBody(groups))
    due = {
        "calibration": (calibration + 1, configuration),
        "configuration": (calibration, configuration + 1),
    }[GROUPS[group].counter]
    expect.equal("P-4", due, counters(sealed), "calibration and configuration counter")
    check_history(sealed)


@clause("P-4", "R15")
def test_counters_step_once_for_each_order(sealed: SealUnderTest) -> None:
    calibration, configuration = counters(sealed)
    body = changing(sealed, *CHANGES)
    groups = (*body.groups, *set_of(sealed, Group.CALIBRATION).groups)
    sealed.give(OrderKind.SEAL, body=ParametersBody(groups))
    due = (calibration + 1, configuration + 1)
    expect.equal("P-4", due, counters(sealed), "after an order that changed all groups")


@clause("P-3", "P-4", "O-28", "R16")
def test_changes_are_measured_across_opening(sealed: SealUnderTest) -> None:
    """The same set sealed again after UNSEAL steps no counter; another one does."""
    groups = sealed.groups()
    before = counters(sealed)
    sealed.give(OrderKind.UNSEAL)
    sealed.see_meter()
    same = ParametersBody(
        tuple(GroupItem(n, secrets.token_bytes(16) + groups[n][16:]) for n in sorted(groups))
    )
    sealed.give(OrderKind.SEAL, body=same, clause="P-3")
    expect.equal("P-3", before, counters(sealed), "the same content counts as a change")
    check_history(sealed)


@clause("P-3", "O-28")
@needs(Capability.CASE)
def test_changes_are_measured_across_a_break(tampered: SealUnderTest) -> None:
    groups = tampered.groups()
    before = counters(tampered)
    tampered.give(OrderKind.CLEAR)
    tampered.see_meter()
    (tyre,) = changing(tampered, Group.TYRE).groups
    changed = ParametersBody(
        tuple(GroupItem(n, tyre.data if n == Group.TYRE else groups[n]) for n in sorted(groups))
    )
    tampered.give(OrderKind.SEAL, body=changed, clause="P-3")
    expect.equal("P-3", (before[0] + 1, before[1]), counters(tampered), "one group changed")
    check_history(tampered)


@clause("O-24", "O-11", "R03")
def test_the_tariff_alone_takes_one_station(sealed: SealUnderTest) -> None:
    people = sealed.people
    body = changing(sealed, Group.TARIFF)
    for role in ("technician", "inspector", "registry"):
        request = sealed.good(OrderKind.SEAL, body=body, signers=[people[role]])
        expected = Status.ROLE_NOT_ALLOWED
        sealed.refuses(request, expected, "O-24")
    sealed.apply(sealed.good(OrderKind.SEAL, body=body, signers=[people["station"]]), "O-24")
    check_history(sealed)


@clause("O-24", "R03")
def test_a_tariff_that_is_no_other_changes_nothing(sealed: SealUnderTest) -> None:
    """By one signature as by two."""
    held = GroupItem(Group.TARIFF, secrets.token_bytes(16) + sealed.group(Group.TARIFF)[16:])
    body = ParametersBody((held,))
    for signers in ([sealed.people["station"]], None):
        request = sealed.good(OrderKind.SEAL, body=body, signers=signers)
        sealed.refuses(request, Status.NOTHING_CHANGED, "O-24")
    sealed.give(OrderKind.SEAL, body=changing(sealed, Group.TARIFF), clause="O-24")


@clause("O-24", "O-11", "R03")
@pytest.mark.parametrize("group", [Group.TYRE, Group.DISTANCE, Group.SUPERVISION])
def test_nothing_but_the_tariff_takes_one_signature(sealed: SealUnderTest, group: Group) -> None:
    station = sealed.people["station"]
    tariff = changing(sealed, Group.TARIFF).groups
    for groups in (
        (*changing(sealed, group).groups, *set_of(sealed, Group.CALIBRATION).groups),
        tuple(sorted((*tariff, *changing(sealed, group).groups), key=lambda one: one.number)),
        (*tariff, *set_of(sealed, Group.CALIBRATION).groups),
    ):
        request = sealed.good(OrderKind.SEAL, body=ParametersBody(tuple(groups)), signers=[station])
        sealed.refuses(request, Status.ROLE_NOT_ALLOWED, "O-24")


@clause("O-24", "O-11")
def test_from_open_the_tariff_takes_two(sealed: SealUnderTest) -> None:
    body = changing(sealed, Group.TARIFF)
    sealed.give(OrderKind.UNSEAL)
    request = sealed.good(OrderKind.SEAL, body=body, signers=[sealed.people["station"]])
    sealed.refuses(request, Status.ROLE_NOT_ALLOWED, "O-11")


@clause("O-23", "O-22")
def test_from_open_a_calibration_group_is_brought(sealed: SealUnderTest) -> None:
    """Also when the set would be whole without it."""
    sealed.give(OrderKind.UNSEAL)
    sealed.see_meter()
    refuses_set(sealed, set_of(sealed, Group.TYRE), Status.PARAMETERS_INCOMPLETE, "O-23")
    sealed.give(OrderKind.SEAL, body=set_of(sealed, Group.CALIBRATION), clause="O-23")
    check_history(sealed)


@clause("O-22", "P-1")
def test_groups_that_are_not_brought_stay(sealed: SealUnderTest) -> None:
    before = sealed.groups()
    body = set_of(sealed, Group.TYRE, Group.CALIBRATION)
    sealed.give(OrderKind.SEAL, body=body)
    due = before | {one.number: one.data for one in body.groups}
    expect.equal("O-22", due, sealed.groups(), "the set after a part was sealed")


# CONFIRM.


@clause("O-26", "R08")
def test_confirm_replaces_the_calibration_alone(sealed: SealUnderTest) -> None:
    before, stepped = sealed.groups(), counters(sealed)
    body = set_of(sealed, Group.CALIBRATION, workshop="confirmed")
    sealed.give(OrderKind.CONFIRM, body=body, clause="O-26")
    due = before | {body.groups[0].number: body.groups[0].data}
    expect.equal("O-26", due, sealed.groups(), "the set after CONFIRM")
    expect.equal("O-26", stepped, counters(sealed), "CONFIRM steps a counter")
    expect.equal("O-26", State.SEALED, sealed.state(), "CONFIRM changes the state")
    check_history(sealed)


@clause("O-26")
def test_confirm_brings_nothing_else(sealed: SealUnderTest) -> None:
    for body in (
        ParametersBody(()),
        set_of(sealed, Group.TYRE),
        set_of(sealed, Group.TYRE, Group.CALIBRATION),
        set_of(sealed),
    ):
        sealed.refuses(sealed.good(OrderKind.CONFIRM, body=body), Status.BODY_INVALID, "O-26")


@clause("O-26", "O-22")
def test_confirm_keeps_the_rules_of_a_set(sealed: SealUnderTest) -> None:
    good = set_of(sealed, Group.CALIBRATION)
    data = good.groups[0].data
    for wrong in (data[:-1], data + b"\0", b""):
        body = ParametersBody((GroupItem(Group.CALIBRATION, wrong),))
        sealed.refuses(sealed.good(OrderKind.CONFIRM, body=body), Status.BODY_INVALID, "O-26")


# Reasons.


@clause("O-27", "R45")
@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.SEALED, OrderKind.UNSEAL),
        (State.TAMPERED, OrderKind.CLEAR),
        (State.OPEN, OrderKind.RETIRE),
        (State.TAMPERED, OrderKind.RETIRE),
    ],
)
def test_opening_needs_a_reason(
    seal: SealUnderTest, stages: Stages, state: State, kind: OrderKind
) -> None:
    stages.bring(seal, state)
    for reason, text in ((0, "good text"), (9, "good text"), (254, "good text"), (2, "")):
        body = ReasonBody(reason, text)
        seal.refuses(seal.good(kind, body=body), Status.BODY_INVALID, "O-27")
    for text in ("a", "ab"):
        body = ReasonBody(Reason.REPAIR, text)
        seal.refuses(seal.good(kind, body=body), Status.BODY_INVALID, "O-27")


@clause("O-27", "R45", "R18")
@pytest.mark.parametrize("reason", list(Reason), ids=lambda reason: reason.name.lower())
def test_every_reason_of_the_table_is_taken(sealed: SealUnderTest, reason: Reason) -> None:
    text = "检" if reason is Reason.OTHER else "x" * 160
    sealed.give(OrderKind.UNSEAL, body=ReasonBody(reason, text), clause="O-27")
    history = check_history(sealed)
    stored = history.control[-1].raw
    expect.true("O-27", bytes((reason,)) in stored and text.encode() in stored, "the reason")


@clause("O-28", "Z-2")
@needs(Capability.CASE)
def test_clear_ends_the_latched_causes(tampered: SealUnderTest) -> None:
    expect.true("Z-1", tampered.status().latched_causes, "nothing is latched")
    tampered.give(OrderKind.CLEAR, clause="O-28")
    expect.equal("O-28", 0, tampered.status().latched_causes, "latched causes after CLEAR")
    expect.equal("O-28", 0, tampered.evidence().latched_causes, "latched causes in the evidence")


@clause("P-1", "O-28")
def test_an_open_seal_still_gives_out_its_last_set(sealed: SealUnderTest) -> None:
    groups, root = sealed.groups(), sealed.status().parameter_root
    sealed.give(OrderKind.UNSEAL)
    expect.equal("P-1", groups, sealed.groups(), "the groups after UNSEAL")
    expect.equal("P-1", root, sealed.evidence().parameter_root, "the root after UNSEAL")


@clause("R-4", "Z-1")
@needs(Capability.PULSES)
def test_what_is_driven_while_open_is_told(sealed: SealUnderTest, bench: Backend) -> None:
    """The flag rises while it drives and falls with SEAL; a record tells the pulses (chapter 7)."""
    sealed.give(OrderKind.UNSEAL)
    before = sealed.evidence().pulses
    bench.pulses(1_234)
    bench.pass_time(2_000)
    expect.true("R-4", sealed.evidence().flags & Flag.DRIVEN_WHILE_OPEN, "driven_while_open")
    sealed.see_meter()
    sealed.give(OrderKind.SEAL)
    flags = sealed.evidence().flags
    expect.true("R-4", not flags & Flag.DRIVEN_WHILE_OPEN, "driven_while_open after SEAL")
    history = check_history(sealed)
    told = [parse_record_body(record) for record in history.journal]
    driven = [body for body in told if isinstance(body, DrivenRecord)]
    due = [DrivenRecord(before, before + 1_234)]
    expect.equal("R-4", due, driven[-1:], "the record of what was driven")
    expect.true("R-4", history.records[-2] == history.journal[-1], "it stands before the SEAL")
