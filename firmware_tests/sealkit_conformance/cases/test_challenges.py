"""Challenges: how random, for how long, and what spends them (C-4, O-8, O-16)."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import pytest

from sealkit.wire.orders import NO_CHALLENGE
from sealkit.wire.registry import CHALLENGE_LIFE_MS, OrderKind, Status
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.seal import SealUnderTest

_MANY: Final = 64
_BITS: Final = 128
_LEAST: Final = 8
"""Of 64 fair bits fewer than 8 are alike once in more than 10^9 times, for all 128 places."""


@clause("C-4")
def test_every_bit_of_challenges_is_random(sealed: SealUnderTest) -> None:
    """None stands still, and none follows from the one before."""
    given = [int.from_bytes(sealed.challenge(), "big") for _ in range(_MANY)]
    expect.equal("C-4", _MANY, len(set(given)), "challenges that differ")
    steps = [one ^ other for one, other in pairwise(given)]
    differences = [(other - one) % (1 << _BITS) for one, other in pairwise(given)]
    for what, numbers in (("", given), (" from one to the next", steps)):
        for bit in range(_BITS):
            ones = sum(number >> bit & 1 for number in numbers)
            fair = _LEAST <= ones <= len(numbers) - _LEAST
            expect.true("C-4", fair, f"bit {bit}{what} is one in {ones} of {len(numbers)}")
    expect.true("C-4", len(set(differences)) > 1, "challenges count")


@clause("C-4")
@needs(Capability.POWER)
def test_after_a_boot_no_challenge_comes_again(sealed: SealUnderTest) -> None:
    """As they would from a generator that begins each time with the same number."""
    seen: set[bytes] = set()
    for _ in range(3):
        sealed.restart()
        given = {sealed.challenge() for _ in range(4)}
        expect.true("C-4", not seen & given, "a challenge comes again after a boot")
        seen |= given


@clause("C-4")
@needs(Capability.FRESH_DEVICES)
def test_no_two_seals_give_one_challenge(sealed: SealUnderTest, bench: Backend) -> None:
    first = {sealed.challenge() for _ in range(4)}
    bench.fresh_device()
    sealed.forget_identity()
    sealed.line.forget()
    expect.true(
        "C-4", not first & {sealed.challenge() for _ in range(4)}, "two seals, one challenge"
    )


@clause("O-8", "C-4")
def test_without_a_challenge_none_will_do(sealed: SealUnderTest, bench: Backend) -> None:
    """Not zeros either, which another order has in their place."""
    if Capability.POWER in bench.capabilities:
        sealed.restart()
    else:
        sealed.give(OrderKind.UNSEAL)
        sealed.see_meter()
        sealed.give(OrderKind.SEAL)
    for challenge in (NO_CHALLENGE, bytes(range(16))):
        orders = sealed.orders()
        request = orders.good(OrderKind.UNSEAL, challenge=challenge)
        sealed.refuses(request, Status.CHALLENGE_MISSING, "O-8")


@clause("O-8", "C-4")
@needs(Capability.TIME)
def test_a_challenge_of_long_ago_is_missed_as_another(
    sealed: SealUnderTest, bench: Backend
) -> None:
    """That it is another comes before that it is too old."""
    given = sealed.challenge()
    bench.pass_time(CHALLENGE_LIFE_MS + 1_000)
    other = bytes((given[0] ^ 1,)) + given[1:]
    request = sealed.orders().good(OrderKind.UNSEAL, challenge=other)
    sealed.refuses(request, Status.CHALLENGE_WRONG, "O-8")
    request = sealed.orders().good(OrderKind.UNSEAL, challenge=given)
    sealed.refuses(request, Status.CHALLENGE_EXPIRED, "O-8")
    request = sealed.orders().good(OrderKind.UNSEAL, challenge=NO_CHALLENGE)
    sealed.refuses(request, Status.CHALLENGE_WRONG, "O-8")


@clause("O-16", "O-8", "C-4")
@pytest.mark.parametrize("kind", [OrderKind.TRUST, OrderKind.CONFIRM, OrderKind.ADJUST_CLOCK])
def test_an_order_without_a_challenge_spends_none(sealed: SealUnderTest, kind: OrderKind) -> None:
    given = sealed.challenge()
    sealed.apply(sealed.good(kind), "O-16")
    request = sealed.orders().good(OrderKind.UNSEAL, challenge=given)
    sealed.apply(request, "O-16")
    spent = sealed.orders().good(OrderKind.CLEAR, challenge=given)
    sealed.refuses(spent, Status.WRONG_STATE, "O-5")
    again = sealed.orders().good(OrderKind.RETIRE, challenge=given)
    sealed.refuses(again, Status.CHALLENGE_MISSING, "O-16")


@clause("C-4", "O-8")
@needs(Capability.TIME)
def test_a_new_challenge_has_a_life_of_its_own(sealed: SealUnderTest, bench: Backend) -> None:
    """And ends that of the one before."""
    old = sealed.challenge()
    bench.pass_time(CHALLENGE_LIFE_MS - 60_000)
    given = sealed.challenge()
    bench.pass_time(120_000)
    request = sealed.orders().good(OrderKind.UNSEAL, challenge=old)
    sealed.refuses(request, Status.CHALLENGE_WRONG, "C-4")
    request = sealed.orders().good(OrderKind.UNSEAL, challenge=given)
    sealed.apply(request, "C-4")
