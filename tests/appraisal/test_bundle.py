"""Evidence bundles: what they prove offline, and that nothing in them is believed."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.bench import Bench
from support.people import NOW as BENCH_NOW
from support.people import Family

from appraisal.builder import NOW, Log, World, codes, flip, judged, sealed
from appraisal.bundled import (
    Ledger,
    attested,
    bundle,
    evidence_of,
    exported,
    leaf_of,
    taken,
    verdict_of,
)
from sealkit.appraisal.bundle import from_bundle
from sealkit.appraisal.material import Material
from sealkit.appraisal.station import judge_attestation, judge_tree_head, judge_tree_heads
from sealkit.appraisal.station_verdict import (
    SCHEMA,
    build_station_verdict,
    parse_station_verdict,
)
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Conclusion
from sealkit.crypto import get_suite
from sealkit.errors import MalformedError, UsageError
from sealkit.rules.merkle import empty_root
from sealkit.station.proof.bundles import make_bundle
from sealkit.station.tree.leaves import place_digest
from sealkit.station.tree.tree_heads import sign_tree_head
from sealkit.wire.bundle import build_bundle, parse_bundle
from sealkit.wire.messages import PARAMETER_DIGESTS
from sealkit.wire.registry import (
    ATTESTATION_MAX,
    Cause,
    Chain,
    Command,
    Group,
    Layer,
    RecordedConclusion,
    Role,
    State,
)
from sealkit.wire.witness import ATTESTATION, attestation_parts, attestation_text

SUITES = st.sampled_from(["p256", "sm2"])
SHOWN = frozenset({Group.DISTANCE, Group.TARIFF})


@cache
def _world(suite: str) -> World:
    return World(get_suite(suite))


@cache
def _log(suite: str) -> Log:
    return sealed(_world(suite))


@cache
def _whole(suite: str) -> bytes:
    return bundle(_world(suite), exported(_log(suite)))


@cache
def _private(suite: str) -> bytes:
    return bundle(_world(suite), exported(_log(suite)), shown=SHOWN)


@pytest.mark.requirement("B-1")
def test_an_honest_bundle_is_intact_and_little_is_said(world: World) -> None:
    verdict = verdict_of(world, bundle(world, exported(sealed(world))))
    assert verdict.conclusion is Conclusion.INTACT
    assert codes(verdict) == ["AS_OF"]


@pytest.mark.requirement("B-1")
@given(SUITES, st.booleans(), st.integers(0, 1 << 20), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_one_byte_changed_is_never_fine(suite: str, private: bool, place: int, mask: int) -> None:
    data = (_private if private else _whole)(suite)
    verdict = verdict_of(_world(suite), flip(data, place, mask))
    assert verdict.layers[Layer.CRYPTOGRAPHIC] is not Conclusion.INTACT
    assert verdict.conclusion is not Conclusion.INTACT


def test_every_truncation_is_broken() -> None:
    world, data = _world("p256"), _whole("p256")
    for length in range(len(data)):
        verdict = verdict_of(world, data[:length])
        assert verdict.conclusion is Conclusion.BROKEN
        assert set(codes(verdict)) <= {"BUNDLE_TRUNCATED", "BUNDLE_ALTERED"}


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_a_bundle_that_is_not_intact(data: bytes) -> None:
    for start in (b"", b"SEALKITB\x01\x01", _whole("p256")[:700]):
        assert verdict_of(_world("p256"), start + data).conclusion is not Conclusion.INTACT


_FIELDS = ["evidence", "seal_credential", "checkpoint", "verdict", "leaf", "inclusion", "tree_head"]


@given(SUITES, st.sampled_from(_FIELDS), st.data())
@settings(max_examples=200, deadline=None)
def test_an_item_changed_under_a_digest_that_fits_is_never_fine(
    suite: str, name: str, data: st.DataObject
) -> None:
    """A forger has the tools, too: only what is signed or committed to counts."""
    world = _world(suite)
    parsed = parse_bundle(_whole(suite), lambda _: world.suite.digest)
    item = getattr(parsed, name)
    how = data.draw(st.sampled_from(["flip", "cut", "more", "nested", "none"]))
    place = data.draw(st.integers(0, len(item) - 1))
    changed = {
        "flip": flip(item, place, data.draw(st.integers(1, 255))),
        "cut": item[:place],
        "more": item + b"\0",
        "nested": _whole(suite)[:2000],
        "none": None,
    }[how]
    forged = build_bundle(world.suite.digest, replace(parsed, **{name: changed}))
    verdict = verdict_of(world, forged)
    # What may be absent may be absent: the checkpoint and the station's word are no more than help.
    if how == "none" and name in ("checkpoint", "verdict"):
        return
    assert verdict.conclusion is not Conclusion.INTACT, codes(verdict)


# What is shown, and what is not.


@pytest.mark.requirement("B-2")
@pytest.mark.requirement("B-3")
def test_groups_withheld_leave_what_the_evidence_signs(world: World) -> None:
    log = sealed(world)
    data = bundle(world, exported(log), shown=SHOWN)
    material = from_bundle(data)
    assert {number for number, _ in material.groups} == SHOWN
    assert len(material.group_digests) == len(log.history.groups) - len(SHOWN)
    assert not material.control
    assert material.journal is None
    vehicle = log.history.groups[Group.VEHICLE][16:]
    assert vehicle not in data
    assert vehicle in bundle(world, exported(log))
    verdict = judged(material, world.trust)
    assert codes(verdict) == ["LOG_WITHHELD", "JOURNAL_MISSING", "AS_OF"]
    assert verdict.conclusion is Conclusion.UNDETERMINED
    assert "vehicle" in verdict.findings[0].message()
    assert "tariff" not in verdict.findings[0].message()


@pytest.mark.requirement("B-2")
def test_a_group_exchanged_among_digests_is_found(world: World) -> None:
    parsed = parse_bundle(
        bundle(world, exported(sealed(world)), shown=SHOWN), lambda _: world.suite.digest
    )
    number, data = parsed.groups[0]
    for changed in (
        {"groups": ((number, flip(data, 20)), *parsed.groups[1:])},
        {"groups": parsed.groups[1:]},
        {"group_digests": parsed.group_digests[1:]},
        {"group_digests": ((2, bytes(32)), *parsed.group_digests[1:])},
    ):
        forged = build_bundle(world.suite.digest, replace(parsed, **changed))  # type: ignore[arg-type]
        assert "PARAMETERS_ALTERED" in codes(verdict_of(world, forged))
    for changed in (
        {"group_digests": ((number, bytes(32)), *parsed.group_digests)},
        {"control": (b"record",)},
        {"group_digests": ((2, bytes(31)), *parsed.group_digests[1:])},
    ):
        forged = build_bundle(world.suite.digest, replace(parsed, **changed))  # type: ignore[arg-type]
        assert codes(verdict_of(world, forged)) == ["BUNDLE_ALTERED"]


def test_a_set_that_is_not_at_hand_cannot_be_withheld(world: World) -> None:
    material = exported(sealed(world))
    with pytest.raises(UsageError) as refused:
        make_bundle(world.suite, material._replace(groups=()), shown=SHOWN)
    assert refused.value.code == "GROUPS_MISSING"
    with pytest.raises(UsageError) as refused:
        make_bundle(world.suite, material._replace(evidence=None))
    assert refused.value.code == "NO_EVIDENCE"


# The station's word.


@pytest.mark.requirement("B-4")
def test_a_station_that_calls_a_broken_seal_intact_is_not_believed(world: World) -> None:
    log = sealed(world)
    honest = exported(log)
    log.tamper(Cause.CASE_OPENED)
    verdict = verdict_of(
        world, bundle(world, exported(log), judged_material=exported(sealed(world)))
    )
    assert "LEDGER_ENTRY_INVALID" in codes(verdict)  # that verdict was another evidence's
    told = build_station_verdict(judged(honest, world.trust), world.trust, NOW)
    material = exported(log)
    leaf = leaf_of(world, material, RecordedConclusion.INTACT, told)
    verdict = verdict_of(world, bundle(world, material, verdict=told, leaf=leaf))
    assert verdict.conclusion is Conclusion.BROKEN
    assert {"STATE_TAMPERED", "CASE_OPENED"} <= set(codes(verdict))


@pytest.mark.requirement("B-4")
def test_a_verdict_exchanged_after_it_was_committed_to_is_found(world: World) -> None:
    material = exported(sealed(world))
    told, _leaf = taken(world, material)
    other = told.replace(b'"judged_at":1', b'"judged_at":2')
    assert other != told
    assert "STATION_VERDICT_INVALID" in codes(
        verdict_of(world, bundle(world, material, verdict=other))
    )


@pytest.mark.requirement("B-4")
def test_an_evidence_taken_before_it_was_judged(world: World) -> None:
    material = exported(sealed(world))
    leaf = leaf_of(world, material)
    verdict = verdict_of(world, bundle(world, material, leaf=leaf))
    assert verdict.conclusion is Conclusion.INTACT
    with pytest.raises(ValueError, match="goes with its verdict"):
        leaf_of(world, material, verdict=b"{}")


def _told() -> dict[str, Any]:
    world = _world("p256")
    content: dict[str, Any] = json.loads(taken(world, exported(_log("p256")))[0])
    return content


@pytest.mark.requirement("B-4")
@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_json_is_a_verdict_or_malformed(data: st.DataObject) -> None:
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    anything = st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["code", "severity", "version", "x"]), inner, max_size=3
            )
        ),
    )
    content = deepcopy(_told())
    where = data.draw(st.sampled_from([content, content["trust"]]))
    where[data.draw(st.sampled_from(sorted(where)))] = data.draw(anything)
    with suppress(MalformedError):
        parse_station_verdict(json.dumps(content).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[" * 30_000,
        b"\xff\xfe",
        json.dumps({"schema": SCHEMA}).encode(),
        b" " * 32_769,
    ],
)
def test_what_is_no_verdict_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_station_verdict(data)
    if len(data) <= 32_768:
        verdict = verdict_of(
            _world("p256"), bundle(_world("p256"), exported(_log("p256")), verdict=data)
        )
        assert "STATION_VERDICT_INVALID" in codes(verdict)


# The ledger's entry and head.


@pytest.mark.requirement("B-6")
@pytest.mark.requirement("G-1")
def test_a_proof_of_another_leaf_proves_nothing(world: World) -> None:
    material = exported(sealed(world))
    good = from_bundle(bundle(world, material)).vouched
    assert good is not None
    ledger = Ledger(world)
    for number in range(6):
        ledger.add(b"leaf %d" % number)
    for path in (ledger.inclusion(3), (), (bytes(32),) * 60, (*ledger.inclusion(3), bytes(32))):
        assert "INCLUSION_INVALID" in codes(verdict_of(world, bundle(world, material, path=path)))
    for size in (1, 7, 31, 33):
        odd = bundle(world, material, path=(bytes(size),))
        assert "INCLUSION_INVALID" in codes(verdict_of(world, odd))


@pytest.mark.requirement("G-4")
def test_a_head_counts_only_under_a_station_that_holds(world: World) -> None:
    head = Ledger(world).head()
    own = (world.station.credential.raw,)
    assert judge_tree_head(world.trust, head.raw, own, 310_115)[1] == []

    def refused(trust: TrustBundle, raw: bytes = head.raw, *credentials: bytes) -> list[str]:
        return [found.code for found in judge_tree_head(trust, raw, credentials or own)[1]]

    revoking = world.trust_with(world.station.credential)
    assert refused(revoking) == ["STATION_UNTRUSTED"]
    assert refused(_other_authority(world)) == ["STATION_UNTRUSTED"]
    assert refused(world.trust, head.raw, b"junk") == ["STATION_UNTRUSTED"]
    assert refused(world.trust, head.raw[:-1]) == ["TREE_HEAD_INVALID"]
    assert refused(world.trust, flip(head.raw, 60)) == ["TREE_HEAD_INVALID"]
    late = Ledger(world).head(NOW + 400 * 86_400)
    assert refused(world.trust, late.raw) == ["STATION_UNTRUSTED"]
    found = judge_tree_head(world.trust, head.raw, own, 440_300)[1]
    assert [one.code for one in found] == ["STATION_UNTRUSTED"]
    other = "sm2" if world.suite.name == "p256" else "p256"
    assert refused(_world(other).trust) == ["SUITE_UNKNOWN"]


def _other_authority(world: World) -> TrustBundle:
    other = world.person(None, Role.AUTHORITY, name="Other authority")
    return replace(world.trust, authority=other.credential)


def test_a_bundle_of_another_authority_is_undetermined(world: World) -> None:
    data = bundle(world, exported(sealed(world)))
    verdict = judged(from_bundle(data), _other_authority(world))
    assert verdict.conclusion is not Conclusion.INTACT
    assert {"OTHER_AUTHORITY", "STATION_UNTRUSTED", "STATION_OTHER_TRUST"} <= set(codes(verdict))


@pytest.mark.requirement("G-5")
def test_heads_of_one_ledger_are_consistent_and_of_a_rewritten_one_are_not(world: World) -> None:
    own = (world.station.credential.raw,)
    ledger, rewritten = Ledger(world), Ledger(world)
    empty = ledger.head()
    for number in range(5):
        ledger.add(b"leaf %d" % number)
        rewritten.add(b"leaf %d" % (number + (number == 2)))
    first = ledger.head()
    for number in range(4):
        ledger.add(b"more %d" % number)
        rewritten.add(b"more %d" % number)
    second, forged = ledger.head(), rewritten.head()

    def found(*args: Any) -> list[str]:
        return [one.code for one in judge_tree_heads(world.trust, *args, own)]

    assert found(first, second, ledger.consistency(5)) == []
    assert found(second, first, ledger.consistency(5)) == []
    assert found(second, second, None) == []
    assert found(empty, second, None) == []
    assert found(first, second, None) == ["LEDGER_UNPROVEN"]
    assert found(first, forged, rewritten.consistency(5)) == ["LEDGER_FORKED"]
    assert found(second, forged, None) == ["LEDGER_FORKED"]
    stranger = replace(forged, station=bytes(32))
    assert found(second, stranger, None) == ["LEDGER_UNPROVEN"]


def test_only_a_station_signs_and_only_with_its_key(world: World) -> None:
    root = empty_root(world.suite.digest)
    for key, person in ((world.inspector, world.inspector), (world.inspector, world.station)):
        with pytest.raises(UsageError):
            sign_tree_head(key.key, person.credential, size=0, root=root, time=NOW)
    with pytest.raises(ValueError, match="empty tree"):
        sign_tree_head(
            world.station.key, world.station.credential, size=0, root=bytes(32), time=NOW
        )


@pytest.mark.requirement("G-3")
def test_a_place_is_hidden_by_its_salt(world: World) -> None:
    one = place_digest(world.suite, bytes(16), "Station 4")
    assert one == world.suite.digest(bytes(16) + b"Station 4")
    assert one != place_digest(world.suite, b"\1" * 16, "Station 4")
    with pytest.raises(ValueError, match="salt"):
        place_digest(world.suite, b"", "Station 4")


# Other evidence in the bundle.


def _found(world: World, data: bytes) -> set[str]:
    return {code for code in codes(verdict_of(world, data)) if code.startswith(("HIST", "EARL"))}


@pytest.mark.requirement("B-5")
def test_a_bundle_proves_a_rollback_and_a_clone(world: World) -> None:
    log = sealed(world)
    backup = deepcopy(log, {id(world): world})
    log.boot()
    later = log.evidence()
    # Set back to the backup, the seal lives on: its clock has passed that of the later evidence.
    restored = exported(backup)._replace(evidence=backup.evidence(clock=NOW + 600))
    data = bundle(world, restored, earlier=(later,))
    assert "HISTORY_ROLLED_BACK" in _found(world, data)
    assert verdict_of(world, data).conclusion is Conclusion.BROKEN
    # A copy lives another life under the same number and key.
    copy = sealed(world)
    log.acknowledge()
    assert "HISTORY_FORKED" in _found(
        world, bundle(world, exported(log), earlier=(copy.evidence(),))
    )


@pytest.mark.requirement("B-5")
def test_no_order_of_honest_evidence_makes_a_seal_look_set_back(world: World) -> None:
    log = sealed(world)
    before = exported(log)
    log.boot()
    log.acknowledge()
    after = exported(log)
    assert before.evidence is not None
    assert after.evidence is not None
    assert _found(world, bundle(world, after, earlier=(before.evidence,))) == set()
    assert _found(world, bundle(world, before, earlier=(after.evidence,))) == set()
    for bad in (flip(after.evidence, -1), flip(before.evidence, -1), b"", after.evidence[:-1]):
        assert _found(world, bundle(world, before, earlier=(bad,))) == {"EARLIER_UNUSABLE"}


# Attestations.


@pytest.mark.requirement("G-6")
@pytest.mark.requirement("G-7")
def test_an_attestation_fits_a_code_and_says_what_was_verified(world: World) -> None:
    material = exported(sealed(world))
    attestation = attested(world, material, plate="沪A12345" + "x" * 6)
    assert len(attestation.raw) <= ATTESTATION_MAX
    text = attestation_text(attestation.raw)
    assert set(text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
    assert attestation_parts(f" {text}\n") == (attestation.raw, b"")
    own = (world.station.credential.raw,)
    judged_one, found = judge_attestation(
        world.trust, attestation.raw, own, NOW + 9, attestation.plate
    )
    assert found == []
    assert judged_one == attestation
    assert ATTESTATION.build(attestation) == attestation.raw
    assert attestation.evidence_digest == world.suite.digest(evidence_of(material).raw)
    revoked = world.trust_with(world.station.credential)
    assert [f.code for f in judge_attestation(revoked, attestation.raw, own, NOW)[1]] == [
        "STATION_UNTRUSTED"
    ]
    log = sealed(world)
    log.tamper(Cause.CASE_OPENED)
    with pytest.raises(UsageError) as refused:
        attested(world, exported(log))
    assert refused.value.code == "ATTESTATION_NOT_SEALED"


@given(st.integers(0, 1 << 12), st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_a_changed_attestation_is_never_good(place: int, mask: int) -> None:
    world = _world("p256")
    raw = flip(_attested(), place, mask)
    assert judge_attestation(world.trust, raw, (world.station.credential.raw,), NOW)[1]


@cache
def _attested() -> bytes:
    return attested(_world("p256"), exported(_log("p256"))).raw


@given(st.text(max_size=40))
def test_any_text_is_an_attestation_or_malformed(text: str) -> None:
    for candidate in (text, "SEALKIT1:" + text, "SEALKIT1:" + text.upper()):
        with suppress(MalformedError):
            assert attestation_text(*attestation_parts(candidate)) == candidate.strip()
    with pytest.raises(MalformedError):
        attestation_parts("SEALKIT1:" + "0" * 10_000)


# The simulated seal.


def _simulated(bench: Bench) -> tuple[World, Any]:
    """The bench's people as a world, as far as a bundle needs them, and what a client reads."""
    people: Family = bench.people
    world: Any = object.__new__(World)
    world.suite = people.suite
    world.station = _Person(people.keys["station"], people.credentials["station"])
    world.trust = TrustBundle(
        people.suite, people.credentials["authority"], (people.credentials["manufacturer"],), None
    )
    digests = PARAMETER_DIGESTS.parse(bench.done(Command.READ_PARAMETERS)).groups
    return world, Material(
        evidence=bench.done(Command.EVIDENCE, bytes(32)),
        seal_credential=bench.done(Command.READ_CREDENTIAL, b"\x01"),
        checkpoint=bench.done(Command.READ_CHECKPOINT),
        groups=tuple(
            (d.number, bench.done(Command.READ_GROUP, bytes([d.number]))) for d in digests
        ),
        control=tuple(record.raw for record in bench.log(Chain.CONTROL)),
        journal=tuple(record.raw for record in bench.log(Chain.JOURNAL)),
        as_of=True,
    )


class _Person:
    def __init__(self, key: Any, credential: Any) -> None:
        self.key, self.credential = key, credential


@pytest.mark.parametrize("suite", ["p256", "sm2"])
def test_a_simulated_seal_in_a_bundle(suite: str) -> None:
    bench = Bench(suite)
    bench.install_credential()
    bench.seal_it()
    bench.vehicle.advance(1_000)
    world, material = _simulated(bench)

    def told(data: bytes) -> Any:
        return judged(from_bundle(data), world.trust, BENCH_NOW)

    kept = make_bundle(
        world.suite,
        material,
        shown={Group.DISTANCE},
        credentials=(world.station.credential.raw,),
    )
    assert set(codes(told(kept))) >= {"LOG_WITHHELD", "LEDGER_ENTRY_MISSING"}
    backup = bench.copy()
    bench.restart(5)
    bench.vehicle.advance(60_000)
    later = bench.evidence()
    assert later.state is State.SEALED
    # Back from a copy of its flash, the seal lives on past the time of what it said before.
    backup.vehicle.advance(3_600_000)
    _, restored = _simulated(backup)
    proof = told(make_bundle(world.suite, restored, earlier=(later.raw,)))
    assert proof.conclusion is Conclusion.BROKEN
    assert {"HISTORY_ROLLED_BACK"} <= set(codes(proof))
