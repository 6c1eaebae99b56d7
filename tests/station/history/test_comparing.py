"""Forks and set-backs by their rules: never in an honest life, always in a copied one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256

import pytest
from appraisal.builder import Log
from hypothesis import given
from hypothesis import strategies as st
from station.fleet import NOW, taxi

from sealkit.rules.chain import Head
from sealkit.station.history.comparing import Chain, Fork, Link, all_forks, set_back
from sealkit.wire.evidence import EVIDENCE, Evidence
from sealkit.wire.records import NO_DIGEST


@cache
def template() -> Evidence:
    log: Log = taxi(1)
    return EVIDENCE.parse(log.evidence())


def grown(
    name: str, kinds: list[bool], start: tuple[list[Link], list[Link]]
) -> tuple[list[Link], list[Link]]:
    """Both chains of a seal with records of these kinds more; True for control."""
    control, journal = list(start[0]), list(start[1])
    for kind in kinds:
        chain = control if kind else journal
        sequence = len(control) + len(journal) + 1
        previous = chain[-1].digest if chain else NO_DIGEST
        digest = sha256(f"{name} {sequence}".encode() + previous).digest()
        chain.append(Link(sequence, digest, previous))
    return control, journal


def evidence(control: list[Link], journal: list[Link], at: int) -> Evidence:
    def head(chain: list[Link]) -> Head:
        return Head(chain[-1].sequence, chain[-1].digest) if chain else Head(0, NO_DIGEST)

    of_control, of_journal = head(control), head(journal)
    return replace(
        template(),
        control_sequence=of_control.sequence,
        control_digest=of_control.digest,
        journal_sequence=of_journal.sequence,
        journal_digest=of_journal.digest,
        clock=NOW + at,
        pulses=at,
    )


LIVES = st.lists(st.booleans(), min_size=1, max_size=12)
MORE = st.lists(st.booleans(), max_size=8)


@pytest.mark.requirement("H-2")
@given(LIVES, st.data())
def test_an_honest_life_has_no_fork_and_no_set_back(kinds: list[bool], data: st.DataObject) -> None:
    control, journal = grown("honest", [True, *kinds], ([], []))
    told = []
    for size in data.draw(st.lists(st.integers(1, len(kinds) + 1), max_size=5)):
        part = grown("honest", [True, *kinds][:size], ([], []))
        told.append(evidence(*part, at=size))
    seen_control = data.draw(st.sets(st.sampled_from(control)))
    seen_journal = data.draw(st.sets(st.sampled_from(journal))) if journal else set()
    assert all_forks(Chain(seen_control), Chain(seen_journal), told) == []
    assert set_back(data.draw(st.permutations(told))) == []


@pytest.mark.requirement("H-2")
@given(LIVES, LIVES, LIVES)
def test_a_copy_that_lives_on_is_a_fork(
    before: list[bool], own: list[bool], copied: list[bool]
) -> None:
    start = grown("before", [True, *before], ([], []))
    one, other = grown("original", own, start), grown("clone", copied, start)
    control = Chain([*one[0], *other[0]])
    journal = Chain([*one[1], *other[1]])
    told = [evidence(*one, at=100), evidence(*other, at=100)]
    forks = all_forks(control, journal, told)
    assert forks
    first = len(start[0]) + len(start[1]) + 1
    assert forks[0].sequence == first
    # Once in each chain, however far both lived on.
    assert len(forks) <= 2
    for fork in forks:
        assert fork.branches[0].digest != fork.branches[1].digest


@pytest.mark.requirement("H-2")
@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 1))
def test_pieces_that_no_record_joins_are_told_once(own: int, copied: int, apart: int) -> None:
    start = grown("before", [True] * 3, ([], []))
    one = grown("original", [True] * own, start)[0][3:]
    other = grown("clone", [True] * copied, start)[0][3 + apart :]
    forks = all_forks(Chain([*one[1:], *other]), Chain([]), [])
    shared = {link.sequence for link in one[1:]} & {link.sequence for link in other}
    assert [fork.sequence for fork in forks] == [min(shared)]


@pytest.mark.requirement("H-3")
@given(LIVES, LIVES, st.integers(121, 10**6))
def test_a_memory_that_was_set_back_is_found_by_the_clock(
    before: list[bool], lost: list[bool], later: int
) -> None:
    start = grown("life", [True, *before], ([], []))
    grown_up = grown("life", lost, start)
    told = [evidence(*grown_up, at=0), replace(evidence(*start, at=0), clock=NOW + later)]
    assert {found.code for found in set_back(told)} == {"HISTORY_ROLLED_BACK"}


def test_one_fork_is_told_once() -> None:
    start, other = grown("a", [True, False], ([], [])), grown("b", [True, False], ([], []))
    forks = all_forks(Chain([*start[0], *other[0]]), Chain([*start[1], *other[1]]), [])
    assert [fork.sequence for fork in forks] == [1, 2]  # the control chain and the journal
    assert all(isinstance(fork, Fork) for fork in forks)


def test_a_chain_is_walked_back_as_far_as_it_is_here() -> None:
    control, _ = grown("a", [True] * 5, ([], []))
    assert Chain(control).back_from(control[-1].digest) == (control, True)
    assert Chain(control[2:]).back_from(control[-1].digest) == (control[2:], False)
    assert Chain(control).back_from(bytes([1]) * 32) == ([], False)
    assert Chain([]).back_from(NO_DIGEST) == ([], True)
