"""Where each limit of chapter 6 lies exactly, and what an order stores."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.issuing import (
    CITY,
    DAY,
    NOW,
    OTHER_CITY,
    OTHER_PROVINCE,
    PROVINCE,
    issue,
    key,
    statement,
)
from support.ordering import HEAD, JOURNAL, Draft, good_order, parameters
from support.parameter_sets import FARE, LOOK, NEW_FARE, WATCHED, group, whole_set

from sealkit.errors import RefusedError
from sealkit.rules.chain import Head
from sealkit.rules.history import AppliedOrder
from sealkit.rules.orders import judge_order, order_record_bytes, read_order_request
from sealkit.wire.credentials import Revoked
from sealkit.wire.messages import ORDER_REQUEST, OrderRequest
from sealkit.wire.orders import (
    AcknowledgeBody,
    AdjustClockBody,
    EnrolBody,
    GroupItem,
    ParametersBody,
    ReasonBody,
    RestoreClockBody,
    TrustBody,
)
from sealkit.wire.parameters import PendingTariff
from sealkit.wire.records import OrderRecord, build_record_body
from sealkit.wire.registry import (
    Attachment,
    Cause,
    ClockQuality,
    Group,
    OrderKind,
    Reason,
    RecordKind,
    Role,
    State,
)


def _draft(kind: OrderKind, body: Any = None, **view: Any) -> Draft:
    draft = good_order(kind)
    draft.body = draft.body if body is None else body
    draft.view = view
    return draft


@pytest.mark.requirement("O-1")
def test_an_order_may_have_1300_bytes_and_with_its_credentials_1867() -> None:
    draft = good_order(OrderKind.UNSEAL)
    seal, raw, sent = draft.seal(), draft.order(), draft.credentials

    def outcome(raw: bytes, sent: list[bytes]) -> str:
        with pytest.raises(RefusedError) as refused:
            judge_order(seal, raw, sent)
        return refused.value.code

    # The longest order that is not too long is malformed instead: three signatures and a part.
    assert outcome(raw + bytes(1300 - len(raw)), []) != "TOO_LONG"
    assert outcome(raw + bytes(1301 - len(raw)), []) == "TOO_LONG"
    room = 1867 - len(ORDER_REQUEST.build(OrderRequest(raw, ()))) - 2
    assert outcome(raw, [bytes(room)]) == "CREDENTIAL_MISSING"
    assert outcome(raw, [bytes(room + 1)]) == "TOO_LONG"
    assert outcome(raw, [*sent, sent[0], sent[0]]) == "MALFORMED"  # five of four
    assert len(ORDER_REQUEST.build(OrderRequest(raw, (bytes(room),)))) == 1867


@pytest.mark.requirement("O-1")
def test_the_body_of_the_command_is_read_or_too_long_or_malformed() -> None:
    def code(body: bytes) -> str:
        with pytest.raises(RefusedError) as refused:
            read_order_request(body)
        return refused.value.code

    longest = ORDER_REQUEST.build(OrderRequest(bytes(1300), (bytes(562),)))
    assert len(longest) == 1867
    request = read_order_request(longest)
    assert (request.order, request.credentials) == (bytes(1300), (bytes(562),))
    assert code(longest + b"\0") == "TOO_LONG"
    assert code(b"\x05\x15" + bytes(1302)) == "TOO_LONG"
    for short in (b"", b"\0", longest[:-1], b"\0\0", b"\0\0\0\0", b"\0\0\5" + bytes(10)):
        assert code(short) == "MALFORMED"


@pytest.mark.requirement("O-1")
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
@pytest.mark.parametrize("signatures", [0, 1, 2, 3])
def test_there_are_as_many_signatures_as_signers(
    first: bool, second: bool, signatures: int
) -> None:
    draft = good_order(OrderKind.UNSEAL)
    draft.signers = [
        draft.people.technician if first else None,
        draft.people.station if second else None,
    ]
    signed = first + second
    draft.alter.append(lambda raw: raw[: len(raw) - 64 * signed] + bytes(64 * signatures))
    outcome = draft.outcome()
    if (first, second, signatures) == (True, True, 2):
        assert outcome == "SIGNATURE_INVALID"
    else:
        assert outcome == "SIGNATURES_MISSING"
    # The number is compared before the seal's number, the places after it (O-4, O-11).
    draft.fields["serial"] = 1
    assert draft.outcome() == ("WRONG_SEAL" if signatures == signed else "SIGNATURES_MISSING")


@pytest.mark.requirement("O-1")
def test_a_part_of_a_signature_is_malformed() -> None:
    for rest in (1, 63):
        draft = good_order(OrderKind.UNSEAL)
        draft.alter.append(lambda raw, rest=rest: raw + bytes(rest))  # type: ignore[misc]
        assert draft.outcome() == "MALFORMED"


@pytest.mark.requirement("O-3")
@pytest.mark.parametrize("state", State)
def test_an_applied_order_is_named_whatever_has_changed_since(state: State) -> None:
    draft = good_order(OrderKind.SEAL)
    raw = draft.order()
    order_id = draft.people.suite.digest(raw[:-128])
    applied = AppliedOrder(OrderKind.SEAL, Head(5, bytes(32)), frozenset())
    draft.history = {"orders": {order_id: applied}, "state": state, "head": Head(9, bytes(32))}
    draft.view = {"clock": 0, "control_room": 0, "seal_key": bytes(16), "maker": 9}
    for candidate, sent in ((raw, draft.credentials), (raw[:-1] + b"x", []), (raw, [b"junk"])):
        judgement = judge_order(draft.seal(), candidate, sent)
        assert judgement.applied is applied
        assert judgement.store == ()
        assert judgement.order_id == order_id
    other = good_order(OrderKind.SEAL)
    other.fields = {"not_after": NOW + 1}
    other.history = draft.history
    assert other.outcome() != "ALREADY_APPLIED"


@pytest.mark.requirement("O-8")
def test_a_challenge_lives_for_600_seconds_of_ticks() -> None:
    assert _draft(OrderKind.UNSEAL, challenge_age_ms=600_000).outcome() == "OK"
    assert _draft(OrderKind.UNSEAL, challenge_age_ms=600_001).outcome() == "CHALLENGE_EXPIRED"


@pytest.mark.requirement("O-9")
@pytest.mark.parametrize(
    ("not_before", "not_after", "status"),
    [
        (NOW, NOW + 1, "OK"),
        (NOW - 1, NOW, "OK"),
        (NOW, NOW, "WINDOW_TOO_LONG"),
        (NOW + 1, NOW, "WINDOW_TOO_LONG"),
        (NOW, NOW + 604_800, "OK"),
        (NOW, NOW + 604_801, "WINDOW_TOO_LONG"),
        (NOW + 1, NOW + 2, "NOT_YET_VALID"),
        (NOW - 2, NOW - 1, "EXPIRED"),
        (0, (1 << 64) - 1, "WINDOW_TOO_LONG"),
    ],
)
def test_the_window_holds_the_clock(not_before: int, not_after: int, status: str) -> None:
    draft = good_order(OrderKind.CONFIRM)
    draft.fields = {"not_before": not_before, "not_after": not_after}
    assert draft.outcome() == status


@pytest.mark.requirement("O-9")
def test_with_a_lost_clock_the_floor_counts_against_the_end_alone() -> None:
    draft = _draft(OrderKind.TRUST, clock_quality=ClockQuality.LOST, clock=0, clock_floor=NOW - 61)
    assert draft.outcome() == "OK"
    draft.view["clock_floor"] = NOW + DAY
    assert draft.outcome() == "OK"
    draft.view["clock_floor"] = NOW + DAY + 1
    assert draft.outcome() == "EXPIRED"
    # Credentials too are judged against their end alone.
    draft.view["clock_floor"] = NOW - 200 * DAY
    assert draft.outcome() == "OK"
    suite, authority = draft.people.suite, draft.people.authority
    draft.signers = [issue(suite, authority, Role.STATION, "late", not_after=NOW - 201 * DAY)]
    assert draft.outcome() == "CREDENTIAL_EXPIRED"


@pytest.mark.requirement("O-9")
@pytest.mark.parametrize("kind", [OrderKind.ENROL, OrderKind.RESTORE_CLOCK])
def test_with_a_lost_clock_the_time_in_the_body_counts(kind: OrderKind) -> None:
    draft = good_order(kind)
    draft.view |= {"clock_quality": ClockQuality.LOST, "clock": 0, "clock_floor": 0}
    endorsed = draft.people.endorsed.credential.raw
    for time, status in (
        (NOW - 60, "OK"),
        (NOW - 61, "NOT_YET_VALID"),
        (NOW + DAY, "OK"),
        (NOW + DAY + 1, "EXPIRED"),
    ):
        enrol = kind is OrderKind.ENROL
        draft.body = EnrolBody(time, endorsed) if enrol else RestoreClockBody(time)
        assert draft.outcome() == status
    draft.body = EnrolBody(NOW, endorsed) if enrol else RestoreClockBody(NOW)
    draft.view["clock_floor"] = NOW
    assert draft.outcome() == "OK"
    draft.view["clock_floor"] = NOW + 1
    assert draft.outcome() == "BELOW_FLOOR"


@pytest.mark.requirement("O-20")
def test_with_a_running_clock_the_time_of_enrol_is_not_used() -> None:
    draft = good_order(OrderKind.ENROL)
    draft.body = EnrolBody(0, draft.people.endorsed.credential.raw)
    assert draft.outcome() == "OK"


@pytest.mark.requirement("O-20")
def test_enrol_installs_only_an_authority_that_the_manufacturer_endorsed() -> None:
    draft = good_order(OrderKind.ENROL)
    people, suite = draft.people, draft.people.suite
    other = issue(suite, None, Role.MANUFACTURER, "another manufacturer")
    for person, status in (
        (people.authority, "CREDENTIAL_UNTRUSTED"),
        (issue(suite, other, Role.AUTHORITY, "authority"), "CREDENTIAL_MISSING"),
        (issue(suite, people.manufacturer, Role.STATION, "authority"), "CREDENTIAL_UNTRUSTED"),
        (issue(suite, people.manufacturer, Role.AUTHORITY, "authority", sign_with=other.key),
         "CREDENTIAL_INVALID"),
        (issue(suite, people.manufacturer, Role.AUTHORITY, "authority", not_before=NOW + 1),
         "CREDENTIAL_NOT_YET_VALID"),
        (issue(suite, people.manufacturer, Role.AUTHORITY, "another authority"),
         "CREDENTIAL_MISSING"),
        (issue(suite, people.manufacturer, Role.AUTHORITY, "authority", scope=OTHER_PROVINCE),
         "CREDENTIAL_UNTRUSTED"),
    ):  # fmt: skip
        draft.body = EnrolBody(NOW, person.credential.raw)
        assert draft.outcome() == status
    draft.body = EnrolBody(NOW, people.endorsed.credential.raw[:-1])
    assert draft.outcome() == "CREDENTIAL_INVALID"


@pytest.mark.requirement("O-20")
def test_enrol_takes_a_station_of_any_region_and_is_judged_without_a_statement() -> None:
    draft = good_order(OrderKind.ENROL)
    draft.history["region"] = OTHER_CITY
    assert draft.outcome() == "OK"


@pytest.mark.requirement("O-10")
def test_trust_is_judged_under_the_statement_that_it_carries() -> None:
    draft = good_order(OrderKind.TRUST)
    people, suite = draft.people, draft.people.suite
    station = people.station.credential
    revoked = (Revoked(station.issuer, station.serial),)
    revoking = statement(suite, people.authority, 2, revoked=revoked)
    draft.body = TrustBody(revoking.raw)
    assert draft.outcome() == "CREDENTIAL_REVOKED"
    draft.history["statement"] = revoking
    draft.body = TrustBody(statement(suite, people.authority, 3).raw)
    assert draft.outcome() == "OK"
    confirm = good_order(OrderKind.CONFIRM)
    confirm.history["statement"] = revoking
    assert confirm.outcome() == "CREDENTIAL_REVOKED"


@pytest.mark.requirement("O-31")
@pytest.mark.parametrize(
    ("held", "version", "status"),
    [(None, 1, "OK"), (None, 0, "TRUST_VERSION"), (4, 5, "OK"), (4, 9, "OK"),
     (4, 4, "TRUST_VERSION"), (4, 3, "TRUST_VERSION")],
)  # fmt: skip
def test_versions_of_trust_only_go_up(held: int | None, version: int, status: str) -> None:
    draft = good_order(OrderKind.TRUST)
    people = draft.people
    if held is not None:
        draft.history["statement"] = statement(people.suite, people.authority, held)
    draft.body = TrustBody(statement(people.suite, people.authority, version).raw)
    assert draft.outcome() == status


@pytest.mark.requirement("O-11")
@pytest.mark.parametrize(
    ("scope", "region", "taken"),
    [(CITY, CITY, True), (PROVINCE, CITY, True), (0, CITY, True), (OTHER_CITY, CITY, False),
     (CITY, PROVINCE, False)],
)  # fmt: skip
def test_both_signers_cover_the_region(scope: int, region: int, taken: bool) -> None:
    for place, role in ((0, Role.TECHNICIAN), (1, Role.STATION)):
        draft = good_order(OrderKind.UNSEAL)
        people, suite = draft.people, draft.people.suite
        whole = issue(suite, None, Role.AUTHORITY, "authority", scope=0)
        registry = issue(suite, whole, Role.REGISTRY, "registry", scope=0)
        draft.history = {"region": region, "authority": whole.credential}
        by = {Role.TECHNICIAN: registry, Role.STATION: whole}
        draft.signers = [
            issue(suite, by[r], r, r.name.lower(), scope=scope if i == place else 0)
            for i, r in enumerate((Role.TECHNICIAN, Role.STATION))
        ]
        draft.send.append(lambda sent, raw=registry.credential.raw: [*sent[:2], raw])  # type: ignore[misc]
        assert draft.outcome() == ("OK" if taken else "CREDENTIAL_SCOPE"), role
        assert people.suite is suite


@pytest.mark.requirement("O-12")
def test_two_signers_are_two_people_and_neither_issued_the_other() -> None:
    draft = good_order(OrderKind.UNSEAL)
    people, suite = draft.people, draft.people.suite
    registry = issue(suite, people.authority, Role.REGISTRY, "registry", key=people.station.key)
    draft.signers[0] = issue(suite, registry, Role.TECHNICIAN, "theirs")
    # The first credential sent that has the key is the issuer.
    draft.send.append(lambda sent: [registry.credential.raw, *sent[:2]])
    assert draft.outcome() == "SAME_SIGNER"
    # The other way round, the authority's key in the technician's hands has issued the station.
    draft = good_order(OrderKind.UNSEAL)
    draft.signers[0] = issue(
        suite, people.registry, Role.TECHNICIAN, "authority too", key=people.authority.key
    )
    assert draft.outcome() == "SAME_SIGNER"
    draft.signers[0] = issue(
        suite, people.registry, Role.TECHNICIAN, "station too", key=people.station.key
    )
    assert draft.outcome() == "SAME_SIGNER"


@pytest.mark.requirement("O-13")
@pytest.mark.parametrize("place", [0, 1])
def test_each_signature_is_by_its_own_signer_over_all_that_is_unsigned(place: int) -> None:
    draft = good_order(OrderKind.UNSEAL)
    draft.sign_with[place] = key("p256", "forger")
    assert draft.outcome() == "SIGNATURE_INVALID"
    draft.sign_with = {0: draft.people.station.key, 1: draft.people.technician.key}
    assert draft.outcome() == "SIGNATURE_INVALID"
    draft.sign_with = {}
    size = len(draft.order()) - 128
    for byte in range(71, size):  # not_before and all behind it
        draft.alter = [lambda raw, at=byte: raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]]  # type: ignore[misc]
        assert draft.outcome() not in ("OK", "ALREADY_APPLIED")


@pytest.mark.requirement("O-27")
@pytest.mark.parametrize("kind", [OrderKind.UNSEAL, OrderKind.CLEAR, OrderKind.RETIRE])
def test_a_reason_is_one_of_the_table_with_a_text_of_three_bytes(kind: OrderKind) -> None:
    for reason in range(256):
        known = reason in set(Reason)
        assert _draft(kind, ReasonBody(reason, "abc")).outcome() == (
            "OK" if known else "BODY_INVALID"
        )
    for text, status in (("", "BODY_INVALID"), ("ab", "BODY_INVALID"), ("abc", "OK"), ("修", "OK"),
                         ("é", "BODY_INVALID")):  # fmt: skip
        assert _draft(kind, ReasonBody(Reason.OTHER, text)).outcome() == status


@pytest.mark.requirement("O-29")
@pytest.mark.parametrize(
    ("change", "before", "status"),
    [
        (120, [], "OK"),
        (-120, [], "OK"),
        (121, [], "CLOCK_LIMIT"),
        (-121, [], "CLOCK_LIMIT"),
        (1, [], "OK"),
        (0, [], "NOTHING_CHANGED"),
        (20, [(0, 60), (0, 40)], "OK"),
        (21, [(0, 60), (0, 40)], "CLOCK_LIMIT"),
        (-21, [(0, 60), (0, 40)], "CLOCK_LIMIT"),
        (120, [(604_800_000, 120)], "OK"),
        (120, [(604_799_999, 1)], "CLOCK_LIMIT"),
        (60, [(604_800_001, 120), (604_799_999, 60)], "OK"),
    ],
)
def test_the_clock_moves_by_120_seconds_in_seven_days_of_ticks(
    change: int, before: list[tuple[int, int]], status: str
) -> None:
    """before: how many ticks ago, and by how many seconds."""
    draft = _draft(OrderKind.ADJUST_CLOCK, AdjustClockBody(change), tick_ms=10_000_000_000)
    draft.history["adjustments"] = [(10_000_000_000 - ago, moved) for ago, moved in before]
    assert draft.outcome() == status


@pytest.mark.requirement("O-29")
def test_the_clock_is_adjusted_only_when_the_vehicle_is_still() -> None:
    for age, status in ((None, "OK"), (30_000, "OK"), (29_999, "VEHICLE_MOVING"),
                        (0, "VEHICLE_MOVING")):  # fmt: skip
        assert _draft(OrderKind.ADJUST_CLOCK, pulse_age_ms=age).outcome() == status


@pytest.mark.requirement("O-29")
def test_the_clock_does_not_go_more_than_120_seconds_below_its_floor() -> None:
    for change, status in ((-30, "OK"), (-31, "BELOW_FLOOR"), (10, "OK")):
        body = AdjustClockBody(change)
        draft = _draft(OrderKind.ADJUST_CLOCK, body, clock=NOW, clock_floor=NOW + 90)
        assert draft.outcome() == status


@pytest.mark.requirement("O-32")
def test_an_acknowledged_record_is_one_that_the_seal_holds() -> None:
    for sequence, digest, status in (
        (JOURNAL.sequence, JOURNAL.digest, "OK"),
        (JOURNAL.sequence, bytes(32), "ACKNOWLEDGE_INVALID"),
        (JOURNAL.sequence + 1, JOURNAL.digest, "ACKNOWLEDGE_INVALID"),
        (HEAD.sequence, HEAD.digest, "ACKNOWLEDGE_INVALID"),
        (0, bytes(32), "ACKNOWLEDGE_INVALID"),
    ):
        body = AcknowledgeBody(sequence, digest, bytes(32))
        assert _draft(OrderKind.ACKNOWLEDGE, body).outcome() == status


@pytest.mark.requirement("O-15")
@pytest.mark.requirement("R-8")
@pytest.mark.parametrize("kind", [OrderKind.CONFIRM, OrderKind.RETIRE])
def test_there_is_room_for_the_record_and_a_number_for_it(kind: OrderKind) -> None:
    draft = good_order(kind)
    body = OrderRecord(1, bytes(32), draft.order(), tuple(draft.credentials))
    size = 81 + len(build_record_body(RecordKind.ORDER, body))
    assert order_record_bytes(draft.order(), draft.credentials) == size
    own, other = "control_room", "retire_room"
    if kind is OrderKind.RETIRE:
        own, other = other, own
    draft.view = {own: size, other: 0}
    assert draft.outcome() == "OK"
    draft.view = {own: size - 1, other: 1 << 20}
    assert draft.outcome() == "LOG_FULL"
    last = 0xFFFFFFFF if kind is OrderKind.RETIRE else 4_294_967_279
    draft.view = {"next_sequence": last}
    assert draft.outcome() == "OK"
    draft.view = {"next_sequence": last + 1}
    assert draft.outcome() == "COUNTER_ENDED"


@pytest.mark.requirement("O-16")
def test_a_credential_is_stored_once() -> None:
    draft = good_order(OrderKind.UNSEAL)
    technician, station, registry = draft.credentials
    assert draft.judge().store == (technician, station, registry)
    draft.send.append(lambda sent: [sent[2], sent[0], sent[2], sent[1]])
    assert draft.judge().store == (registry, technician, station)
    digest = draft.people.suite.digest
    draft.history["credentials"] = {
        digest(raw): draft.people.station.credential for raw in (technician, registry)
    }
    assert draft.judge().store == (station,)


@pytest.mark.requirement("O-22")
def test_new_groups_replace_and_the_others_stay() -> None:
    draft = _draft(OrderKind.SEAL, parameters(Group.CALIBRATION))
    assert draft.outcome() == "OK"
    for lacking in Group:
        draft.history["groups"] = {n: d for n, d in whole_set().items() if n != lacking}
        mended = lacking is Group.CALIBRATION
        assert draft.outcome() == ("OK" if mended else "PARAMETERS_INCOMPLETE")
        draft.body = parameters(*sorted({lacking, Group.CALIBRATION}))
        assert draft.outcome() == "OK"
        draft.body = parameters(Group.CALIBRATION)


@pytest.mark.requirement("O-22")
def test_a_set_has_1024_bytes_at_most() -> None:
    rest = 1024 - sum(map(len, whole_set().values()))
    for size, status in ((rest, "OK"), (rest + 1, "TOO_LONG")):
        draft = _draft(OrderKind.SEAL, parameters(Group.CALIBRATION))
        halves = {200: bytes(300), 201: bytes(size - 300)}
        draft.history["groups"] = whole_set() | halves
        assert draft.outcome() == status


@pytest.mark.requirement("O-21")
@pytest.mark.parametrize("numbers", [[8, 1], [1, 1, 8], [1, 8, 8], [8, 2, 200]])
def test_group_numbers_rise(numbers: list[int]) -> None:
    items = tuple(GroupItem(n, group(Group(n)) if n <= 8 else bytes(16)) for n in numbers)
    assert _draft(OrderKind.SEAL, ParametersBody(items)).outcome() == "BODY_INVALID"
    rising = tuple(sorted({item.number: item for item in items}.values(), key=lambda i: i.number))
    assert _draft(OrderKind.SEAL, ParametersBody(rising)).outcome() == "OK"


@pytest.mark.requirement("O-23")
@pytest.mark.requirement("O-24")
@pytest.mark.parametrize("state", [State.OPEN, State.SEALED])
def test_when_a_calibration_is_due(state: State) -> None:
    def outcome(*numbers: Group, **changes: Any) -> str:
        draft = _draft(OrderKind.SEAL, parameters(*numbers, **changes))
        draft.history["state"] = state
        return draft.outcome()

    sealed = state is State.SEALED
    tyre, calibration = Group.TYRE, Group.CALIBRATION
    assert outcome(tyre, circumference_um=1_990_000) == "PARAMETERS_INCOMPLETE"
    assert outcome(tyre, calibration, circumference_um=1_990_000) == "OK"
    assert outcome(tyre, calibration) == ("NOTHING_CHANGED" if sealed else "OK")
    assert outcome(tyre) == ("NOTHING_CHANGED" if sealed else "PARAMETERS_INCOMPLETE")
    changed = {"purpose": 3}
    assert outcome(calibration, **changed) == ("NOTHING_CHANGED" if sealed else "OK")
    pending = (PendingTariff(NOW + 1, NOW + 2, NEW_FARE),)
    expected = "OK" if sealed else "PARAMETERS_INCOMPLETE"
    assert outcome(Group.TARIFF, pending=pending) == expected
    # A tariff that comes with an unchanged group changes the tariff alone.
    assert outcome(Group.TARIFF, Group.METER, pending=pending) == expected
    # A tariff and another change need one.
    draft = _draft(OrderKind.SEAL, parameters(Group.TARIFF, Group.SENSOR, pending=pending))
    draft.history |= {"state": state}
    draft.history["groups"] = whole_set() | {Group.SENSOR: group(Group.SENSOR, kind=2)}
    assert draft.outcome() == "PARAMETERS_INCOMPLETE"


@pytest.mark.requirement("O-25")
@pytest.mark.parametrize("state", [State.OPEN, State.SEALED])
def test_a_live_cause_refuses_to_seal_unless_the_new_set_ends_it(state: State) -> None:
    ended = {
        Cause.FARE_PARAMETERS_CHANGED,
        Cause.METER_IDENTITY_CHANGED,
        Cause.METER_SOFTWARE_CHANGED,
        *(cause for cause in Cause if cause >= Cause.K_MISMATCH),
    }
    for cause in Cause:
        draft = _draft(OrderKind.SEAL, live_causes=1 << (cause - 1))
        draft.history["state"] = state
        assert draft.outcome() == ("OK" if cause in ended else "TAMPER_LIVE")
    alone = _draft(OrderKind.SEAL, parameters(Group.CALIBRATION), live_causes=1)
    assert alone.outcome() == "TAMPER_LIVE"
    alone.view = {"look": None}
    assert alone.outcome() == "METER_NOT_SEEN"
    confirm = _draft(OrderKind.CONFIRM, live_causes=1, look=None)
    assert confirm.outcome() == "OK"


@pytest.mark.requirement("O-25")
@pytest.mark.parametrize(
    ("interval", "fresh"), [(500, 10_000), (3_333, 10_000), (3_334, 10_002), (60_000, 180_000)]
)
def test_the_meter_was_seen_within_three_looks(interval: int, fresh: int) -> None:
    for age, status in ((fresh, "OK"), (fresh + 1, "METER_NOT_SEEN")):
        draft = _draft(
            OrderKind.SEAL,
            parameters(Group.SUPERVISION, Group.CALIBRATION, look_interval_ms=interval),
            look_age_ms=age,
        )
        assert draft.outcome() == status
    draft.view = {"look": None}
    assert draft.outcome() == "METER_NOT_SEEN"


@pytest.mark.requirement("O-25")
def test_the_meter_counts_only_if_the_new_set_relies_on_the_seals_own_line() -> None:
    for attachments in range(8):
        draft = _draft(
            OrderKind.SEAL,
            parameters(Group.SUPERVISION, Group.CALIBRATION, attachments=attachments),
            look=None,
        )
        relies = attachments & Attachment.OWN_LINE
        assert draft.outcome() == ("METER_NOT_SEEN" if relies else "OK")
        draft.view = {"look": replace(LOOK, device=bytes(5))}
        assert draft.outcome() == ("METER_MISMATCH" if relies else "OK")
        draft.view = {"live_causes": 1}
        assert draft.outcome() == "TAMPER_LIVE"


@pytest.mark.requirement("O-25")
def test_the_meter_shows_what_is_to_be_sealed() -> None:
    for look, status in (
        (LOOK, "OK"),
        (replace(LOOK, plate="B"), "OK"),
        (replace(LOOK, device=bytes(5)), "METER_MISMATCH"),
        (replace(LOOK, hardware_version=3), "METER_MISMATCH"),
        (replace(LOOK, software=bytes(2)), "METER_MISMATCH"),
        (replace(LOOK, fare=FARE[: WATCHED - 1] + b"\xff" * (128 - WATCHED)), "METER_MISMATCH"),
        (replace(LOOK, fare=FARE[:WATCHED] + b"\xff" * (127 - WATCHED)), "OK"),
    ):
        assert _draft(OrderKind.SEAL, look=look).outcome() == status
