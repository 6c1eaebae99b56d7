"""The state is the fold of the control chain, and no impossible chain is folded (R-5)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.issuing import CITY, OTHER_CITY, PROVINCE, family, issue, statement
from support.ordering import parameters
from support.parameter_sets import group, whole_set
from support.recording import Recorder

from sealkit.errors import IntegrityError, MalformedError
from sealkit.rules.chain import EMPTY_CHAIN, Head
from sealkit.rules.history import History, cause_bit
from sealkit.wire.orders import AcknowledgeBody, AdjustClockBody, TrustBody
from sealkit.wire.records import BootRecord
from sealkit.wire.registry import (
    ORDERS,
    BootCause,
    Cause,
    Group,
    OrderKind,
    RecordKind,
    Role,
    State,
)

PEOPLE = family("p256")
K = OrderKind


def _fold(recorder: Recorder) -> History:
    history = History(recorder.people.suite)
    for record in recorder.records:
        history.add(record)
    return history


def _told(*steps: OrderKind | Cause) -> Recorder:
    """A chain with these orders and breaks after genesis; each SEAL changes the distance."""
    recorder = Recorder(PEOPLE)
    recorder.genesis()
    k = 1000
    for step in steps:
        if isinstance(step, Cause):
            recorder.tamper(step)
        elif step is K.SEAL:
            k += 1
            recorder.order(step, parameters(*Group, k_pulses_per_km=k))
        else:
            recorder.order(step)
    return recorder


@pytest.mark.requirement("R-5")
def test_before_its_first_record_a_seal_is_in_the_factory() -> None:
    history = History(PEOPLE.suite)
    assert (history.state, history.head) == (State.FACTORY, EMPTY_CHAIN)
    assert history.trust_version == 0
    assert not history.ever_sealed
    recorder = _told()
    history = _fold(recorder)
    assert (history.state, history.head) == (State.FACTORY, recorder.head)
    assert history.genesis is not None
    assert history.genesis.public_key == PEOPLE.seal.key.public_key


@pytest.mark.requirement("O-20")
@pytest.mark.parametrize("scope", [CITY, OTHER_CITY, PROVINCE])
def test_enrol_tells_authority_and_region(scope: int) -> None:
    recorder = Recorder(PEOPLE)
    recorder.genesis()
    station = issue(PEOPLE.suite, PEOPLE.authority, Role.STATION, "station", scope=scope)
    recorder.order(K.ENROL, signers=[station])
    history = _fold(recorder)
    assert history.state is State.OPEN
    assert history.authority == PEOPLE.endorsed.credential
    assert history.region == scope
    assert history.credentials[station.digest] == station.credential


@pytest.mark.requirement("P-3")
@pytest.mark.requirement("P-4")
def test_counters_step_by_what_differs_from_the_last_sealed_set() -> None:
    recorder = _told(K.ENROL)
    counters = []

    def seal(*numbers: Group, **changes: Any) -> None:
        recorder.order(K.SEAL, parameters(*numbers, **changes))
        history = _fold(recorder)
        counters.append((history.calibration_counter, history.configuration_counter))

    seal(*Group)
    seal(Group.DISTANCE, k_pulses_per_km=1001)
    seal(Group.DISTANCE, k_pulses_per_km=1001)
    seal(Group.VEHICLE, Group.CALIBRATION, plate="沪A1")
    seal(Group.CALIBRATION, purpose=3)
    recorder.order(K.UNSEAL)
    seal(*Group, k_pulses_per_km=1001)  # all but the vehicle as before
    recorder.order(K.CONFIRM)
    recorder.tamper(Cause.CASE_OPENED)
    recorder.order(K.CLEAR)
    seal(*Group)
    assert counters == [(1, 1), (2, 1), (2, 1), (2, 2), (2, 2), (2, 3), (3, 3)]
    history = _fold(recorder)
    assert history.ever_sealed
    assert history.groups == {n: group(n, salt=1) for n in Group}


@pytest.mark.requirement("O-26")
def test_confirm_replaces_the_calibration_and_steps_no_counter() -> None:
    recorder = _told(K.ENROL, K.SEAL)
    recorder.order(K.CONFIRM, parameters(Group.CALIBRATION, workshop="elsewhere"))
    history = _fold(recorder)
    assert history.groups[Group.CALIBRATION] == group(
        Group.CALIBRATION, salt=1, workshop="elsewhere"
    )
    assert history.groups.keys() == whole_set().keys()
    assert (history.calibration_counter, history.configuration_counter) == (1, 1)
    assert history.state is State.SEALED
    # The fold does not judge: a seal that took more by CONFIRM has stepped nothing either.
    recorder.order(K.CONFIRM, parameters(Group.DISTANCE, k_pulses_per_km=2000))
    assert _fold(recorder).calibration_counter == 1


@pytest.mark.requirement("O-28")
@pytest.mark.requirement("Z-2")
def test_causes_are_latched_until_clear_alone() -> None:
    recorder = _told(K.ENROL, K.SEAL, Cause.METER_SILENT, Cause.CASE_OPENED)
    history = _fold(recorder)
    assert history.state is State.TAMPERED
    assert history.latched_causes == 0b10001
    assert history.breaks == 2
    recorder.order(K.TRUST)
    recorder.order(K.ADJUST_CLOCK)
    assert _fold(recorder).latched_causes == 0b10001
    recorder.order(K.CLEAR)
    history = _fold(recorder)
    assert (history.state, history.latched_causes, history.breaks) == (State.OPEN, 0, 2)
    assert history.groups
    recorder.order(K.SEAL)
    recorder.tamper(Cause.CASE_OPENED)
    recorder.order(K.RETIRE)
    history = _fold(recorder)
    assert (history.state, history.latched_causes, history.breaks) == (State.RETIRED, 1, 3)


def test_each_cause_has_its_bit() -> None:
    assert [cause_bit(cause) for cause in Cause] == [1 << place for place in range(13)]


@pytest.mark.requirement("K-7")
def test_trust_clock_and_journal_are_remembered() -> None:
    recorder = _told(K.ENROL)
    trust = statement(PEOPLE.suite, PEOPLE.authority, 7)
    recorder.order(K.TRUST, TrustBody(trust.raw))
    recorder.order(K.ADJUST_CLOCK, AdjustClockBody(-30), tick_ms=5_000)
    recorder.order(K.ADJUST_CLOCK, AdjustClockBody(20), tick_ms=9_000)
    recorder.order(K.ACKNOWLEDGE, AcknowledgeBody(2, b"\x02" * 32, bytes(32)))
    history = _fold(recorder)
    assert history.statement == trust
    assert history.trust_version == 7
    assert history.adjustments == [(5_000, 30), (9_000, 20)]
    assert history.acknowledged == Head(2, b"\x02" * 32)


@pytest.mark.requirement("O-3")
def test_applied_orders_are_found_by_their_id_with_what_they_stored() -> None:
    recorder = _told(K.ENROL)
    first, draft = recorder.order(K.SEAL)
    head = recorder.head
    second, again = recorder.order(K.UNSEAL, store=False)
    history = _fold(recorder)
    suite = PEOPLE.suite
    assert len(history.orders) == 3
    applied = history.orders[suite.digest(draft.order()[:-128])]
    assert (applied.kind, applied.head) == (K.SEAL, head)
    assert applied.stored == {suite.digest(raw) for raw in draft.credentials}
    other = history.orders[suite.digest(again.order()[:-128])]
    assert (other.kind, other.head, other.stored) == (K.UNSEAL, recorder.head, frozenset())
    assert first.sequence < second.sequence
    assert history.credentials.keys() >= applied.stored


@pytest.mark.requirement("O-5")
@pytest.mark.parametrize("kind", OrderKind)
@pytest.mark.parametrize("state", State)
def test_an_order_stands_only_in_a_state_of_its_row(kind: OrderKind, state: State) -> None:
    leading: dict[State, tuple[OrderKind | Cause, ...]] = {
        State.FACTORY: (),
        State.OPEN: (K.ENROL,),
        State.SEALED: (K.ENROL, K.SEAL),
        State.TAMPERED: (K.ENROL, K.SEAL, Cause.CASE_OPENED),
        State.RETIRED: (K.ENROL, K.RETIRE),
    }
    recorder = _told(*leading[state])
    history = _fold(recorder)
    assert history.state is state
    record, _ = recorder.order(kind)
    rule = ORDERS[kind]
    if state in rule.from_states:
        history.add(record)
        assert history.state is (rule.to_state or state)
        assert history.head == recorder.head
    else:
        head = history.head
        with pytest.raises(IntegrityError) as refused:
            history.add(record)
        assert refused.value.code == "HISTORY_IMPOSSIBLE"
        assert str(record.sequence) in refused.value.message
        assert history.head == head


@pytest.mark.requirement("Z-1")
@pytest.mark.parametrize(
    "steps",
    [
        (Cause.CASE_OPENED,),
        (K.ENROL, Cause.CASE_OPENED),
        (K.ENROL, K.RETIRE, Cause.CASE_OPENED),
        (K.ENROL, K.SEAL, Cause.CASE_OPENED, Cause.CASE_OPENED),
        (K.ENROL, K.SEAL, Cause.CASE_OPENED, K.CLEAR, Cause.METER_SILENT),
    ],
)
def test_a_break_stands_only_where_a_seal_latches_one(steps: tuple[Any, ...]) -> None:
    *before, _ = _told(*steps).records
    _fold_of(before)
    with pytest.raises(IntegrityError) as refused:
        _fold(_told(*steps))
    assert refused.value.code == "HISTORY_IMPOSSIBLE"


def _fold_of(records: list[Any]) -> None:
    history = History(PEOPLE.suite)
    for record in records:
        history.add(record)


@pytest.mark.requirement("R-1")
def test_there_is_one_beginning_and_it_is_record_one() -> None:
    impossible = []
    twice = Recorder(PEOPLE)
    twice.genesis()
    twice.genesis()
    impossible.append(twice)
    late = Recorder(PEOPLE)
    late.genesis(sequence=2)
    impossible.append(late)
    without = Recorder(PEOPLE)
    without.order(K.ENROL)
    impossible.append(without)
    tampered = Recorder(PEOPLE)
    tampered.tamper(Cause.CASE_OPENED)
    impossible.append(tampered)
    journal = _told()
    journal.write(RecordKind.BOOT, BootRecord(BootCause.POWER, 0))
    impossible.append(journal)
    unknown = _told()
    unknown.write(0x7F, b"")
    impossible.append(unknown)
    nobody = Recorder(PEOPLE)
    nobody.genesis()
    nobody.order(K.ENROL, store=False)
    impossible.append(nobody)
    for recorder in impossible:
        with pytest.raises(IntegrityError) as refused:
            _fold(recorder)
        assert refused.value.code == "HISTORY_IMPOSSIBLE"
        assert refused.value.remedy


@pytest.mark.requirement("N-3")
def test_a_record_whose_body_has_no_layout_is_malformed() -> None:
    for kind in (RecordKind.GENESIS, RecordKind.ORDER, RecordKind.TAMPER):
        recorder = Recorder(PEOPLE) if kind is RecordKind.GENESIS else _told()
        recorder.write(kind, b"\0")
        with pytest.raises(MalformedError):
            _fold(recorder)


@pytest.mark.requirement("R-5")
@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*OrderKind, *Cause]), max_size=12))
def test_any_sequence_folds_to_what_the_table_leads_to(steps: list[OrderKind | Cause]) -> None:
    """A model of the states alone, which takes of any steps those that are possible."""
    state, latched, taken = State.FACTORY, set[Cause](), list[OrderKind | Cause]()
    for step in steps:
        if isinstance(step, Cause):
            if state not in (State.SEALED, State.TAMPERED) or step in latched:
                continue
            state = State.TAMPERED
            latched.add(step)
        elif state in ORDERS[step].from_states:
            state = ORDERS[step].to_state or state
            latched = set() if step is K.CLEAR else latched
        else:
            continue
        taken.append(step)
    history = _fold(_told(*taken))
    assert history.state is state
    assert history.latched_causes == sum(map(cause_bit, latched))
    assert history.breaks == sum(isinstance(step, Cause) for step in taken)
    assert len(history.orders) == sum(isinstance(step, OrderKind) for step in taken)
