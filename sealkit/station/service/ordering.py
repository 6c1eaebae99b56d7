"""An order prepared out of the ledger, for those who sign it where their keys are."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sealkit.errors import IntegrityError, UndeterminedError, UsageError
from sealkit.rules.parameters import known_content, meter_of, tariff_of
from sealkit.rules.supervision import MeterLook
from sealkit.seal.drafting import VALID_S, draft_at
from sealkit.seal.history import Shown
from sealkit.seal.job import calibration_of_job, groups_of_job, read_job
from sealkit.seal.orderfile import build_order_file
from sealkit.station.history.dossier import Dossier
from sealkit.station.ledger import Ledger
from sealkit.wire.numbers import SealNumber
from sealkit.wire.orders import (
    NO_CHALLENGE,
    AcknowledgeBody,
    AdjustClockBody,
    GroupItem,
    OrderBody,
    ParametersBody,
    ReasonBody,
    RestoreClockBody,
    TrustBody,
)
from sealkit.wire.parameters import VehicleGroup
from sealkit.wire.registry import (
    ORDERS,
    ClockQuality,
    Group,
    OrderKind,
    Reason,
    State,
)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an order is to be.

    signers: for each, the credential and its issuers, as `Draft.chains`. challenge: 16 bytes that
    the seal gave, for a kind that needs one. reason, text: of UNSEAL, CLEAR, RETIRE. job: a job
    file, of SEAL and CONFIRM; meter: as it was read, None: as it is sealed. change_s: of
    ADJUST_CLOCK. valid_s: for how long from now.
    """

    kind: OrderKind
    signers: Sequence[Sequence[bytes]]
    challenge: bytes | None = None
    reason: Reason | None = None
    text: str = ""
    job: str | None = None
    meter: MeterLook | None = None
    change_s: int | None = None
    valid_s: int = VALID_S


def prepare_order(
    ledger: Ledger, number: SealNumber, wanted: Wanted, now: int, submitter: str
) -> bytes:
    """The order file, unsigned, against the history that the ledger holds.

    A seal whose history has gone on refuses it. An ACKNOWLEDGE is noted in the ledger, when all
    else is well. Errors: `UsageError` SEAL_UNKNOWN, ORDER_INCOMPLETE, ORDER_CHALLENGE;
    `UndeterminedError` HISTORY_INCOMPLETE; `IntegrityError` HISTORY_FORKED; those of `draft_at`, of
    jobs and of `Ledger.draft_acknowledgement`.
    """
    dossier = ledger.dossier(number)
    shown = _shown(dossier)
    if ORDERS[wanted.kind].challenge and wanted.challenge is None:
        raise UsageError(
            "ORDER_CHALLENGE",
            f"{wanted.kind.name} needs a challenge of the seal.",
            "Get one: `sealkit order challenge SPEC`; it lives ten minutes.",
        )
    seal_now = _by_seal(dossier, now)
    is_promise = wanted.kind is OrderKind.ACKNOWLEDGE
    told = ledger.draft_acknowledgement(number) if is_promise else None
    body = (
        _body(ledger, shown, wanted, now)
        if told is None
        else AcknowledgeBody(told.sequence, told.digest, told.receipt)
    )
    draft = draft_at(
        shown,
        wanted.kind,
        body,
        wanted.signers,
        now=body.time if isinstance(body, RestoreClockBody) else seal_now,
        valid_s=wanted.valid_s,
        challenge=wanted.challenge or NO_CHALLENGE,
    )
    data = build_order_file(draft, shown)
    if told is not None:
        ledger.keep_acknowledgement(told, now, submitter)
    return data


def _shown(dossier: Dossier) -> Shown:
    if dossier.forks:
        raise IntegrityError(
            "HISTORY_FORKED",
            f"Seal {dossier.number} has two histories; an order would continue one of them.",
            "Keep the seal as it is: it is evidence.",
        )
    control = dossier.whole_control(dossier.latest)
    if control is None:
        raise UndeterminedError(
            "HISTORY_INCOMPLETE",
            f"The ledger does not hold the history of seal {dossier.number} up to now.",
            "Submit an export of its whole log first.",
        )
    return Shown.of(dossier.suite, control)


def _by_seal(dossier: Dossier, now: int) -> int:
    """Now, as the seal's clock most likely has it: that is what it judges an order by (O-9)."""
    latest = dossier.latest
    if not latest.fresh or latest.evidence.clock_quality is ClockQuality.LOST:
        return now
    return max(0, now + latest.evidence.clock - latest.received)


def _body(ledger: Ledger, shown: Shown, wanted: Wanted, now: int) -> OrderBody:
    match wanted.kind:
        case OrderKind.SEAL:
            return ParametersBody(_items(_sealed_groups(shown, wanted, now)))
        case OrderKind.CONFIRM:
            job = read_job(_given(wanted.job, "job", wanted).encode())
            data = calibration_of_job(job, now=now, salt=secrets.token_bytes)
            return ParametersBody(_items({Group.CALIBRATION: data}))
        case OrderKind.ADJUST_CLOCK:
            return AdjustClockBody(_given(wanted.change_s, "change_s", wanted))
        case OrderKind.RESTORE_CLOCK:
            return RestoreClockBody(now)
        case OrderKind.TRUST:
            return TrustBody(_given(ledger.trust.statement, "trust statement", wanted).raw)
        case _:
            return ReasonBody(_given(wanted.reason, "reason", wanted), wanted.text)


def _given(value: Value | None, what: str, wanted: Wanted) -> Value:
    if value is None:
        raise UsageError(
            "ORDER_INCOMPLETE",
            f"{wanted.kind.name} needs a {what}.",
            "Say it in the request; see /docs.",
        )
    return value


def _items(groups: Mapping[int, bytes]) -> tuple[GroupItem, ...]:
    return tuple(GroupItem(number, data) for number, data in groups.items())


def _sealed_groups(shown: Shown, wanted: Wanted, now: int) -> dict[int, bytes]:
    sealed = shown.history.groups
    look = wanted.meter or _given(_look_as_sealed(sealed), "meter", wanted)
    job = read_job((wanted.job or "").encode())
    groups = groups_of_job(job, look, sealed, now=now, salt=secrets.token_bytes)
    if shown.history.state is not State.SEALED and Group.CALIBRATION not in groups:
        raise UsageError(
            "JOB_INCOMPLETE",
            "A seal that is open is sealed with a calibration, and the job says nothing of it.",
            "Give a job with a [calibration] table.",
        )
    return groups


def _look_as_sealed(sealed: Mapping[int, bytes]) -> MeterLook | None:
    """The meter as it was sealed last: a meter that is another by now breaks the seal at once."""
    tariff, meter = tariff_of(sealed), meter_of(sealed)
    vehicle = known_content(sealed, Group.VEHICLE)
    if tariff is None or meter is None or not isinstance(vehicle, VehicleGroup):
        return None
    plate = vehicle.meter_plate
    return MeterLook(meter.device, meter.hardware_version, meter.software, plate, tariff.fare)
