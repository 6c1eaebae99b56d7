"""Whether an order is to be applied: the rules O-1 to O-34 of SPEC.md, in their order.

 1. O-1        layout, lengths, tag, kind, number of signatures
 2. O-2, O-3   retired; already applied
 3. O-4        it names this seal
 4. O-5, O-6   state and clock allow it
 5. O-7        it was made against the head of the chain
 6. O-8        its challenge
 7. O-9        its validity window
 8. O-10       what it brings to be judged under (ENROL, TRUST); the signers' credentials
 9. O-11, O-12 roles, places, region; two different people
10. O-13       signatures
11. O-14       the body's own rules
12. O-15       room
The first that fails refuses the order with its status. Nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sealkit.crypto.suite import Suite
from sealkit.errors import MalformedError
from sealkit.rules.chain import counter_has_room
from sealkit.rules.credentials import (
    Moment,
    covers,
    judge_credential,
    judge_statement,
    parse_credential,
)
from sealkit.rules.history import AppliedOrder, History, cause_bit
from sealkit.rules.parameters import (
    changed_groups,
    judge_groups,
    missing_groups,
    supervision_of,
)
from sealkit.rules.refusals import refusal, status_of
from sealkit.rules.supervision import MeterLook, compare
from sealkit.wire.credentials import Credential, TrustStatement
from sealkit.wire.messages import ORDER_REQUEST, OrderRequest
from sealkit.wire.orders import (
    NO_CHALLENGE,
    NO_SIGNER,
    ORDER,
    AcknowledgeBody,
    AdjustClockBody,
    EnrolBody,
    Order,
    OrderBody,
    ParametersBody,
    ReasonBody,
    RestoreClockBody,
    TrustBody,
    parse_body,
)
from sealkit.wire.registry import (
    CHALLENGE_LIFE_MS,
    CLOCK_ADJUST_MAX_S,
    CLOCK_ADJUST_PERIOD_MS,
    CREDENTIALS_PER_ORDER,
    ORDER_MAX,
    ORDER_REQUEST_MAX,
    ORDER_WINDOW_MAX_S,
    ORDERS,
    STILL_BEFORE_ADJUST_MS,
    Attachment,
    Cause,
    ClockQuality,
    Group,
    OrderKind,
    Reason,
    Role,
    State,
    Status,
)
from sealkit.wire.signed import SIGNATURE_BYTES

REASON_TEXT_MIN: Final = 3
LOOK_FRESH_MIN_MS: Final = 10_000
LOOKS_FRESH: Final = 3
_ENDED_BY_SET: Final = sum(
    map(
        cause_bit,
        (
            Cause.FARE_PARAMETERS_CHANGED,
            Cause.METER_IDENTITY_CHANGED,
            Cause.METER_SOFTWARE_CHANGED,
            # What was found by watching for a while: with the new set it begins anew.
            Cause.K_MISMATCH,
            Cause.PULSE_RATE,
            Cause.STANDING_MOTION,
            Cause.MOTION_DISAGREES,
            Cause.METER_CLOCK,
            Cause.TRIPS_MISSING,
            Cause.TRIP_ALTERED,
        ),
    )
)


@dataclass(frozen=True, slots=True)
class SealView:
    """What a seal knows at the moment it judges an order.

    manufacturer: the maker's anchor. challenge None: none outstanding; its age in ticks (ms).
    look None: the meter was never seen; ages in ticks (ms). pulse_age_ms None: no pulse since
    birth. journal_digest: the digest of a journal record that the seal still holds, or None.
    control_room: bytes left in the control log for an order's record; retire_room likewise for
    RETIRE, with what is reserved.
    """

    suite: Suite
    maker: int
    serial: int
    seal_key: bytes
    manufacturer: Credential
    history: History
    clock: int
    clock_quality: ClockQuality
    clock_floor: int
    tick_ms: int
    challenge: bytes | None
    challenge_age_ms: int
    look: MeterLook | None
    look_age_ms: int
    live_causes: int
    pulse_age_ms: int | None
    journal_digest: Callable[[int], bytes | None]
    next_sequence: int
    control_room: int
    retire_room: int

    @property
    def clock_lost(self) -> bool:
        return self.clock_quality is ClockQuality.LOST


@dataclass(frozen=True, slots=True)
class Judgement:
    """An order that is to be applied, or was: then `applied` names it and nothing is to be done.

    store: the credentials that stand in no earlier record, in the order sent.
    """

    order: Order
    body: OrderBody
    order_id: bytes
    store: tuple[bytes, ...]
    applied: AppliedOrder | None = None


def judge_order(view: SealView, raw: bytes, credentials: Sequence[bytes]) -> Judgement:
    """The order, if the seal has to apply it now or has applied it before.

    Errors: `RefusedError` with the status of the first rule that fails.
    """
    order, body = read_order(view.suite, raw, credentials)
    order_id = view.suite.digest(order.unsigned_bytes)
    applied = view.history.orders.get(order_id)
    if applied is not None:
        return Judgement(order, body, order_id, (), applied)
    if view.history.state is State.RETIRED:
        raise refusal(Status.KEY_DESTROYED)
    judge_standing(view, order)
    judge_challenge(view, order)
    moment = moment_of(view, body)
    judge_window(order, moment)
    authority, statement, region = _judge_authority(view, order, body, moment)
    signers = judge_signers(
        view.suite,
        order,
        pool=_read_credentials(view.suite, order, credentials),
        authority=authority,
        statement=statement,
        moment=moment,
        region=region,
        places=signing_places(view.history.state, order, body),
    )
    judge_signatures(view.suite, order, signers)
    judge_body(view.history, order, body)
    _judge_circumstances(view, body)
    store = tuple(
        dict.fromkeys(
            credential
            for credential in credentials
            if view.suite.digest(credential) not in view.history.credentials
        )
    )
    _judge_room(view, order, store)
    return Judgement(order, body, order_id, store)


def read_order_request(body: bytes) -> OrderRequest:
    """The body of the command `order`. Errors: `RefusedError` TOO_LONG (O-1), MALFORMED (L-7)."""
    if len(body) > ORDER_REQUEST_MAX or int.from_bytes(body[:2], "big") > ORDER_MAX:
        raise refusal(Status.TOO_LONG)
    try:
        return ORDER_REQUEST.parse(body)
    except MalformedError as error:
        raise refusal(Status.MALFORMED, error.message) from None


def read_order(suite: Suite, raw: bytes, credentials: Sequence[bytes]) -> tuple[Order, OrderBody]:
    """O-1: the order and its body, if they are well-formed."""
    if len(raw) > ORDER_MAX:
        raise refusal(Status.TOO_LONG)
    if 3 + len(raw) + sum(2 + len(c) for c in credentials) > ORDER_REQUEST_MAX:
        raise refusal(Status.TOO_LONG, "order and credentials together")
    if len(credentials) > CREDENTIALS_PER_ORDER:
        raise refusal(Status.MALFORMED)
    try:
        order = ORDER.parse(raw)
        if order.suite != suite.id:
            raise refusal(Status.WRONG_SUITE)
        body = parse_body(order)
    except MalformedError as error:
        raise refusal(status_of(error), error.message) from None
    if len(order.signatures) % SIGNATURE_BYTES:
        raise refusal(Status.MALFORMED, "a part of a signature")
    signed_by, signatures = len(order.signers), len(order.signatures) // SIGNATURE_BYTES
    if signed_by != signatures:
        raise refusal(Status.SIGNATURES_MISSING, f"{signed_by} signers, {signatures} signatures")
    return order, body


def judge_standing(view: SealView, order: Order) -> None:
    """O-4 to O-7."""
    if (order.maker, order.serial, order.seal_key) != (view.maker, view.serial, view.seal_key):
        raise refusal(Status.WRONG_SEAL, f"it names {order.number}")
    rule = ORDERS[order.kind]
    if view.history.state not in rule.from_states:
        raise refusal(Status.WRONG_STATE, view.history.state.name.lower())
    if view.clock_lost and not rule.lost_clock:
        raise refusal(Status.TIME_NOT_SET)
    if order.kind is OrderKind.RESTORE_CLOCK and not view.clock_lost:
        raise refusal(Status.CLOCK_RUNNING)
    head = view.history.head
    if (order.head_sequence, order.head_digest) != (head.sequence, head.digest):
        raise refusal(
            Status.STALE_HEAD, f"made at record {order.head_sequence}, now {head.sequence}"
        )


def judge_challenge(view: SealView, order: Order) -> None:
    """O-8."""
    if not ORDERS[order.kind].challenge:
        if order.challenge != NO_CHALLENGE:
            raise refusal(Status.MALFORMED, "this order carries no challenge")
        return
    if view.challenge is None:
        raise refusal(Status.CHALLENGE_MISSING)
    if order.challenge != view.challenge:
        raise refusal(Status.CHALLENGE_WRONG)
    if view.challenge_age_ms > CHALLENGE_LIFE_MS:
        raise refusal(Status.CHALLENGE_EXPIRED)


def moment_of(view: SealView, body: OrderBody) -> Moment:
    """The *clock* of O-9, at which an order and its credentials are judged."""
    if not view.clock_lost:
        return Moment(view.clock)
    if isinstance(body, EnrolBody | RestoreClockBody):
        return Moment(body.time)
    return Moment(view.clock_floor, floor_only=True)


def judge_window(order: Order, moment: Moment) -> None:
    """O-9."""
    if not 0 < order.not_after - order.not_before <= ORDER_WINDOW_MAX_S:
        raise refusal(Status.WINDOW_TOO_LONG)
    if moment.time < order.not_before and not moment.floor_only:
        raise refusal(Status.NOT_YET_VALID)
    if moment.time > order.not_after:
        raise refusal(Status.EXPIRED)


def _judge_authority(
    view: SealView, order: Order, body: OrderBody, moment: Moment
) -> tuple[Credential, TrustStatement | None, int | None]:
    """O-10: authority, statement and region that the signers are judged under."""
    if isinstance(body, EnrolBody):
        return judge_enrolment(view.suite, body, view.manufacturer, moment), None, None
    authority = view.history.authority
    if authority is None:
        raise refusal(Status.WRONG_STATE, "no authority is installed")
    statement = view.history.statement
    if isinstance(body, TrustBody):
        statement = judge_statement(
            view.suite,
            body.statement,
            authority=authority,
            above_version=view.history.trust_version,
        )
    return authority, statement, view.history.region


def _read_credentials(suite: Suite, order: Order, credentials: Sequence[bytes]) -> list[Credential]:
    """O-10: the credentials sent, once it is known that the signers' are among them."""
    if not {suite.digest(credential) for credential in credentials}.issuperset(order.signers):
        raise refusal(Status.CREDENTIAL_MISSING, "a signer's")
    return [parse_credential(suite, credential) for credential in credentials]


def judge_enrolment(
    suite: Suite, body: EnrolBody, manufacturer: Credential, moment: Moment | None
) -> Credential:
    """O-20: the authority that ENROL installs, endorsed by the seal's manufacturer."""
    authority = parse_credential(suite, body.authority)
    if authority.role is not Role.AUTHORITY:
        raise refusal(Status.CREDENTIAL_UNTRUSTED, "ENROL brings no authority")
    judge_credential(suite, authority, pool=(), anchor=manufacturer, statement=None, moment=moment)
    return authority


def signing_places(state: State, order: Order, body: OrderBody) -> tuple[tuple[Role, ...], ...]:
    """For each signature that the order needs, the roles that may give it (O-11, O-24)."""
    rule = ORDERS[order.kind]
    if (
        rule.tariff_only_signers is not None
        and state is State.SEALED
        and len(order.signers) == len(rule.tariff_only_signers)
        and isinstance(body, ParametersBody)
        and [item.number for item in body.groups] == [Group.TARIFF]
    ):
        return rule.tariff_only_signers
    return rule.signers


def judge_signers(
    suite: Suite,
    order: Order,
    *,
    pool: Sequence[Credential],
    authority: Credential,
    statement: TrustStatement | None,
    moment: Moment | None,
    region: int | None,
    places: tuple[tuple[Role, ...], ...],
) -> list[Credential]:
    """O-10 to O-12: the signers' credentials, in their places.

    region None: the order itself decides it (ENROL).
    """
    by_digest = {suite.digest(credential.raw): credential for credential in pool}
    signers = []
    for digest in order.signers:
        signer = by_digest.get(digest)
        if signer is None:
            raise refusal(Status.CREDENTIAL_MISSING, "a signer's")
        signers.append(signer)
    for signer in signers:
        judge_credential(
            suite, signer, pool=pool, anchor=authority, statement=statement, moment=moment
        )
    if signers and order.first_signer == NO_SIGNER:
        raise refusal(Status.SIGNATURES_MISSING, "the first")
    # The roles come first (O-11), so the numbers of signers and places may still differ.
    for signer, roles in zip(signers, places, strict=False):
        if signer.role not in roles:
            raise refusal(Status.ROLE_NOT_ALLOWED, f"{signer.name} is {signer.role.name.lower()}")
    if len(signers) != len(places):
        raise refusal(Status.SIGNATURES_MISSING, f"{len(signers)} instead of {len(places)}")
    for signer in signers:
        if region is not None and not covers(signer.scope, region):
            raise refusal(Status.CREDENTIAL_SCOPE, f"{signer.name}: {signer.scope}, not {region}")
    if len(signers) == 2:
        first, second = signers
        if (
            first.public_key == second.public_key
            or suite.key_id(first.public_key) == second.issuer
            or suite.key_id(second.public_key) == first.issuer
        ):
            raise refusal(Status.SAME_SIGNER)
    return signers


def judge_signatures(suite: Suite, order: Order, signers: Sequence[Credential]) -> None:
    """O-13: every signature, over the bytes as received."""
    for place, signer in enumerate(signers):
        signature = order.signatures[place * SIGNATURE_BYTES : (place + 1) * SIGNATURE_BYTES]
        if not suite.verify(signer.public_key, order.unsigned_bytes, signature):
            raise refusal(Status.SIGNATURE_INVALID, f"that of {signer.name}")


def judge_body(history: History, order: Order, body: OrderBody) -> None:
    """O-14, as far as the chain alone decides it: what a verifier judges too."""
    match body:
        case ParametersBody():
            _judge_parameters(history, order, body)
        case ReasonBody(reason=reason) if reason not in set(Reason):
            raise refusal(Status.BODY_INVALID, f"there is no reason {reason}")
        case ReasonBody(text=text) if len(text.encode()) < REASON_TEXT_MIN:
            raise refusal(Status.BODY_INVALID, "a reason needs a text of at least 3 bytes")
        case AdjustClockBody(change_s=0):
            raise refusal(Status.NOTHING_CHANGED)
        case _:
            pass


def _judge_parameters(history: History, order: Order, body: ParametersBody) -> None:
    """O-21 to O-24, O-26."""
    numbers = [item.number for item in body.groups]
    if numbers != sorted(set(numbers)):
        raise refusal(Status.BODY_INVALID, "group numbers do not rise")
    new = {item.number: item.data for item in body.groups}
    if order.kind is OrderKind.CONFIRM:
        if numbers != [Group.CALIBRATION]:
            raise refusal(Status.BODY_INVALID, "CONFIRM brings the calibration group alone")
        judge_groups(resulting_set(history.groups, new))
        return
    whole = resulting_set(history.groups, new)
    missing = missing_groups(whole)
    if missing:
        raise refusal(
            Status.PARAMETERS_INCOMPLETE, ", ".join(group.name.lower() for group in missing)
        )
    judge_groups(whole)
    calibrated = Group.CALIBRATION in new
    if history.state is not State.SEALED:
        if not calibrated:
            raise refusal(Status.PARAMETERS_INCOMPLETE, "calibration")
        return
    changed = changed_groups(history.groups, new) - {Group.CALIBRATION}
    if not changed:
        raise refusal(Status.NOTHING_CHANGED)
    if not calibrated and changed != {Group.TARIFF}:
        raise refusal(Status.PARAMETERS_INCOMPLETE, "calibration")


def resulting_set(sealed: Mapping[int, bytes], new: Mapping[int, bytes]) -> dict[int, bytes]:
    """The set after a SEAL: new groups replace, the others stay (O-22)."""
    return {**sealed, **new}


def _judge_circumstances(view: SealView, body: OrderBody) -> None:
    """O-14, as far as clock, meter, motion and journal decide it."""
    match body:
        case EnrolBody(time=time) if view.clock_lost and time < view.clock_floor:
            raise refusal(Status.BELOW_FLOOR)
        case RestoreClockBody(time=time) if time < view.clock_floor:
            raise refusal(Status.BELOW_FLOOR)
        case AdjustClockBody():
            judge_adjustment(view, body)
        case AcknowledgeBody():
            held = view.journal_digest(body.sequence)
            if held is None or held != body.digest:
                raise refusal(Status.ACKNOWLEDGE_INVALID)
        case ParametersBody():
            _judge_meter(view, body)
        case _:
            pass


def judge_adjustment(view: SealView, body: AdjustClockBody) -> None:
    """O-29."""
    since = view.tick_ms - CLOCK_ADJUST_PERIOD_MS
    moved = sum(seconds for tick, seconds in view.history.adjustments if tick > since)
    if moved + abs(body.change_s) > CLOCK_ADJUST_MAX_S:
        raise refusal(Status.CLOCK_LIMIT, f"{moved} s used")
    if view.pulse_age_ms is not None and view.pulse_age_ms < STILL_BEFORE_ADJUST_MS:
        raise refusal(Status.VEHICLE_MOVING)
    if view.clock + body.change_s < view.clock_floor - CLOCK_ADJUST_MAX_S:
        raise refusal(Status.BELOW_FLOOR)


def _judge_meter(view: SealView, body: ParametersBody) -> None:
    """O-25; CONFIRM changes nothing that the meter could contradict."""
    new = {item.number: item.data for item in body.groups}
    if set(new) == {Group.CALIBRATION} and view.history.state is State.SEALED:
        return
    if view.live_causes & ~_ENDED_BY_SET:
        raise refusal(Status.TAMPER_LIVE)
    whole = resulting_set(view.history.groups, new)
    supervision = supervision_of(whole)
    if supervision is None or not supervision.attachments & Attachment.OWN_LINE:
        return
    fresh = max(LOOKS_FRESH * supervision.look_interval_ms, LOOK_FRESH_MIN_MS)
    if view.look is None or view.look_age_ms > fresh:
        raise refusal(Status.METER_NOT_SEEN)
    differences = compare(whole, view.look, view.clock)
    if differences:
        raise refusal(Status.METER_MISMATCH, ", ".join(d.cause.name.lower() for d in differences))


def _judge_room(view: SealView, order: Order, store: Sequence[bytes]) -> None:
    """O-15."""
    retiring = order.kind is OrderKind.RETIRE
    room = view.retire_room if retiring else view.control_room
    if order_record_bytes(order.raw, store) > room:
        raise refusal(Status.LOG_FULL)
    if not counter_has_room(view.next_sequence, reserved=retiring):
        raise refusal(Status.COUNTER_ENDED)


def order_record_bytes(order: bytes, store: Sequence[bytes]) -> int:
    """The size of the record that an order makes: header 81, journal head 36, the rest."""
    return 81 + 36 + 2 + len(order) + 1 + sum(2 + len(credential) for credential in store)
