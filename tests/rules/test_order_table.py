"""The whole table of orders: every kind, in every state, signed by every role in every place."""

from __future__ import annotations

import pytest
from support.generator import generator
from support.issuing import Person, family
from support.ordering import good_order, parameters
from support.parameter_sets import NEW_FARE

from sealkit.rules.supervision import MeterLook
from sealkit.wire.registry import ClockQuality, Group, OrderKind, Role, State

ROWS = {row["number"]: row for row in generator().load()["order"]}
SIGNERS: list[Role | None] = [*Role, None]
HOLDING = {Role.STATION, Role.REGISTRY, Role.TECHNICIAN, Role.INSPECTOR}
"""Whose credentials lead to the authority: all that ever sign orders."""


def _expected(
    kind: OrderKind, state: State, signers: list[Role | None], places: list[list[str]]
) -> str:
    if state is State.RETIRED:
        return "KEY_DESTROYED"
    if state.name.lower() not in ROWS[kind]["from"]:
        return "WRONG_STATE"
    signing = [role for role in signers if role is not None]
    if not set(signing) <= HOLDING:
        return "CREDENTIAL_UNTRUSTED"
    if signers[0] is None:
        return "SIGNATURES_MISSING"
    for role, allowed in zip(signing, places, strict=False):
        if role.name.lower() not in allowed:
            return "ROLE_NOT_ALLOWED"
    return "OK" if len(signing) == len(places) else "SIGNATURES_MISSING"


def _person(role: Role | None, place: int) -> Person | None:
    people = family("p256")
    if role is None:
        return None
    return people.of(role) if place == 0 else people.others[role]


def _with_the_manufacturer(sent: list[bytes]) -> list[bytes]:
    """So that a seal's credential, too, leads somewhere."""
    return list(dict.fromkeys([*sent, family("p256").manufacturer.credential.raw]))


@pytest.mark.requirement("O-11")
@pytest.mark.requirement("R45")
@pytest.mark.parametrize("kind", OrderKind)
@pytest.mark.parametrize("state", State)
def test_an_order_is_taken_exactly_when_its_row_says_so(kind: OrderKind, state: State) -> None:
    taken = 0
    for first in SIGNERS:
        for second in SIGNERS:
            draft = good_order(kind)
            draft.signers = [_person(first, 0), _person(second, 1)]
            draft.history["state"] = state
            draft.send.append(_with_the_manufacturer)
            expected = _expected(kind, state, [first, second], ROWS[kind]["signers"])
            assert draft.outcome() == expected, (first, second)
            taken += expected == "OK"
    of_two = {True: 1, False: sum(len(roles) for roles in ROWS[kind]["signers"])}
    allowed = of_two[len(ROWS[kind]["signers"]) == 2]
    assert taken == (allowed if state.name.lower() in ROWS[kind]["from"] else 0)


@pytest.mark.requirement("R03")
@pytest.mark.requirement("O-24")
@pytest.mark.parametrize("first", SIGNERS)
@pytest.mark.parametrize("second", SIGNERS)
def test_a_tariff_alone_may_be_sealed_by_a_station_alone(
    first: Role | None, second: Role | None
) -> None:
    draft = good_order(OrderKind.SEAL)
    draft.signers = [_person(first, 0), _person(second, 1)]
    draft.history["state"] = State.SEALED
    draft.body = parameters(Group.TARIFF, fare=NEW_FARE)
    look: MeterLook = draft.seal().look  # type: ignore[assignment]
    draft.view["look"] = MeterLook(
        look.device, look.hardware_version, look.software, look.plate, NEW_FARE
    )
    draft.send.append(_with_the_manufacturer)
    alone = first is None or second is None
    places = [["station"]] if alone else ROWS[OrderKind.SEAL]["signers"]
    assert draft.outcome() == _expected(OrderKind.SEAL, State.SEALED, [first, second], places)
    draft.history["state"] = State.OPEN
    places = ROWS[OrderKind.SEAL]["signers"]
    expected = _expected(OrderKind.SEAL, State.OPEN, [first, second], places)
    # From OPEN a calibration is due besides.
    assert draft.outcome() == (expected if expected != "OK" else "PARAMETERS_INCOMPLETE")


@pytest.mark.requirement("O-33")
@pytest.mark.parametrize("kind", OrderKind)
def test_with_a_lost_clock_only_these_are_taken(kind: OrderKind) -> None:
    draft = good_order(kind)
    draft.view["clock_quality"] = ClockQuality.LOST
    assert draft.outcome() == ("OK" if ROWS[kind]["lost_clock"] else "TIME_NOT_SET")
    for quality in (ClockQuality.SET, ClockQuality.RESTORED):
        draft.view["clock_quality"] = quality
        draft.view["clock"] = draft.seal().clock_floor + 86_400
        expected = "CLOCK_RUNNING" if kind is OrderKind.RESTORE_CLOCK else "OK"
        assert draft.outcome() == expected


@pytest.mark.requirement("R26")
@pytest.mark.parametrize("suite_name", ["p256", "sm2"])
@pytest.mark.parametrize("kind", OrderKind)
def test_a_good_order_is_taken_and_named_by_its_unsigned_bytes(
    kind: OrderKind, suite_name: str
) -> None:
    draft = good_order(kind, suite_name)
    raw = draft.order()
    judgement = draft.judge()
    count = len([signer for signer in draft.signers if signer])
    assert judgement.order.raw == raw or len(raw) == len(judgement.order.raw)
    assert judgement.order_id == draft.people.suite.digest(raw[: -64 * count])
    assert judgement.store == tuple(draft.credentials)
