"""The order file: an order on its way to the person who signs next.

It carries the control chain that the order was made against, so that nobody signs past a break
unseen: the head that the order names commits to every record of it. The review in it is for
people's eyes and never read back: who opens the file gets a review made from the bytes. Every
signature in it is verified as it is read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from sealkit.errors import IntegrityError, MalformedError, UsageError
from sealkit.seal.drafting import Draft
from sealkit.seal.history import Shown
from sealkit.seal.review import review_order
from sealkit.wire.credentials import CREDENTIAL
from sealkit.wire.orders import parse_body
from sealkit.wire.registry import CREDENTIAL_MAX, CREDENTIALS_PER_ORDER, ORDER_MAX, RECORD_MAX
from sealkit.wire.signed import SIGNATURE_BYTES

SCHEMA: Final = "sealkit.order/1"
ORDER_FILE_MAX: Final = 8 << 20
"""Bytes: more than a thousand orders of history."""
_RECORDS_MAX: Final = 4096


@dataclass(frozen=True, slots=True)
class CarriedOrder:
    """An order and the history that it was made against."""

    draft: Draft
    shown: Shown


def build_order_file(draft: Draft, shown: Shown) -> bytes:
    """The file's bytes: JSON in UTF-8. shown: the history up to the head that the order names."""
    content = {
        "schema": SCHEMA,
        "review": [
            f"{row.group}.{row.field}: {row.new}" for row in review_order(draft, shown.history)
        ],
        "unsigned": draft.unsigned.hex(),
        "signers": [
            {
                "credentials": [raw.hex() for raw in chain],
                "signature": None if signature is None else signature.hex(),
            }
            for chain, signature in zip(draft.chains, draft.signatures, strict=True)
        ],
        "history": [record.raw.hex() for record in shown.records],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def parse_order_file(data: bytes) -> CarriedOrder:
    """The order in a file, its signatures verified, its history that of the head it names.

    Errors: `UsageError` ORDER_FILE_TOO_LONG, ORDER_FILE_MALFORMED, ORDER_FILE_SCHEMA;
    `IntegrityError` SIGNATURE_INVALID, ORDER_FILE_HISTORY; those of `Shown.of`, and of a suite
    that is not known.
    """
    if len(data) > ORDER_FILE_MAX:
        raise UsageError(
            "ORDER_FILE_TOO_LONG",
            f"The file has more than {ORDER_FILE_MAX} bytes.",
            "Check that this is the order file.",
        )
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise _malformed("it is not JSON") from None
    if not isinstance(content, dict):
        raise _malformed("it is not an object")
    if content.get("schema") != SCHEMA:
        raise UsageError(
            "ORDER_FILE_SCHEMA",
            f"The file is no {SCHEMA}.",
            "Check that this is the order file, and that sealkit is not older than it.",
        )
    draft = _draft(content)
    return CarriedOrder(draft, _shown(draft, content))


def _shown(draft: Draft, content: dict[str, Any]) -> Shown:
    records = _list(content.get("history"), _RECORDS_MAX, "history")
    raws = [_bytes(record, RECORD_MAX, "a record") for record in records]
    try:
        shown = Shown.of(draft.suite, raws)
    except MalformedError as error:
        raise _malformed(error.message) from None
    order = draft.order
    named = (order.number, order.seal_key, order.head_sequence, order.head_digest)
    if named != (shown.number, shown.seal_key, shown.head.sequence, shown.head.digest):
        raise IntegrityError(
            "ORDER_FILE_HISTORY",
            "The history in the file is not the one that the order was made against.",
            "Do not sign it; have the order drafted and sent again.",
        )
    return shown


def _draft(content: dict[str, Any]) -> Draft:
    unsigned = _bytes(content.get("unsigned"), ORDER_MAX, "unsigned")
    signers = _list(content.get("signers"), 2, "signers")
    chains, signatures = [], []
    for signer in signers:
        if not isinstance(signer, dict):
            raise _malformed("a signer is not an object")
        credentials = _list(signer.get("credentials"), CREDENTIALS_PER_ORDER, "credentials")
        chains.append(tuple(_bytes(raw, CREDENTIAL_MAX, "a credential") for raw in credentials))
        signature = signer.get("signature")
        signatures.append(
            None if signature is None else _bytes(signature, SIGNATURE_BYTES, "a signature")
        )
    draft = Draft(unsigned, tuple(chains), (None,) * len(chains))
    _judge(draft)
    for place, signature in enumerate(signatures):
        if signature is not None:
            draft = draft.with_signature(place, signature)
    return draft


def _judge(draft: Draft) -> None:
    """That the bytes are an order and its credentials are those it names."""
    try:
        order = draft.order
        parse_body(order)
        for raw in draft.credentials:
            CREDENTIAL.parse(raw)
    except MalformedError as error:
        raise _malformed(error.message) from None
    if order.signatures:
        raise _malformed("bytes follow the unsigned order")
    if order.signers != tuple(draft.suite.digest(chain[0]) for chain in draft.chains):
        raise _malformed("its credentials are not those that the order names")


def _list(value: object, most: int, what: str) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise _malformed(f"{what} is not a list of 1 to {most}")
    return value


def _bytes(value: object, most: int, what: str) -> bytes:
    if not isinstance(value, str) or len(value) > 2 * most:
        raise _malformed(f"{what} is not hexadecimal of at most {most} bytes")
    try:
        return bytes.fromhex(value)
    except ValueError:
        raise _malformed(f"{what} is not hexadecimal") from None


def _malformed(reason: str) -> UsageError:
    return UsageError(
        "ORDER_FILE_MALFORMED",
        f"This is no order file: {reason}.",
        "Have the file sent again by whoever drafted the order.",
    )
