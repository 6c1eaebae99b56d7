"""Every order in the chain, judged again as the seal had to (V-4), under the verifier's own trust.

The seal stopped at the first rule that failed; here each rule is asked, so that all that is wrong
is told. What the chain cannot show is left out: the challenge's age, the meter and the motion of
that moment (O-8, O-25, O-29 in part).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sealkit.appraisal.log import Journal
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Detail, Finding, Findings, finding
from sealkit.appraisal.words import refusal_detail, same
from sealkit.errors import RefusedError
from sealkit.rules.credentials import (
    Moment,
    judge_credential,
    judge_statement,
    parse_credential,
)
from sealkit.rules.history import History
from sealkit.rules.orders import (
    SealView,
    judge_adjustment,
    judge_body,
    judge_challenge,
    judge_enrolment,
    judge_signatures,
    judge_signers,
    judge_standing,
    judge_window,
    moment_of,
    read_order,
    signing_places,
)
from sealkit.rules.refusals import refusal
from sealkit.wire.credentials import Credential
from sealkit.wire.orders import (
    NO_CHALLENGE,
    AcknowledgeBody,
    AdjustClockBody,
    EnrolBody,
    Order,
    OrderBody,
    TrustBody,
)
from sealkit.wire.records import GenesisRecord, OrderRecord, Record
from sealkit.wire.registry import ClockQuality, OrderKind, Status


@dataclass(frozen=True, slots=True)
class OrderJudgement:
    """An order of the chain. kind None: it could not be read. revoked: who signed it and is
    revoked now, if anybody."""

    kind: OrderKind | None
    sound: bool
    revoked: Finding | None = None


def judge_recorded_order(
    trust: TrustBundle,
    history: History,
    genesis: GenesisRecord,
    record: Record,
    stored: OrderRecord,
    journal: Journal | None,
    findings: Findings,
) -> OrderJudgement:
    """Judges the order of a record; `history` is the chain's before it."""
    suite = trust.suite
    try:
        order, body = read_order(suite, stored.order, stored.credentials)
        brought = [parse_credential(suite, raw) for raw in stored.credentials]
    except RefusedError as error:
        findings.add(_refused(error, record, ""))
        return OrderJudgement(None, False)
    # Which credentials were sent is not recorded, only those that were new: a renewed issuer's
    # newest is the likeliest.
    pool = [*brought, *reversed(history.credentials.values())]
    known = {suite.digest(credential.raw): credential for credential in pool}
    signers = [known[digest] for digest in order.signers if digest in known]
    anchor = _anchor(trust, history, body)
    case = _Case(trust, history, genesis, record, order, body, pool, signers, anchor, journal)
    who = _describe(order, signers)
    sound = True
    for rule in case.rules():
        try:
            rule()
        except RefusedError as error:
            findings.add(_refused(error, record, who))
            sound = False
    return OrderJudgement(order.kind, sound, case.revoked(who))


def _anchor(trust: TrustBundle, history: History, body: OrderBody) -> Credential:
    """The verifier's authority; for a seal of another one, which is told as such, its own, so
    that the rest can still be judged."""
    authority = history.authority
    if isinstance(body, EnrolBody):
        try:
            authority = parse_credential(trust.suite, body.authority)
        except RefusedError:
            return trust.authority
    if authority is None or authority.public_key == trust.authority.public_key:
        return trust.authority
    return authority


def _describe(order: Order, signers: Sequence[Credential]) -> str:
    people = ", ".join(f"{signer.name} ({signer.role.name.lower()})" for signer in signers)
    return f"{order.kind.name} ← {people or '?'}"


def _refused(error: RefusedError, record: Record, who: str) -> Finding:
    if error.code == Status.SIGNATURE_INVALID.name:
        code = "ORDER_SIGNATURE"
    elif error.code.startswith("CREDENTIAL_"):
        code = "ORDER_CREDENTIAL"
    elif error.code == Status.MALFORMED.name:
        code = "RECORD_MALFORMED"
    else:
        code = "ORDER_NOT_ALLOWED"
    why = refusal_detail(error)
    start = f"{who}: " if who else ""
    return finding(code, Detail(start + why.en, start + why.zh), record=record.sequence)


@dataclass(frozen=True, slots=True)
class _Case:
    """One order with all that it is judged by."""

    trust: TrustBundle
    history: History
    genesis: GenesisRecord
    record: Record
    order: Order
    body: OrderBody
    pool: list[Credential]
    signers: list[Credential]
    anchor: Credential
    journal: Journal | None

    def rules(self) -> list[Callable[[], object]]:
        """What the order has to obey, in the order of chapter 6."""
        suite, order, body, history = self.trust.suite, self.order, self.body, self.history
        view = self._view()
        moment = moment_of(view, body)
        return [
            self._judge_new,
            lambda: judge_standing(view, order),
            lambda: judge_challenge(view, order),
            lambda: judge_window(order, moment),
            lambda: self._judge_brought(moment),
            lambda: judge_signers(
                self.trust.credentials_suite,
                order,
                pool=self.pool,
                authority=self.anchor,
                statement=None,
                moment=moment,
                region=None if isinstance(body, EnrolBody) else history.region,
                places=signing_places(history.state, order, body),
            ),
            lambda: judge_signatures(suite, order, self.signers),
            lambda: judge_body(history, order, body),
            lambda: self._judge_circumstances(view),
        ]

    def revoked(self, who: str) -> Finding | None:
        """The finding that a signer, or who issued one, is revoked now (K-5, K-8)."""
        for signer in self.signers:
            try:
                judge_credential(
                    self.trust.credentials_suite,
                    signer,
                    pool=self.pool,
                    anchor=self.anchor,
                    statement=self.trust.statement,
                    moment=None,
                )
            except RefusedError as error:
                if error.code == Status.CREDENTIAL_REVOKED.name:
                    return finding("ORDER_SIGNER_REVOKED", same(who), record=self.record.sequence)
        return None

    def _view(self) -> SealView:
        """What the seal knew when it judged, as far as the record tells. Record and clock are
        those after the order (R-4), so what it changed is taken back."""
        clock, quality = self.record.clock, self.record.clock_quality
        if self.order.kind is OrderKind.RESTORE_CLOCK:
            quality = ClockQuality.LOST
        if isinstance(self.body, AdjustClockBody):
            clock -= self.body.change_s
        challenge = self.order.challenge
        return SealView(
            suite=self.trust.suite,
            maker=self.record.maker,
            serial=self.record.serial,
            seal_key=self.trust.suite.key_id(self.genesis.public_key),
            manufacturer=self.trust.authority,
            history=self.history,
            clock=clock,
            clock_quality=quality,
            clock_floor=clock if quality is ClockQuality.LOST else 0,
            tick_ms=self.record.tick_ms,
            challenge=None if challenge == NO_CHALLENGE else challenge,
            challenge_age_ms=0,
            look=None,
            look_age_ms=0,
            live_causes=0,
            pulse_age_ms=None,
            journal_digest=self._journal_digest,
            next_sequence=self.record.sequence,
            control_room=0,
            retire_room=0,
        )

    def _journal_digest(self, sequence: int) -> bytes | None:
        return None if self.journal is None else self.journal.digest_of(self.trust.suite, sequence)

    def _judge_new(self) -> None:
        """O-3: an order is applied once."""
        if self.trust.suite.digest(self.order.unsigned_bytes) in self.history.orders:
            raise refusal(Status.ALREADY_APPLIED)

    def _judge_brought(self, moment: Moment) -> None:
        """O-10, O-20, O-31: what ENROL and TRUST bring to be judged under."""
        if isinstance(self.body, EnrolBody):
            manufacturer = self.trust.manufacturer(self.genesis.manufacturer)
            if manufacturer is not None:
                judge_enrolment(self.trust.credentials_suite, self.body, manufacturer, moment)
        elif isinstance(self.body, TrustBody):
            judge_statement(
                self.trust.suite,
                self.body.statement,
                authority=self.anchor,
                above_version=self.history.trust_version,
            )

    def _judge_circumstances(self, view: SealView) -> None:
        """O-29, O-32, as far as both chains show them."""
        if isinstance(self.body, AdjustClockBody):
            judge_adjustment(view, self.body)
        if isinstance(self.body, AcknowledgeBody):
            self._judge_acknowledged(self.body)

    def _judge_acknowledged(self, body: AcknowledgeBody) -> None:
        if body.sequence >= self.record.sequence:
            raise refusal(Status.ACKNOWLEDGE_INVALID)
        if self.journal is None or body.sequence < self.journal.base.sequence:
            return
        if self._journal_digest(body.sequence) != body.digest:
            raise refusal(Status.ACKNOWLEDGE_INVALID)
