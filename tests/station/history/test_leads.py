"""Leads by worked numbers, and none where nobody stands out."""

from __future__ import annotations

import random
from dataclasses import replace
from math import comb

import pytest
from appraisal.builder import FARE, MAKER, MASK
from hypothesis import given
from hypothesis import strategies as st
from station.fleet import DAY, NOW, people

from sealkit.station.history.biography import SealedFacts, Sealing
from sealkit.station.history.leads import Lead, LeadKind, Life, binomial_tail, find_leads
from sealkit.wire.credentials import Credential
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import Role

_FACTS = SealedFacts(meter_model="TX-1", k_pulses_per_km=1000, fare=FARE, mask=MASK)


def technician(name: str) -> Credential:
    return people().person(people().registry, Role.TECHNICIAN, name=name).credential


def life(
    serial: int,
    *signers: Credential,
    days: int = 300,
    broken: bool = False,
    facts: SealedFacts = _FACTS,
    region: int = 310_000,
) -> Life:
    ends = NOW + days * DAY
    sealing = Sealing(1, NOW, signers, facts, broken=ends if broken else None)
    return Life(SealNumber(MAKER, serial), region, (sealing,), ends)


def kinds(leads: list[Lead]) -> list[tuple[LeadKind, str]]:
    return [(lead.kind, lead.subject) for lead in leads]


@given(st.integers(0, 30), st.integers(0, 30), st.floats(0.001, 0.999))
def test_the_tail_of_the_binomial_distribution(k: int, n: int, p: float) -> None:
    exact = sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))
    assert binomial_tail(k, n, p) == pytest.approx(exact, abs=1e-9)


@pytest.mark.requirement("H-9")
def test_a_technician_whose_seals_break_often() -> None:
    people_ = [technician(f"T{i}") for i in range(10)]
    lives = [
        life(100 * i + n, people_[i], broken=n < (12 if i == 3 else 1))
        for i in range(10)
        for n in range(40)
    ]
    (lead,) = find_leads(lives)
    assert (lead.kind, lead.subject) == (LeadKind.TECHNICIAN_BREAKS, "T3")
    assert "12 of 40" in lead.detail.en
    assert lead.score < 1e-4


@pytest.mark.requirement("H-9")
def test_chance_names_a_technician_once_in_a_hundred_fleets() -> None:
    people_ = [technician(f"T{i}") for i in range(12)]
    dice = random.Random(7)
    named = 0
    for _ in range(200):
        lives = [
            life(100 * i + n, people_[i], broken=dice.random() < 0.08)
            for i in range(12)
            for n in range(30)
        ]
        named += bool(find_leads(lives))
    assert named <= 6


@pytest.mark.requirement("H-9")
def test_two_breaks_are_bad_luck_and_one_technician_has_no_others() -> None:
    two = [technician("A"), technician("B")]
    lives = [life(n, two[n == 0], broken=n < 2, days=1 if n < 2 else 300) for n in range(60)]
    assert find_leads(lives) == []
    assert find_leads([life(n, two[0], broken=True) for n in range(20)]) == []
    assert find_leads([]) == []


@pytest.mark.requirement("H-9")
def test_a_renewed_card_is_the_same_technician() -> None:
    first, renewed, other = technician("A"), technician("A"), technician("B")
    lives = [life(n, (first, renewed)[n % 2], broken=n < 10) for n in range(20)]
    lives += [life(100 + n, other) for n in range(60)]
    assert kinds(find_leads(lives)) == [(LeadKind.TECHNICIAN_BREAKS, "A")]


def with_k(k: int) -> SealedFacts:
    return SealedFacts(meter_model="TX-1", k_pulses_per_km=k, fare=FARE, mask=MASK)


@pytest.mark.requirement("H-9")
def test_k_unlike_others_of_the_model_in_the_city() -> None:
    lives = [life(n, facts=with_k(1000 + n % 7)) for n in range(40)]
    lives.append(life(99, facts=with_k(930)))
    assert kinds(find_leads(lives)) == [(LeadKind.K_UNUSUAL, f"{MAKER}-99")]
    elsewhere = [*lives[:-1], life(99, facts=with_k(930), region=110_000)]
    assert find_leads(elsewhere) == []
    assert find_leads([life(n, facts=with_k(1000 + 30 * n)) for n in range(9)]) == []


@pytest.mark.requirement("H-9")
def test_a_tariff_unlike_others_in_what_is_watched() -> None:
    unwatched = bytes([*FARE[:100], 9, *FARE[101:]])
    watched = bytes([9, *FARE[1:]])
    lives = [life(n) for n in range(20)]
    lives.append(life(98, facts=SealedFacts(meter_model="TX-1", fare=unwatched, mask=MASK)))
    assert find_leads(lives) == []
    lives.append(life(99, facts=SealedFacts(meter_model="TX-1", fare=watched, mask=MASK)))
    assert kinds(find_leads(lives)) == [(LeadKind.TARIFF_UNUSUAL, f"{MAKER}-99")]
    changing = [
        life(n, facts=SealedFacts("", "", "", "TX-1", 1000, 0, watched, MASK))
        for n in range(50, 60)
    ]
    assert find_leads([*lives[:20], *changing]) == []


@pytest.mark.requirement("H-9")
def test_a_seal_that_was_replaced_is_not_held_to_what_is_sealed_now() -> None:
    old = replace(_FACTS, fare=bytes(127), k_pulses_per_km=1_100)
    lives = [life(n, facts=old if n == 0 else _FACTS) for n in range(20)]
    both = {(LeadKind.K_UNUSUAL, f"{MAKER}-0"), (LeadKind.TARIFF_UNUSUAL, f"{MAKER}-0")}
    assert set(kinds(find_leads(lives))) == both
    named = replace(_FACTS, predecessor=SealNumber(MAKER, 0))
    successor = life(99, facts=named)
    later = replace(successor, sealings=(replace(successor.sealings[0], since=NOW + DAY),))
    assert find_leads([*lives, later]) == []
    # One that was sealed again after it had been replaced is in use again.
    sooner = replace(successor, sealings=(replace(successor.sealings[0], since=NOW - DAY),))
    assert set(kinds(find_leads([*lives, sooner]))) == both
