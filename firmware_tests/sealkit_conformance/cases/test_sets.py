"""What a group may hold, how large orders and sets may be, what of a SEAL is judged first
(chapter 5, O-14, O-21 to O-26)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any, Final

import pytest

from sealkit.wire.messages import ORDER_REQUEST
from sealkit.wire.orders import GroupItem, ParametersBody
from sealkit.wire.parameters import PendingTariff
from sealkit.wire.registry import (
    GROUP_MAX,
    ORDER_MAX,
    ORDER_REQUEST_MAX,
    PARAMETER_SET_MAX,
    Cause,
    Group,
    OrderKind,
    Purpose,
    Role,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.parameters import item
from sealkit_conformance.subject.seal import SealUnderTest

SALT: Final = 16


def set_of(seal: SealUnderTest, *groups: Group, **fields: Any) -> ParametersBody:
    return seal.orders().set_body(*groups, **fields)


def with_content(body: ParametersBody, group: Group, content: bytes) -> ParametersBody:
    """The set with this content for a group, under a fresh salt."""
    data = secrets.token_bytes(SALT) + content
    groups = {one.number: one for one in body.groups} | {group: GroupItem(group, data)}
    return ParametersBody(tuple(groups[number] for number in sorted(groups)))


def refuses_set(
    seal: SealUnderTest, body: ParametersBody, status: Status, clause_id: str, **changes: Any
) -> None:
    seal.refuses(seal.good(OrderKind.SEAL, body=body, **changes), status, clause_id)


def text8(text: str) -> bytes:
    return bytes((len(text.encode()),)) + text.encode()


# What a group holds.

VIN: Final = b"LSVAA49J132047371"
VEHICLES: Final = {
    "as it is": text8("沪AX7319") + b"AX7319" + VIN,
    "no plate": text8("") + bytes(6) + bytes(17),
    "the longest plate": text8("沪" * 5 + "A") + b"A" + bytes(5) + VIN,
    "a plate of four bytes a character": text8("\U0001f695") + b"AX7319" + VIN,
}
NO_VEHICLES: Final = {
    "a plate over its limit": text8("沪" * 5 + "AB") + b"AX7319" + VIN,
    "a plate that is not UTF-8": b"\x02\xe6\xb2" + b"AX7319" + VIN,
    "a plate longer than the group": b"\x10" + b"AX7319" + VIN,
    "a meter's plate with a character after 00": text8("沪") + b"A\0B\0\0\0" + VIN,
    "a meter's plate that cannot be printed": text8("沪") + b"AX731\x19" + VIN,
    "a VIN with a character after 00": text8("沪") + b"AX7319" + VIN[:15] + b"\0X",
    "a VIN that is not ASCII": text8("沪") + b"AX7319" + VIN[:16] + b"\xb2",
    "a byte too many": text8("沪") + b"AX7319" + VIN + b"\0",
    "a byte too few": text8("沪") + b"AX7319" + VIN[:16],
}


@clause("P-10", "N-2", "R07")
@pytest.mark.parametrize("what", VEHICLES)
def test_a_seal_is_bound_to_its_vehicle(opened: SealUnderTest, what: str) -> None:
    """What names the vehicle is sealed, given out as it came, and signed in the root."""
    opened.see_meter()
    body = with_content(set_of(opened), Group.VEHICLE, VEHICLES[what])
    opened.give(OrderKind.SEAL, body=body, clause="P-10")
    expect.equal("P-10", VEHICLES[what], opened.group(Group.VEHICLE)[SALT:], "the vehicle")
    status, evidence = opened.status(), opened.evidence()
    expect.equal("R07", status.parameter_root, evidence.parameter_root, "the root that is signed")
    check_history(opened)


@clause("P-10", "N-2", "N-3", "O-22")
@pytest.mark.parametrize("what", NO_VEHICLES)
def test_what_names_no_vehicle(opened: SealUnderTest, what: str) -> None:
    body = with_content(set_of(opened), Group.VEHICLE, NO_VEHICLES[what])
    refuses_set(opened, body, Status.BODY_INVALID, "P-10")


@clause("R07", "P-10", "P-4")
@pytest.mark.parametrize(
    "change", [{"plate": "沪AX7310"}, {"meter_plate": "AX7310"}, {"vin": "LSVAA49J132047370"}]
)
def test_another_vehicle_is_another_configuration(
    sealed: SealUnderTest, change: dict[str, str]
) -> None:
    """A seal that is moved to another car says so for ever."""
    before = sealed.status()
    held: Any = sealed.orders().parameters.contents()[Group.VEHICLE]
    vehicle = replace(held, **change)
    groups = (item(Group.VEHICLE, vehicle), *set_of(sealed, Group.CALIBRATION).groups)
    sealed.give(OrderKind.SEAL, body=ParametersBody(groups), clause="P-10")
    after = sealed.evidence()
    due = before.configuration_counter + 1
    expect.equal("P-4", due, after.configuration_counter, "the configuration counter")
    expect.true("P-10", after.parameter_root != before.parameter_root, "the root is the same")


def calibration(
    purpose: int = Purpose.PERIODIC,
    workshop: bytes = text8("计量站 1"),
    valid_until: int = 0,
    numbers: int = 0,
) -> bytes:
    """The group's content; numbers: both odometers, the predecessor's number and counters."""
    told = numbers.to_bytes(4, "big")
    times = (1_775_000_000).to_bytes(8, "big") + valid_until.to_bytes(8, "big")
    return bytes((purpose,)) + workshop + times + told * 2 + bytes(32) + told * 4


CALIBRATIONS: Final = {
    **{f"of the purpose {p.name.lower()}": calibration(p) for p in Purpose},
    "a workshop without a name": calibration(workshop=b"\0"),
    "the longest name": calibration(workshop=text8("站" * 16)),
    "a day by which the next is due": calibration(valid_until=1_806_500_000),
    "a predecessor, and odometers at their end": calibration(numbers=0xFFFFFFFF),
}
NO_CALIBRATIONS: Final = {
    "no purpose": calibration(0),
    "a purpose that is in no table": calibration(max(Purpose) + 1),
    "a name over its limit": calibration(workshop=text8("站" * 16 + "A")),
    "a name that is not UTF-8": calibration(workshop=b"\x01\xff"),
    "valid until before it was made": calibration(valid_until=1_774_999_999),
    "valid until the second that it was made": calibration(valid_until=1_775_000_000),
    "a byte too many": calibration() + b"\0",
    "a byte too few": calibration()[:-1],
}


@clause("P-12", "O-26", "R08", "R09")
@pytest.mark.parametrize("what", CALIBRATIONS)
def test_a_verification_is_kept_as_it_was_told(sealed: SealUnderTest, what: str) -> None:
    """Who signed it stands in the order, which the log keeps for ever."""
    body = with_content(ParametersBody(()), Group.CALIBRATION, CALIBRATIONS[what])
    sealed.give(OrderKind.CONFIRM, body=body, clause="P-12")
    expect.equal("P-12", CALIBRATIONS[what], sealed.group(Group.CALIBRATION)[SALT:], "the group")


@clause("P-12", "O-26", "O-22", "N-3")
@pytest.mark.parametrize("what", NO_CALIBRATIONS)
@pytest.mark.parametrize("kind", [OrderKind.CONFIRM, OrderKind.SEAL])
def test_what_is_no_verification(sealed: SealUnderTest, kind: OrderKind, what: str) -> None:
    body = set_of(sealed, Group.TYRE) if kind is OrderKind.SEAL else ParametersBody(())
    body = with_content(body, Group.CALIBRATION, NO_CALIBRATIONS[what])
    sealed.refuses(sealed.good(kind, body=body), Status.BODY_INVALID, "P-12")


@clause("O-26", "P-3")
def test_the_same_verification_may_be_confirmed_again(sealed: SealUnderTest) -> None:
    held = GroupItem(Group.CALIBRATION, sealed.group(Group.CALIBRATION))
    for _ in range(2):
        sealed.give(OrderKind.CONFIRM, body=ParametersBody((held,)), clause="O-26")


@clause("P-7", "O-22")
def test_at_most_one_tariff_is_pending(opened: SealUnderTest) -> None:
    fare, now = opened.backend.meter().fare, opened.backend.now()
    pending = PendingTariff(now + 10, now + 20, fare)
    body = set_of(opened, pending=(pending,))
    content = next(one.data[SALT:] for one in body.groups if one.number == Group.TARIFF)
    two = content[:143] + b"\2" + content[144:] * 2
    refuses_set(opened, with_content(body, Group.TARIFF, two), Status.BODY_INVALID, "P-7")


@clause("P-11", "N-3")
@pytest.mark.parametrize("attachments", [0x20, 0x40, 0x80, 0xFF])
def test_attachments_that_nobody_knows(opened: SealUnderTest, attachments: int) -> None:
    refuses_set(opened, set_of(opened, attachments=attachments), Status.BODY_INVALID, "P-11")


@clause("P-11", "O-22")
@pytest.mark.parametrize("attachments", [0, 1, 2, 4, 8, 16, 31])
def test_any_attachments_may_be_relied_on(opened: SealUnderTest, attachments: int) -> None:
    opened.see_meter()
    opened.give(OrderKind.SEAL, body=set_of(opened, attachments=attachments), clause="P-11")


@clause("P-2", "P-1")
def test_a_high_group_may_be_a_salt_alone(opened: SealUnderTest) -> None:
    opened.see_meter()
    salt = GroupItem(128, secrets.token_bytes(SALT))
    body = ParametersBody((*set_of(opened).groups, salt))
    opened.give(OrderKind.SEAL, body=body, clause="P-2")


# How large it may be.


@clause("O-22", "P-1", "N-3")
def test_a_group_of_the_greatest_size_is_read(opened: SealUnderTest) -> None:
    """It is the whole set that is too long, not the group that is malformed."""
    body = ParametersBody((*set_of(opened).groups[:3], GroupItem(200, bytes(GROUP_MAX))))
    refuses_set(opened, body, Status.PARAMETERS_INCOMPLETE, "O-22")


@clause("O-1", "L-2", "C-6", "M-1")
@pytest.mark.parametrize("over", [0, 1])
def test_the_longest_order_with_the_longest_credentials(opened: SealUnderTest, over: int) -> None:
    """To the byte: 1,300 for the order, 1,867 with its credentials and their prefixes."""
    opened.see_meter()
    people = opened.people
    registry = people.another(Role.REGISTRY, name="")
    technician = people.issue(registry, Role.TECHNICIAN, serial=21, name="")
    short = people.another(Role.STATION, name="")
    sent = sum(2 + len(raw) for raw in (*technician.chain, *short.chain))
    name = "n" * (ORDER_REQUEST_MAX - 3 - ORDER_MAX - sent + over)
    station = people.another(Role.STATION, name=name)
    body = set_of(opened)
    room = ORDER_MAX - 169 - 128 - 1 - sum(3 + len(one.data) for one in body.groups) - 3
    body = ParametersBody((*body.groups, GroupItem(200, secrets.token_bytes(room))))
    request = opened.good(OrderKind.SEAL, body=body, signers=[technician, station])
    expect.equal("O-1", ORDER_MAX, len(request.order), "the order of this case")
    length = len(ORDER_REQUEST.build(request)) - over
    expect.equal("O-1", ORDER_REQUEST_MAX, length, "the request of this case")
    if over:
        opened.refuses(request, Status.TOO_LONG, "O-1")
    else:
        opened.apply(request, "O-1")


@clause("O-26", "O-22")
def test_confirm_keeps_to_the_size_of_a_set(sealed: SealUnderTest) -> None:
    held = sum(len(data) for data in sealed.groups().values())
    short = with_content(ParametersBody(()), Group.CALIBRATION, calibration(workshop=text8("x")))
    whole = held - len(sealed.group(Group.CALIBRATION)) + len(short.groups[0].data)
    room = PARAMETER_SET_MAX - whole
    filler = (GroupItem(200, bytes(room // 2)), GroupItem(201, bytes(room - room // 2)))
    sealed.give(OrderKind.SEAL, body=ParametersBody((*short.groups, *filler)))
    longer = with_content(ParametersBody(()), Group.CALIBRATION, calibration(workshop=text8("xy")))
    sealed.refuses(sealed.good(OrderKind.CONFIRM, body=longer), Status.TOO_LONG, "O-26")
    sealed.give(OrderKind.CONFIRM, body=short, clause="O-26")


# What is judged first (O-14: the rules of its order, in their order).


@clause("O-14", "O-21", "O-22")
def test_the_order_of_groups_comes_before_what_is_missing(opened: SealUnderTest) -> None:
    groups = set_of(opened, Group.DISTANCE, Group.TYRE).groups
    refuses_set(opened, ParametersBody(groups[::-1]), Status.BODY_INVALID, "O-14")


@clause("O-14", "O-22")
def test_what_is_missing_comes_before_what_is_out_of_range(opened: SealUnderTest) -> None:
    body = set_of(opened, Group.DISTANCE, k_pulses_per_km=1)
    refuses_set(opened, body, Status.PARAMETERS_INCOMPLETE, "O-14")
    unknown = ParametersBody((*body.groups, GroupItem(99, bytes(16))))
    refuses_set(opened, unknown, Status.PARAMETERS_INCOMPLETE, "O-14")


@clause("O-14", "O-22")
def test_what_is_out_of_range_comes_before_the_sets_size(sealed: SealUnderTest) -> None:
    body = set_of(sealed, Group.DISTANCE, Group.CALIBRATION, k_pulses_per_km=1)
    long = ParametersBody((*body.groups, GroupItem(200, bytes(GROUP_MAX))))
    refuses_set(sealed, long, Status.BODY_INVALID, "O-14")


@clause("O-14", "O-22", "O-23")
def test_the_set_comes_before_the_calibration_that_opening_asks_for(sealed: SealUnderTest) -> None:
    sealed.give(OrderKind.UNSEAL)
    body = set_of(sealed, Group.DISTANCE, k_pulses_per_km=1)
    refuses_set(sealed, body, Status.BODY_INVALID, "O-14")


@clause("O-14", "O-22", "O-24")
def test_the_set_comes_before_what_has_changed(sealed: SealUnderTest) -> None:
    body = with_content(ParametersBody(()), Group.CALIBRATION, calibration(0))
    refuses_set(sealed, body, Status.BODY_INVALID, "O-14")


@clause("O-14", "O-24", "O-25")
def test_what_has_changed_comes_before_the_meter(sealed: SealUnderTest) -> None:
    """A set for another meter that lacks its calibration; nothing is asked of the meter yet."""
    body = set_of(sealed, Group.METER, device=bytes.fromhex("0102030405"))
    refuses_set(sealed, body, Status.PARAMETERS_INCOMPLETE, "O-14")


@clause("O-14", "O-25")
@needs(Capability.CASE, Capability.METER, Capability.TIME)
def test_live_causes_come_before_looks_and_looks_before_what_they_saw(
    opened: SealUnderTest, bench: Backend
) -> None:
    opened.see_meter()
    other = set_of(opened, device=bytes.fromhex("0102030405"))
    refuses_set(opened, other, Status.METER_MISMATCH, "O-14")
    bench.silence_meter(True)
    bench.pass_time(30_000)
    refuses_set(opened, other, Status.METER_NOT_SEEN, "O-14")
    bench.open_case()
    bench.pass_time(500)
    refuses_set(opened, other, Status.TAMPER_LIVE, "O-14")


# The meter at the moment of SEAL (O-25).


@clause("O-25")
@needs(Capability.METER, Capability.TIME)
@pytest.mark.parametrize(
    ("interval_ms", "limit_ms"), [(500, 10_000), (4_000, 12_000), (60_000, 180_000)]
)
@pytest.mark.parametrize("late", [False, True], ids=["in time", "too late"])
def test_how_old_the_last_look_may_be(
    opened: SealUnderTest, bench: Backend, interval_ms: int, limit_ms: int, late: bool
) -> None:
    """Three look intervals of the new set, at least 10 s."""
    status = Status.METER_NOT_SEEN if late else Status.OK
    for margin_ms in (300, 3_000, 7_000):
        bench.silence_meter(False)
        opened.see_meter()
        body = set_of(opened, look_interval_ms=interval_ms)
        bench.silence_meter(True)
        bench.pass_time(500)
        due_ms = limit_ms + (margin_ms if late else -margin_ms)
        bench.pass_time(due_ms - opened.observation().age_ms)
        answer = opened.order(opened.good(OrderKind.SEAL, body=body))
        if late or answer.status == Status.OK or opened.observation().age_ms <= limit_ms:
            break  # else it took this computer so long that the look was too old
    expect.status("O-25", status, answer, f"a look of {due_ms} ms, of {limit_ms}")


MENDED: Final = {
    Cause.FARE_PARAMETERS_CHANGED: Status.METER_MISMATCH,
    Cause.METER_IDENTITY_CHANGED: Status.METER_MISMATCH,
    Cause.METER_SOFTWARE_CHANGED: Status.METER_MISMATCH,
}


@clause("O-25", "Z-1", "W-3")
@needs(Capability.METER)
@pytest.mark.parametrize("cause", list(MENDED), ids=lambda cause: cause.name.lower())
def test_a_cause_that_the_new_set_ends_does_not_count(
    sealed: SealUnderTest, bench: Backend, cause: Cause
) -> None:
    """While OPEN another meter is live against the last sealed set, and latches nothing."""
    old = set_of(sealed)
    sealed.give(OrderKind.UNSEAL)
    facts, bit = bench.meter(), 1 << (cause - 1)
    if cause is Cause.FARE_PARAMETERS_CHANGED:
        bench.set_fare(facts.fare[:9] + bytes((facts.fare[9] ^ 1,)) + facts.fare[10:])
    elif cause is Cause.METER_IDENTITY_CHANGED:
        bench.set_identity(b"\1\2\3\4\5", facts.hardware_version, facts.software)
    else:
        bench.set_identity(facts.device, facts.hardware_version, bytes((7, 7)))
    sealed.see_meter()
    status = sealed.status()
    expect.equal("Z-1", (State.OPEN, 0), (status.state, status.latched_causes), "it latched")
    expect.equal("Z-1", bit, status.live_causes & bit, "the cause is not live while OPEN")
    refuses_set(sealed, old, MENDED[cause], "O-25")
    sealed.give(OrderKind.SEAL, clause="O-25")
    status = sealed.status()
    expect.equal("O-25", 0, status.live_causes, "live causes after SEAL")
    sealed.see_meter()
    expect.equal("O-25", State.SEALED, sealed.state(), "the state after the next look")
