"""Orders of any kind by anyone, good until a case changes something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sealkit.wire.messages import OrderRequest
from sealkit.wire.orders import (
    NO_CHALLENGE,
    NO_SIGNER,
    ORDER,
    AcknowledgeBody,
    AdjustClockBody,
    EnrolBody,
    OrderBody,
    ParametersBody,
    ReasonBody,
    RestoreClockBody,
    TrustBody,
    build_body,
)
from sealkit.wire.registry import ORDERS, Group, OrderKind, Reason
from sealkit_conformance.subject.parameters import ParameterSets
from sealkit_conformance.subject.people import DAY, People, Person

HOUR: Final = 3_600
REASON_TEXT: Final = "检定 conformance"


@dataclass(frozen=True, slots=True)
class Standing:
    """What an order is made against: what the seal says of itself now."""

    maker: int
    serial: int
    seal_key: bytes
    head_sequence: int
    head_digest: bytes
    clock: int
    journal_sequence: int
    journal_digest: bytes
    trust_version: int
    challenge: bytes = NO_CHALLENGE


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders that the seal in this standing would apply, if its state allows them."""

    people: People
    standing: Standing
    parameters: ParameterSets

    def order(
        self,
        kind: OrderKind,
        body: OrderBody | bytes,
        signers: Sequence[Person],
        *,
        credentials: Sequence[bytes] | None = None,
        sign_with: Sequence[Any] | None = None,
        suite_number: int | None = None,
        **changes: Any,
    ) -> OrderRequest:
        """An order by these signers. changes: the order's fields, before it is signed.

        credentials: what is sent instead of the signers' chains. sign_with: keys instead of theirs.
        """
        standing = self.standing
        digests = [person.digest for person in signers]
        fields: dict[str, Any] = {
            "kind": kind,
            "maker": standing.maker,
            "serial": standing.serial,
            "seal_key": standing.seal_key,
            "head_sequence": standing.head_sequence,
            "head_digest": standing.head_digest,
            "not_before": max(0, standing.clock - HOUR),
            "not_after": standing.clock + DAY,
            "challenge": standing.challenge,
            "first_signer": digests[0] if digests else NO_SIGNER,
            "second_signer": digests[1] if len(digests) > 1 else NO_SIGNER,
            "body": body if isinstance(body, bytes) else build_body(kind, body),
            **changes,
        }
        suite = self.people.suite
        unsigned = ORDER.unsigned(suite_number or suite.id, fields, until="signatures")
        keys = [person.key for person in signers] if sign_with is None else sign_with
        signatures = b"".join(key.sign(unsigned) for key in keys)
        if credentials is None:
            credentials = list(dict.fromkeys(raw for person in signers for raw in person.chain))
        return OrderRequest(unsigned + signatures, tuple(credentials))

    def good(self, kind: OrderKind, **changes: Any) -> OrderRequest:
        """The plainest order of a kind that is all right; changes as in `order`, and `body`,
        `signers`."""
        body = changes.pop("body", None) or self.body(kind)
        signers = changes.pop("signers", None) or self.signers(kind)
        return self.order(kind, body, signers, **changes)

    def signers(self, kind: OrderKind) -> list[Person]:
        """Who may give an order of this kind, by the first role that each place takes."""
        return [self.people.of(roles[0]) for roles in ORDERS[kind].signers]

    def body(self, kind: OrderKind) -> OrderBody:
        """A body that changes something and breaks no rule."""
        standing = self.standing
        match kind:
            case OrderKind.ENROL:
                return EnrolBody(standing.clock, self.people.endorsed.credential.raw)
            case OrderKind.SEAL:
                return self.set_body()
            case OrderKind.CONFIRM:
                return self.parameters.body(Group.CALIBRATION)
            case OrderKind.UNSEAL | OrderKind.CLEAR | OrderKind.RETIRE:
                return ReasonBody(Reason.REPAIR, REASON_TEXT)
            case OrderKind.ADJUST_CLOCK:
                return AdjustClockBody(7)
            case OrderKind.RESTORE_CLOCK:
                return RestoreClockBody(standing.clock + HOUR)
            case OrderKind.TRUST:
                return TrustBody(self.people.statement(standing.trust_version + 1).raw)
            case OrderKind.ACKNOWLEDGE:
                return AcknowledgeBody(
                    standing.journal_sequence, standing.journal_digest, bytes(32)
                )

    def set_body(self, *groups: Group, **fields: Any) -> ParametersBody:
        """A set for SEAL, whose tyre is another each time, so that it changes something.

        fields: of the groups, such as `k_pulses_per_km=900`.
        """
        changes: dict[Group, dict[str, Any]] = {
            Group.TYRE: {"circumference_um": 1_900_000 + self.standing.head_sequence % 1_000_000}
        }
        for name, value in fields.items():
            for group, content in self.parameters.contents().items():
                if name in type(content).__dataclass_fields__:
                    changes.setdefault(group, {})[name] = value
        return self.parameters.body(*groups, changes=changes)
