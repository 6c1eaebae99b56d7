"""Chains of credentials, step by step: what holds at a second's edge, which step decides (K-5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import pytest

from sealkit.wire.credentials import CREDENTIAL, Minimum, Revoked
from sealkit.wire.messages import OrderRequest
from sealkit.wire.orders import EnrolBody, TrustBody
from sealkit.wire.registry import (
    TRUST_MINIMUMS_MAX,
    TRUST_REVOKED_MAX,
    OrderKind,
    Role,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.people import (
    DAY,
    OTHER_PROVINCE,
    People,
    Person,
    minimum,
    revoked,
)
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

REGISTRY_SERIAL: Final = 7_001
TECHNICIAN_SERIAL: Final = 7_002


def opening(seal: SealUnderTest, technician: Person, **changes: Any) -> OrderRequest:
    """UNSEAL by this technician."""
    signers = [technician, seal.people["station"]]
    return seal.good(OrderKind.UNSEAL, signers=signers, **changes)


def tell(seal: SealUnderTest, **changes: Any) -> None:
    """A trust statement is taken."""
    version = seal.status().trust_version + 1
    statement = seal.people.statement(version, **changes)
    signers = [seal.people["inspector"]]
    seal.give(OrderKind.TRUST, body=TrustBody(statement.raw), signers=signers)


# At the second's edge.


EDGES: Final = {
    "from this second on": ({"not_before": 0}, Status.OK),
    "from the next second on": ({"not_before": 1}, Status.CREDENTIAL_NOT_YET_VALID),
    "until this second": ({"not_after": 0}, Status.OK),
    "until the second before": ({"not_after": -1}, Status.CREDENTIAL_EXPIRED),
    "in this second alone": ({"not_before": 0, "not_after": 0}, Status.OK),
}


@clause("K-5", "R42")
@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("of", ["signer", "issuer"])
def test_a_credential_holds_from_its_first_second_to_its_last(
    opened: SealUnderTest, of: str, edge: str
) -> None:
    shifts, status = EDGES[edge]
    people = opened.people

    def make(clock: int) -> OrderRequest:
        times = {name: clock + shift for name, shift in shifts.items()}
        registry = people.another(Role.REGISTRY, **(times if of == "issuer" else {}))
        own = times if of == "signer" else {}
        technician = people.issue(registry, Role.TECHNICIAN, serial=7, **own)
        return opened.good(OrderKind.TRUST, signers=[technician])

    expect.status("K-5", status, opened.judged_within(make), f"a credential {edge}")


# The steps of K-5, in their order.


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a technician's chain. at: 0 for the own credential, 1 for its issuer's."""

    step: int
    at: int
    status: Status
    changes: dict[str, Callable[[People], Any]]

    def __str__(self) -> str:
        return f"{self.status.name} of {('the signer', 'the issuer')[self.at]}"


def _flaws() -> list[Flaw]:
    found = [Flaw(0, 1, Status.CREDENTIAL_MISSING, {})]
    for at in (0, 1):
        found += [
            Flaw(1, at, Status.CREDENTIAL_UNTRUSTED, {"scope": lambda p: OTHER_PROVINCE}),
            Flaw(2, at, Status.CREDENTIAL_INVALID, {"sign_with": lambda p: p.maker.key}),
            Flaw(
                3,
                at,
                Status.CREDENTIAL_NOT_YET_VALID,
                {"not_before": lambda p: p.made + 9 * DAY},
            ),
            Flaw(
                3,
                at,
                Status.CREDENTIAL_EXPIRED,
                {"not_after": lambda p: p.made - 9 * DAY},
            ),
            Flaw(4, at, Status.CREDENTIAL_REVOKED, {}),
        ]
    return found


def decides(one: Flaw, other: Flaw) -> Flaw:
    """The earlier step; within one the chain is judged from the credential upwards."""
    return min(one, other, key=lambda flaw: (flaw.step, flaw.at))


@clause("K-5", "O-10")
@pytest.mark.seconds(240)
def test_of_two_flaws_of_a_chain_the_earlier_step_decides(sealed: SealUnderTest) -> None:
    people = sealed.people
    key = people.suite.generate()
    authority = people.suite.key_id(people.authority.key.public_key)
    tell(
        sealed,
        revoked=(
            Revoked(authority, REGISTRY_SERIAL),
            Revoked(people.suite.key_id(key.public_key), TECHNICIAN_SERIAL),
        ),
    )
    for one, other in combinations(_flaws(), 2):
        if one.at == other.at and one.step == other.step:
            continue
        changes: list[dict[str, Any]] = [{"serial": 7_009}, {"serial": 7_008, "key": key}]
        for flaw in (one, other):
            changes[flaw.at] |= {name: make(people) for name, make in flaw.changes.items()}
            if flaw.step == 4:
                changes[flaw.at]["serial"] = (TECHNICIAN_SERIAL, REGISTRY_SERIAL)[flaw.at]
        registry = people.issue(people.authority, Role.REGISTRY, **changes[1])
        technician = people.issue(registry, Role.TECHNICIAN, **changes[0])
        sent = [technician.credential.raw, people["station"].credential.raw]
        if not {one.step, other.step} & {0}:
            sent.append(registry.credential.raw)
        first = decides(one, other)
        answer = sealed.order(opening(sealed, technician, credentials=sent))
        expect.status("K-5", first.status, answer, f"{one}, and {other}")


# Which credential is the issuer.


@clause("K-5", "O-10")
def test_of_two_issuers_with_one_key_the_first_that_is_sent_counts(sealed: SealUnderTest) -> None:
    people = sealed.people
    key = people.suite.generate()
    good = people.another(Role.REGISTRY, key=key)
    expired = people.another(Role.REGISTRY, key=key, not_after=people.made - 1)
    technician = people.issue(good, Role.TECHNICIAN, serial=11)
    rest = [technician.credential.raw, people["station"].credential.raw]
    for first, second, status in (
        (expired, good, Status.CREDENTIAL_EXPIRED),
        (good, expired, Status.OK),
    ):
        sent = [*rest, first.credential.raw, second.credential.raw]
        request = opening(sealed, technician, credentials=sent)
        if status is Status.OK:
            sealed.apply(request, "K-5")
        else:
            sealed.refuses(request, status, "K-5")


@clause("K-5", "K-4", "O-10")
def test_the_anchor_is_the_issuer_whatever_else_is_sent(sealed: SealUnderTest) -> None:
    """Neither an expired credential of the anchor's key counts, nor a registry's of that key."""
    people = sealed.people
    key, station = people.authority.key, people["station"]
    twins = [
        people.issue(people.maker, Role.AUTHORITY, key=key, not_after=people.made - 1),
        people.issue(None, Role.AUTHORITY, key=key, scope=OTHER_PROVINCE),
        people.issue(people.authority, Role.REGISTRY, key=key, serial=12),
    ]
    for twin in twins:
        sent = [twin.credential.raw, station.credential.raw]
        sealed.apply(sealed.good(OrderKind.CONFIRM, credentials=sent), "K-5")


@clause("K-5", "K-4", "O-20")
@needs(Capability.FRESH_DEVICES, Capability.TIME)
@pytest.mark.destructive
def test_the_anchor_itself_is_not_judged_again(
    seal: SealUnderTest, stages: Stages, bench: Backend
) -> None:
    """It may expire after ENROL, and its own statement cannot revoke it."""
    stages.bring(seal, State.FACTORY)
    people = seal.people
    key = people.authority.key
    endorsed = people.issue(
        people.maker, Role.AUTHORITY, key=key, serial=77, not_after=bench.now() + 60
    )
    body = EnrolBody(seal.status().clock, endorsed.credential.raw)
    seal.give(OrderKind.ENROL, body=body)
    bench.pass_time(120_000)
    tell(seal, revoked=(revoked(endorsed),), minimums=(minimum(people.maker, 65_535),))
    seal.give(OrderKind.TRUST, clause="K-5")


# What a statement says.


@clause("K-5", "K-7", "R43")
def test_whose_issuer_is_below_the_minimum_signs_no_more(sealed: SealUnderTest) -> None:
    """A minimum says nothing of the generation of those whom its generations issued."""
    people = sealed.people
    registry = people.another(Role.REGISTRY, generation=6)
    technician = people.issue(registry, Role.TECHNICIAN, serial=13, generation=1)
    tell(sealed, minimums=(minimum(people.authority, 5),))
    sealed.apply(sealed.good(OrderKind.TRUST, signers=[technician]), "K-5")
    version = sealed.status().trust_version + 1
    statement = people.statement(version, minimums=(minimum(people.authority, 7),))
    newer = people.another(Role.INSPECTOR, generation=7)
    sealed.give(OrderKind.TRUST, body=TrustBody(statement.raw), signers=[newer])
    station = people.another(Role.STATION, generation=7)
    request = sealed.good(OrderKind.UNSEAL, signers=[technician, station])
    sealed.refuses(request, Status.CREDENTIAL_REVOKED, "K-5")


@clause("K-5", "K-7")
def test_an_entry_revokes_only_what_it_names(sealed: SealUnderTest) -> None:
    """Issuer and serial together name a credential."""
    people = sealed.people
    authority = people.suite.key_id(people.authority.key.public_key)
    station = people.another(Role.STATION)
    serial = station.credential.serial
    own = people.suite.key_id(station.key.public_key)
    tell(
        sealed,
        revoked=(
            Revoked(authority, serial ^ 1),
            Revoked(authority, serial ^ 0x80000000),
            Revoked(authority[:15] + bytes((authority[15] ^ 1,)), serial),
            Revoked(bytes((authority[0] ^ 1,)) + authority[1:], serial),
            Revoked(own, serial),
        ),
        minimums=(Minimum(own, 65_535), Minimum(authority[::-1], 65_535)),
    )
    sealed.apply(sealed.good(OrderKind.CONFIRM, signers=[station]), "K-5")


@clause("K-5", "K-7", "R43")
@pytest.mark.parametrize("at", [0, 1, TRUST_REVOKED_MAX - 1])
def test_every_entry_of_the_longest_list_counts(sealed: SealUnderTest, at: int) -> None:
    people = sealed.people
    station = people.another(Role.STATION)
    entries = [Revoked(bytes((n,)) * 16, n) for n in range(TRUST_REVOKED_MAX)]
    entries[at] = revoked(station)
    minimums = tuple(Minimum(bytes((n,)) * 16, 9) for n in range(TRUST_MINIMUMS_MAX))
    tell(sealed, revoked=tuple(entries), minimums=minimums)
    request = sealed.good(OrderKind.CONFIRM, signers=[station])
    sealed.refuses(request, Status.CREDENTIAL_REVOKED, "K-5")


@clause("K-5", "K-7", "R43")
@pytest.mark.parametrize("at", [0, 1, TRUST_MINIMUMS_MAX - 1])
def test_every_minimum_of_the_longest_list_counts(sealed: SealUnderTest, at: int) -> None:
    people = sealed.people
    technician = people.another(Role.TECHNICIAN, generation=8)
    minimums = [Minimum(bytes((n,)) * 16, 1) for n in range(TRUST_MINIMUMS_MAX)]
    minimums[at] = minimum(people["registry"], 9)
    tell(sealed, minimums=tuple(minimums))
    sealed.refuses(opening(sealed, technician), Status.CREDENTIAL_REVOKED, "K-5")
    as_new = people.another(Role.TECHNICIAN, generation=9)
    sealed.apply(opening(sealed, as_new), "K-5")


@clause("K-7", "O-31")
@pytest.mark.parametrize("version", [1, 2, 65_536, 0xFFFFFFFF])
def test_a_version_may_rise_by_any_step(opened: SealUnderTest, version: int) -> None:
    held = opened.status().trust_version
    if version <= held:
        pytest.skip("the seal on this bench holds a later statement")
    if version == 0xFFFFFFFF and Capability.FRESH_DEVICES not in opened.backend.capabilities:
        pytest.skip("the only seal on this bench would take no statement any more")
    statement = opened.people.statement(version)
    opened.give(OrderKind.TRUST, body=TrustBody(statement.raw), clause="O-31")
    for other in (version, version - 1):
        request = opened.good(
            OrderKind.TRUST, body=TrustBody(opened.people.statement(other, issued_at=9).raw)
        )
        opened.refuses(request, Status.TRUST_VERSION, "K-7")


@clause("T-2", "O-31")
@pytest.mark.parametrize(
    ("at", "value", "status"),
    [
        (0, 0x73, Status.MALFORMED),
        (6, 0, Status.MALFORMED),
        (7, 0, Status.WRONG_SUITE),
        (8, 1, Status.MALFORMED),
        (8, 3, Status.MALFORMED),
        (9, 0, Status.WRONG_VERSION),
        (9, 2, Status.WRONG_VERSION),
    ],
)
def test_a_statement_with_another_tag(
    opened: SealUnderTest, at: int, value: int, status: Status
) -> None:
    """Signed as it is, so that nothing but its tag is wrong."""
    people = opened.people
    raw = people.statement(opened.status().trust_version + 1).raw
    unsigned = raw[:at] + bytes((value,)) + raw[at + 1 : -64]
    body = TrustBody(unsigned + people.authority.key.sign(unsigned))
    opened.refuses(opened.good(OrderKind.TRUST, body=body), status, "T-2")


# The credential's own bytes.

ODD: Final = {
    "another prefix": (0, b"s", Status.CREDENTIAL_INVALID, "T-2"),
    "the prefix's end": (6, b"\0", Status.CREDENTIAL_INVALID, "T-2"),
    "an order's type": (8, b"\3", Status.CREDENTIAL_INVALID, "T-2"),
    "a statement's type": (8, b"\2", Status.CREDENTIAL_INVALID, "T-2"),
    "no version": (9, b"\0", Status.WRONG_VERSION, "T-2"),
    "a later version": (9, b"\2", Status.WRONG_VERSION, "T-2"),
    "another suite": (7, b"\3", Status.WRONG_SUITE, "T-2"),
    "no role": (32, b"\0", Status.CREDENTIAL_INVALID, "N-3"),
    "a role that is in no table": (32, b"\x08", Status.CREDENTIAL_INVALID, "N-3"),
    "a name that is not UTF-8": (119, b"\xff", Status.CREDENTIAL_INVALID, "N-3"),
    "a name longer than it is": (118, b"\x30", Status.CREDENTIAL_INVALID, "N-3"),
    "a name over its limit": (118, b"\x31", Status.CREDENTIAL_INVALID, "N-3"),
}


@clause("O-10", "T-2", "N-3", "K-5")
@pytest.mark.parametrize("what", ODD)
def test_a_signers_credential_with_odd_bytes(sealed: SealUnderTest, what: str) -> None:
    """Signed by the authority as it is."""
    at, value, status, clause_id = ODD[what]
    people = sealed.people
    station = people.another(Role.STATION)
    whole = station.credential.raw
    unsigned = whole[:at] + value + whole[at + len(value) : -64]
    odd = unsigned + people.authority.key.sign(unsigned)
    digest = people.suite.digest(odd)
    request = sealed.good(
        OrderKind.CONFIRM, signers=[station], first_signer=digest, credentials=[odd]
    )
    sealed.refuses(request, status, clause_id)


@clause("K-5", "N-2")
def test_names_of_every_length_are_taken(sealed: SealUnderTest) -> None:
    people = sealed.people
    for name in ("", "x" * 48, "站" * 16):
        station = people.another(Role.STATION, name=name)
        expect.equal("N-2", station.credential, CREDENTIAL.parse(station.credential.raw), "codec")
        sealed.apply(sealed.good(OrderKind.CONFIRM, signers=[station]), "K-5")


# Two people (O-12).


@clause("O-12", "R40", "R44")
def test_who_issued_a_signer_does_not_sign_beside_it(sealed: SealUnderTest) -> None:
    """A station whose key is also the registry's that issued the technician."""
    people = sealed.people
    key = people.suite.generate()
    registry = people.another(Role.REGISTRY, key=key)
    technician = people.issue(registry, Role.TECHNICIAN, serial=14)
    station = people.another(Role.STATION, key=key)
    request = sealed.good(OrderKind.UNSEAL, signers=[technician, station])
    sealed.refuses(request, Status.SAME_SIGNER, "O-12")
    other = people.another(Role.STATION)
    sealed.apply(sealed.good(OrderKind.UNSEAL, signers=[technician, other]), "O-12")


@clause("O-12")
def test_two_people_may_share_a_name_and_a_serial(sealed: SealUnderTest) -> None:
    people = sealed.people
    technician = people.another(Role.TECHNICIAN, name="one", serial=15)
    station = people.another(Role.STATION, name="one", serial=15)
    sealed.apply(sealed.good(OrderKind.UNSEAL, signers=[technician, station]), "O-12")
