"""The fold of the control chain, with all that is wrong on the way (V-4)."""

from __future__ import annotations

from collections.abc import Sequence

from sealkit.appraisal.log import Journal
from sealkit.appraisal.orders import OrderJudgement, judge_recorded_order
from sealkit.appraisal.tampering import tamper_finding
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Detail, Finding, Findings, finding
from sealkit.appraisal.words import refusal_detail, same
from sealkit.errors import SealkitError
from sealkit.rules.history import History
from sealkit.wire.records import OrderRecord, Record, RecordBody, TamperRecord, parse_record_body
from sealkit.wire.registry import OrderKind, State


class Replay:
    """What the control chain adds up to, record by record.

    history: the fold. whole: every record counted. breaks: a finding for each cause that is
    latched now. cleared: those of earlier breaks. acknowledged: the highest journal record that a
    station has acknowledged. numbers: the sequence numbers of the records that counted.
    """

    def __init__(self, trust: TrustBundle, journal: Journal | None, findings: Findings) -> None:
        self.history = History(trust.suite)
        self.whole = True
        self.breaks: list[Finding] = []
        self.cleared: list[Finding] = []
        self.acknowledged = 0
        self.numbers: list[int] = []
        self._trust = trust
        self._journal = journal
        self._findings = findings
        self._revoked: list[Finding] = []

    def run(self, records: Sequence[Record]) -> None:
        """Takes the records of an unbroken chain, up to the first that cannot be understood."""
        for record in records:
            if not self._take(record):
                self.whole = False
                break
        for found in self._revoked:
            self._findings.add(found)

    def _take(self, record: Record) -> bool:
        body = parse_record_body(record)
        if body is None:
            self._add("RECORD_UNKNOWN", record, same(f"0x{record.kind:02x}"))
            return False
        if isinstance(body, TamperRecord):
            self.breaks.append(tamper_finding(record, body, self.history.groups))
        judgement = self._judge_order(record, body)
        try:
            self.history.add(record)
        except SealkitError as error:
            if judgement is None:
                self._add("STATE_CONTRADICTS_LOG", record, refusal_detail(error))
            elif judgement.sound:
                self._add("ORDER_NOT_ALLOWED", record, refusal_detail(error))
            return False
        self.numbers.append(record.sequence)
        if judgement is not None:
            self._follow(judgement)
        if record.state is not self.history.state:
            self._add(
                "STATE_CONTRADICTS_LOG",
                record,
                same(f"state: {record.state.name} ≠ {self.history.state.name}"),
            )
        return True

    def _judge_order(self, record: Record, body: RecordBody) -> OrderJudgement | None:
        if not isinstance(body, OrderRecord) or self.history.genesis is None:
            return None
        judgement = judge_recorded_order(
            self._trust,
            self.history,
            self.history.genesis,
            record,
            body,
            self._journal,
            self._findings,
        )
        if judgement.kind is OrderKind.SEAL and self.history.state is State.OPEN:
            # From here on nothing of what was sealed rests on the orders before.
            self._revoked.clear()
        if judgement.revoked is not None:
            self._revoked.append(judgement.revoked)
        return judgement

    def _follow(self, judgement: OrderJudgement) -> None:
        """What an order changed beside the history."""
        self.acknowledged = max(self.acknowledged, self.history.acknowledged.sequence)
        if judgement.kind is OrderKind.CLEAR:
            self.cleared += self.breaks
            self.breaks = []
        if judgement.kind is OrderKind.ENROL:
            self._compare_authority()

    def _compare_authority(self) -> None:
        authority, genesis = self.history.authority, self.history.genesis
        if authority is None or genesis is None:
            return
        if authority.public_key != self._trust.authority.public_key:
            self._findings.add(finding("OTHER_AUTHORITY", same(authority.name)))
        elif self._trust.manufacturer(genesis.manufacturer) is None:
            self._findings.add(
                finding(
                    "OTHER_AUTHORITY",
                    Detail(
                        "The maker who endorsed it is not in the trust file.",
                        "为其背书的制造商不在信任文件中。",
                    ),
                )
            )

    def _add(self, code: str, record: Record, detail: Detail) -> None:
        self._findings.add(finding(code, detail, record=record.sequence))
