"""Whether a credential holds: every step of K-5 in its order, K-1 and K-3 as wholes."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.generator import generator
from support.issuing import (
    CITY,
    MAKER,
    NOW,
    OTHER_CITY,
    OTHER_PROVINCE,
    PROVINCE,
    SERIAL,
    Family,
    Person,
    family,
    issue,
    key,
    statement,
)

from sealkit.crypto import get_suite
from sealkit.errors import RefusedError
from sealkit.rules.credentials import (
    Moment,
    covers,
    is_revoked,
    judge_anchor,
    judge_credential,
    judge_seal_credential,
    judge_statement,
    may_issue,
    parse_credential,
)
from sealkit.wire.credentials import Minimum, Revoked, TrustStatement
from sealkit.wire.registry import Role

ISSUERS = {row["name"]: row["issuer"] for row in generator().load()["role"]}
_REGIONS = st.integers(0, 999_999)


@pytest.fixture(params=["p256", "sm2"])
def people(request: pytest.FixtureRequest) -> Family:
    return family(request.param)


def _outcome(
    people: Family,
    person: Person,
    *pool: Person,
    anchor: Person | None = None,
    trust: TrustStatement | None = None,
    moment: Moment | None = None,
) -> str:
    try:
        judge_credential(
            people.suite,
            person.credential,
            pool=[p.credential for p in pool],
            anchor=(anchor or people.authority).credential,
            statement=trust,
            moment=moment or Moment(NOW),
        )
    except RefusedError as refused:
        return refused.code
    return "OK"


def _covers_by_digits(scope: int, region: int) -> bool:
    """K-1 in its own words, on six digits of text."""
    s, r = f"{scope:06}", f"{region:06}"
    return (
        s == r
        or scope == 0
        or (s.endswith("00") and s[:4] == r[:4])
        or (s.endswith("0000") and s[:2] == r[:2])
    )


_STEPS = st.sampled_from([1, 10, 100, 1_000, 10_000, 100_000])


@pytest.mark.requirement("K-1")
@given(_REGIONS, _REGIONS, _STEPS, _STEPS)
def test_a_region_covers_what_the_digits_say(a: int, b: int, rounded: int, shared: int) -> None:
    scope = a // rounded * rounded
    near = a // shared * shared + b % shared
    for region in (a, b, scope, near, near // rounded * rounded):
        assert covers(scope, region) is _covers_by_digits(scope, region)
        assert covers(region, scope) is _covers_by_digits(region, scope)
    # Covering is transitive, so a chain of issuers never widens what one may do.
    for wider, narrower in combinations([0, a // 10_000 * 10_000, a // 100 * 100, a], 2):
        assert covers(wider, narrower)


@pytest.mark.requirement("K-1")
def test_only_whole_provinces_and_cities_cover_others() -> None:
    for scope, region in ((310110, 310115), (311000, 312345), (310100, 310201), (300000, 310000)):
        assert not covers(scope, region)
    for scope, region in ((310100, 310115), (310000, 312345), (100, 199), (10_000, 19_999)):
        assert covers(scope, region)


@pytest.mark.requirement("K-3")
@pytest.mark.requirement("R40")
@pytest.mark.parametrize("issuer_role", Role)
@pytest.mark.parametrize("role", Role)
def test_who_may_issue_whom(people: Family, issuer_role: Role, role: Role) -> None:
    issuer = people.of(issuer_role)
    issuer_scope = issuer.credential.scope
    listed = issuer_role.name.lower() in ISSUERS[role.name.lower()]
    for scope in (0, MAKER, MAKER + 1, PROVINCE, CITY, OTHER_CITY, OTHER_PROVINCE):
        if role is Role.SEAL:
            within = scope == issuer_scope
        else:
            within = issuer_role is Role.MANUFACTURER or _covers_by_digits(issuer_scope, scope)
        assert may_issue(issuer.credential, role, scope) is (listed and within)
        # The same through a whole chain, whose other members hold.
        subject = issue(people.suite, issuer, role, "subject", scope=scope)
        outcome = _outcome(people, subject, anchor=issuer)
        assert outcome == ("OK" if listed and within else "CREDENTIAL_UNTRUSTED")


@pytest.mark.requirement("K-5")
def test_everybody_of_the_family_holds(people: Family) -> None:
    for person in (people.station, people.registry, people.inspector):
        assert _outcome(people, person) == "OK"
    assert _outcome(people, people.technician, people.registry) == "OK"
    assert _outcome(people, people.technician, people.station, people.registry) == "OK"
    for person in (people.endorsed, people.seal):
        assert _outcome(people, person, anchor=people.manufacturer) == "OK"
    chain = (people.registry, people.endorsed)
    assert _outcome(people, people.technician, *chain, anchor=people.manufacturer) == "OK"


@pytest.mark.requirement("K-5")
def test_an_anchor_does_not_hold_under_itself(people: Family) -> None:
    for anchor in (people.authority, people.manufacturer):
        assert _outcome(people, anchor, anchor=anchor) == "CREDENTIAL_UNTRUSTED"


@pytest.mark.requirement("K-5")
def test_an_issuer_is_the_anchor_or_the_first_that_has_the_key(people: Family) -> None:
    suite = people.suite
    expired = issue(suite, people.authority, Role.REGISTRY, "registry", not_after=NOW - 1)
    assert expired.key_id == people.registry.key_id
    assert _outcome(people, people.technician, people.registry, expired) == "OK"
    assert _outcome(people, people.technician, expired, people.registry) == "CREDENTIAL_EXPIRED"
    # Another credential of the authority's key cannot stand in the anchor's place.
    impostor = issue(suite, people.authority, Role.REGISTRY, "authority")
    assert _outcome(people, people.station, impostor) == "OK"


@pytest.mark.requirement("K-5")
def test_a_chain_has_at_most_three_steps(people: Family) -> None:
    suite = people.suite
    chain = [people.authority]
    for number in range(4):
        chain.append(issue(suite, chain[-1], Role.REGISTRY, f"registry {number}"))
    technician = issue(suite, chain[-1], Role.TECHNICIAN, "far away")
    assert _outcome(people, technician, *chain[1:]) == "CREDENTIAL_UNTRUSTED"
    # Two who issue each other lead nowhere.
    one, two = key(suite.name, "one"), key(suite.name, "two")
    first = issue(suite, Person(two, people.registry.credential), Role.REGISTRY, "one", key=one)
    second = issue(suite, Person(one, people.registry.credential), Role.REGISTRY, "two", key=two)
    assert _outcome(people, first, first, second) == "CREDENTIAL_UNTRUSTED"


def _faults() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The steps of K-5 in order: status, what is wrong with the technician, or around it."""
    return [
        ("CREDENTIAL_MISSING", {}, {"pool": ()}),
        ("CREDENTIAL_UNTRUSTED", {"role": Role.STATION}, {}),
        ("CREDENTIAL_UNTRUSTED", {"scope": OTHER_PROVINCE}, {}),
        ("CREDENTIAL_INVALID", {"sign_with": "forger"}, {}),
        ("CREDENTIAL_NOT_YET_VALID", {"not_before": NOW + 1}, {}),
        ("CREDENTIAL_EXPIRED", {"not_after": NOW - 1}, {}),
        ("CREDENTIAL_REVOKED", {"serial": 666}, {}),
        ("CREDENTIAL_REVOKED", {"generation": 0}, {}),
    ]


def _judged(people: Family, *faults: tuple[str, dict[str, Any], dict[str, Any]]) -> str:
    changes: dict[str, Any] = {}
    around: dict[str, Any] = {"pool": (people.registry,)}
    for _, change, surroundings in reversed(faults):
        changes |= change
        around |= surroundings
    if "sign_with" in changes:
        changes["sign_with"] = key(people.suite.name, changes["sign_with"])
    role = changes.pop("role", Role.TECHNICIAN)
    subject = issue(people.suite, people.registry, role, "subject", **changes)
    trust = statement(
        people.suite, people.authority, 1,
        revoked=(Revoked(people.registry.key_id, 666),),
        minimums=(Minimum(people.registry.key_id, 1),),
    )  # fmt: skip
    return _outcome(people, subject, *around["pool"], trust=trust)


@pytest.mark.requirement("K-5")
def test_the_first_step_that_fails_decides(people: Family) -> None:
    assert _judged(people) == "OK"
    for fault in _faults():
        assert _judged(people, fault) == fault[0]
    for earlier, later in combinations(_faults(), 2):
        assert _judged(people, earlier, later) == earlier[0], (earlier, later)


@pytest.mark.requirement("K-5")
def test_each_step_is_judged_for_the_whole_chain_from_the_credential_upwards(
    people: Family,
) -> None:
    suite = people.suite

    def chain(technician: dict[str, Any], registry: dict[str, Any]) -> str:
        above = issue(suite, people.authority, Role.REGISTRY, "registry", **registry)
        return _outcome(
            people, issue(suite, above, Role.TECHNICIAN, "technician", **technician), above
        )

    late, early = {"not_after": NOW - 1}, {"not_before": NOW + 1}
    forged = {"sign_with": key(suite.name, "forger")}
    assert chain({}, {}) == "OK"
    assert chain({}, late) == "CREDENTIAL_EXPIRED"
    assert chain({}, early) == "CREDENTIAL_NOT_YET_VALID"
    assert chain(late, early) == "CREDENTIAL_EXPIRED"
    assert chain(early, late) == "CREDENTIAL_NOT_YET_VALID"
    assert chain({}, forged) == "CREDENTIAL_INVALID"
    assert chain(late, forged) == "CREDENTIAL_INVALID"
    assert chain(forged, {"scope": OTHER_PROVINCE}) == "CREDENTIAL_UNTRUSTED"
    # One that is both too early and too late is told to be too early.
    assert chain({"not_before": NOW + 1, "not_after": NOW - 1}, {}) == "CREDENTIAL_NOT_YET_VALID"


@pytest.mark.requirement("K-5")
def test_validity_includes_its_first_and_its_last_second(people: Family) -> None:
    subject = issue(people.suite, people.authority, Role.STATION, "s", not_before=10, not_after=20)
    for time, status in ((9, "CREDENTIAL_NOT_YET_VALID"), (10, "OK"), (20, "OK"),
                         (21, "CREDENTIAL_EXPIRED")):  # fmt: skip
        assert _outcome(people, subject, moment=Moment(time)) == status
        floor = Moment(time, floor_only=True)
        expected = "OK" if time < 10 else status
        assert _outcome(people, subject, moment=floor) == expected
    judge_credential(
        people.suite, subject.credential, pool=(), anchor=people.authority.credential,
        statement=None, moment=None,
    )  # fmt: skip


@pytest.mark.requirement("K-5")
def test_the_anchor_is_judged_neither_by_time_nor_by_the_statement(people: Family) -> None:
    suite = people.suite
    anchor = issue(suite, None, Role.AUTHORITY, "authority", not_after=NOW - 1, serial=9)
    trust = statement(suite, anchor, 1, revoked=(Revoked(anchor.key_id, 9),))
    assert _outcome(people, people.station, anchor=anchor, trust=trust) == "OK"


@pytest.mark.requirement("R43")
def test_revoked_is_one_credential_or_all_below_a_generation_of_one_issuer(
    people: Family,
) -> None:
    credential = issue(
        people.suite, people.authority, Role.STATION, "s", serial=5, generation=3
    ).credential
    own, other = credential.issuer, bytes(16)
    assert not is_revoked(credential, None)
    for revoked, minimums, expected in (
        ((), (), False),
        ((Revoked(own, 5),), (), True),
        ((Revoked(own, 4), Revoked(other, 5)), (), False),
        ((Revoked(other, 4), Revoked(own, 5)), (), True),
        ((), (Minimum(own, 3),), False),
        ((), (Minimum(own, 4),), True),
        ((), (Minimum(other, 4),), False),
        ((Revoked(own, 6),), (Minimum(other, 9), Minimum(own, 4)), True),
    ):
        trust = statement(people.suite, people.authority, 1, revoked=revoked, minimums=minimums)
        assert is_revoked(credential, trust) is expected


@pytest.mark.requirement("S-5")
def test_a_credential_of_another_suite_or_layout_is_refused(people: Family) -> None:
    raw = people.station.credential.raw
    assert parse_credential(people.suite, raw) == people.station.credential
    other = get_suite("sm2" if people.suite.name == "p256" else "p256")

    def code(suite: Any, raw: bytes) -> str:
        with pytest.raises(RefusedError) as refused:
            parse_credential(suite, raw)
        return refused.value.code

    assert code(other, raw) == "WRONG_SUITE"
    assert code(people.suite, raw[:7] + b"\x09" + raw[8:]) == "WRONG_SUITE"
    assert code(people.suite, raw[:9] + b"\x02" + raw[10:]) == "WRONG_VERSION"
    for bad in (b"", raw[:-1], raw + b"\0", b"x" + raw[1:], raw[:32] + b"\x09" + raw[33:]):
        assert code(people.suite, bad) == "CREDENTIAL_INVALID"


@pytest.mark.requirement("K-4")
def test_an_anchor_is_self_signed_and_of_its_role(people: Family) -> None:
    suite = people.suite

    def code(person: Person, role: Role) -> str:
        try:
            assert judge_anchor(suite, person.credential.raw, role) == person.credential
        except RefusedError as refused:
            return refused.code
        return "OK"

    assert code(people.authority, Role.AUTHORITY) == "OK"
    assert code(people.manufacturer, Role.MANUFACTURER) == "OK"
    assert code(people.authority, Role.MANUFACTURER) == "CREDENTIAL_UNTRUSTED"
    assert code(people.endorsed, Role.AUTHORITY) == "CREDENTIAL_UNTRUSTED"
    forged = issue(suite, None, Role.AUTHORITY, "authority", sign_with=key(suite.name, "forger"))
    assert code(forged, Role.AUTHORITY) == "CREDENTIAL_INVALID"


@pytest.mark.requirement("K-2")
@pytest.mark.requirement("R27")
def test_a_seals_credential_binds_its_number_to_its_key(people: Family) -> None:
    suite, key_of_seal = people.suite, people.seal.key

    def code(person: Person, manufacturer: Person = people.manufacturer) -> str:
        try:
            judge_seal_credential(
                suite, person.credential, manufacturer=manufacturer.credential,
                maker=MAKER, serial=SERIAL, public_key=key_of_seal.public_key,
            )  # fmt: skip
        except RefusedError as refused:
            return refused.code
        return "OK"

    def made(**changes: Any) -> Person:
        issuer = changes.pop("issuer", people.manufacturer)
        role = changes.pop("role", Role.SEAL)
        return issue(suite, issuer, role, "seal", **{"serial": SERIAL, **changes})

    assert code(people.seal) == "OK"
    assert code(made(not_after=NOW - 1)) == "OK"  # K-6: it may expire
    for changes in (
        {"serial": SERIAL + 1},
        {"scope": MAKER + 1},
        {"key": key(suite.name, "another seal")},
        {"role": Role.TECHNICIAN},
        {"sign_with": key(suite.name, "forger")},
    ):
        assert code(made(**changes)) == "CREDENTIAL_INVALID"
    other = issue(suite, None, Role.MANUFACTURER, "another manufacturer")
    assert code(made(issuer=other)) == "CREDENTIAL_MISSING"
    assert code(made(issuer=people.authority), people.authority) == "CREDENTIAL_UNTRUSTED"


@pytest.mark.requirement("K-7")
def test_a_statement_is_the_authoritys_and_newer(people: Family) -> None:
    suite = people.suite

    def code(trust: TrustStatement | bytes, above: int = 0, of: Any = suite) -> str:
        raw = trust if isinstance(trust, bytes) else trust.raw
        try:
            judge_statement(of, raw, authority=people.authority.credential, above_version=above)
        except RefusedError as refused:
            return refused.code
        return "OK"

    good = statement(suite, people.authority, 3)
    assert [code(good, above) for above in (0, 2)] == ["OK", "OK"]
    assert [code(good, above) for above in (3, 4)] == ["TRUST_VERSION", "TRUST_VERSION"]
    assert code(statement(suite, people.station, 3)) == "TRUST_INVALID"
    forged = statement(suite, people.authority, 3, sign_with=people.station.key)
    assert code(forged) == "TRUST_INVALID"
    assert code(forged, above=9) == "TRUST_INVALID"
    assert code(good.raw[:-1]) == "MALFORMED"
    other = get_suite("sm2" if suite.name == "p256" else "p256")
    assert code(good, of=other) == "WRONG_SUITE"
