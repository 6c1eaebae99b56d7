"""What an order will do, in words, old beside new: to be read before it is signed.

Everything is told from the bytes that are signed and from the history, nothing from what
somebody wrote beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Final

from sealkit.errors import MalformedError
from sealkit.meter.layouts import FARE_FIELDS, FARE_PARAMETERS
from sealkit.rules.history import History
from sealkit.rules.parameters import changed_groups, counter_steps
from sealkit.seal.drafting import Draft
from sealkit.seal.words import SENSOR_KINDS, attachment_words, name_words, time_words
from sealkit.wire.credentials import CREDENTIAL, TRUST_STATEMENT
from sealkit.wire.orders import EnrolBody, Order, OrderBody, ParametersBody, TrustBody
from sealkit.wire.parameters import PendingTariff, parse_group
from sealkit.wire.registry import (
    CHALLENGE_LIFE_MS,
    ORDERS,
    Group,
    OrderKind,
    Reason,
)

_TIMES: Final = ("time", "valid_from", "valid_until")
_WATCHABLE_BYTES: Final = 127


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One line of a review. old None: there is none, or it is not known here."""

    group: str
    field: str
    old: str | None
    new: str

    @property
    def changed(self) -> bool:
        return self.old != self.new


def review_order(draft: Draft, history: History | None = None) -> list[ReviewRow]:
    """What the order is, then what it changes. history: to show old values; None offline.

    Errors: `MalformedError` for an order whose content does not have its layout.
    """
    order, body = draft.order, draft.body
    rows = _heading(draft, order)
    rows += [ReviewRow(order.kind.name.lower(), field, None, new) for field, new in _told(body)]
    if isinstance(body, ParametersBody):
        new = {item.number: item.data for item in body.groups}
        for number, data in new.items():
            rows += _group_rows(
                number, None if history is None else history.groups.get(number), data
            )
        if history is not None and order.kind is OrderKind.SEAL:
            rows += _counter_rows(history, new)
    if history is not None:
        after = ORDERS[order.kind].to_state or history.state
        rows.append(ReviewRow("seal", "state", name_words(history.state), name_words(after)))
    return rows


def _heading(draft: Draft, order: Order) -> list[ReviewRow]:
    told = [
        ("kind", name_words(order.kind)),
        ("seal", str(order.number)),
        ("suite", draft.suite.name),
        ("made_at_record", str(order.head_sequence)),
        ("valid_from", time_words(order.not_before)),
        ("valid_until", time_words(order.not_after)),
        ("order_id", draft.order_id.hex()),
    ]
    if ORDERS[order.kind].challenge:
        minutes = CHALLENGE_LIFE_MS // 60_000
        told.append(
            ("challenge", f"dies {minutes} minutes after the seal gave it, or with a new one")
        )
    for signer, signature in zip(draft.signers, draft.signatures, strict=True):
        signed = "not yet signed" if signature is None else "signed"
        told.append(("signer", f"{signer.name} ({name_words(signer.role)}), {signed}"))
    return [ReviewRow("order", field, None, new) for field, new in told]


def _told(body: OrderBody) -> list[tuple[str, str]]:
    """The fields of a body without groups."""
    match body:
        case ParametersBody():
            return []
        case EnrolBody():
            authority = CREDENTIAL.parse(body.authority)
            return [
                ("authority", authority.name),
                ("authority_key", authority.public_key.hex()),
                ("region", str(authority.scope)),
                ("time", time_words(body.time)),
            ]
        case TrustBody():
            statement = TRUST_STATEMENT.parse(body.statement)
            return [
                ("version", str(statement.version)),
                ("issued_at", time_words(statement.issued_at)),
                *(("minimum", f"{m.issuer.hex()}: {m.generation}") for m in statement.minimums),
                *(("revoked", f"{r.issuer.hex()}: {r.serial}") for r in statement.revoked),
            ]
        case _:
            return list(_values(body).items())


def _group_rows(number: int, old: bytes | None, new: bytes) -> list[ReviewRow]:
    name = Group(number).name.lower() if number in set(Group) else f"group {number}"
    before = {} if old is None else group_words(number, old)
    return [
        ReviewRow(name, field, before.get(field), value)
        for field, value in group_words(number, new).items()
    ]


def group_words(number: int, data: bytes) -> dict[str, str]:
    """The fields of a parameter group's bytes, in words. Errors: `MalformedError`."""
    content = parse_group(number, data)
    return {"bytes": data.hex()} if content is None else _values(content)


def _counter_rows(history: History, new: Mapping[int, bytes]) -> list[ReviewRow]:
    steps = counter_steps(changed_groups(history.groups, new))
    before = (history.calibration_counter, history.configuration_counter)
    return [
        ReviewRow("counters", name, str(old), str(old + step))
        for name, old, step in zip(("calibration", "configuration"), before, steps, strict=True)
    ]


def _values(value: Any) -> dict[str, str]:
    """The fields of a dataclass by name, in words; a tariff's by the name of each parameter."""
    told: dict[str, str] = {}
    for field in fields(value):
        told.update(_field(field.name, getattr(value, field.name)))
    return told


def _field(name: str, value: Any) -> dict[str, str]:
    match value:
        case IntEnum():
            return {name: name_words(value)}
        case int() if name == "reason":
            known = value in set(Reason)
            return {name: name_words(Reason(value)) if known else f"unknown ({value})"}
        case int() if name == "kind":
            return {name: {n: word for word, n in SENSOR_KINDS.items()}.get(value, str(value))}
        case int() if name == "attachments":
            return {name: attachment_words(value)}
        case int() if name in _TIMES:
            return {name: time_words(value) if value else "none"}
        case bytes() if name == "fare":
            return _fare(value)
        case bytes() if name == "mask":
            watched = (int.from_bytes(value, "big") >> 1).bit_count()
            return {"watched": f"{watched} of {_WATCHABLE_BYTES} bytes ({value.hex()})"}
        case bytes():
            return {name: value.hex() if any(value) else "none"}
        case tuple():
            return _pending(value)
        case _:
            return {name: str(value)}


def _pending(tariffs: tuple[PendingTariff, ...]) -> dict[str, str]:
    if not tariffs:
        return {"pending": "none"}
    return {f"pending_{name}": told for tariff in tariffs for name, told in _values(tariff).items()}


def _fare(fare: bytes) -> dict[str, str]:
    """The fare parameters by name; as bytes where they are not what the standard says."""
    told = {}
    for field in FARE_FIELDS:
        try:
            value = FARE_PARAMETERS.parse_field(field, fare)
        except MalformedError:
            value = fare[field.offset : field.offset + field.size]
        told[field.name] = value.hex() if isinstance(value, bytes) else str(value)
    return told
