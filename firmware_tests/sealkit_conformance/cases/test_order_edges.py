"""Orders at the edges of their rules: who, under what, against which set (O-9 to O-34)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from sealkit.wire.orders import EnrolBody, GroupItem, ParametersBody, RestoreClockBody, TrustBody
from sealkit.wire.registry import (
    Cause,
    Chain,
    Command,
    Group,
    OrderKind,
    Role,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.cases.test_power import STEPS_MAX
from sealkit_conformance.cases.test_sets import refuses_set, set_of
from sealkit_conformance.marks import clause, destructive, needs
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.people import REGION, Person
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

U32: Final = 1 << 32
END: Final = (1 << 64) - 1
SALT: Final = bytes(16)


# Who signs.


@clause("O-11", "K-1")
@destructive
@needs(Capability.FRESH_DEVICES)
@pytest.mark.parametrize(("scope", "status"), [(0, Status.OK), (REGION, Status.CREDENTIAL_SCOPE)])
def test_a_seal_of_no_region_is_everybodys_of_none(
    seal: SealUnderTest, stages: Stages, scope: int, status: Status
) -> None:
    """Enrolled by a station for everywhere, it is covered by such a one alone."""
    stages.bring(seal, State.FACTORY)
    people = seal.people
    key = people.suite.generate()
    authority = people.issue(people.maker, Role.AUTHORITY, key=key, scope=0, serial=3)
    enroller = people.issue(authority, Role.STATION, scope=0, serial=4)
    body = EnrolBody(seal.status().clock, authority.credential.raw)
    seal.take(seal.good(OrderKind.ENROL, body=body, signers=[enroller]))
    inspector = people.issue(authority, Role.INSPECTOR, scope=scope, serial=5)
    statement = people.statement(1, authority=people.suite.key_id(key.public_key), sign_with=key)
    request = seal.good(OrderKind.TRUST, body=TrustBody(statement.raw), signers=[inspector])
    expect.status("O-11", status, seal.order(request), f"a signer of scope {scope}")


@clause("O-12", "R40")
@pytest.mark.parametrize("which", ["the first", "the second"])
def test_neither_signer_is_the_others_issuer(sealed: SealUnderTest, which: str) -> None:
    """By the key: the other credential of the issuer's that it signs with is no other person."""
    people = sealed.people
    if which == "the first":
        registry = people["registry"]
        technician = people.issue(registry, Role.TECHNICIAN, key=people.authority.key, serial=61)
        signers = [technician, people["station"]]
    else:
        key = people.suite.generate()
        registry = people.another(Role.REGISTRY, key=key)
        station = people.another(Role.STATION, key=key)
        signers = [people.issue(registry, Role.TECHNICIAN, serial=62), station]
    request = sealed.good(OrderKind.UNSEAL, signers=signers)
    sealed.refuses(request, Status.SAME_SIGNER, "O-12")


@clause("O-12", "O-13")
def test_that_signers_are_one_comes_before_their_signatures(sealed: SealUnderTest) -> None:
    people = sealed.people
    key = people.suite.generate()
    signers = [people.another(role, key=key) for role in (Role.TECHNICIAN, Role.STATION)]
    request = sealed.good(OrderKind.UNSEAL, signers=signers, sign_with=[key, people.maker.key])
    sealed.refuses(request, Status.SAME_SIGNER, "O-12")


@clause("O-31", "K-7", "O-14")
def test_whose_a_statement_is_comes_before_its_version(opened: SealUnderTest) -> None:
    people, held = opened.people, opened.status().trust_version
    other = people.suite.generate()
    for changes in (
        {"sign_with": other},
        {"authority": people.suite.key_id(other.public_key), "sign_with": other},
    ):
        statement = people.statement(held, **changes)
        request = opened.good(OrderKind.TRUST, body=TrustBody(statement.raw))
        opened.refuses(request, Status.TRUST_INVALID, "O-31")


@clause("K-7", "O-31", "N-4")
@pytest.mark.parametrize("issued_at", [0, 1, 2_500_000_000, U32 + 1, END])
def test_a_statement_may_be_issued_at_any_time(opened: SealUnderTest, issued_at: int) -> None:
    """Versions alone decide which is the newer."""
    version = opened.status().trust_version + 1
    statement = opened.people.statement(version, issued_at=issued_at)
    opened.give(OrderKind.TRUST, body=TrustBody(statement.raw), clause="K-7")


# How long a chain of credentials is.


def descent(seal: SealUnderTest, steps: int, *, at_hand: bool) -> list[Person]:
    """A technician and `steps` issuers above, none of them the anchor; the last one's own issuer
    is a stranger who is not sent, or (at_hand) a self-made authority who is."""
    people = seal.people
    top = people.issue(None, Role.AUTHORITY)
    chain = [top]
    for step in range(steps):
        chain.append(people.issue(chain[-1], Role.REGISTRY, serial=70 + step))
    chain.append(people.issue(chain[-1], Role.TECHNICIAN, serial=79))
    return (chain if at_hand else chain[1:])[::-1]


@clause("K-5", "O-10")
@pytest.mark.parametrize(
    ("steps", "at_hand", "status"),
    [
        (1, False, Status.CREDENTIAL_MISSING),
        (2, False, Status.CREDENTIAL_MISSING),
        (2, True, Status.CREDENTIAL_UNTRUSTED),
        (3, False, Status.CREDENTIAL_UNTRUSTED),
    ],
)
def test_a_chain_of_more_than_three_steps_leads_nowhere(
    sealed: SealUnderTest, steps: int, at_hand: bool, status: Status
) -> None:
    """Up to the third step an issuer that is not at hand is missing; behind it nobody looks."""
    chain = descent(sealed, steps, at_hand=at_hand)
    sent = [person.credential.raw for person in chain]
    request = sealed.good(OrderKind.TRUST, signers=chain[:1], credentials=sent)
    sealed.refuses(request, status, "K-5")


# Sets.


def with_group(body: ParametersBody, number: int, content: bytes) -> ParametersBody:
    return ParametersBody((*body.groups, GroupItem(number, SALT + content)))


@clause("O-21", "P-2", "C-9", "N-1")
def test_numbers_rise_without_a_sign(opened: SealUnderTest) -> None:
    """128 comes after 8, and is listed and digested behind it."""
    opened.see_meter()
    body = with_group(with_group(set_of(opened), 128, b"one"), 255, b"two")
    opened.give(OrderKind.SEAL, body=body, clause="O-21")
    numbers = [one.number for one in opened.group_digests().groups]
    expect.equal("C-9", [*sorted(Group), 128, 255], numbers, "the groups in their order")
    check_history(opened)


@clause("O-22", "P-1")
def test_a_whole_set_leaves_other_groups_as_they_are(opened: SealUnderTest) -> None:
    """All that is mandatory is brought anew, what is not stays."""
    opened.see_meter()
    opened.take(opened.good(OrderKind.SEAL, body=with_group(set_of(opened), 200, b"kept")))
    opened.take(opened.good(OrderKind.UNSEAL))
    opened.see_meter()
    opened.give(OrderKind.SEAL, clause="O-22")
    answer = opened.ask(Command.READ_GROUP, bytes((200,)))
    expect.status("O-22", Status.OK, answer, "a group that was not brought again")
    expect.equal("O-22", SALT + b"kept", answer.body, "what it holds")


@clause("O-24", "R03")
@pytest.mark.parametrize("group", [Group.DISTANCE, Group.TYRE, Group.VEHICLE])
def test_a_tariff_excuses_no_other_change(sealed: SealUnderTest, group: Group) -> None:
    """With another group it needs a calibration group like that one alone."""
    fare = sealed.backend.meter().fare
    fields: dict[Group, dict[str, Any]] = {
        Group.DISTANCE: {"k_pulses_per_km": 1_234},
        Group.TYRE: {"size": "205/55R16"},
        Group.VEHICLE: {"vin": "LSVAA49J132047379"},
    }
    unwatched = fare[:-1] + bytes((fare[-1] ^ 1,))
    body = set_of(sealed, group, Group.TARIFF, fare=unwatched, **fields[group])
    body = ParametersBody(tuple(g for g in body.groups if g.number in (group, Group.TARIFF)))
    refuses_set(sealed, body, Status.PARAMETERS_INCOMPLETE, "O-24")


# The meter at the moment of SEAL (O-25).


@clause("O-25", "Z-1")
@needs(Capability.CASE)
def test_an_open_case_counts_whatever_the_set_relies_on(
    opened: SealUnderTest, bench: Backend
) -> None:
    """Also a set that relies neither on the line nor on the case's switch."""
    body = set_of(opened, attachments=0)
    bench.open_case()
    bench.pass_time(500)
    refuses_set(opened, body, Status.TAMPER_LIVE, "O-25")


@clause("O-25", "Z-1", "W-2")
@needs(Capability.METER, Capability.TIME)
def test_a_meter_that_was_silent_too_long_is_a_live_cause(
    sealed: SealUnderTest, bench: Backend
) -> None:
    """While OPEN, by the limit of the last set; a new set does not end that."""
    bit = 1 << (Cause.METER_SILENT - 1)
    body = set_of(sealed)
    sealed.give(OrderKind.UNSEAL)
    bench.silence_meter(True)
    bench.pass_time(640_000)
    status = sealed.status()
    expect.equal("Z-1", bit, status.live_causes & bit, "meter_silent is not live while OPEN")
    expect.equal("Z-1", State.OPEN, status.state, "it latched while OPEN")
    refuses_set(sealed, body, Status.TAMPER_LIVE, "O-25")
    bench.silence_meter(False)
    sealed.see_meter()
    sealed.give(OrderKind.SEAL, clause="O-25")


@clause("O-25", "W-1")
@needs(Capability.METER, Capability.TIME)
def test_the_new_set_says_how_old_a_look_may_be(sealed: SealUnderTest, bench: Backend) -> None:
    """Not the last: after one with looks of 5 s comes one of 60 s, and the other way round."""
    sealed.see_meter()
    slow, quick = set_of(sealed, look_interval_ms=60_000), set_of(sealed)
    sealed.give(OrderKind.UNSEAL)
    bench.silence_meter(True)
    bench.pass_time(60_000)
    refuses_set(sealed, quick, Status.METER_NOT_SEEN, "O-25")
    sealed.give(OrderKind.SEAL, body=slow, clause="O-25")
    bench.silence_meter(False)
    if not sealed.wait_until(lambda: sealed.observation().age_ms < 5_000, 130_000):
        expect.fail("W-1", "the seal does not look at its meter once a minute")
    sealed.give(OrderKind.UNSEAL)
    if sealed.observation().age_ms < 20_000:
        bench.pass_time(20_000)
    refuses_set(sealed, set_of(sealed), Status.METER_NOT_SEEN, "O-25")


@clause("O-25", "P-11")
@needs(Capability.METER, Capability.TIME)
def test_the_new_set_says_whether_the_line_is_relied_on(
    sealed: SealUnderTest, bench: Backend
) -> None:
    without = set_of(sealed, attachments=30)
    sealed.give(OrderKind.UNSEAL)
    bench.silence_meter(True)
    bench.pass_time(60_000)
    sealed.give(OrderKind.SEAL, body=without, clause="O-25")
    bench.silence_meter(False)
    bench.pass_time(30_000)
    sealed.give(OrderKind.UNSEAL)
    refuses_set(sealed, set_of(sealed, device=b"\1\2\3\4\5"), Status.METER_MISMATCH, "O-25")
    sealed.give(OrderKind.SEAL, clause="O-25")


# A power cut in RETIRE.


@clause("O-34", "O-16", "R23")
@destructive
@needs(Capability.POWER, Capability.POWER_IN_ORDER, Capability.FRESH_DEVICES)
@pytest.mark.seconds(240)
def test_a_retirement_that_was_cut_short_is_finished(
    seal: SealUnderTest, stages: Stages, bench: Backend
) -> None:
    """At the next boot, once its record counts: last evidence, and no key any more."""
    for step in range(STEPS_MAX):
        stages.bring(seal, State.OPEN)
        request = seal.good(OrderKind.RETIRE)
        seal.order_as_power_goes(request, step)
        whole = bench.has_power()
        if not whole:
            bench.restore_power(5)
            seal.line.forget()
        if seal.state() is State.RETIRED:
            answer = seal.ask(Command.READ_CHECKPOINT)
            expect.true("O-34", len(answer.body) > 400, "a checkpoint stands for its last evidence")
            evidence = seal.last_evidence()
            order_id = seal.suite.digest(request.order[:-64])
            expect.equal("O-34", order_id, evidence.nonce, "the nonce of the last evidence")
            head = seal.log(Chain.CONTROL)[-1]
            expect.equal("O-34", head.sequence, evidence.control_sequence, "its control head")
            raw = evidence.raw
            seal.restart()
            expect.equal("O-34", raw, seal.last_evidence().raw, "it is signed anew at a boot")
        if whole:
            return


# After the year 2106.


@clause("N-4", "O-9", "K-5", "E-3")
@destructive
@needs(Capability.CLOCK, Capability.FRESH_DEVICES, Capability.TIME)
def test_seconds_do_not_end_with_four_bytes(opened: SealUnderTest, bench: Backend) -> None:
    """A clock that goes past 2^32: windows, credentials, records and evidence go on."""
    people = opened.people
    registry = people.another(Role.REGISTRY, not_after=END)
    technician = people.issue(registry, Role.TECHNICIAN, serial=81, not_after=END)
    station = people.another(Role.STATION, not_after=END)
    bench.lose_clock()
    bench.pass_time(500)
    window = {"not_before": U32 - 3_600, "not_after": U32 + 3_600}
    body = RestoreClockBody(U32 - 30)
    signers = [technician, station]
    request = opened.good(OrderKind.RESTORE_CLOCK, body=body, signers=signers, **window)
    opened.apply(request, "N-4")
    opened.apply(opened.good(OrderKind.TRUST, signers=[station], **window), "N-4")
    bench.pass_time(60_000)
    status = opened.status()
    expect.true("N-4", U32 <= status.clock < U32 + 600, f"the clock shows {status.clock}")
    opened.apply(opened.good(OrderKind.TRUST, signers=[station], **window), "N-4")
    late = {"not_before": U32 - 3_600, "not_after": U32 - 1}
    opened.refuses(opened.good(OrderKind.TRUST, signers=[station], **late), Status.EXPIRED, "O-9")
    until = people.another(Role.STATION, not_after=U32 - 1)
    opened.refuses(
        opened.good(OrderKind.TRUST, signers=[until], **window),
        Status.CREDENTIAL_EXPIRED,
        "K-5",
    )
    record, evidence = opened.log(Chain.CONTROL)[-1], opened.evidence()
    expect.true("N-4", record.clock >= U32, f"a record's clock is {record.clock}")
    expect.true("N-4", evidence.clock >= U32, f"the evidence's clock is {evidence.clock}")
    expect.true("E-3", evidence.clock_floor >= U32, f"the floor is {evidence.clock_floor}")
    if Capability.POWER in bench.capabilities:
        opened.restart(60)
        expect.true("N-4", opened.status().clock >= U32, "the clock after a boot")
    check_history(opened)


@clause("K-3", "K-5", "R40")
@pytest.mark.parametrize("role", [Role.AUTHORITY, Role.STATION, Role.INSPECTOR, Role.TECHNICIAN])
def test_no_authority_stands_between_a_signer_and_the_anchor(
    sealed: SealUnderTest, role: Role
) -> None:
    """Of the roles only a registry, which the authority issued, issues signers in its turn."""
    people = sealed.people
    between = people.issue(people.authority, role, serial=91)
    issued = Role.TECHNICIAN if role is Role.TECHNICIAN else Role.STATION
    signer = people.issue(between, issued, serial=92)
    sent = [signer.credential.raw, between.credential.raw]
    request = sealed.good(OrderKind.TRUST, signers=[signer], credentials=sent)
    sealed.refuses(request, Status.CREDENTIAL_UNTRUSTED, "K-3")
