"""Orders before they are given: drafted against a history that was shown, then signed.

Who signs stands in the signed bytes. So a draft takes the credentials of all signers from the
start, and the signatures come later, in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sealkit.crypto import Signer, Suite, get_suite
from sealkit.errors import IntegrityError, UsageError
from sealkit.rules.orders import signing_places
from sealkit.seal.client import SealClient
from sealkit.seal.history import Shown, require_shown
from sealkit.seal.words import name_words
from sealkit.wire.credentials import CREDENTIAL, Credential
from sealkit.wire.messages import SealStatus
from sealkit.wire.orders import (
    NO_CHALLENGE,
    NO_SIGNER,
    ORDER,
    EnrolBody,
    Order,
    OrderBody,
    RestoreClockBody,
    build_body,
    parse_body,
)
from sealkit.wire.registry import (
    CREDENTIALS_PER_ORDER,
    ORDER_MAX,
    ORDER_WINDOW_MAX_S,
    ORDERS,
    ClockQuality,
    OrderKind,
    Role,
)
from sealkit.wire.signed import SIGNATURE_BYTES

BEFORE_S: Final = 120
"""The window begins earlier than now, for a seal whose clock is set back a little."""
VALID_S: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Draft:
    """An order with the signatures it has so far.

    unsigned: the bytes that are signed. chains: for each place, the signer's credential and then
    its issuers, up to but without the authority. signatures: for each place, 64 bytes or None.
    Nothing is judged here: a draft made by hand can hold an order that a seal refuses.
    """

    unsigned: bytes
    chains: tuple[tuple[bytes, ...], ...]
    signatures: tuple[bytes | None, ...]

    @property
    def raw(self) -> bytes:
        """The order as it is sent, with the signatures that are there."""
        return self.unsigned + b"".join(s for s in self.signatures if s is not None)

    @property
    def order(self) -> Order:
        return ORDER.parse(self.raw)

    @property
    def kind(self) -> OrderKind:
        return self.order.kind

    @property
    def body(self) -> OrderBody:
        return parse_body(self.order)

    @property
    def suite(self) -> Suite:
        return get_suite(self.order.suite)

    @property
    def order_id(self) -> bytes:
        """H(unsigned bytes), 32 bytes: what a seal knows an applied order by."""
        return self.suite.digest(self.unsigned)

    @property
    def signers(self) -> tuple[Credential, ...]:
        """The credential of each place."""
        return tuple(CREDENTIAL.parse(chain[0]) for chain in self.chains)

    @property
    def credentials(self) -> tuple[bytes, ...]:
        """What is sent with the order: every credential once."""
        return tuple(dict.fromkeys(raw for chain in self.chains for raw in chain))

    @property
    def complete(self) -> bool:
        return None not in self.signatures

    def sign(self, signer: Signer) -> Draft:
        """The draft with this signer's signature in the place that its key has.

        Errors: `UsageError` SIGNER_NOT_NAMED.
        """
        for place, credential in enumerate(self.signers):
            if credential.public_key == signer.public_key:
                return self.with_signature(place, signer.sign(self.unsigned))
        raise UsageError(
            "SIGNER_NOT_NAMED",
            "The order does not name the holder of this key as a signer.",
            f"It waits for: {', '.join(c.name for c in self.signers)}.",
        )

    def with_signature(self, place: int, signature: bytes) -> Draft:
        """The draft with a signature that somebody made elsewhere.

        Errors: `IntegrityError` SIGNATURE_INVALID.
        """
        credential = self.signers[place]
        if not self.suite.verify(credential.public_key, self.unsigned, signature):
            raise IntegrityError(
                "SIGNATURE_INVALID",
                f"The signature of {credential.name} is not one of this order.",
                "Have the order signed again.",
            )
        signatures = list(self.signatures)
        signatures[place] = signature
        return replace(self, signatures=tuple(signatures))


def draft_order(
    client: SealClient,
    shown: Shown,
    kind: OrderKind,
    body: OrderBody,
    chains: Sequence[Sequence[bytes]],
    *,
    valid_s: int = VALID_S,
) -> Draft:
    """An order of this kind against the history shown; one more round trip for a challenge.

    chains: see `Draft`. valid_s: for how long from the seal's now it is valid, below 7 days; an
    order with a challenge lives as long as that, 10 minutes.
    Errors: those of `require_shown`; `UsageError` ORDER_WINDOW, ORDER_WRONG_STATE, ORDER_SIGNERS,
    ORDER_ROLE, ORDER_SAME_SIGNER, ORDER_CREDENTIALS, ORDER_TOO_LONG, VALUE_OUT_OF_RANGE.
    """
    status = client.status()
    require_shown(client, shown, status)
    now = _now(status, body)
    draft = draft_at(shown, kind, body, chains, now=now, valid_s=valid_s)
    if not ORDERS[kind].challenge:
        return draft
    # Only now: a new challenge makes void the one that another order may be waiting with.
    challenge = client.challenge().challenge
    return draft_at(shown, kind, body, chains, now=now, valid_s=valid_s, challenge=challenge)


def draft_at(
    shown: Shown,
    kind: OrderKind,
    body: OrderBody,
    chains: Sequence[Sequence[bytes]],
    *,
    now: int,
    valid_s: int = VALID_S,
    challenge: bytes = NO_CHALLENGE,
) -> Draft:
    """The same where there is no seal to ask: `now` is by its clock, in seconds since 1970.

    challenge: 16 bytes that the seal gave, for a kind of order that needs one; what is drafted
    without it no seal takes. Errors: as `draft_order`.
    """
    if not 0 < valid_s <= ORDER_WINDOW_MAX_S - BEFORE_S:
        raise UsageError(
            "ORDER_WINDOW",
            f"An order cannot be valid for {valid_s} s.",
            f"At most {ORDER_WINDOW_MAX_S - BEFORE_S} s are possible.",
        )
    rule = ORDERS[kind]
    if shown.history.state not in rule.from_states:
        raise UsageError(
            "ORDER_WRONG_STATE",
            f"{kind.name} is not possible while the seal is {name_words(shown.history.state)}.",
            f"It is given to a seal that is {_alternatives(map(name_words, rule.from_states))}.",
        )
    signers = _signers(shown.suite, chains)
    _judge_people(shown.suite, signers)
    window = (max(0, now - BEFORE_S), now + valid_s)
    draft = _draft(shown, kind, body, chains, window, challenge)
    _judge_places(signing_places(shown.history.state, draft.order, body), kind, signers)
    _judge_size(draft)
    return draft


def _draft(
    shown: Shown,
    kind: OrderKind,
    body: OrderBody,
    chains: Sequence[Sequence[bytes]],
    window: tuple[int, int],
    challenge: bytes,
) -> Draft:
    digests = [shown.suite.digest(chain[0]) for chain in chains] + [NO_SIGNER]
    unsigned = ORDER.unsigned(
        shown.suite.id,
        {
            "kind": kind,
            "maker": shown.number.maker,
            "serial": shown.number.serial,
            "seal_key": shown.seal_key,
            "head_sequence": shown.head.sequence,
            "head_digest": shown.head.digest,
            "not_before": window[0],
            "not_after": window[1],
            "challenge": challenge,
            "first_signer": digests[0],
            "second_signer": digests[1],
            "body": build_body(kind, body),
        },
        until="signatures",
    )
    return Draft(unsigned, tuple(map(tuple, chains)), (None,) * len(chains))


def _now(status: SealStatus, body: OrderBody) -> int:
    """By which clock the window is judged (O-9)."""
    lost = status.clock_quality is ClockQuality.LOST
    return body.time if lost and isinstance(body, EnrolBody | RestoreClockBody) else status.clock


def _signers(suite: Suite, chains: Sequence[Sequence[bytes]]) -> list[Credential]:
    if not 1 <= len(chains) <= 2 or not all(chains):
        raise UsageError(
            "ORDER_SIGNERS",
            f"An order has one signer or two, not {len(chains)}.",
            "Give the credential of each signer.",
        )
    signers = [CREDENTIAL.parse(chain[0]) for chain in chains]
    for signer in signers:
        if signer.suite != suite.id:
            raise UsageError(
                "ORDER_CREDENTIALS",
                f"{signer.name} has a credential of another suite than the seal, {suite.name}.",
                "Use the credential that was issued for seals of this suite.",
            )
    return signers


def _judge_places(
    places: Sequence[Sequence[Role]], kind: OrderKind, signers: Sequence[Credential]
) -> None:
    """O-11, before anybody signs in vain."""
    wanted = ", then ".join(_alternatives(map(name_words, roles)) for roles in places)
    if len(signers) != len(places):
        raise UsageError(
            "ORDER_SIGNERS",
            f"{kind.name} has {len(signers)} of {len(places)} signers.",
            f"It is signed by: {wanted}.",
        )
    for signer, roles in zip(signers, places, strict=True):
        if signer.role not in roles:
            raise UsageError(
                "ORDER_ROLE",
                f"{signer.name} is {name_words(signer.role)} and may not sign {kind.name} there.",
                f"It is signed by: {wanted}.",
            )


def _judge_people(suite: Suite, signers: Sequence[Credential]) -> None:
    """O-12: two people, and neither made the other."""
    keys = [suite.key_id(signer.public_key) for signer in signers]
    issuers = [signer.issuer for signer in signers]
    if len(signers) == 2 and (keys[0] == keys[1] or keys[0] == issuers[1] or keys[1] == issuers[0]):
        raise UsageError(
            "ORDER_SAME_SIGNER",
            f"{signers[0].name} and {signers[1].name} are not two independent people.",
            "The second signature comes from another key that the first did not issue.",
        )


def _judge_size(draft: Draft) -> None:
    size = len(draft.unsigned) + SIGNATURE_BYTES * len(draft.chains)
    if size > ORDER_MAX:
        raise UsageError(
            "ORDER_TOO_LONG",
            f"The order has {size} bytes; a seal takes {ORDER_MAX}.",
            "Bring fewer parameter groups in one order.",
        )
    if len(draft.credentials) > CREDENTIALS_PER_ORDER:
        raise UsageError(
            "ORDER_CREDENTIALS",
            f"{len(draft.credentials)} credentials go with the order; a seal takes"
            f" {CREDENTIALS_PER_ORDER}.",
            "Give each signer's credential and its issuers, without the authority.",
        )


def _alternatives(names: Iterable[str]) -> str:
    return " or ".join(names)
