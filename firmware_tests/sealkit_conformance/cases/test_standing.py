"""What an order is made against: form, seal, head, challenge, window (O-1 to O-9, T-1 to T-3)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from sealkit.wire.messages import ORDER_REQUEST, OrderRequest
from sealkit.wire.orders import NO_CHALLENGE, ORDER, ReasonBody, build_body
from sealkit.wire.registry import (
    CHALLENGE_LIFE_MS,
    ORDER_MAX,
    ORDER_REQUEST_MAX,
    ORDER_WINDOW_MAX_S,
    ORDERS,
    Command,
    OrderKind,
    Reason,
    State,
    Status,
)
from sealkit.wire.tags import TAG_BYTES
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, every_order, needs, of
from sealkit_conformance.subject.people import DAY
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.stages import Stages

Change = Callable[[bytes], bytes]
CHALLENGED = [kind for kind in OrderKind if ORDERS[kind].challenge]
UNCHALLENGED = [kind for kind in OrderKind if not ORDERS[kind].challenge]


def resigned(
    seal: SealUnderTest, request: OrderRequest, change: Change, kind: OrderKind
) -> OrderRequest:
    """An order whose unsigned bytes were changed, signed anew by those who signed it."""
    unsigned = change(ORDER.parse(request.order).unsigned_bytes)
    signers = [seal.people.of(roles[0]) for roles in ORDERS[kind].signers]
    signed = unsigned + b"".join(person.key.sign(unsigned) for person in signers)
    return OrderRequest(signed, request.credentials)


# Form (O-1).


@clause("O-1", "N-3", "L-7")
def test_an_order_cut_anywhere_is_malformed(sealed: SealUnderTest) -> None:
    request = sealed.good(OrderKind.CONFIRM)
    for length in (0, 1, 9, 10, 11, 40, 87, 135, 166, 168, 180, len(request.order) - 65):
        short = OrderRequest(request.order[:length], request.credentials)
        sealed.refuses(short, Status.MALFORMED, "O-1", counted=length == 40)


@clause("O-1")
def test_signatures_have_whole_lengths(sealed: SealUnderTest) -> None:
    request = sealed.good(OrderKind.CONFIRM)
    for order in (request.order[:-1], request.order[:-63], request.order + b"\0"):
        sealed.refuses(OrderRequest(order, request.credentials), Status.MALFORMED, "O-1")


@clause("O-1")
def test_as_many_signatures_as_signers(sealed: SealUnderTest) -> None:
    request = sealed.good(OrderKind.CONFIRM)
    for order in (request.order[:-64], request.order + request.order[-64:]):
        wrong = OrderRequest(order, request.credentials)
        sealed.refuses(wrong, Status.SIGNATURES_MISSING, "O-1")
    both = sealed.good(OrderKind.UNSEAL)
    one = OrderRequest(both.order[:-64], both.credentials)
    sealed.refuses(one, Status.SIGNATURES_MISSING, "O-1")
    three = OrderRequest(both.order + both.order[-64:], both.credentials)
    sealed.refuses(three, Status.SIGNATURES_MISSING, "O-1")


@clause("O-1", "O-11")
def test_nobody_signs(sealed: SealUnderTest) -> None:
    orders = sealed.orders()
    nobody = orders.order(OrderKind.CONFIRM, orders.body(OrderKind.CONFIRM), [])
    sealed.refuses(nobody, Status.SIGNATURES_MISSING, "O-11")


@clause("O-11")
def test_the_second_place_alone_is_not_filled(sealed: SealUnderTest) -> None:
    orders = sealed.orders()
    station = sealed.people["station"]
    request = orders.good(
        OrderKind.CONFIRM,
        signers=[station],
        first_signer=bytes(32),
        second_signer=station.digest,
    )
    sealed.refuses(request, Status.SIGNATURES_MISSING, "O-11")


@clause("O-1")
def test_an_order_over_the_limit_is_too_long(sealed: SealUnderTest) -> None:
    request = sealed.good(OrderKind.CONFIRM)
    before = sealed.evidence()
    for length in (ORDER_MAX + 1, ORDER_MAX + 64, ORDER_REQUEST_MAX - 3):
        order = request.order.ljust(length, b"\0")
        answer = sealed.ask(Command.ORDER, len(order).to_bytes(2, "big") + order + b"\0")
        expect.status("O-1", Status.TOO_LONG, answer, f"an order of {length} bytes")
    due = {"refused_malformed": before.refused_malformed + 3}
    expect.fields_of("O-1", sealed.evidence(), due, "they are not counted")


@clause("O-1", "C-6")
def test_order_and_credentials_together_have_a_limit(sealed: SealUnderTest) -> None:
    request = sealed.good(OrderKind.UNSEAL)
    padding = ORDER_REQUEST_MAX - 3 - len(request.order)
    padding -= sum(2 + len(raw) for raw in request.credentials)
    for length in (padding - 2 + 1, padding + 30):
        filler = bytes(min(length, 2_000))
        answer = sealed.order(OrderRequest(request.order, (*request.credentials, filler)))
        expect.status("O-1", Status.TOO_LONG, answer, "order and credentials over the limit")


@clause("O-1", "N-3")
def test_at_most_four_credentials(sealed: SealUnderTest) -> None:
    request = sealed.good(OrderKind.CONFIRM)
    four = ORDER_REQUEST.build(OrderRequest(request.order, request.credentials * 4))
    (raw,) = request.credentials
    at = 2 + len(request.order)
    crowd = four[:at] + b"\5" + four[at + 1 :] + len(raw).to_bytes(2, "big") + raw
    expect.status("N-3", Status.MALFORMED, sealed.ask(Command.ORDER, crowd), "five credentials")


@clause("O-1", "O-10")
def test_four_credentials_are_taken(sealed: SealUnderTest) -> None:
    request = sealed.good(OrderKind.CONFIRM)
    sealed.apply(OrderRequest(request.order, request.credentials * 4), "O-1")


TAGS = {
    "the prefix": (0, Status.MALFORMED),
    "the prefix's end": (6, Status.MALFORMED),
    "the type": (8, Status.MALFORMED),
    "the version": (9, Status.WRONG_VERSION),
}


@clause("T-2", "O-1", "T-1")
@pytest.mark.parametrize("at", TAGS)
def test_another_tag_is_refused_before_anything_else(sealed: SealUnderTest, at: str) -> None:
    place, status = TAGS[at]
    request = sealed.good(OrderKind.CONFIRM)

    def change(unsigned: bytes) -> bytes:
        return unsigned[:place] + bytes((unsigned[place] ^ 0x10,)) + unsigned[place + 1 :]

    sealed.refuses(resigned(sealed, request, change, OrderKind.CONFIRM), status, "T-2")


@clause("T-2", "S-5", "O-1")
def test_an_order_of_another_suite_is_refused(sealed: SealUnderTest) -> None:
    request = sealed.good(OrderKind.CONFIRM, suite_number=3 - sealed.suite.id)
    sealed.refuses(request, Status.WRONG_SUITE, "S-5")
    request = sealed.good(OrderKind.CONFIRM)
    for number in (0, 3, 0xFF):

        def change(unsigned: bytes, number: int = number) -> bytes:
            return unsigned[:7] + bytes((number,)) + unsigned[8:]

        wrong = resigned(sealed, request, change, OrderKind.CONFIRM)
        sealed.refuses(wrong, Status.WRONG_SUITE, "T-2")


@clause("O-1", "N-3")
@pytest.mark.parametrize("kind", [OrderKind.UNSEAL, OrderKind.CONFIRM, OrderKind.ADJUST_CLOCK])
def test_a_body_that_is_none_is_malformed(sealed: SealUnderTest, kind: OrderKind) -> None:
    good = build_body(kind, sealed.orders().body(kind))
    for body in (b"", good[:-1], good + b"\0", b"\xff" * len(good)):
        orders = sealed.orders(challenge=ORDERS[kind].challenge)
        request = orders.order(kind, body, orders.signers(kind))
        if body == b"\xff" * len(good) and kind is OrderKind.ADJUST_CLOCK:
            continue  # that is one second back
        sealed.refuses(request, Status.MALFORMED, "O-1", counted=not body)


@clause("N-3", "O-1")
def test_text_that_is_not_utf8_is_malformed(sealed: SealUnderTest) -> None:
    for text in (b"\xff\xfe\xfd", b"abc\x80", b"\xc3\x28aa", b"\xed\xa0\x80x"):
        body = bytes((Reason.REPAIR, len(text))) + text
        sealed.refuses(sealed.good(OrderKind.UNSEAL, body=body), Status.MALFORMED, "N-3")


# The seal (O-4).


@clause("O-4", "R27")
@pytest.mark.parametrize("field", ["maker", "serial", "seal_key"])
def test_an_order_for_another_seal(sealed: SealUnderTest, field: str) -> None:
    standing = sealed.standing()
    held = getattr(standing, field)
    others = (
        [held ^ 1, held ^ 0x80000000, 0]
        if isinstance(held, int)
        else [bytes(16), held[:15] + bytes((held[15] ^ 1,)), bytes((held[0] ^ 1,)) + held[1:]]
    )
    for other in others:
        request = sealed.good(OrderKind.CONFIRM, **{field: other})
        sealed.refuses(request, Status.WRONG_SEAL, "O-4")


# The head (O-7).


@clause("O-7", "R18")
@pytest.mark.parametrize("kind", every_order())
def test_an_order_for_another_head_is_stale(
    seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind
) -> None:
    stages.bring_for(seal, kind)
    digest = seal.status().control_digest
    sequence = seal.status().control_sequence
    wrong: list[dict[str, Any]] = [
        {"head_sequence": sequence + 1},
        {"head_sequence": sequence - 1},
        {"head_sequence": 0, "head_digest": bytes(32)},
        {"head_digest": bytes(32)},
        {"head_digest": digest[:31] + bytes((digest[31] ^ 1,))},
        {"head_digest": bytes((digest[0] ^ 0x80,)) + digest[1:]},
        {"head_digest": digest[:16] + bytes(16)},
        {"head_digest": digest[::-1]},
    ]
    for fields in wrong:
        seal.refuses(
            seal.good(kind, **fields), Status.STALE_HEAD, "O-7", counted=fields is wrong[0]
        )


@clause("O-7")
def test_of_two_orders_for_one_head_the_first_wins(opened: SealUnderTest) -> None:
    orders = opened.orders()
    one = orders.good(OrderKind.TRUST)
    other = orders.good(OrderKind.ADJUST_CLOCK)
    opened.apply(one)
    opened.refuses(other, Status.STALE_HEAD, "O-7")


@clause("O-7", "R-2")
def test_nobody_signs_past_a_break_unseen(sealed: SealUnderTest, bench: Backend) -> None:
    """An order made before a tampering does not hold after it."""
    request = sealed.good(OrderKind.ADJUST_CLOCK)
    bench.open_case()
    bench.close_case()
    expect.equal("Z-1", State.TAMPERED, sealed.state(), "the case was opened")
    sealed.refuses(request, Status.STALE_HEAD, "O-7")


@clause("O-7", "O-3")
@needs(Capability.POWER)
def test_a_stale_order_stays_stale_after_a_boot(opened: SealUnderTest) -> None:
    stale = opened.good(OrderKind.ADJUST_CLOCK)
    applied = opened.good(OrderKind.TRUST)
    opened.apply(applied)
    for _ in range(2):
        opened.restart()
        opened.refuses(stale, Status.STALE_HEAD, "O-7")
        expect.status("O-3", Status.ALREADY_APPLIED, opened.order(applied))
    opened.refuses(stale, Status.STALE_HEAD, "O-7")


@clause("O-3")
def test_an_order_stays_known_however_many_follow(opened: SealUnderTest) -> None:
    first = opened.good(OrderKind.TRUST)
    opened.apply(first)
    for _ in range(12):
        opened.give(OrderKind.TRUST)
    expect.status("O-3", Status.ALREADY_APPLIED, opened.order(first), "an order is forgotten")


@clause("O-3", "T-3")
def test_an_applied_order_is_known_by_its_unsigned_bytes(opened: SealUnderTest) -> None:
    """Signed once more it is the same order; changed in its body it is another."""
    request = opened.good(OrderKind.TRUST)
    applied = opened.apply(request)
    again = resigned(opened, request, lambda unsigned: unsigned, OrderKind.TRUST)
    answer = expect.status("O-3", Status.ALREADY_APPLIED, opened.order(again))
    expect.equal("O-3", applied.digest, answer.body[4:36], "its record")
    other = opened.good(OrderKind.TRUST)
    expect.status("O-3", Status.OK, opened.order(other), "another order is taken for the same")


# The challenge (O-8).


@clause("O-8", "C-4")
@pytest.mark.parametrize("kind", CHALLENGED)
@needs(Capability.CLOCK)
@pytest.mark.destructive
def test_a_challenge_has_to_be_right(
    seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind
) -> None:
    stages.bring_for(seal, kind)
    orders = seal.orders()
    seal.refuses(
        orders.good(kind, challenge=secrets.token_bytes(16)), Status.CHALLENGE_MISSING, "O-8"
    )
    given = seal.challenge()
    for wrong in (
        NO_CHALLENGE,
        given[:15] + bytes((given[15] ^ 1,)),
        bytes((given[0] ^ 1,)) + given[1:],
        given[:8] + bytes(8),
        given[::-1],
    ):
        request = seal.orders().good(kind, challenge=wrong)
        seal.refuses(request, Status.CHALLENGE_WRONG, "O-8")
    seal.apply(seal.orders().good(kind, challenge=given), "O-8")


@clause("C-4", "O-8")
def test_a_new_challenge_replaces_the_old(sealed: SealUnderTest) -> None:
    old = sealed.challenge()
    sealed.challenge()
    request = sealed.orders().good(OrderKind.UNSEAL, challenge=old)
    sealed.refuses(request, Status.CHALLENGE_WRONG, "C-4")


@clause("O-16", "O-8")
def test_a_challenge_is_spent_by_the_order(sealed: SealUnderTest) -> None:
    given = sealed.challenge()
    sealed.apply(sealed.orders().good(OrderKind.UNSEAL, challenge=given))
    again = sealed.orders().good(OrderKind.RETIRE, challenge=given)
    sealed.refuses(again, Status.CHALLENGE_MISSING, "O-16")


@clause("O-16", "O-8")
@needs(Capability.CLOCK)
@pytest.mark.parametrize("kind", [k for k in CHALLENGED if k is not OrderKind.RETIRE])
@pytest.mark.destructive
def test_every_order_with_a_challenge_spends_it(
    seal: SealUnderTest, stages: Stages, bench: Backend, kind: OrderKind
) -> None:
    """Whatever comes next, with the same challenge, lacks one."""
    stages.bring_for(seal, kind)
    given = seal.challenge()
    seal.apply(seal.orders().good(kind, challenge=given))
    then = next(k for k in CHALLENGED if seal.state() in ORDERS[k].from_states)
    then = OrderKind.RETIRE if then is OrderKind.RESTORE_CLOCK else then
    again = seal.orders().good(then, challenge=given)
    seal.refuses(again, Status.CHALLENGE_MISSING, "O-16")


@clause("O-8")
def test_a_refused_order_does_not_spend_the_challenge(sealed: SealUnderTest) -> None:
    given = sealed.challenge()
    orders = sealed.orders()
    bad = orders.good(OrderKind.UNSEAL, challenge=given, sign_with=[sealed.people.maker.key] * 2)
    sealed.refuses(bad, Status.SIGNATURE_INVALID, "O-13")
    sealed.apply(sealed.orders().good(OrderKind.UNSEAL, challenge=given), "O-8")


@clause("C-4", "O-8")
@needs(Capability.POWER)
def test_a_challenge_ends_with_the_boot(sealed: SealUnderTest) -> None:
    given = sealed.challenge()
    sealed.restart()
    request = sealed.orders().good(OrderKind.UNSEAL, challenge=given)
    sealed.refuses(request, Status.CHALLENGE_MISSING, "C-4")


@needs(Capability.TIME)
@pytest.mark.parametrize("late", [False, True], ids=["in time", "too late"])
@pytest.mark.parametrize("rule", [of("C-4", "C-4"), of("O-8", "O-8")])
def test_a_challenge_lives_so_long_and_no_longer(
    sealed: SealUnderTest, rule: str, late: bool
) -> None:
    """What is given out for so long (C-4) is judged by it (O-8)."""
    given = sealed.challenge()
    request = sealed.orders().good(OrderKind.UNSEAL, challenge=given)
    sealed.backend.pass_time(CHALLENGE_LIFE_MS + (400 if late else -1_500))
    if late:
        sealed.refuses(request, Status.CHALLENGE_EXPIRED, rule)
    else:
        sealed.take(request, rule)  # at once: on a bench time goes on by itself


@clause("O-8")
@pytest.mark.parametrize("kind", UNCHALLENGED)
def test_an_order_without_a_challenge_carries_none(sealed: SealUnderTest, kind: OrderKind) -> None:
    given = sealed.challenge()
    for challenge in (given, b"\0" * 15 + b"\1"):
        request = sealed.good(kind, challenge=challenge)
        sealed.refuses(request, Status.MALFORMED, "O-8")


# The window (O-9).

WINDOWS: dict[str, tuple[int, int, Status]] = {
    "empty": (0, 0, Status.WINDOW_TOO_LONG),
    "backwards": (100, -100, Status.WINDOW_TOO_LONG),
    "too long": (-10, ORDER_WINDOW_MAX_S - 9, Status.WINDOW_TOO_LONG),
    "much too long": (-DAY, 400 * DAY, Status.WINDOW_TOO_LONG),
    "to come": (60, DAY, Status.NOT_YET_VALID),
    "long to come": (30 * DAY, 31 * DAY, Status.NOT_YET_VALID),
    "over": (-DAY, -60, Status.EXPIRED),
    "long over": (-400 * DAY, -399 * DAY, Status.EXPIRED),
}


@clause("O-9")
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("kind", [OrderKind.CONFIRM, OrderKind.UNSEAL])
def test_a_wrong_window(sealed: SealUnderTest, kind: OrderKind, window: str) -> None:
    begin, end, status = WINDOWS[window]
    clock = sealed.status().clock
    request = sealed.good(kind, not_before=clock + begin, not_after=clock + end)
    sealed.refuses(request, status, "O-9")


@clause("O-9")
@pytest.mark.parametrize("span", [(-30, 30), (-ORDER_WINDOW_MAX_S + 60, 60), (-1, DAY)])
def test_a_right_window(sealed: SealUnderTest, span: tuple[int, int]) -> None:
    clock = sealed.status().clock
    request = sealed.good(OrderKind.CONFIRM, not_before=clock + span[0], not_after=clock + span[1])
    sealed.apply(request, "O-9")


@clause("O-9")
@needs(Capability.TIME)
def test_a_window_ends_by_the_seals_clock(sealed: SealUnderTest) -> None:
    clock = sealed.status().clock
    request = sealed.good(OrderKind.CONFIRM, not_before=clock, not_after=clock + 120)
    sealed.backend.pass_time(130_000)
    sealed.refuses(request, Status.EXPIRED, "O-9")


# The order of the rules: each of these breaks two, and the first decides.


@clause("O-4", "O-5", "O-7", "O-9", "O-13")
def test_the_first_rule_that_fails_decides(sealed: SealUnderTest) -> None:
    bad_keys = [sealed.people.maker.key] * 2
    stale = {"head_sequence": 1}
    over = {"not_before": 1, "not_after": 2}
    cases: list[tuple[str, OrderRequest, Status]] = [
        (
            "O-4",
            sealed.good(OrderKind.CLEAR, serial=5, **stale),
            Status.WRONG_SEAL,
        ),
        ("O-5", sealed.good(OrderKind.CLEAR, **stale, **over), Status.WRONG_STATE),
        ("O-7", sealed.good(OrderKind.UNSEAL, challenge=bytes(16), **stale), Status.STALE_HEAD),
        (
            "O-8",
            sealed.good(OrderKind.UNSEAL, challenge=bytes(16), **over),
            Status.CHALLENGE_WRONG,
        ),
        (
            "O-9",
            sealed.good(OrderKind.CONFIRM, credentials=[], **over),
            Status.EXPIRED,
        ),
        (
            "O-10",
            sealed.good(OrderKind.CONFIRM, credentials=[], sign_with=bad_keys[:1]),
            Status.CREDENTIAL_MISSING,
        ),
        (
            "O-11",
            sealed.good(
                OrderKind.CONFIRM,
                signers=[sealed.people["technician"]],
                sign_with=bad_keys[:1],
            ),
            Status.ROLE_NOT_ALLOWED,
        ),
        (
            "O-13",
            sealed.good(OrderKind.UNSEAL, body=ReasonBody(Reason.REPAIR, ""), sign_with=bad_keys),
            Status.SIGNATURE_INVALID,
        ),
    ]
    for name, request, status in cases:
        sealed.refuses(request, status, name)


@clause("O-1", "R41")
def test_refusals_are_counted_by_kind(sealed: SealUnderTest) -> None:
    """Those that `refuses` does not see: what is no order at all; other commands count nothing."""
    before = sealed.evidence()
    sealed.ask(Command.ORDER, b"")
    sealed.ask(Command.ORDER, bytes(200))
    sealed.ask(Command.READ_GROUP, b"\xff")
    sealed.ask(Command.INSTALL_CREDENTIAL, bytes(30))
    sealed.ask(0x7E)
    after = sealed.evidence()
    due = {"refused_malformed": before.refused_malformed + 2}
    due |= {name: getattr(before, name) for name in ("refused_stale", "refused_authority")}
    expect.fields_of("O-1", after, due, "the counters of refused orders")


@clause("T-3", "O-13")
def test_every_byte_of_an_order_is_signed(sealed: SealUnderTest) -> None:
    """Whatever byte is altered, the order is not applied."""
    request = sealed.good(OrderKind.CONFIRM)
    head = sealed.status().control_digest
    for at in range(TAG_BYTES, len(request.order)):
        raw = bytearray(request.order)
        raw[at] ^= 0x01
        answer = sealed.order(OrderRequest(bytes(raw), request.credentials))
        expect.true("T-3", answer.status not in (Status.OK, Status.ALREADY_APPLIED), f"byte {at}")
    expect.equal("T-3", head, sealed.status().control_digest, "an altered order was applied")
    sealed.apply(request)
