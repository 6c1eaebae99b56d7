"""Orders given and read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sealkit.errors import IntegrityError, RefusedError, TimedOutError, UsageError
from sealkit.keys.issuing import issue_statement
from sealkit.seal.client import SealClient
from sealkit.seal.exchange import Exchange
from sealkit.seal.history import read_history
from sealkit.seal.orderfile import build_order_file, parse_order_file
from sealkit.seal.ordering import give_order
from sealkit.wire import messages as m
from sealkit.wire.evidence import EVIDENCE
from sealkit.wire.orders import AdjustClockBody, ParametersBody, ReasonBody, TrustBody
from sealkit.wire.registry import Command, OrderKind, Reason, State, Status
from tests.seal.conftest import Bench
from tests.seal.lines import DirectLine
from tests.seal.people import NOW

WHY = ReasonBody(Reason.REPAIR, "new sensor")


def test_a_seals_life(bench: Bench) -> None:
    people = bench.people
    bench.enrol()
    assert bench.shown.history.state is State.OPEN
    bench.seal_it()
    assert bench.shown.history.state is State.SEALED
    statement = issue_statement(
        people.authority_key, people.authority, version=3, issued_at=NOW, minimums=(), revoked=()
    )
    bench.give(OrderKind.TRUST, TrustBody(statement.raw), people.station.chain)
    bench.give(OrderKind.ADJUST_CLOCK, AdjustClockBody(-2), people.inspector.chain)
    calibration = ParametersBody(tuple(g for g in bench.sealing().groups if g.number == 8))
    bench.give(OrderKind.CONFIRM, calibration, people.inspector.chain)
    bench.give(OrderKind.UNSEAL, WHY, *people.both)
    bench.give(OrderKind.SEAL, bench.sealing(k=1200), *people.both)
    bench.seal.tamper()
    bench.shown = read_history(bench.client)
    bench.give(OrderKind.CLEAR, WHY, *people.both)
    bench.give(OrderKind.RETIRE, WHY, people.station.chain)
    assert bench.shown.history.state is State.RETIRED
    assert bench.shown.head == bench.seal.history.head
    assert bench.shown.history.calibration_counter == 2
    assert bench.seal.applied == 9


def test_sealing_takes_four_round_trips_and_under_3000_bytes(bench: Bench) -> None:
    bench.enrol()
    before = bench.client.exchange.traffic
    bench.seal_it()
    used = bench.client.exchange.traffic - before
    assert used.round_trips == 4
    assert used.sent + used.received < 3000


def test_the_second_signature_comes_by_an_order_file(sealed: Bench) -> None:
    people = sealed.people
    draft = sealed.draft(OrderKind.UNSEAL, WHY, *people.both).sign(people.technician.key)
    with pytest.raises(UsageError) as caught:
        give_order(sealed.client, sealed.shown, draft)
    assert caught.value.code == "ORDER_NOT_COMPLETE"
    assert "Station 1" in caught.value.message
    back = parse_order_file(build_order_file(draft)).sign(people.station.key)
    applied = give_order(sealed.client, sealed.shown, back)
    assert applied.evidence.state is State.OPEN
    assert applied.shown.head == sealed.seal.history.head


def test_what_the_seal_refuses_is_told_with_its_reason(sealed: Bench) -> None:
    people = sealed.people
    chains = (people.expired.chain, people.station.chain)
    draft = sealed.draft(OrderKind.UNSEAL, WHY, *chains)
    draft = draft.sign(people.expired.key).sign(people.station.key)
    with pytest.raises(RefusedError) as caught:
        give_order(sealed.client, sealed.shown, draft)
    assert caught.value.code == "CREDENTIAL_EXPIRED"
    assert sealed.seal.history.head == sealed.shown.head


@pytest.mark.requirement("O-3")
def test_an_order_given_again_is_done_once(sealed: Bench) -> None:
    before = sealed.shown
    draft = sealed.signed(OrderKind.UNSEAL, WHY, *sealed.people.both)
    first = give_order(sealed.client, before, draft)
    sealed.seal.boot()
    applied = sealed.seal.applied
    # With what was shown before, with what is there now, and when more has happened since.
    second = give_order(sealed.client, before, draft)
    assert second.receipt.already_applied
    assert second.shown.head == first.shown.head
    sealed.shown = give_order(sealed.client, first.shown, draft).shown
    assert sealed.seal.applied == applied
    sealed.give(OrderKind.SEAL, sealed.sealing(k=1200), *sealed.people.both)
    for shown in (before, first.shown, sealed.shown):
        assert give_order(sealed.client, shown, draft).shown.head == sealed.shown.head
    assert sealed.seal.applied == applied + 1


def test_an_order_signed_anew_is_still_the_same_order(sealed: Bench) -> None:
    before = sealed.shown
    draft = sealed.draft(OrderKind.UNSEAL, WHY, *sealed.people.both)
    people = sealed.people
    give_order(sealed.client, before, draft.sign(people.technician.key).sign(people.station.key))
    again = draft.sign(people.technician.key).sign(people.station.key)
    applied = give_order(sealed.client, before, again)
    assert applied.receipt.already_applied
    assert applied.shown.head == sealed.seal.history.head


@pytest.mark.requirement("R23")
def test_a_lost_answer_and_a_boot_between_the_repeats(sealed: Bench) -> None:
    lost = [1, 2, 3, 4]

    def receive(data: bytes) -> bytes:
        said = sealed.seal.receive(data)
        if data[2:4] == bytes((1, Command.ORDER)) and lost:
            lost.pop()
            sealed.seal.boot()
            return b""
        return said

    draft = sealed.signed(OrderKind.UNSEAL, WHY, *sealed.people.both)
    applied = give_order(SealClient(Exchange(DirectLine(receive))), sealed.shown, draft)
    assert applied.receipt.already_applied
    assert sealed.seal.applied == 3


def test_an_order_without_any_answer_is_of_unknown_outcome(sealed: Bench) -> None:
    draft = sealed.signed(OrderKind.UNSEAL, WHY, *sealed.people.both)

    def deaf(data: bytes) -> bytes:
        sealed.seal.receive(data)
        return b""

    with pytest.raises(TimedOutError) as caught:
        give_order(SealClient(Exchange(DirectLine(deaf))), sealed.shown, draft)
    assert caught.value.code == "ORDER_OUTCOME_UNKNOWN"
    assert "same order again" in caught.value.remedy
    assert give_order(sealed.client, sealed.shown, draft).receipt.already_applied


def test_a_break_right_after_the_order_is_no_fault_of_it(bench: Bench) -> None:
    bench.enrol()
    broken = []

    def after(command: Command) -> None:
        if command is Command.ORDER and not broken:
            broken.append(command)
            bench.seal.tamper()

    bench.seal.before_answer = after
    bench.seal_it()
    assert bench.shown.history.state is State.TAMPERED


def test_an_order_for_another_seal(sealed: Bench) -> None:
    draft = sealed.signed(OrderKind.UNSEAL, WHY, *sealed.people.both)
    number = (24).to_bytes(4, "big")
    other = replace(draft, unsigned=draft.unsigned[:15] + number + draft.unsigned[19:])
    with pytest.raises(UsageError) as caught:
        give_order(sealed.client, sealed.shown, other)
    assert caught.value.code == "ORDER_OTHER_SEAL"


Lie = Callable[[Bench, Command, bytes], bytes]


def _other_digest(bench: Bench, command: Command, said: bytes) -> bytes:
    if command is not Command.ORDER:
        return said
    told = m.ORDER_ANSWER.parse(said)
    return m.ORDER_ANSWER.build(replace(told, digest=bytes(32)))


def _nothing_stored(bench: Bench, command: Command, said: bytes) -> bytes:
    if command is not Command.ORDER:
        return said
    return m.ORDER_ANSWER.build(replace(m.ORDER_ANSWER.parse(said), stored=0))


def _other_record(bench: Bench, command: Command, said: bytes) -> bytes:
    return said[:25] + b"\x01" + said[26:] if command is Command.READ_RECORD else said


def _old_nonce(bench: Bench, command: Command, said: bytes) -> bytes:
    return bench.seal.evidence(bytes(32)) if command is Command.EVIDENCE else said


def _forged(bench: Bench, command: Command, said: bytes) -> bytes:
    return said[:41] + b"\x01" + said[42:] if command is Command.EVIDENCE else said


def _other_state(bench: Bench, command: Command, said: bytes) -> bytes:
    if command is not Command.EVIDENCE:
        return said
    evidence = EVIDENCE.parse(said)
    unsigned = EVIDENCE.unsigned(
        evidence.suite, EVIDENCE.to_values(replace(evidence, parameter_root=b"\1" * 32))
    )
    return unsigned + bench.seal.key.sign(unsigned)


def _other_key(bench: Bench, command: Command, said: bytes) -> bytes:
    if command is not Command.EVIDENCE:
        return said
    return said[:-64] + bench.people.station.key.sign(said[:-64])


def _no_evidence(bench: Bench, command: Command, said: bytes) -> bytes:
    return b"?" + said[1:] if command is Command.EVIDENCE else said


@pytest.mark.parametrize(
    "lie",
    [
        _other_digest,
        _nothing_stored,
        _other_record,
        _old_nonce,
        _forged,
        _other_state,
        _other_key,
        _no_evidence,
    ],
)
def test_a_seal_that_did_something_else(bench: Bench, lie: Lie) -> None:
    bench.enrol()
    honest = bench.seal._carry_out

    def lying(command: Command, body: bytes) -> tuple[Status, bytes]:
        result = honest(command, body)
        status, said = result if isinstance(result, tuple) else (Status.OK, result)
        return status, lie(bench, command, said)

    draft = bench.signed(OrderKind.SEAL, bench.sealing(), *bench.people.both)
    bench.seal._carry_out = lying  # type: ignore[method-assign]
    with pytest.raises(IntegrityError) as caught:
        give_order(bench.client, bench.shown, draft)
    assert caught.value.code == "READ_BACK_DIFFERS"
    assert caught.value.remedy
