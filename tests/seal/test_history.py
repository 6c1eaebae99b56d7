"""What an operator has been shown, and that nothing past it is signed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.client_bench import ScriptedBench
from support.lines import DirectLine
from support.people import Family
from support.scripted_seal import ScriptedSeal

from sealkit.errors import IntegrityError, MalformedError
from sealkit.seal.client import SealClient
from sealkit.seal.drafting import draft_order
from sealkit.seal.exchange import Exchange
from sealkit.seal.history import Shown, read_history
from sealkit.seal.words import record_words, time_words
from sealkit.wire.orders import ReasonBody
from sealkit.wire.registry import Cause, OrderKind, Reason, State

WHY = ReasonBody(Reason.REPAIR, "new sensor")


def test_the_history_is_the_seals(sealed: ScriptedBench) -> None:
    shown = read_history(sealed.client)
    assert shown.head == sealed.seal.history.head
    assert shown.history.state is State.SEALED
    assert shown.history.groups == sealed.seal.history.groups
    assert [record.raw for record in shown.records] == sealed.seal.control
    assert shown.seal_key == sealed.seal.seal_key


@pytest.mark.requirement("O-7")
def test_nothing_is_drafted_past_a_break_that_was_not_shown(sealed: ScriptedBench) -> None:
    sealed.seal.tamper(Cause.FARE_PARAMETERS_CHANGED)
    with pytest.raises(IntegrityError) as caught:
        sealed.draft(OrderKind.UNSEAL, WHY, *sealed.both)
    assert caught.value.code == "HISTORY_NOT_SHOWN"
    assert "record 4: break, fare parameters changed" in caught.value.message
    sealed.shown = read_history(sealed.client)
    sealed.give(OrderKind.CLEAR, WHY, *sealed.both)
    assert sealed.shown.history.state is State.OPEN


def test_another_seal_is_not_the_one_shown(sealed: ScriptedBench) -> None:
    other = ScriptedSeal(sealed.people)
    client = SealClient(Exchange(DirectLine(other.receive)))
    with pytest.raises(IntegrityError) as caught:
        draft_order(client, sealed.shown, OrderKind.UNSEAL, WHY, sealed.both)
    assert caught.value.code == "OTHER_SEAL"


def test_another_head_of_the_same_number_is_not_the_one_shown(
    sealed: ScriptedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = replace(sealed.client.status(), control_digest=bytes(32))
    monkeypatch.setattr(sealed.seal, "_status", lambda: status)
    with pytest.raises(IntegrityError) as caught:
        sealed.draft(OrderKind.UNSEAL, WHY, *sealed.both)
    assert caught.value.code == "HISTORY_NOT_SHOWN"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda chain: [chain[0], chain[2]], "CHAIN_BROKEN"),
        (lambda chain: [chain[0], chain[1], chain[1]], "RECORD_ORDER"),
        (lambda chain: chain[1:], "CHAIN_BROKEN"),
        (lambda chain: [], "LOG_MISSING"),
        (lambda chain: [chain[0][:40] + b"\1" + chain[0][41:], *chain[1:]], "CHAIN_BROKEN"),
        (lambda chain: [chain[0], chain[1][:13] + b"\x77" + chain[1][14:]], "RECORD_OTHER_SEAL"),
        (lambda chain: [chain[0][:-1], *chain[1:]], "MALFORMED"),
    ],
)
@pytest.mark.requirement("R-2")
def test_a_chain_that_does_not_hold(sealed: ScriptedBench, change: object, code: str) -> None:
    records = change(list(sealed.seal.control))  # type: ignore[operator]
    with pytest.raises((IntegrityError, MalformedError)) as caught:
        Shown.of(sealed.seal.suite, records)
    assert caught.value.code == code


def test_a_log_that_ends_before_the_head(sealed: ScriptedBench) -> None:
    sealed.seal.control.pop()
    with pytest.raises(IntegrityError) as caught:
        read_history(sealed.client)
    assert caught.value.code == "HEAD_MISMATCH"


def test_the_log_of_another_seal(people: Family, sealed: ScriptedBench) -> None:
    other = ScriptedSeal(people)
    sealed.seal.control[:] = other.control
    with pytest.raises(IntegrityError) as caught:
        read_history(sealed.client)
    assert caught.value.code == "RECORD_OTHER_SEAL"


def test_records_in_words(sealed: ScriptedBench) -> None:
    sealed.seal.tamper()
    told = [record_words(record) for record in read_history(sealed.client).records]
    assert [line.split(",")[0] for line in told] == [
        "record 1: genesis",
        "record 2: order enrol",
        "record 3: order seal",
        "record 4: break",
    ]


def test_times_in_words() -> None:
    assert time_words(0) == "1970-01-01T00:00:00Z"
    assert time_words((1 << 64) - 1) == "18446744073709551615 s"
