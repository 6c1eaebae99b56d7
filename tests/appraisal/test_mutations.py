"""Whatever is done to honest material: never intact, never an exception, and it is told where."""

from __future__ import annotations

from copy import copy
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appraisal.builder import MAKER, NOW, SERIAL, Log, World, codes, flip, groups, judged, sealed
from sealkit.appraisal.material import Material, from_export
from sealkit.appraisal.verdict import Conclusion, Verdict
from sealkit.crypto import get_suite
from sealkit.wire.export import build_export, parse_export
from sealkit.wire.parameters import DistanceGroup
from sealkit.wire.registry import Cause, KSource, Role

SUITES = st.sampled_from(["p256", "sm2"])
_WHERE = ("Record", "byte", "Groups", "evidence", "credential", "checkpoint", "evidences")


@cache
def _world(suite: str) -> World:
    return World(get_suite(suite))


@cache
def _log(suite: str) -> Log:
    log = sealed(_world(suite))
    log.boot()
    log.tamper(Cause.CASE_OPENED)
    log.clear()
    log.boot()
    log.seal(groups(distance=DistanceGroup(1200, KSource.MEASURED)))
    log.acknowledge()
    log.boot()
    return log


@cache
def _export(suite: str) -> bytes:
    return _log(suite).export()


def _verdict(suite: str, data: bytes) -> Verdict:
    return judged(from_export(data), _world(suite).trust)


@pytest.mark.parametrize("suite", ["p256", "sm2"])
def test_untouched_it_is_intact(suite: str) -> None:
    assert _verdict(suite, _export(suite)).conclusion is Conclusion.INTACT


@pytest.mark.requirement("X-3")
@given(SUITES, st.integers(0, 1 << 20), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_one_byte_changed_is_found_and_located(suite: str, place: int, mask: int) -> None:
    verdict = _verdict(suite, flip(_export(suite), place, mask))
    assert verdict.conclusion is not Conclusion.INTACT
    messages = [found.message() for found in verdict.findings]
    assert any(word in message for message in messages for word in _WHERE)


@given(SUITES, st.integers(0, 1 << 20))
@settings(max_examples=100, deadline=None)
def test_an_export_cut_short_is_never_intact(suite: str, length: int) -> None:
    data = _export(suite)
    verdict = _verdict(suite, data[: length % len(data)])
    assert verdict.conclusion is Conclusion.BROKEN


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_an_export_that_is_not_intact(data: bytes) -> None:
    for start in (b"", _export("p256")[:10], _export("p256")[:700]):
        assert _verdict("p256", start + data).conclusion is not Conclusion.INTACT


@st.composite
def _shuffled(draw: st.DrawFn, items: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The items with one dropped, two swapped, one told twice, or one flipped byte."""
    count = len(items)
    first = draw(st.integers(0, count - 1))
    second = draw(st.integers(0, count - 1).filter(lambda other: other != first))
    how = draw(st.sampled_from(["drop", "swap", "duplicate", "flip", "cut", "tail"]))
    changed = list(items)
    match how:
        case "drop":
            del changed[first]
        case "swap":
            changed[first], changed[second] = changed[second], changed[first]
        case "duplicate":
            changed.insert(second, changed[first])
        case "flip":
            place = draw(st.integers(0, len(changed[first]) - 1))
            changed[first] = flip(changed[first], place, draw(st.integers(1, 255)))
        case "cut":
            changed[first] = changed[first][: draw(st.integers(0, len(changed[first]) - 1))]
        case "tail":
            del changed[first:]
    return tuple(changed)


def _rewritten(material: Material, suite: str) -> bytes:
    """A file of this material whose closing digest is right: the forger has the tools, too."""
    assert material.evidence is not None
    one = get_suite(suite)
    return build_export(
        one.id,
        one.digest,
        evidence=material.evidence,
        seal_credential=material.seal_credential,
        checkpoint=material.checkpoint,
        groups=material.groups,
        control=material.control,
        journal=material.journal or (),
    )


@pytest.mark.requirement("V-3")
@given(SUITES, st.data())
@settings(max_examples=300, deadline=None)
def test_a_rewritten_log_is_never_intact(suite: str, data: st.DataObject) -> None:
    material = _log(suite).material()
    chain = data.draw(st.sampled_from(["control", "journal"]))
    records = data.draw(_shuffled(getattr(material, chain)))
    changed = material._replace(**{chain: records})
    trust = _world(suite).trust
    live = judged(changed, trust)
    # To read no journal at all is allowed, and said.
    if chain == "journal" and not records:
        assert live.conclusion is Conclusion.BROKEN
        return
    assert live.conclusion is not Conclusion.INTACT
    offline = judged(from_export(_rewritten(changed, suite)), trust)
    assert offline.conclusion is not Conclusion.INTACT
    assert "EXPORT_ALTERED" not in codes(offline)


@given(SUITES, st.data())
@settings(max_examples=100, deadline=None)
def test_items_of_two_seals_do_not_mix(suite: str, data: st.DataObject) -> None:
    """Evidence, credential or chain of another seal of the same maker and authority."""
    material = _log(suite).material()
    other = sealed(_other_world(suite)).material()
    names = ["evidence", "control", "journal", "checkpoint", "groups", "seal_credential"]
    exchanged = data.draw(st.sampled_from(names))
    changed = material._replace(**{exchanged: getattr(other, exchanged)})
    verdict = judged(changed, _world(suite).trust)
    assert verdict.conclusion is not Conclusion.INTACT


@cache
def _other_world(suite: str) -> World:
    """The same people, and a seal of the same number with another key."""
    other = copy(_world(suite))
    other.seal_key = other.suite.generate()
    other.seal_credential = other.issue(
        other.maker, Role.SEAL, other.seal_key, scope=MAKER, serial=SERIAL
    )
    return other


@given(
    st.one_of(st.none(), st.binary(max_size=500)),
    st.one_of(st.none(), st.binary(max_size=300)),
    st.one_of(st.none(), st.binary(max_size=200)),
    st.lists(st.binary(max_size=300), max_size=4),
    st.one_of(st.none(), st.lists(st.binary(max_size=300), max_size=4)),
    st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=100)), max_size=3),
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_judged_without_an_exception(
    evidence: bytes | None,
    credential: bytes | None,
    checkpoint: bytes | None,
    control: list[bytes],
    journal: list[bytes] | None,
    parameters: list[tuple[int, bytes]],
) -> None:
    material = Material(
        evidence=evidence,
        seal_credential=credential,
        checkpoint=checkpoint,
        control=tuple(control),
        journal=None if journal is None else tuple(journal),
        groups=tuple(parameters),
    )
    good = _log("p256").material()
    trust = _world("p256").trust
    assert judged(material, trust, NOW).conclusion is not Conclusion.INTACT
    for name in ("evidence", "control", "journal", "groups", "seal_credential"):
        changed = good._replace(**{name: getattr(material, name)})
        if getattr(material, name):
            assert judged(changed, trust).conclusion is not Conclusion.INTACT


def test_the_export_carries_what_was_put_in() -> None:
    log = _log("p256")
    export = parse_export(_export("p256"))
    assert list(export.control) == log.control
    assert list(export.journal) == log.journal
