"""Orders given and read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.client_bench import ScriptedBench, new_parameters
from support.lines import DirectLine

from sealkit.errors import IntegrityError, RefusedError, TimedOutError, UsageError
from sealkit.seal.client import SealClient
from sealkit.seal.exchange import Exchange
from sealkit.seal.history import read_history
from sealkit.seal.orderfile import build_order_file, parse_order_file
from sealkit.seal.ordering import give_order
from sealkit.wire import messages as m
from sealkit.wire.evidence import EVIDENCE
from sealkit.wire.orders import AdjustClockBody, ReasonBody, TrustBody
from sealkit.wire.registry import Command, Group, OrderKind, Reason, State, Status

WHY = ReasonBody(Reason.REPAIR, "new sensor")


def test_a_seals_life(bench: ScriptedBench) -> None:
    people = bench.people
    bench.enrol()
    assert bench.shown.history.state is State.OPEN
    bench.seal_it()
    assert bench.shown.history.state is State.SEALED
    bench.give(OrderKind.TRUST, TrustBody(people.statement(3).raw), people.sent(["station"]))
    bench.give(OrderKind.ADJUST_CLOCK, AdjustClockBody(-2), people.sent(["inspector"]))
    calibration = new_parameters(Group.CALIBRATION)
    bench.give(OrderKind.CONFIRM, calibration, people.sent(["inspector"]))
    bench.give(OrderKind.UNSEAL, WHY, *bench.both)
    bench.give(OrderKind.SEAL, new_parameters(k=1200), *bench.both)
    bench.seal.tamper()
    bench.shown = read_history(bench.client)
    bench.give(OrderKind.CLEAR, WHY, *bench.both)
    bench.give(OrderKind.RETIRE, WHY, people.sent(["station"]))
    assert bench.shown.history.state is State.RETIRED
    assert bench.shown.head == bench.seal.history.head
    assert bench.shown.history.calibration_counter == 2
    assert bench.seal.applied == 9


def test_sealing_takes_four_round_trips_and_under_3000_bytes(bench: ScriptedBench) -> None:
    bench.enrol()
    before = bench.client.exchange.traffic
    bench.seal_it()
    used = bench.client.exchange.traffic - before
    assert used.round_trips == 4
    assert used.sent + used.received < 3000


def test_the_second_signature_comes_by_an_order_file(sealed: ScriptedBench) -> None:
    people = sealed.people
    draft = sealed.draft(OrderKind.UNSEAL, WHY, *sealed.both).sign(people.keys["technician"])
    with pytest.raises(UsageError) as caught:
        give_order(sealed.client, sealed.shown, draft)
    assert caught.value.code == "ORDER_NOT_COMPLETE"
    assert "station" in caught.value.message
    back = parse_order_file(build_order_file(draft, sealed.shown)).draft.sign(
        people.keys["station"]
    )
    applied = give_order(sealed.client, sealed.shown, back)
    assert applied.evidence.state is State.OPEN
    assert applied.shown.head == sealed.seal.history.head


def test_what_the_seal_refuses_is_told_with_its_reason(sealed: ScriptedBench) -> None:
    people = sealed.people
    chains = (people.sent(["technician expired"]), people.sent(["station"]))
    draft = sealed.draft(OrderKind.UNSEAL, WHY, *chains)
    draft = draft.sign(people.keys["technician expired"]).sign(people.keys["station"])
    with pytest.raises(RefusedError) as caught:
        give_order(sealed.client, sealed.shown, draft)
    assert caught.value.code == "CREDENTIAL_EXPIRED"
    assert sealed.seal.history.head == sealed.shown.head


@pytest.mark.requirement("O-3")
def test_an_order_given_again_is_done_once(sealed: ScriptedBench) -> None:
    before = sealed.shown
    draft = sealed.signed(OrderKind.UNSEAL, WHY, *sealed.both)
    first = give_order(sealed.client, before, draft)
    sealed.seal.boot()
    applied = sealed.seal.applied
    # With what was shown before, with what is there now, and when more has happened since.
    second = give_order(sealed.client, before, draft)
    assert second.receipt.already_applied
    assert second.shown.head == first.shown.head
    sealed.shown = give_order(sealed.client, first.shown, draft).shown
    assert sealed.seal.applied == applied
    sealed.give(OrderKind.SEAL, new_parameters(k=1200), *sealed.both)
    for shown in (before, first.shown, sealed.shown):
        assert give_order(sealed.client, shown, draft).shown.head == sealed.shown.head
    assert sealed.seal.applied == applied + 1


def test_an_order_signed_anew_is_still_the_same_order(sealed: ScriptedBench) -> None:
    before = sealed.shown
    draft = sealed.draft(OrderKind.UNSEAL, WHY, *sealed.both)
    people = sealed.people
    give_order(
        sealed.client, before, draft.sign(people.keys["technician"]).sign(people.keys["station"])
    )
    again = draft.sign(people.keys["technician"]).sign(people.keys["station"])
    applied = give_order(sealed.client, before, again)
    assert applied.receipt.already_applied
    assert applied.shown.head == sealed.seal.history.head


@pytest.mark.requirement("R23")
def test_a_lost_answer_and_a_boot_between_the_repeats(sealed: ScriptedBench) -> None:
    lost = [1, 2, 3, 4]

    def receive(data: bytes) -> bytes:
        said = sealed.seal.receive(data)
        if data[2:4] == bytes((1, Command.ORDER)) and lost:
            lost.pop()
            sealed.seal.boot()
            return b""
        return said

    draft = sealed.signed(OrderKind.UNSEAL, WHY, *sealed.both)
    applied = give_order(SealClient(Exchange(DirectLine(receive))), sealed.shown, draft)
    assert applied.receipt.already_applied
    assert sealed.seal.applied == 3


def test_an_order_without_any_answer_is_of_unknown_outcome(sealed: ScriptedBench) -> None:
    draft = sealed.signed(OrderKind.UNSEAL, WHY, *sealed.both)

    def deaf(data: bytes) -> bytes:
        sealed.seal.receive(data)
        return b""

    with pytest.raises(TimedOutError) as caught:
        give_order(SealClient(Exchange(DirectLine(deaf))), sealed.shown, draft)
    assert caught.value.code == "ORDER_OUTCOME_UNKNOWN"
    assert "same order again" in caught.value.remedy
    assert give_order(sealed.client, sealed.shown, draft).receipt.already_applied


def test_a_break_right_after_the_order_is_no_fault_of_it(bench: ScriptedBench) -> None:
    bench.enrol()
    broken = []

    def after(command: Command) -> None:
        if command is Command.ORDER and not broken:
            broken.append(command)
            bench.seal.tamper()

    bench.seal.before_answer = after
    bench.seal_it()
    assert bench.shown.history.state is State.TAMPERED


def test_an_order_for_another_seal(sealed: ScriptedBench) -> None:
    draft = sealed.signed(OrderKind.UNSEAL, WHY, *sealed.both)
    number = (24).to_bytes(4, "big")
    other = replace(draft, unsigned=draft.unsigned[:15] + number + draft.unsigned[19:])
    with pytest.raises(UsageError) as caught:
        give_order(sealed.client, sealed.shown, other)
    assert caught.value.code == "ORDER_OTHER_SEAL"


def test_a_record_that_is_not_the_orders(sealed: ScriptedBench) -> None:
    before = sealed.shown
    draft = sealed.signed(OrderKind.UNSEAL, WHY, *sealed.both)
    shown = give_order(sealed.client, before, draft).shown
    first = m.OrderAnswer(3, before.head.digest, 0)
    honest = sealed.seal._carry_out

    def lying(command: Command, body: bytes) -> bytes | tuple[Status, bytes]:
        if command is Command.ORDER:
            return Status.ALREADY_APPLIED, m.ORDER_ANSWER.build(first)
        return honest(command, body)

    sealed.seal._carry_out = lying  # type: ignore[method-assign]
    with pytest.raises(IntegrityError) as caught:
        give_order(sealed.client, shown, draft)
    assert caught.value.code == "READ_BACK_DIFFERS"


def test_evidence_under_another_key_than_the_signers_named(sealed: ScriptedBench) -> None:
    """Between the seal and the client sits somebody with a key of his own."""
    own = sealed.people.keys["station"]
    honest = sealed.seal._carry_out

    def lying(command: Command, body: bytes) -> bytes | tuple[Status, bytes]:
        said = honest(command, body)
        if command is Command.INFO:
            return m.INFO.build(replace(m.INFO.parse(said), public_key=own.public_key))  # type: ignore[arg-type]
        if command is Command.EVIDENCE:
            return said[:-64] + own.sign(said[:-64])  # type: ignore[operator,arg-type,index]
        return said

    draft = sealed.signed(OrderKind.UNSEAL, WHY, *sealed.both)
    sealed.seal._carry_out = lying  # type: ignore[method-assign]
    fresh = SealClient(Exchange(DirectLine(sealed.seal.receive)))
    with pytest.raises(IntegrityError) as caught:
        give_order(fresh, sealed.shown, draft)
    assert "another key" in caught.value.message


Lie = Callable[[ScriptedBench, Command, bytes], bytes]


def _other_digest(bench: ScriptedBench, command: Command, said: bytes) -> bytes:
    if command is not Command.ORDER:
        return said
    told = m.ORDER_ANSWER.parse(said)
    return m.ORDER_ANSWER.build(replace(told, digest=bytes(32)))


def _nothing_stored(bench: ScriptedBench, command: Command, said: bytes) -> bytes:
    if command is not Command.ORDER:
        return said
    return m.ORDER_ANSWER.build(replace(m.ORDER_ANSWER.parse(said), stored=0))


def _other_record(bench: ScriptedBench, command: Command, said: bytes) -> bytes:
    return said[:25] + b"\x01" + said[26:] if command is Command.READ_RECORD else said


def _old_nonce(bench: ScriptedBench, command: Command, said: bytes) -> bytes:
    return bench.seal.evidence(bytes(32)) if command is Command.EVIDENCE else said


def _forged(bench: ScriptedBench, command: Command, said: bytes) -> bytes:
    return said[:41] + b"\x01" + said[42:] if command is Command.EVIDENCE else said


def _other_state(bench: ScriptedBench, command: Command, said: bytes) -> bytes:
    if command is not Command.EVIDENCE:
        return said
    evidence = EVIDENCE.parse(said)
    unsigned = EVIDENCE.unsigned(
        evidence.suite, EVIDENCE.to_values(replace(evidence, parameter_root=b"\1" * 32))
    )
    return unsigned + bench.seal.key.sign(unsigned)


def _other_key(bench: ScriptedBench, command: Command, said: bytes) -> bytes:
    if command is not Command.EVIDENCE:
        return said
    return said[:-64] + bench.people.keys["station"].sign(said[:-64])


def _no_evidence(bench: ScriptedBench, command: Command, said: bytes) -> bytes:
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
def test_a_seal_that_did_something_else(bench: ScriptedBench, lie: Lie) -> None:
    bench.enrol()
    honest = bench.seal._carry_out

    def lying(command: Command, body: bytes) -> tuple[Status, bytes]:
        result = honest(command, body)
        status, said = result if isinstance(result, tuple) else (Status.OK, result)
        return status, lie(bench, command, said)

    draft = bench.signed(OrderKind.SEAL, new_parameters(), *bench.both)
    bench.seal._carry_out = lying  # type: ignore[method-assign]
    with pytest.raises(IntegrityError) as caught:
        give_order(bench.client, bench.shown, draft)
    assert caught.value.code == "READ_BACK_DIFFERS"
    assert caught.value.remedy
