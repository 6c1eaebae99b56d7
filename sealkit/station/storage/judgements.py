"""Judges seals out of the database, and reads what was concluded before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select

from sealkit.appraisal.station_verdict import build_station_verdict
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Conclusion, Finding, Verdict
from sealkit.crypto.suite import Suite
from sealkit.station.history.dossier import Dossier
from sealkit.station.history.entry import entry_leaf
from sealkit.station.history.examining import NUMBER_MAX, clean
from sealkit.station.history.findings import LedgerPolicy, Neighbour, Revocation
from sealkit.station.history.judging import findings_text, judge, policy_text, read_findings
from sealkit.station.storage import schema
from sealkit.station.storage.dossiers import read_dossier
from sealkit.station.storage.leaves import RECORDED
from sealkit.station.storage.storing import Receipt, VerdictRow
from sealkit.station.tree.merkle import leaf_hash
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import State


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the ledger concluded about a seal, and when.

    leaf: the verdict's own, in the tree; evidence: the leaf of the evidence that it rests on.
    judged: when, seconds since 1970. basis: the last evidence that the ledger held then. trust:
    which of the ledger's trust bundles, policy: the demands, in JSON. plate, meter (device number
    in hex), valid_until (seconds since 1970): as sealed then, None if never. content: the verdict
    as a bundle carries it (SPEC.md B-4).
    """

    number: SealNumber
    leaf: int
    evidence: int
    judged: int
    basis: int
    trust: int
    policy: str
    conclusion: Conclusion
    findings: tuple[Finding, ...]
    state: State
    evidence_time: int
    plate: str | None
    meter: str | None
    valid_until: int | None
    content: bytes


@dataclass(frozen=True, slots=True)
class Bench:
    """What all seals are judged by. trust_id: its row. secret: the ledger's."""

    trust: TrustBundle
    trust_id: int
    secret: bytes
    revocations: tuple[Revocation, ...]
    policy: LedgerPolicy


def judge_seal(
    connection: Connection, number: SealNumber, bench: Bench, now: int
) -> tuple[VerdictRow, Verdict]:
    """The verdict on all that is held about a seal, ready to be stored.

    Errors: `UsageError` SEAL_UNKNOWN.
    """
    dossier = read_dossier(connection, bench.trust.suite, number)
    return _judge(connection, dossier, neighbour_numbers(connection, dossier), bench, now)


def _judge(
    connection: Connection,
    dossier: Dossier,
    beside: Iterable[SealNumber],
    bench: Bench,
    now: int,
) -> tuple[VerdictRow, Verdict]:
    """The same of a dossier that was read. beside: its `neighbour_numbers`."""
    suite = dossier.suite
    neighbours = tuple(_neighbours(connection, suite, beside))
    verdict, facts = judge(dossier, neighbours, bench.trust, bench.revocations, bench.policy, now)
    content = build_station_verdict(verdict, bench.trust, now)
    held = dossier.latest
    evidence, conclusion = held.evidence, RECORDED[verdict.conclusion]
    leaf = entry_leaf(
        suite,
        bench.secret,
        evidence,
        suite.digest(evidence.raw),
        held.received,
        held.place,
        conclusion,
        content,
    )
    row = VerdictRow(
        leaf_hash=leaf_hash(suite.digest, leaf),
        seal=dossier.seal,
        evidence=held.leaf,
        judged=now,
        basis=last_evidence(connection),
        trust=bench.trust_id,
        policy=policy_text(bench.policy),
        conclusion=verdict.conclusion.value,
        findings=findings_text(verdict.findings),
        state=int(evidence.state),
        evidence_time=min(evidence.clock, NUMBER_MAX),
        plate=clean(facts.plate) or None,
        meter=facts.meter or None,
        valid_until=min(facts.valid_until, NUMBER_MAX) or None,
        content=content,
    )
    return row, verdict


def judge_visit(
    connection: Connection, receipt: Receipt, bench: Bench, now: int
) -> list[VerdictRow]:
    """The verdicts that follow from evidence which was just taken: on its seal, and on others of
    which something else is to be said since then. None for evidence that had a verdict before.

    Errors: `UsageError` SEAL_UNKNOWN.
    """
    last = read_judgements(connection, receipt.number, limit=1)
    if not receipt.is_new and last and last[0].evidence >= receipt.leaf:
        return []
    dossier = read_dossier(connection, bench.trust.suite, receipt.number)
    beside = neighbour_numbers(connection, dossier)
    rows = [_judge(connection, dossier, beside, bench, now)[0]]
    for number in beside:
        row, _ = judge_seal(connection, number, bench, now)
        before = read_judgements(connection, number, limit=1)
        if not before or before[0].findings != read_findings(row.findings):
            rows.append(row)
    return rows


def last_evidence(connection: Connection) -> int:
    """The leaf of the evidence that came last; -1 in an empty ledger."""
    last = connection.execute(select(func.max(schema.evidence.c.id))).scalar()
    return -1 if last is None else int(last)


def _neighbours(
    connection: Connection, suite: Suite, numbers: Iterable[SealNumber]
) -> Iterator[Neighbour]:
    for number in numbers:
        other = read_dossier(connection, suite, number)
        yield Neighbour(number, tuple(other.biography().sealings))


def neighbour_numbers(connection: Connection, dossier: Dossier) -> list[SealNumber]:
    """Other seals that were ever sealed to a vehicle of this one's plates or VINs."""
    sealings = dossier.biography().sealings
    plates = sorted({clean(sealing.facts.plate) for sealing in sealings} - {""})
    vins = sorted({clean(sealing.facts.vin) for sealing in sealings} - {""})
    orders, seals = schema.orders, schema.seals
    query = (
        select(seals.c.maker, seals.c.serial)
        .join(orders, orders.c.seal == seals.c.id)
        .where(seals.c.id != dossier.seal, or_(orders.c.plate.in_(plates), orders.c.vin.in_(vins)))
        .distinct()
        .order_by(seals.c.maker, seals.c.serial)
    )
    return [SealNumber(maker, serial) for maker, serial in connection.execute(query)]


def latest_verdicts() -> Select[tuple[int, int]]:
    """Seal and id of the last verdict on each."""
    table = schema.verdicts
    return select(table.c.seal, func.max(table.c.id).label("id")).group_by(table.c.seal)


def read_judgements(
    connection: Connection, number: SealNumber, limit: int | None = None
) -> list[Judgement]:
    """The verdicts on a seal, the last first. limit: at most so many; None: every one."""
    verdicts, seals = schema.verdicts, schema.seals
    query = (
        select(verdicts)
        .join(seals, seals.c.id == verdicts.c.seal)
        .where(seals.c.maker == number.maker, seals.c.serial == number.serial)
        .order_by(verdicts.c.id.desc())
        .limit(limit)
    )
    return [judgement_of(number, row) for row in connection.execute(query)]


def judgement_of(number: SealNumber, row: Row[Any]) -> Judgement:
    """A judgement out of its row."""
    return _judgement(number, row.id, row)


def _judgement(number: SealNumber, leaf: int, row: Any) -> Judgement:
    return Judgement(
        number=number,
        leaf=leaf,
        evidence=row.evidence,
        judged=row.judged,
        basis=row.basis,
        trust=row.trust,
        policy=row.policy,
        conclusion=Conclusion(row.conclusion),
        findings=read_findings(row.findings),
        state=State(row.state),
        evidence_time=row.evidence_time,
        plate=row.plate,
        meter=row.meter,
        valid_until=row.valid_until,
        content=row.content,
    )


def judgement_from(number: SealNumber, leaf: int, row: VerdictRow) -> Judgement:
    """A judgement that was just stored."""
    return _judgement(number, leaf, row)


def pending(
    connection: Connection, bench: Bench, now: int, *, again_after_s: int
) -> list[SealNumber]:
    """The seals whose last verdict is not of now: something came to the ledger since, the trust or
    the policy is another, or it is older than `again_after_s`."""
    latest = latest_verdicts().subquery()
    verdicts, seals = schema.verdicts, schema.seals
    current = (
        select(verdicts.c.seal)
        .join(latest, latest.c.id == verdicts.c.id)
        .where(
            verdicts.c.basis == last_evidence(connection),
            verdicts.c.trust == bench.trust_id,
            verdicts.c.policy == policy_text(bench.policy),
            verdicts.c.judged > now - again_after_s,
        )
    )
    query = (
        select(seals.c.maker, seals.c.serial)
        .where(seals.c.id.not_in(current))
        .order_by(seals.c.maker, seals.c.serial)
    )
    return [SealNumber(maker, serial) for maker, serial in connection.execute(query)]


def read_revocations(connection: Connection) -> tuple[Revocation, ...]:
    """What is revoked, and since when."""
    table = schema.revocations
    columns = (table.c.issuer, table.c.serial, table.c.below_generation, table.c.since)
    return tuple(Revocation(*row) for row in connection.execute(select(*columns)))
