"""A kept evidence shows a seal that went back, or that there are two of one number (V-7)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appraisal.builder import Log, World, codes, judged, sealed
from sealkit.appraisal.verdict import Conclusion
from sealkit.crypto import get_suite

WORLD = World(get_suite("p256"))
pytestmark = pytest.mark.requirement("V-7")


def grow(log: Log, steps: list[str]) -> None:
    for step in steps:
        if step == "boot":
            log.boot()
        else:
            log.acknowledge()


STEPS = st.lists(st.sampled_from(["boot", "acknowledge"]), max_size=5)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_a_seal_that_only_goes_on_is_intact(steps: list[str]) -> None:
    log = sealed(WORLD)
    before = log.evidence()
    grow(log, steps)
    verdict = judged(log.material()._replace(earlier=(before,)), WORLD.trust)
    assert verdict.conclusion is Conclusion.INTACT


@settings(max_examples=25, deadline=None)
@given(STEPS.filter(bool))
def test_a_restored_backup_is_found(steps: list[str]) -> None:
    log = sealed(WORLD)
    backup = log.material()
    grow(log, steps)
    verdict = judged(backup._replace(earlier=(log.evidence(),)), WORLD.trust)
    assert verdict.conclusion is Conclusion.BROKEN
    assert "HISTORY_ROLLED_BACK" in codes(verdict)


def test_a_clone_that_went_on_is_found_whichever_is_seen_first() -> None:
    one, other = sealed(WORLD), sealed(WORLD)
    one.acknowledge()
    other.boot()
    other.acknowledge()
    for seen, kept in ((one, other), (other, one)):
        verdict = judged(seen.material()._replace(earlier=(kept.evidence(),)), WORLD.trust)
        assert verdict.conclusion is Conclusion.BROKEN
        assert {"HISTORY_FORKED", "HISTORY_ROLLED_BACK"} & set(codes(verdict))


def test_without_a_log_the_heads_alone_are_compared() -> None:
    log = sealed(WORLD)
    before = log.evidence()
    log.acknowledge()
    bare = log.material()._replace(control=(), journal=None, earlier=(before,))
    assert "HISTORY_FORKED" not in codes(judged(bare, WORLD.trust))
