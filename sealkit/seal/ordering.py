"""Giving an order, and not believing that it was applied until the seal's own signature says so.

After the answer, the head of the order's record is read back. Record header, journal head, the
order that was sent and the credentials that the seal stored make the whole record; its digest,
folded into the history, has to be the head that fresh evidence signs.
"""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass
from typing import Final

from sealkit.errors import (
    DeviceNotFoundError,
    IntegrityError,
    MalformedError,
    RefusedError,
    TimedOutError,
    UsageError,
)
from sealkit.rules.chain import Head
from sealkit.rules.parameters import parameter_root
from sealkit.seal.client import OrderReceipt, SealClient
from sealkit.seal.drafting import Draft
from sealkit.seal.history import Shown, read_on
from sealkit.wire.evidence import Evidence
from sealkit.wire.records import RECORD_HEADER
from sealkit.wire.registry import OrderKind

JOURNAL_HEAD_BYTES: Final = 36
RECORD_HEAD_BYTES: Final = RECORD_HEADER.size + JOURNAL_HEAD_BYTES
_NONCE_BYTES: Final = 32
_LENGTH: Final = struct.Struct(">H")


@dataclass(frozen=True, slots=True)
class Applied:
    """An order that stands in the seal's chain, as fresh evidence proves.

    shown: the history with the order's record, for whatever is ordered next.
    """

    receipt: OrderReceipt
    evidence: Evidence
    shown: Shown


def give_order(client: SealClient, shown: Shown, draft: Draft) -> Applied:
    """Gives a complete order and reads back that it was applied as it was signed.

    An order whose answer was lost is given again: a seal applies it once (O-3). After an error
    with code ORDER_OUTCOME_UNKNOWN the same draft may be given again at any time.
    Errors: `RefusedError` with the seal's reason; `UsageError` ORDER_NOT_COMPLETE,
    ORDER_OTHER_SEAL; `TimedOutError` or `DeviceNotFoundError` ORDER_OUTCOME_UNKNOWN;
    `IntegrityError` READ_BACK_DIFFERS, and those of `Shown.of`.
    """
    _judge_ready(shown, draft)
    try:
        receipt = _submit(client, draft)
        after = _history_with(client, shown, draft, receipt)
        evidence = _evidence(client, draft)
        if evidence.control_sequence > after.head.sequence:
            # A break right after the order is the seal's news, no fault of the order.
            after = read_on(client, after, evidence.control_sequence)
    except (TimedOutError, DeviceNotFoundError) as error:
        raise type(error)(
            "ORDER_OUTCOME_UNKNOWN",
            f"Whether the seal applied the order is not known: {error.message}",
            f"{error.remedy} Then give the same order again; a seal applies an order only once.",
        ) from error
    _judge_evidence(evidence, after)
    return Applied(receipt, evidence, after)


def _judge_ready(shown: Shown, draft: Draft) -> None:
    if not draft.complete:
        places = zip(draft.signers, draft.signatures, strict=True)
        waiting = [signer.name for signer, signature in places if signature is None]
        raise UsageError(
            "ORDER_NOT_COMPLETE",
            f"The order still lacks the signature of {' and '.join(waiting)}.",
            "Have it signed, or carry it to the signer in an order file.",
        )
    if (draft.order.number, draft.order.seal_key) != (shown.number, shown.seal_key):
        raise UsageError(
            "ORDER_OTHER_SEAL",
            f"The order is for seal {draft.order.number}, this is seal {shown.number}.",
            "Connect to the seal that the order names.",
        )


def _submit(client: SealClient, draft: Draft) -> OrderReceipt:
    try:
        return client.submit(draft.raw, draft.credentials)
    except TimedOutError:
        return client.submit(draft.raw, draft.credentials)


def _history_with(client: SealClient, shown: Shown, draft: Draft, receipt: OrderReceipt) -> Shown:
    """The history with the order's record in it, at the place and digest that the seal told."""
    if draft.order_id not in shown.history.orders:
        record = _record(client, draft, receipt)
        follows = draft.order.head_digest == shown.head.digest
        shown = shown.extended([record]) if follows else read_on(client, shown, receipt.sequence)
    applied = shown.history.orders.get(draft.order_id)
    if applied is None or applied.head != Head(receipt.sequence, receipt.digest):
        raise _differs("the record that the seal names does not hold the order")
    return shown


def _record(client: SealClient, draft: Draft, receipt: OrderReceipt) -> bytes:
    """The order's record, of which only the head is read; whole where that is not enough."""
    head = client.read_record(receipt.sequence, 0, RECORD_HEAD_BYTES)
    stored = [c for i, c in enumerate(draft.credentials) if receipt.stored >> i & 1]
    record = head.data + _LENGTH.pack(len(draft.raw)) + draft.raw
    record += bytes((len(stored),)) + b"".join(_LENGTH.pack(len(c)) + c for c in stored)
    if draft.suite.digest(record) == receipt.digest:
        return record
    if not receipt.already_applied:
        raise _differs(f"record {receipt.sequence} is not made of the order that was sent")
    # Applied before with other signatures over the same bytes: then the seal keeps the earlier.
    record = b""
    while len(record) < head.total:
        part = client.read_record(receipt.sequence, len(record)).data
        if not part:
            break
        record += part
    if draft.suite.digest(record) != receipt.digest:
        raise _differs(f"record {receipt.sequence} does not have the digest that the seal told")
    return record


def _evidence(client: SealClient, draft: Draft) -> Evidence:
    """Fresh evidence, its signature verified under the key that the signers named.

    A retired seal signs no more; then it is its last evidence, which answers the order (O-34).
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    try:
        evidence = client.evidence(nonce)
    except RefusedError as error:
        if draft.kind is not OrderKind.RETIRE or error.code != "KEY_DESTROYED":
            raise
        nonce, evidence = draft.order_id, client.last_evidence()
    except MalformedError as error:
        raise _differs(error.message) from error
    public_key = client.info().public_key
    suite, order = draft.suite, draft.order
    if suite.key_id(public_key) != order.seal_key:
        raise _differs("the seal has another key than the order names")
    if evidence.suite != suite.id or not suite.verify(
        public_key, evidence.signed_bytes, evidence.signature
    ):
        raise _differs("the evidence is not signed by the seal")
    if (evidence.number, evidence.nonce) != (order.number, nonce):
        raise _differs("the evidence does not answer what was asked")
    return evidence


def _judge_evidence(evidence: Evidence, after: Shown) -> None:
    """That what the seal signs is what its history leads to."""
    history = after.history
    compared = {
        "head": (Head(evidence.control_sequence, evidence.control_digest), after.head),
        "state": (evidence.state, history.state),
        "parameters": (evidence.parameter_root, parameter_root(after.suite, history.groups)),
        "calibration counter": (evidence.calibration_counter, history.calibration_counter),
        "configuration counter": (evidence.configuration_counter, history.configuration_counter),
        "trust version": (evidence.trust_version, history.trust_version),
        "latched causes": (evidence.latched_causes, history.latched_causes),
    }
    differing = [name for name, (signed, led_to) in compared.items() if signed != led_to]
    if differing:
        raise _differs(f"the seal signs another {' and '.join(differing)} than the order leads to")


def _differs(reason: str) -> IntegrityError:
    return IntegrityError(
        "READ_BACK_DIFFERS",
        f"Read back, the order is not what was given: {reason}.",
        "Export the seal's log and have it verified before anything else is ordered.",
    )
