"""What is read and installed, at the edges of lengths and times (C-1 to C-12, T-2, S-2)."""

from __future__ import annotations

from typing import Final

import pytest

from sealkit.wire.messages import (
    READ_LOG_ANSWER,
    READ_LOG_REQUEST,
    READ_RECORD_ANSWER,
    READ_RECORD_REQUEST,
    ReadLogRequest,
    ReadRecordRequest,
)
from sealkit.wire.orders import TrustBody
from sealkit.wire.registry import (
    Chain,
    Command,
    CredentialChoice,
    Flag,
    Group,
    OrderKind,
    Role,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.cases.test_sets import refuses_set, set_of, with_content
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.filling import flip_flag
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.shown import SHARED
from sealkit_conformance.subject.stages import Stages

BODY_MAX: Final = 2_027
SMALL_RECORDS: Final = 24
"""More small records than fit into a frame."""
DAY: Final = 86_400


# The log (C-7).


def read(seal: SealUnderTest, start: int, limit: int) -> tuple[bytes, ...]:
    body = READ_LOG_REQUEST.build(ReadLogRequest(Chain.JOURNAL, start, limit))
    return seal.read(Command.READ_LOG, READ_LOG_ANSWER, body).records


def small_records(seal: SealUnderTest) -> list[bytes]:
    """The journal, with enough records in it."""
    while len(seal.raw_log(Chain.JOURNAL)) < SMALL_RECORDS:
        flip_flag(seal)
    return seal.raw_log(Chain.JOURNAL)


@clause("C-7", "R18")
@needs(Capability.BATTERY)
def test_the_limit_counts_every_byte_of_the_body(sealed: SealUnderTest) -> None:
    """The count, and two bytes before each record: what just fits is told, a byte less is not."""
    records = small_records(sealed)[:6]
    start = int.from_bytes(records[0][18:22], "big")
    for number in (1, 2, 3, 6):
        room = 1 + sum(2 + len(raw) for raw in records[:number])
        whole = read(sealed, start, room)
        expect.equal("C-7", tuple(records[:number]), whole, f"{number} records in {room} bytes")
        fewer = max(1, number - 1)
        less = read(sealed, start, room - 1)
        expect.equal("C-7", tuple(records[:fewer]), less, f"records in {room - 1} bytes")


@clause("C-7", "N-1")
@needs(Capability.BATTERY)
@pytest.mark.parametrize("limit", [BODY_MAX, BODY_MAX + 1, 0x7FFF, 0x8000, 0xFFFF])
def test_as_many_records_as_fit_are_told(sealed: SealUnderTest, limit: int) -> None:
    """With room for all that one frame takes, it is full to the last record that fits."""
    records = small_records(sealed)
    start = int.from_bytes(records[0][18:22], "big")
    room, due = BODY_MAX - 1, []
    for raw in records:
        room -= 2 + len(raw)
        if room < 0:
            break
        due.append(raw)
    told = read(sealed, start, limit)
    expect.equal("C-7", len(due), len(told), f"records that fit, with a limit of {limit}")
    expect.equal("C-7", tuple(due), told, "which they are")


# A record (C-8).


@clause("C-8", "N-1")
@pytest.mark.parametrize("offset", [1, 100, 4_096, 0x7FFF, 0x8000, 0xFF00, 0xFFFF])
@pytest.mark.parametrize("length", [1, 0x7FFF, 0x8000, 0xFF9C, 0xFFFF])
def test_offset_and_length_may_be_as_great_as_they_fit(
    sealed: SealUnderTest, offset: int, length: int
) -> None:
    """Their sum does not fit into two bytes any more."""
    head = sealed.log(Chain.CONTROL)[-1]
    body = READ_RECORD_REQUEST.build(ReadRecordRequest(head.sequence, offset, length))
    told = sealed.read(Command.READ_RECORD, READ_RECORD_ANSWER, body)
    due = head.raw[offset : offset + min(length, BODY_MAX - 2)]
    expect.equal("C-8", (len(head.raw), due), (told.total, told.data), "length and part")


# What is installed (C-12).


@clause("C-12", "K-2", "R27")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SEAL])
def test_a_credential_of_another_role_is_not_the_seals(sealed: SealUnderTest, role: Role) -> None:
    """Though the maker signed it, for this number and this key."""
    info, people = sealed.info(), sealed.people
    held = sealed.credential(CredentialChoice.SEAL)
    other = people.issue(
        people.maker, role, scope=info.maker, serial=info.serial, public_key=info.public_key
    )
    answer = sealed.ask(Command.INSTALL_CREDENTIAL, other.credential.raw)
    expect.status("C-12", Status.CREDENTIAL_INVALID, answer, f"a credential of a {role.name}")
    expect.equal("C-12", held, sealed.credential(CredentialChoice.SEAL), "the credential changed")


@clause("C-12", "R27")
@needs(Capability.FRESH_DEVICES)
def test_the_first_credential_is_judged_like_any_other(seal: SealUnderTest, bench: Backend) -> None:
    bench.fresh_device()
    seal.forget_identity()
    seal.line.forget()
    info, people = seal.info(), seal.people
    forger = people.suite.generate()
    wrong = {
        "signed by another": people.seal(info.serial, info.public_key, sign_with=forger),
        "for another key": people.seal(info.serial, forger.public_key),
        "for another number": people.seal(info.serial ^ 1, info.public_key),
    }
    choice = bytes((CredentialChoice.SEAL,))
    for what, person in wrong.items():
        answer = seal.ask(Command.INSTALL_CREDENTIAL, person.credential.raw)
        expect.status("C-12", Status.CREDENTIAL_INVALID, answer, f"a first credential {what}")
        answer = seal.ask(Command.READ_CREDENTIAL, choice)
        expect.status("C-12", Status.NOT_FOUND, answer, f"after a first credential {what}")
    good = people.seal(info.serial, info.public_key)
    seal.done(Command.INSTALL_CREDENTIAL, good.credential.raw)


@clause("C-12", "K-6", "R31")
def test_a_credential_is_renewed_ahead_of_its_time(sealed: SealUnderTest) -> None:
    """Its validity is for verifiers: one that begins later is taken, and so is an earlier one."""
    info, clock = sealed.info(), sealed.status().clock
    for changes in (
        {"not_before": clock + 30 * DAY},
        {"not_before": 0, "not_after": clock + DAY},
        {"generation": 0},
    ):
        own = sealed.people.seal(info.serial, info.public_key, **changes)
        answer = sealed.ask(Command.INSTALL_CREDENTIAL, own.credential.raw)
        expect.status("C-12", Status.OK, answer, f"a credential with {changes}")


@clause("C-12", "O-1", "R41")
def test_a_credential_that_is_refused_is_no_refused_order(sealed: SealUnderTest) -> None:
    before = sealed.evidence()
    for body in (b"", bytes(200), sealed.people["station"].credential.raw):
        sealed.ask(Command.INSTALL_CREDENTIAL, body)
    for command in (Command.READ_GROUP, Command.EVIDENCE, Command.SET_BAUD):
        sealed.ask(command, b"\0")
    after = sealed.evidence()
    counters = [name for name in type(before).__dataclass_fields__ if name.startswith("refused_")]
    due = {name: getattr(before, name) for name in counters}
    expect.fields_of("C-12", after, due, "the counters of refused orders")


@clause("K-6", "R31")
def test_a_credential_is_good_to_its_last_second(sealed: SealUnderTest) -> None:
    info = sealed.info()
    for _ in range(20):
        clock = sealed.status().clock
        own = sealed.people.seal(info.serial, info.public_key, not_after=clock)
        sealed.done(Command.INSTALL_CREDENTIAL, own.credential.raw)
        status = sealed.status()
        if status.clock == clock:
            raised = status.flags & Flag.CERTIFICATE_EXPIRED
            expect.true("K-6", not raised, "certificate_expired in the last second")
            return
    expect.fail("L-10", "a credential is not installed within a second")


@clause("K-6", "R-4", "R39")
@needs(Capability.CLOCK)
def test_an_expired_credential_stays_so_without_a_clock(
    sealed: SealUnderTest, bench: Backend
) -> None:
    """By the floor, which is the clock of a seal that has lost its own."""
    info, floor = sealed.info(), sealed.status().clock_floor
    own = sealed.people.seal(info.serial, info.public_key, not_after=floor - 1)
    sealed.done(Command.INSTALL_CREDENTIAL, own.credential.raw)
    bench.lose_clock()
    bench.pass_time(500)
    for where, flags in (("status", sealed.status().flags), ("evidence", sealed.evidence().flags)):
        raised = flags & Flag.CERTIFICATE_EXPIRED
        expect.true("K-6", raised, f"certificate_expired in the {where} without a clock")


# Tags with more than one thing wrong (T-2).

TAGS: Final = {
    "prefix, type, suite and version": ({0: 0x73, 7: 9, 8: 9, 9: 9}, Status.MALFORMED),
    "type, suite and version": ({7: 9, 8: 9, 9: 9}, Status.MALFORMED),
    "type and suite": ({7: 9, 8: 9}, Status.MALFORMED),
    "type and version": ({8: 9, 9: 9}, Status.MALFORMED),
    "prefix and suite": ({6: 0, 7: 9}, Status.MALFORMED),
    "suite and version": ({7: 9, 9: 9}, Status.WRONG_SUITE),
    "version alone": ({9: 9}, Status.WRONG_VERSION),
}


@clause("T-2", "S-5")
@pytest.mark.parametrize("wrong", TAGS)
def test_of_a_tag_with_more_than_one_fault_the_first_decides(
    sealed: SealUnderTest, wrong: str
) -> None:
    """Prefix and type, then suite, then version: of an order, a statement, a credential."""
    changes, status = TAGS[wrong]

    def altered(raw: bytes) -> bytes:
        return bytes(changes.get(at, byte) for at, byte in enumerate(raw))

    request = sealed.good(OrderKind.TRUST)
    answer = sealed.order(type(request)(altered(request.order), request.credentials))
    expect.status("T-2", status, answer, f"an order's tag: {wrong}")
    statement = sealed.people.statement(sealed.status().trust_version + 1).raw
    body = TrustBody(altered(statement))
    answer = sealed.order(sealed.good(OrderKind.TRUST, body=body))
    expect.status("T-2", status, answer, f"a statement's tag: {wrong}")
    own = sealed.credential(CredentialChoice.SEAL)
    answer = sealed.ask(Command.INSTALL_CREDENTIAL, altered(own))
    if status is not Status.MALFORMED or answer.status != Status.CREDENTIAL_INVALID:
        expect.status("T-2", status, answer, f"a credential's tag: {wrong}")


# Keys and text.


@clause("S-2", "S-1", "K-5")
@pytest.mark.parametrize("first", [0x00, 0x02, 0x05, 0x06, 0x07, 0x84])
def test_a_point_has_one_form_alone(sealed: SealUnderTest, first: int) -> None:
    """What other standards write before x and y makes another key, and no valid signature."""
    people = sealed.people
    key = people.suite.generate()
    public_key = bytes((first,)) + key.public_key[1:]
    station = people.another(Role.STATION, key=key, public_key=public_key)
    request = sealed.good(OrderKind.CONFIRM, signers=[station])
    sealed.refuses(request, Status.SIGNATURE_INVALID, "S-2")


@clause("N-2", "N-3", "O-22")
@pytest.mark.parametrize("character", [0x01, 0x1F, 0x7F, 0x80, 0xFF])
@pytest.mark.parametrize("group", [Group.TYRE, Group.SENSOR, Group.METER])
def test_ascii_is_what_can_be_printed(opened: SealUnderTest, group: Group, character: int) -> None:
    places = {Group.TYRE: 0, Group.SENSOR: 1, Group.METER: 40}
    body = set_of(opened)
    content = next(one.data[16:] for one in body.groups if one.number == group)
    at = places[group]
    wrong = content[:at] + bytes((character,)) + content[at + 1 :]
    refuses_set(opened, with_content(body, group, wrong), Status.BODY_INVALID, "N-2")
    for good in (0x20, 0x7E):
        right = content[:at] + bytes((good,)) + content[at + 1 :]
        request = opened.good(OrderKind.SEAL, body=with_content(body, group, right))
        answer = opened.order(request)
        if answer.status == Status.OK:
            opened.take(opened.good(OrderKind.UNSEAL))
        wrong_text = answer.status in (Status.BODY_INVALID, Status.MALFORMED)
        expect.true("N-2", not wrong_text, f"the character {good:#04x} is refused")


# Evidence.


@clause("E-1", "C-3")
@needs(Capability.CASE, Capability.METER, Capability.TIME)
@pytest.mark.parametrize("state", [State.OPEN, State.SEALED, State.TAMPERED])
def test_evidence_tells_what_the_status_tells(
    seal: SealUnderTest, stages: Stages, bench: Backend, state: State
) -> None:
    """Also with an open case and a silent meter, and when they are over."""
    stages.bring(seal, state)
    for trouble in (True, False):
        bench.silence_meter(trouble)
        if trouble:
            bench.open_case()
        else:
            bench.close_case()
        bench.pass_time(40_000)
        status, evidence = seal.status(), seal.evidence()
        told = {name: getattr(status, name) for name in SHARED}
        expect.fields_of("E-1", evidence, told, "the evidence differs from the status")
        for flag in (Flag.CASE_OPEN, Flag.METER_SILENT):
            what = f"{flag!r} in the evidence"
            expect.equal("E-1", trouble, bool(evidence.flags & flag), what)
        live = bool(evidence.live_causes & 1)
        expect.equal("E-1", trouble, live, "case_opened among the live causes")


@clause("E-2", "C-11")
@needs(Capability.METER, Capability.TIME)
def test_the_age_of_a_look_grows_beyond_two_bytes(sealed: SealUnderTest, bench: Backend) -> None:
    sealed.see_meter()
    bench.silence_meter(True)
    bench.pass_time(200_000)
    for where, age_ms in (
        ("evidence", sealed.evidence().meter_age_ms),
        ("observation", sealed.observation().age_ms),
    ):
        expect.true("E-2", 195_000 <= age_ms <= 240_000, f"the age in the {where} is {age_ms} ms")


@clause("E-2", "C-11")
@needs(Capability.METER, Capability.POWER, Capability.TIME)
def test_before_a_boots_first_look_nothing_is_known(sealed: SealUnderTest, bench: Backend) -> None:
    """What was seen before the power went is not told as seen."""
    bench.silence_meter(True)
    sealed.restart(10)
    bench.pass_time(2_000)
    due = {
        "meter_seen": 0,
        "meter_age_ms": 0xFFFFFFFF,
        "meter_device": bytes(5),
        "meter_software": bytes(2),
        "meter_fare_digest": bytes(32),
    }
    expect.fields_of("E-2", sealed.evidence(), due, "the meter was not seen since the boot")
    told = sealed.observation()
    due = {"seen": 0, "age_ms": 0, "device": bytes(5), "fare": bytes(127), "plate": ""}
    expect.fields_of("C-11", told, due, "the observation of a meter that was not seen")


@clause("E-3", "C-3")
@needs(Capability.TIME)
def test_the_floor_rises_with_what_is_accepted_alone(sealed: SealUnderTest, bench: Backend) -> None:
    """Not with the clock: it is that of the latest record, and the same an hour later."""
    sealed.take(sealed.good(OrderKind.TRUST))
    latest = max(record.clock for record in sealed.log(Chain.BOTH))
    for passes_ms in (0, 600_000):
        bench.pass_time(passes_ms)
        status, evidence = sealed.status(), sealed.evidence()
        later = max(record.clock for record in sealed.log(Chain.BOTH))
        for where, floor in (("status", status.clock_floor), ("evidence", evidence.clock_floor)):
            expect.equal("E-3", max(latest, later), floor, f"the floor in the {where}")


@clause("N-4", "R36")
@needs(Capability.POWER, Capability.TIME)
def test_a_boot_loses_few_ticks(sealed: SealUnderTest, bench: Backend) -> None:
    """5,000 at most, however long ago the last record was."""
    bench.pass_time(900_000)
    before = sealed.status().tick_ms
    sealed.restart(60)
    after = sealed.status().tick_ms
    lost = before - after
    expect.true("N-4", lost <= 5_500, f"{lost} ticks are lost at a boot")
    expect.true("N-4", after - before <= 30_000, "ticks count without power")


@clause("Z-3", "Z-1", "R46")
@needs(Capability.CLOCK, Capability.POWER, Capability.CASE)
def test_a_boot_without_a_clock_latches_in_tampered_too(
    tampered: SealUnderTest, bench: Backend
) -> None:
    """Once: by the next such boot it is latched already."""
    bit = 1 << 5
    for _ in range(2):
        tampered.restart(10)
    before = len(tampered.log(Chain.CONTROL))
    bench.cut_power()
    bench.lose_clock()
    bench.restore_power(100)
    tampered.line.forget()
    for _ in range(2):
        status = tampered.status()
        due = (State.TAMPERED, 1 | bit, 0)
        told = (status.state, status.latched_causes, status.live_causes)
        expect.equal("Z-3", due, told, "state, latched and live causes after such a boot")
        expect.equal("Z-3", before + 1, len(tampered.log(Chain.CONTROL)), "control records")
        tampered.restart(100)
