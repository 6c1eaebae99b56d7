"""Who may sign: credentials, signatures, two people, trust statements (chapter 4, O-10 to O-13)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sealkit.wire.credentials import CREDENTIAL, Minimum, Revoked
from sealkit.wire.messages import OrderRequest
from sealkit.wire.orders import ORDER, EnrolBody, TrustBody
from sealkit.wire.registry import (
    ORDERS,
    Command,
    CredentialChoice,
    Flag,
    OrderKind,
    Role,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.people import (
    CITY,
    DAY,
    OTHER_PROVINCE,
    REGION,
    YEAR,
    People,
    Person,
    minimum,
    revoked,
)
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

MakePerson = Callable[[People], Person]
Bad = tuple[MakePerson, Status, str]


def chained(people: People, length: int) -> Person:
    """A technician at the end of a chain of registries of this length."""
    issuer = people.authority
    for step in range(length - 1):
        issuer = people.issue(issuer, Role.REGISTRY, serial=500 + step)
    return people.issue(issuer, Role.TECHNICIAN, serial=600)


def lone(person: Person) -> Person:
    """Without the issuers that ought to be sent with the credential."""
    return Person(person.key, person.credential)


def altered(person: Person, at: int) -> Person:
    """With one bit of the credential's bytes altered, its signature left as it was."""
    raw = bytearray(person.credential.raw)
    raw[at] ^= 1
    return Person(person.key, CREDENTIAL.parse(bytes(raw)), person.issuers)


STATION = Role.STATION
BAD_STATIONS: dict[str, Bad] = {
    "expired": (
        lambda p: p.another(STATION, not_after=p.made - 1),
        Status.CREDENTIAL_EXPIRED,
        "K-5",
    ),
    "expired long ago": (
        lambda p: p.another(STATION, not_before=p.made - 9 * YEAR, not_after=p.made - 8 * YEAR),
        Status.CREDENTIAL_EXPIRED,
        "K-5",
    ),
    "not yet valid": (
        lambda p: p.another(STATION, not_before=p.made + 30 * DAY),
        Status.CREDENTIAL_NOT_YET_VALID,
        "K-5",
    ),
    "of another province": (
        lambda p: p.another(STATION, scope=OTHER_PROVINCE),
        Status.CREDENTIAL_UNTRUSTED,
        "K-3",
    ),
    "of one city of the region": (
        lambda p: p.another(STATION, scope=CITY),
        Status.CREDENTIAL_SCOPE,
        "O-11",
    ),
    "of everywhere, by a regional authority": (
        lambda p: p.another(STATION, scope=0),
        Status.CREDENTIAL_UNTRUSTED,
        "K-3",
    ),
    "self-signed": (
        lambda p: p.issue(None, STATION, serial=70),
        Status.CREDENTIAL_UNTRUSTED,
        "K-5",
    ),
    "by another authority that is sent": (
        lambda p: _with_issuer(p.issue(p.issue(None, Role.AUTHORITY), STATION), p),
        Status.CREDENTIAL_MISSING,
        "K-5",
    ),
    "by a registry": (
        lambda p: p.issue(p["registry"], STATION, serial=71),
        Status.CREDENTIAL_UNTRUSTED,
        "K-3",
    ),
    "by a station": (
        lambda p: p.issue(p["station"], STATION, serial=72),
        Status.CREDENTIAL_UNTRUSTED,
        "K-3",
    ),
    "by the maker": (
        lambda p: p.issue(p.maker, STATION, serial=73),
        Status.CREDENTIAL_MISSING,
        "K-5",
    ),
    "signed by another key": (
        lambda p: p.another(STATION, sign_with=p.maker.key),
        Status.CREDENTIAL_INVALID,
        "K-5",
    ),
    "signed by itself in the authority's name": (
        lambda p: p.another(STATION, sign_with=p["inspector"].key),
        Status.CREDENTIAL_INVALID,
        "K-5",
    ),
    "its name altered": (
        lambda p: altered(p.another(STATION, name="A"), 119),
        Status.CREDENTIAL_INVALID,
        "K-5",
    ),
    "its validity altered": (
        lambda p: altered(p.another(STATION), 52),
        Status.CREDENTIAL_INVALID,
        "T-3",
    ),
    "its serial altered": (
        lambda p: altered(p.another(STATION), 29),
        Status.CREDENTIAL_INVALID,
        "T-3",
    ),
    "of another suite": (
        lambda p: p.another(STATION, suite_number=3 - p.suite.id),
        Status.WRONG_SUITE,
        "S-5",
    ),
}
BAD_TECHNICIANS: dict[str, Bad] = {
    "expired": (
        lambda p: p.another(Role.TECHNICIAN, not_after=p.made - 1),
        Status.CREDENTIAL_EXPIRED,
        "K-5",
    ),
    "by an expired registry": (
        lambda p: p.issue(
            p.another(Role.REGISTRY, not_after=p.made - 1), Role.TECHNICIAN, serial=80
        ),
        Status.CREDENTIAL_EXPIRED,
        "K-5",
    ),
    "by a registry to come": (
        lambda p: p.issue(
            p.another(Role.REGISTRY, not_before=p.made + DAY), Role.TECHNICIAN, serial=81
        ),
        Status.CREDENTIAL_NOT_YET_VALID,
        "K-5",
    ),
    "by the authority itself": (
        lambda p: p.issue(p.authority, Role.TECHNICIAN, serial=82),
        Status.CREDENTIAL_UNTRUSTED,
        "K-3",
    ),
    "by a station": (
        lambda p: p.issue(p["station"], Role.TECHNICIAN, serial=83),
        Status.CREDENTIAL_UNTRUSTED,
        "K-3",
    ),
    "by a technician": (
        lambda p: p.issue(p["technician"], Role.TECHNICIAN, serial=84),
        Status.CREDENTIAL_UNTRUSTED,
        "K-3",
    ),
    "by an inspector": (
        lambda p: p.issue(p["inspector"], Role.TECHNICIAN, serial=85),
        Status.CREDENTIAL_UNTRUSTED,
        "K-3",
    ),
    "by a registry that is not sent": (
        lambda p: lone(p.issue(p.another(Role.REGISTRY), Role.TECHNICIAN, serial=86)),
        Status.CREDENTIAL_MISSING,
        "K-5",
    ),
    "by a registry of a narrower region": (
        lambda p: p.issue(p.another(Role.REGISTRY, scope=CITY), Role.TECHNICIAN, serial=87),
        Status.CREDENTIAL_UNTRUSTED,
        "K-3",
    ),
    "by a self-signed registry": (
        lambda p: p.issue(p.issue(None, Role.REGISTRY, serial=88), Role.TECHNICIAN, serial=89),
        Status.CREDENTIAL_UNTRUSTED,
        "K-5",
    ),
    "by a registry under a registry": (
        lambda p: chained(p, 3),
        Status.CREDENTIAL_UNTRUSTED,
        "K-3",
    ),
    "signed by the wrong registry": (
        lambda p: p.another(Role.TECHNICIAN, sign_with=p.suite.generate()),
        Status.CREDENTIAL_INVALID,
        "K-5",
    ),
    "by a registry with a bad signature": (
        lambda p: p.issue(
            p.another(Role.REGISTRY, sign_with=p.suite.generate()), Role.TECHNICIAN, serial=90
        ),
        Status.CREDENTIAL_INVALID,
        "K-5",
    ),
    "of one city of the region": (
        lambda p: p.another(Role.TECHNICIAN, scope=CITY),
        Status.CREDENTIAL_SCOPE,
        "O-11",
    ),
}


def _with_issuer(person: Person, people: People) -> Person:
    """With the station's good credential beside it, which helps nobody."""
    return Person(person.key, person.credential, (people["station"].credential,))


@clause("O-10", "K-5", "K-3", "S-5", "O-11", "R40")
@pytest.mark.parametrize("what", BAD_STATIONS)
def test_a_station_that_does_not_hold(sealed: SealUnderTest, what: str) -> None:
    make, status, clause_id = BAD_STATIONS[what]
    station = make(sealed.people)
    request = sealed.good(OrderKind.CONFIRM, signers=[station])
    sealed.refuses(request, status, clause_id)
    signers = [sealed.people["technician"], station]
    sealed.refuses(sealed.good(OrderKind.UNSEAL, signers=signers), status, clause_id)


@clause("O-10", "K-5", "K-3", "O-11", "R40", "R42")
@pytest.mark.parametrize("what", BAD_TECHNICIANS)
def test_a_technician_that_does_not_hold(sealed: SealUnderTest, what: str) -> None:
    make, status, clause_id = BAD_TECHNICIANS[what]
    technician = make(sealed.people)
    signers = [technician, sealed.people["station"]]
    sealed.refuses(sealed.good(OrderKind.UNSEAL, signers=signers), status, clause_id)


@clause("K-1", "O-11")
@pytest.mark.parametrize(
    ("region", "scope", "taken"),
    [
        (310115, 310115, True),
        (310115, 310100, True),
        (310115, 310000, True),
        (310115, 310114, False),
        (310115, 310200, False),
        (310100, 310115, False),
        (310100, 310000, True),
        (310000, 310100, False),
        # The last county of a city and of a province is in no other one.
        (310199, 310100, True),
        (310199, 310200, False),
        (319999, 310000, True),
    ],
)
@needs(Capability.FRESH_DEVICES)
@pytest.mark.destructive
def test_which_region_covers_which(
    seal: SealUnderTest, stages: Stages, region: int, scope: int, taken: bool
) -> None:
    """The region is the scope of the station that signed ENROL (O-11)."""
    stages.bring(seal, State.FACTORY)
    enroller = seal.people.another(Role.STATION, scope=region)
    seal.give(OrderKind.ENROL, signers=[enroller])
    other = seal.people.another(Role.STATION, scope=scope)
    request = seal.good(OrderKind.TRUST, signers=[other])
    if taken:
        seal.apply(request, "K-1")
    else:
        seal.refuses(request, Status.CREDENTIAL_SCOPE, "K-1")


@clause("K-1", "K-3")
@needs(Capability.FRESH_DEVICES)
@pytest.mark.destructive
@pytest.mark.parametrize(
    ("authority", "station", "holds"),
    [
        (0, 310000, True),
        (0, 0, True),
        (310000, 310115, True),
        (310100, 310115, True),
        (310100, 310100, True),
        (310100, 310000, False),
        (310100, 310200, False),
        (310115, 310100, False),
        (310115, 310116, False),
        (310000, 320000, False),
        (310001, 310002, False),
    ],
)
def test_an_issuers_scope_covers_what_it_issues(
    seal: SealUnderTest, stages: Stages, authority: int, station: int, holds: bool
) -> None:
    stages.bring(seal, State.FACTORY)
    people = seal.people
    key = people.suite.generate()
    endorsed = people.issue(people.maker, Role.AUTHORITY, key=key, scope=authority, serial=3)
    enroller = people.issue(endorsed, Role.STATION, scope=station, serial=4)
    body = EnrolBody(seal.status().clock, endorsed.credential.raw)
    request = seal.good(OrderKind.ENROL, body=body, signers=[enroller])
    if holds:
        seal.apply(request, "K-3")
    else:
        seal.refuses(request, Status.CREDENTIAL_UNTRUSTED, "K-3")


@clause("O-10", "K-5")
def test_a_signers_credential_has_to_be_sent(sealed: SealUnderTest) -> None:
    """Also when it stands in the chain already: what is sent is all that is looked at."""
    people = sealed.people
    technician, station = people["technician"], people["station"]
    for sent in ([], [technician.chain[0]], [station.credential.raw], list(technician.chain)):
        request = sealed.good(OrderKind.UNSEAL, credentials=sent)
        sealed.refuses(request, Status.CREDENTIAL_MISSING, "O-10")
    without_registry = [technician.credential.raw, station.credential.raw]
    request = sealed.good(OrderKind.UNSEAL, credentials=without_registry)
    sealed.refuses(request, Status.CREDENTIAL_MISSING, "K-5")


@clause("O-10")
def test_all_credentials_that_are_sent_have_their_layout(sealed: SealUnderTest) -> None:
    station = sealed.people["station"].credential.raw
    for other in (b"", b"nothing", station[:-1], station + b"\0", bytes(200)):
        request = sealed.good(OrderKind.CONFIRM, credentials=[station, other])
        sealed.refuses(request, Status.CREDENTIAL_INVALID, "O-10")


@clause("O-10", "K-5")
def test_credentials_that_nobody_needs_are_let_be(sealed: SealUnderTest) -> None:
    """They may even be expired: only the signers' have to hold."""
    people = sealed.people
    expired = people.another(Role.STATION, not_after=people.made - 1).credential.raw
    sent = [expired, people["station"].credential.raw, people["registry"].credential.raw]
    sealed.apply(sealed.good(OrderKind.CONFIRM, credentials=sent), "O-10")


@clause("O-10", "K-5")
def test_credentials_may_come_in_any_order(sealed: SealUnderTest) -> None:
    request = sealed.good(OrderKind.UNSEAL)
    sealed.apply(OrderRequest(request.order, request.credentials[::-1]), "O-10")


@clause("O-12", "R40")
def test_one_person_does_not_sign_twice(sealed: SealUnderTest) -> None:
    """Neither with two credentials for one key, nor as station and technician."""
    people = sealed.people
    key = people.suite.generate()
    technician = people.another(Role.TECHNICIAN, key=key)
    station = people.another(Role.STATION, key=key)
    request = sealed.good(OrderKind.UNSEAL, signers=[technician, station])
    sealed.refuses(request, Status.SAME_SIGNER, "O-12")


@clause("O-13", "S-2", "T-3", "R35")
def test_signatures_that_do_not_verify(sealed: SealUnderTest) -> None:
    people = sealed.people
    request = sealed.good(OrderKind.UNSEAL)
    order = ORDER.parse(request.order)
    one, two = order.signatures[:64], order.signatures[64:]
    size = 32
    zero, high = bytes(size), b"\xff" * size
    wrong = {
        "exchanged": two + one,
        "the first twice": one + one,
        "the second twice": two + two,
        "r is zero": zero + one[size:] + two,
        "s is zero": one[:size] + zero + two,
        "both zero": zero + zero + two,
        "r above the order": high + one[size:] + two,
        "s above the order": one + two[:size] + high,
        "r and s exchanged": one[size:] + one[:size] + two,
        "a bit of the first": bytes((one[0] ^ 1,)) + one[1:] + two,
        "a bit of the second": one + two[:-1] + bytes((two[-1] ^ 1,)),
        "of other bytes": people["technician"].key.sign(b"other") + two,
        "of a digest": people["technician"].key.sign(people.suite.digest(order.unsigned_bytes))
        + two,
    }
    for what, signatures in wrong.items():
        bad = OrderRequest(order.unsigned_bytes + signatures, request.credentials)
        answer = sealed.order(bad)
        expect.status("O-13", Status.SIGNATURE_INVALID, answer, what)
    sealed.refuses(bad, Status.SIGNATURE_INVALID, "O-13")
    sealed.apply(request, "O-13")


@clause("O-13", "T-3")
@pytest.mark.parametrize("place", [0, 1])
def test_each_of_two_signatures_is_checked(sealed: SealUnderTest, place: int) -> None:
    people = sealed.people
    keys = [people["technician"].key, people["station"].key]
    keys[place] = people.suite.generate()
    request = sealed.good(OrderKind.UNSEAL, sign_with=keys)
    sealed.refuses(request, Status.SIGNATURE_INVALID, "O-13")


@clause("S-2", "O-13")
def test_a_high_s_is_valid(sealed: SealUnderTest) -> None:
    """ECDSA has two signatures for each; SM2 has not."""
    if sealed.suite.name != "p256":
        pytest.skip("SM2 has no second form of a signature")
    order_of_curve = sealed.suite.largest_scalar + 1
    request = sealed.good(OrderKind.CONFIRM)
    r, s = request.order[-64:-32], int.from_bytes(request.order[-32:], "big")
    other = (order_of_curve - s).to_bytes(32, "big")
    sealed.apply(OrderRequest(request.order[:-64] + r + other, request.credentials), "S-2")


@clause("S-2", "K-5")
def test_keys_that_are_no_points_are_refused(sealed: SealUnderTest) -> None:
    people = sealed.people
    good = people["station"].key.public_key
    for public_key in (
        bytes(65),
        b"\4" + bytes(64),
        b"\2" + good[1:],
        good[:-1] + bytes((good[-1] ^ 1,)),
        b"\4" + b"\xff" * 64,
    ):
        station = people.another(Role.STATION, public_key=public_key)
        request = sealed.good(OrderKind.CONFIRM, signers=[station])
        sealed.refuses(request, Status.SIGNATURE_INVALID, "S-2")


# Trust statements (4.1, O-31, K-7).


def trust(seal: SealUnderTest, version: int | None = None, **changes: object) -> OrderRequest:
    """TRUST with a statement of the next version, or of this one."""
    number = seal.status().trust_version + 1 if version is None else version
    statement = seal.people.statement(number, **changes)
    station = seal.people["station"]
    return seal.good(OrderKind.TRUST, body=TrustBody(statement.raw), signers=[station])


@clause("K-7", "O-31", "R43")
def test_versions_only_go_up(opened: SealUnderTest) -> None:
    start = opened.status().trust_version
    opened.apply(trust(opened, start + 5), "K-7")
    expect.equal("K-7", start + 5, opened.status().trust_version, "the version")
    expect.equal("K-7", start + 5, opened.evidence().trust_version, "the evidence's version")
    for version in (start + 5, start + 4, 0):
        opened.refuses(trust(opened, version), Status.TRUST_VERSION, "K-7")
    opened.apply(trust(opened, start + 6), "K-7")


@clause("O-31", "K-7")
def test_statements_of_others_are_refused(opened: SealUnderTest) -> None:
    people = opened.people
    other = people.suite.generate()
    bad = [
        (trust(opened, sign_with=other), Status.TRUST_INVALID),
        (trust(opened, authority=people.suite.key_id(other.public_key)), Status.TRUST_INVALID),
        (
            trust(
                opened,
                authority=people.suite.key_id(other.public_key),
                sign_with=other,
            ),
            Status.TRUST_INVALID,
        ),
        (trust(opened, sign_with=people["station"].key), Status.TRUST_INVALID),
        (trust(opened, suite_number=3 - people.suite.id), Status.WRONG_SUITE),
    ]
    for request, status in bad:
        opened.refuses(request, status, "O-31")
    raw = bytearray(people.statement(opened.status().trust_version + 1).raw)
    raw[33] ^= 1
    request = opened.good(OrderKind.TRUST, body=TrustBody(bytes(raw)))
    opened.refuses(request, Status.TRUST_INVALID, "O-31")
    request = opened.good(OrderKind.TRUST, body=TrustBody(bytes(raw[:-1])))
    opened.refuses(request, Status.MALFORMED, "O-31")


@clause("K-5", "K-7", "R43")
@pytest.mark.parametrize("role", [Role.STATION, Role.TECHNICIAN, Role.INSPECTOR, Role.REGISTRY])
def test_who_is_revoked_signs_no_more(sealed: SealUnderTest, role: Role) -> None:
    person = sealed.people.another(role)
    sealed.apply(sealed.good(OrderKind.TRUST, signers=[person]))
    sealed.apply(trust(sealed, revoked=(revoked(person),)))
    body = TrustBody(
        sealed.people.statement(sealed.status().trust_version + 1, revoked=(revoked(person),)).raw
    )
    request = sealed.good(OrderKind.TRUST, body=body, signers=[person])
    sealed.refuses(request, Status.CREDENTIAL_REVOKED, "K-5")
    if role in (Role.STATION, Role.INSPECTOR):
        request = sealed.good(OrderKind.CONFIRM, signers=[person])
        sealed.refuses(request, Status.CREDENTIAL_REVOKED, "K-5")


@clause("K-5", "K-7", "R43")
def test_with_a_registry_its_technicians_are_revoked(sealed: SealUnderTest) -> None:
    registry = sealed.people.another(Role.REGISTRY)
    technician = sealed.people.issue(registry, Role.TECHNICIAN, serial=91)
    sealed.apply(trust(sealed, revoked=(revoked(registry),)))
    signers = [technician, sealed.people["station"]]
    request = sealed.good(OrderKind.UNSEAL, signers=signers)
    sealed.refuses(request, Status.CREDENTIAL_REVOKED, "K-5")


@clause("K-5", "R43")
def test_revoked_is_one_serial_of_one_issuer(sealed: SealUnderTest) -> None:
    """The same serial by another issuer, and another serial of this one, go on."""
    people = sealed.people
    gone = people.another(Role.STATION)
    sealed.apply(trust(sealed, revoked=(revoked(gone),)))
    serial = gone.credential.serial
    technician = people.another(Role.TECHNICIAN, serial=serial)
    sealed.apply(sealed.good(OrderKind.UNSEAL, signers=[technician, people["station"]]), "K-5")


@clause("K-5", "R43")
@pytest.mark.parametrize("generation", [4, 5, 6])
def test_generations_below_the_minimum_are_refused(sealed: SealUnderTest, generation: int) -> None:
    people = sealed.people
    people_minimum = minimum(people.authority, 5)
    sealed.apply(trust(sealed, minimums=(people_minimum,)))
    station = people.another(Role.STATION, generation=generation)
    request = sealed.good(OrderKind.CONFIRM, signers=[station])
    if generation < 5:
        sealed.refuses(request, Status.CREDENTIAL_REVOKED, "K-5")
    else:
        sealed.apply(request, "K-5")


@clause("K-5", "K-7")
def test_a_minimum_counts_for_its_issuer_alone(sealed: SealUnderTest) -> None:
    people = sealed.people
    sealed.apply(trust(sealed, minimums=(minimum(people["registry"], 9),)))
    station = people.another(Role.STATION, generation=1)
    sealed.apply(sealed.good(OrderKind.CONFIRM, signers=[station]), "K-5")
    technician = people.another(Role.TECHNICIAN, generation=8)
    request = sealed.good(OrderKind.UNSEAL, signers=[technician, people["station"]])
    sealed.refuses(request, Status.CREDENTIAL_REVOKED, "K-5")


@clause("K-7", "O-31")
def test_a_new_statement_replaces_the_old_one_whole(sealed: SealUnderTest) -> None:
    station = sealed.people.another(Role.STATION)
    sealed.apply(trust(sealed, revoked=(revoked(station),)))
    sealed.apply(trust(sealed))
    sealed.apply(sealed.good(OrderKind.CONFIRM, signers=[station]), "K-7")


@clause("O-10", "O-31", "K-7")
def test_a_statement_judges_its_own_bearer(sealed: SealUnderTest) -> None:
    """TRUST is judged under the statement that it carries: both ways."""
    people = sealed.people
    bearer = people.another(Role.INSPECTOR)
    version = sealed.status().trust_version
    body = TrustBody(people.statement(version + 1, revoked=(revoked(bearer),)).raw)
    request = sealed.good(OrderKind.TRUST, body=body, signers=[bearer])
    sealed.refuses(request, Status.CREDENTIAL_REVOKED, "O-10")
    sealed.apply(trust(sealed, revoked=(revoked(bearer),)))
    clean = TrustBody(people.statement(version + 2).raw)
    sealed.apply(sealed.good(OrderKind.TRUST, body=clean, signers=[bearer]), "O-10")


@clause("K-7", "O-31")
def test_the_fullest_statement_is_taken(opened: SealUnderTest) -> None:
    people = opened.people
    keys = [bytes((n,)) * 16 for n in range(24)]
    statement = people.statement(
        opened.status().trust_version + 1,
        minimums=tuple(Minimum(key, 7) for key in keys[:16]),
        revoked=tuple(Revoked(key, 9) for key in keys),
    )
    opened.give(OrderKind.TRUST, body=TrustBody(statement.raw), clause="O-31")
    expect.equal("C-10", statement.raw, opened.trust().raw, "the statement that was taken")


@clause("K-7")
@needs(Capability.POWER)
def test_a_statement_survives_a_boot(sealed: SealUnderTest) -> None:
    station = sealed.people.another(Role.STATION)
    sealed.apply(trust(sealed, revoked=(revoked(station),)))
    version = sealed.status().trust_version
    sealed.restart()
    expect.equal("K-7", version, sealed.status().trust_version, "the version after a boot")
    request = sealed.good(OrderKind.CONFIRM, signers=[station])
    sealed.refuses(request, Status.CREDENTIAL_REVOKED, "K-7")


# Enrolment (O-20).


@clause("O-20", "R47", "R40")
@pytest.mark.parametrize("state", [State.OPEN, State.SEALED, State.TAMPERED])
def test_a_seal_is_enrolled_once(seal: SealUnderTest, stages: Stages, state: State) -> None:
    stages.bring(seal, state)
    seal.refuses(seal.good(OrderKind.ENROL), Status.WRONG_STATE, "O-20")


@clause("O-20", "K-4", "K-5", "R47")
def test_only_the_maker_endorses_an_authority(factory: SealUnderTest) -> None:
    people = factory.people
    key = people.authority.key
    other_maker = people.issue(None, Role.MANUFACTURER, scope=people.maker.credential.scope)
    now = people.made
    bad: dict[str, tuple[Person, Status]] = {
        "self-signed": (people.authority, Status.CREDENTIAL_UNTRUSTED),
        "by another maker": (
            people.issue(other_maker, Role.AUTHORITY, key=key),
            Status.CREDENTIAL_MISSING,
        ),
        "signed by another key": (
            people.issue(people.maker, Role.AUTHORITY, key=key, sign_with=other_maker.key),
            Status.CREDENTIAL_INVALID,
        ),
        "a station": (people["station"], Status.CREDENTIAL_UNTRUSTED),
        "a seal": (people.seal(5), Status.CREDENTIAL_UNTRUSTED),
        "expired": (
            people.issue(people.maker, Role.AUTHORITY, key=key, not_after=now - 1),
            Status.CREDENTIAL_EXPIRED,
        ),
        "to come": (
            people.issue(people.maker, Role.AUTHORITY, key=key, not_before=now + DAY),
            Status.CREDENTIAL_NOT_YET_VALID,
        ),
        "of another suite": (
            people.issue(people.maker, Role.AUTHORITY, key=key, suite_number=3 - people.suite.id),
            Status.WRONG_SUITE,
        ),
    }
    for what, (authority, status) in bad.items():
        del what
        body = EnrolBody(factory.status().clock, authority.credential.raw)
        factory.refuses(factory.good(OrderKind.ENROL, body=body), status, "O-20")


@clause("O-20", "O-10")
def test_an_enroller_is_of_the_authority_that_is_brought(factory: SealUnderTest) -> None:
    people = factory.people
    stranger = people.issue(None, Role.AUTHORITY)
    for station, status in (
        (people.issue(stranger, Role.STATION), Status.CREDENTIAL_MISSING),
        (people.issue(people.maker, Role.STATION), Status.CREDENTIAL_MISSING),
        (people.another(Role.STATION, not_after=people.made - 1), Status.CREDENTIAL_EXPIRED),
    ):
        request = factory.good(OrderKind.ENROL, signers=[station])
        factory.refuses(request, status, "O-20")


@clause("O-20", "K-3")
@pytest.mark.parametrize("scope", [REGION, OTHER_PROVINCE, 0])
@needs(Capability.FRESH_DEVICES)
@pytest.mark.destructive
def test_a_maker_endorses_an_authority_of_any_region(
    seal: SealUnderTest, stages: Stages, scope: int
) -> None:
    stages.bring(seal, State.FACTORY)
    people = seal.people
    endorsed = people.issue(people.maker, Role.AUTHORITY, scope=scope, serial=9)
    station = people.issue(endorsed, Role.STATION, scope=scope, serial=1)
    body = EnrolBody(seal.status().clock, endorsed.credential.raw)
    seal.apply(seal.good(OrderKind.ENROL, body=body, signers=[station]), "K-3")
    held = seal.credential(CredentialChoice.AUTHORITY)
    expect.equal("O-20", endorsed.credential.raw, held, "another authority is installed")


@clause("K-6", "R31")
def test_an_expired_own_credential_is_reported_and_signing_goes_on(
    sealed: SealUnderTest, bench: Backend
) -> None:
    info = sealed.info()
    person = sealed.people.seal(info.serial, info.public_key, not_after=bench.now() - 60)
    sealed.done(Command.INSTALL_CREDENTIAL, person.credential.raw)
    bench.pass_time(1_000)
    flags = sealed.evidence().flags
    expect.true("K-6", flags & Flag.CERTIFICATE_EXPIRED, "certificate_expired is not raised")
    renewed = sealed.people.seal(info.serial, info.public_key)
    sealed.done(Command.INSTALL_CREDENTIAL, renewed.credential.raw)
    bench.pass_time(1_000)
    flags = sealed.evidence().flags
    expect.true("K-6", not flags & Flag.CERTIFICATE_EXPIRED, "certificate_expired stays raised")


@clause("K-6", "K-5", "R42")
@needs(Capability.TIME)
@pytest.mark.seconds(120)
def test_a_credential_expires_while_the_clock_runs(sealed: SealUnderTest, bench: Backend) -> None:
    station = sealed.people.another(Role.STATION, not_after=bench.now() + 600)
    sealed.apply(sealed.good(OrderKind.CONFIRM, signers=[station]))
    bench.pass_time(605_000)
    request = sealed.good(OrderKind.CONFIRM, signers=[station])
    sealed.refuses(request, Status.CREDENTIAL_EXPIRED, "K-5")


@clause("O-11", "R44")
def test_orders_that_open_need_both(seal: SealUnderTest, stages: Stages) -> None:
    """A technician alone opens nothing, and so does a station alone."""
    for kind in (OrderKind.UNSEAL, OrderKind.CLEAR):
        stages.bring(seal, ORDERS[kind].from_states[0])
        technician, station = seal.people["technician"], seal.people["station"]
        alone = seal.good(kind, signers=[technician])
        seal.refuses(alone, Status.SIGNATURES_MISSING, "O-11")
        for signers in ([station], [station, technician]):
            seal.refuses(seal.good(kind, signers=signers), Status.ROLE_NOT_ALLOWED, "O-11")
