"""Drafts: what they hold, who may sign, and what is refused before anybody signs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.client_bench import ScriptedBench, new_parameters
from support.people import NOW

from sealkit.errors import IntegrityError, MalformedError, UsageError
from sealkit.seal.drafting import BEFORE_S, VALID_S, Draft, draft_order
from sealkit.wire.orders import (
    NO_CHALLENGE,
    NO_SIGNER,
    AcknowledgeBody,
    AdjustClockBody,
    ReasonBody,
    RestoreClockBody,
)
from sealkit.wire.registry import ClockQuality, OrderKind, Reason

WHY = ReasonBody(Reason.REPAIR, "new sensor")


def test_an_order_names_seal_head_window_and_signers(sealed: ScriptedBench) -> None:
    order = sealed.draft(OrderKind.UNSEAL, WHY, *sealed.both).order
    assert order.number == sealed.shown.number
    assert order.seal_key == sealed.seal.seal_key
    assert (order.head_sequence, order.head_digest) == (3, sealed.shown.head.digest)
    assert (order.not_before, order.not_after) == (NOW - BEFORE_S, NOW + VALID_S)
    assert order.challenge == sealed.seal.challenge
    digest = sealed.seal.suite.digest
    assert order.first_signer == digest(sealed.people.credentials["technician"].raw)
    assert order.second_signer == digest(sealed.people.credentials["station"].raw)


@pytest.mark.requirement("O-8")
def test_a_challenge_is_fetched_only_where_the_table_asks(sealed: ScriptedBench) -> None:
    chain = sealed.people.sent(["station"])
    draft = sealed.draft(OrderKind.ADJUST_CLOCK, AdjustClockBody(5), chain)
    assert draft.order.challenge == NO_CHALLENGE
    assert draft.order.second_signer == NO_SIGNER
    assert sealed.seal.challenge is None


def test_a_refused_draft_leaves_the_outstanding_challenge(sealed: ScriptedBench) -> None:
    sealed.draft(OrderKind.UNSEAL, WHY, *sealed.both)
    outstanding = sealed.seal.challenge
    with pytest.raises(UsageError):
        sealed.draft(OrderKind.UNSEAL, WHY, sealed.people.sent(["station"]))
    assert sealed.seal.challenge == outstanding


def test_signatures_come_in_any_order(sealed: ScriptedBench) -> None:
    people = sealed.people
    draft = sealed.draft(OrderKind.UNSEAL, WHY, *sealed.both)
    assert not draft.complete
    second_first = draft.sign(people.keys["station"])
    assert not second_first.complete
    one = second_first.sign(people.keys["technician"])
    assert one.complete
    assert one.order_id == draft.order_id
    for place, credential in enumerate(one.signers):
        signature = one.order.signatures[64 * place : 64 * place + 64]
        assert people.suite.verify(credential.public_key, one.unsigned, signature)


def test_credentials_are_sent_once_each(sealed: ScriptedBench) -> None:
    draft = sealed.draft(OrderKind.UNSEAL, WHY, *sealed.both)
    people = sealed.people
    assert draft.credentials == (
        people.credentials["technician"].raw,
        people.credentials["registry"].raw,
        people.credentials["station"].raw,
    )


def test_only_who_is_named_signs(sealed: ScriptedBench) -> None:
    draft = sealed.draft(OrderKind.UNSEAL, WHY, *sealed.both)
    with pytest.raises(UsageError) as caught:
        draft.sign(sealed.people.keys["inspector"])
    assert caught.value.code == "SIGNER_NOT_NAMED"
    assert "technician, station" in caught.value.remedy


def test_a_signature_over_something_else_is_refused(sealed: ScriptedBench) -> None:
    draft = sealed.draft(OrderKind.UNSEAL, WHY, *sealed.both)
    with pytest.raises(IntegrityError) as caught:
        draft.with_signature(0, sealed.people.keys["technician"].sign(b"something else"))
    assert caught.value.code == "SIGNATURE_INVALID"


@pytest.mark.requirement("O-11")
@pytest.mark.parametrize(
    ("kind", "places", "code"),
    [
        (OrderKind.UNSEAL, ["technician"], "ORDER_SIGNERS"),
        (OrderKind.UNSEAL, ["station", "technician"], "ORDER_ROLE"),
        (OrderKind.UNSEAL, ["technician", "inspector"], "ORDER_ROLE"),
        (OrderKind.UNSEAL, ["technician", "technician"], "ORDER_SAME_SIGNER"),
        (OrderKind.UNSEAL, ["technician", "registry"], "ORDER_SAME_SIGNER"),
        (OrderKind.UNSEAL, [], "ORDER_SIGNERS"),
        (OrderKind.UNSEAL, ["technician", "station", "inspector"], "ORDER_SIGNERS"),
        (OrderKind.CLEAR, ["technician", "station"], "ORDER_WRONG_STATE"),
        (OrderKind.RETIRE, ["station"], "ORDER_WRONG_STATE"),
    ],
)
def test_the_wrong_people_or_state(
    sealed: ScriptedBench, kind: OrderKind, places: list[str], code: str
) -> None:
    chains = [sealed.people.sent([name]) for name in places]
    with pytest.raises(UsageError) as caught:
        draft_order(sealed.client, sealed.shown, kind, WHY, chains)
    assert caught.value.code == code
    assert caught.value.remedy


@pytest.mark.requirement("R03")
def test_a_tariff_alone_takes_one_signature_when_sealed(sealed: ScriptedBench) -> None:
    whole = new_parameters(fare=b"\x20\x27\x01\x01\x00" + bytes(122))
    tariff = type(whole)(tuple(item for item in whole.groups if item.number == 3))
    draft = sealed.draft(OrderKind.SEAL, tariff, sealed.people.sent(["station"]))
    assert draft.order.second_signer == NO_SIGNER


@pytest.mark.parametrize("valid_s", [0, -5, 604_800])
def test_a_window_that_no_seal_takes(sealed: ScriptedBench, valid_s: int) -> None:
    with pytest.raises(UsageError) as caught:
        draft_order(
            sealed.client,
            sealed.shown,
            OrderKind.UNSEAL,
            WHY,
            sealed.both,
            valid_s=valid_s,
        )
    assert caught.value.code == "ORDER_WINDOW"


@pytest.mark.requirement("O-9")
def test_with_a_lost_clock_the_window_follows_the_time_to_be_set(
    sealed: ScriptedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = replace(sealed.client.status(), clock_quality=ClockQuality.LOST, clock=1000)
    monkeypatch.setattr(sealed.seal, "_status", lambda: status)
    order = sealed.draft(OrderKind.RESTORE_CLOCK, RestoreClockBody(NOW + 99), *sealed.both).order
    assert order.not_before == NOW + 99 - BEFORE_S
    acknowledging = AcknowledgeBody(1, bytes(32), bytes(32))
    order = sealed.draft(
        OrderKind.ACKNOWLEDGE, acknowledging, sealed.people.sent(["station"])
    ).order
    assert order.not_after == 1000 + VALID_S


def test_a_reason_that_is_too_long_is_told_at_once(sealed: ScriptedBench) -> None:
    with pytest.raises(UsageError) as caught:
        sealed.draft(OrderKind.UNSEAL, ReasonBody(Reason.OTHER, "x" * 161), *sealed.both)
    assert caught.value.code == "VALUE_OUT_OF_RANGE"


def test_an_order_that_is_too_long(sealed: ScriptedBench) -> None:
    whole = new_parameters()
    big = type(whole)((*whole.groups, type(whole.groups[0])(200, bytes(500))))
    with pytest.raises(UsageError) as caught:
        sealed.draft(OrderKind.SEAL, big, *sealed.both)
    assert caught.value.code in ("ORDER_TOO_LONG", "VALUE_OUT_OF_RANGE")


def test_a_credential_that_is_none(sealed: ScriptedBench) -> None:
    with pytest.raises(MalformedError):
        sealed.draft(OrderKind.UNSEAL, WHY, (b"no credential",), sealed.people.sent(["station"]))


def test_too_many_credentials(sealed: ScriptedBench) -> None:
    people = sealed.people
    long = (
        *people.sent(["technician"]),
        people.credentials["inspector"].raw,
        people.credentials["authority endorsed"].raw,
    )
    with pytest.raises(UsageError) as caught:
        sealed.draft(OrderKind.UNSEAL, WHY, long, people.sent(["station"]))
    assert caught.value.code == "ORDER_CREDENTIALS"


def test_a_draft_by_hand_is_not_judged(sealed: ScriptedBench) -> None:
    draft = sealed.draft(OrderKind.UNSEAL, WHY, *sealed.both)
    by_hand = Draft(draft.unsigned, draft.chains[:1], (bytes(64),))
    assert by_hand.complete
    assert by_hand.raw == draft.unsigned + bytes(64)
    assert by_hand.kind is OrderKind.UNSEAL
