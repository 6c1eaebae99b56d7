"""The fleet in lists and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from sealkit.appraisal.verdict import Conclusion, Finding
from sealkit.station.history.judging import read_findings
from sealkit.station.storage import schema
from sealkit.station.storage.judgements import latest_verdicts
from sealkit.station.storage.leaves import count_leaves
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import State

PAGE_MAX = 1_000


@dataclass(frozen=True, slots=True)
class FleetQuery:
    """Which seals to list: all conditions that are given hold.

    number: that one alone. not_judged: those without a verdict alone. plate: what the plate
    contains. code: a finding of the last verdict. overdue_at: whose verification had ended by then.
    after: the number to go on after; limit: at most so many (1,000 at most).
    """

    number: SealNumber | None = None
    conclusion: Conclusion | None = None
    not_judged: bool = False
    plate: str | None = None
    code: str | None = None
    state: State | None = None
    overdue_at: int | None = None
    after: SealNumber | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class SealSummary:
    """A seal and its last verdict; None throughout for one that was not judged yet. leaf: the
    verdict's. Times in seconds since 1970."""

    number: SealNumber
    conclusion: Conclusion | None
    findings: tuple[Finding, ...]
    state: State | None
    plate: str | None
    meter: str | None
    evidence_time: int | None
    judged: int | None
    valid_until: int | None
    leaf: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The fleet at a glance. counts: seals by their last conclusion, None: not judged. overdue:
    whose verification has ended. newest: the last judged of those that are not intact."""

    seals: int
    evidences: int
    leaves: int
    counts: Mapping[Conclusion | None, int]
    overdue: int
    newest: tuple[SealSummary, ...]


def _joined() -> Select[Any]:
    latest = latest_verdicts().subquery()
    seals, verdicts = schema.seals, schema.verdicts
    return select(
        seals.c.maker,
        seals.c.serial,
        verdicts.c.conclusion,
        verdicts.c.findings,
        verdicts.c.state,
        verdicts.c.plate,
        verdicts.c.meter,
        verdicts.c.evidence_time,
        verdicts.c.judged,
        verdicts.c.valid_until,
        verdicts.c.id,
    ).select_from(
        seals.outerjoin(latest, latest.c.seal == seals.c.id).outerjoin(
            verdicts, verdicts.c.id == latest.c.id
        )
    )


def list_seals(connection: Connection, query: FleetQuery) -> list[SealSummary]:
    """Seals by number, with their last verdicts."""
    seals, verdicts = schema.seals, schema.verdicts
    chosen = _joined()
    if query.number is not None:
        maker, serial = query.number.maker, query.number.serial
        chosen = chosen.where(seals.c.maker == maker, seals.c.serial == serial)
    if query.conclusion is not None:
        chosen = chosen.where(verdicts.c.conclusion == query.conclusion.value)
    if query.not_judged:
        chosen = chosen.where(verdicts.c.id.is_(None))
    if query.plate is not None:
        chosen = chosen.where(verdicts.c.plate.contains(query.plate, autoescape=True))
    if query.code is not None:
        chosen = chosen.where(verdicts.c.findings.contains(f'"{query.code}"', autoescape=True))
    if query.state is not None:
        chosen = chosen.where(verdicts.c.state == int(query.state))
    if query.overdue_at is not None:
        chosen = chosen.where(_overdue(query.overdue_at))
    if query.after is not None:
        maker, serial = query.after.maker, query.after.serial
        chosen = chosen.where(
            or_(seals.c.maker > maker, and_(seals.c.maker == maker, seals.c.serial > serial))
        )
    chosen = chosen.order_by(seals.c.maker, seals.c.serial)
    rows = connection.execute(chosen.limit(min(query.limit, PAGE_MAX)))
    return [_summary(row) for row in rows]


def _overdue(at: int) -> Any:
    verdicts = schema.verdicts
    return and_(verdicts.c.valid_until < at, verdicts.c.state != int(State.RETIRED))


def _summary(row: Row[Any]) -> SealSummary:
    judged = row.conclusion is not None
    return SealSummary(
        number=SealNumber(row.maker, row.serial),
        conclusion=Conclusion(row.conclusion) if judged else None,
        findings=read_findings(row.findings) if judged else (),
        state=State(row.state) if judged else None,
        plate=row.plate,
        meter=row.meter,
        evidence_time=row.evidence_time,
        judged=row.judged,
        valid_until=row.valid_until,
        leaf=row.id,
    )


def look_over(connection: Connection, now: int, newest: int = 20) -> Overview:
    """The fleet at a glance."""
    table = _joined().subquery()
    counts = {
        None if told is None else Conclusion(told): count
        for told, count in connection.execute(
            select(table.c.conclusion, func.count()).group_by(table.c.conclusion)
        )
    }
    verdicts = schema.verdicts
    bad = (
        _joined()
        .where(verdicts.c.conclusion != Conclusion.INTACT.value)
        .order_by(verdicts.c.id.desc())
        .limit(newest)
    )
    overdue = _joined().where(_overdue(now)).subquery()

    def count(of: Any) -> int:
        return int(connection.execute(select(func.count()).select_from(of)).scalar() or 0)

    return Overview(
        seals=count(schema.seals),
        evidences=count(schema.evidence),
        leaves=count_leaves(connection),
        counts=counts,
        overdue=count(overdue),
        newest=tuple(_summary(row) for row in connection.execute(bad)),
    )


def find_plate(connection: Connection, text: str, most: int = 100) -> list[tuple[SealNumber, str]]:
    """Seals that were ever sealed to a plate that holds `text`, with the plate."""
    orders, seals = schema.orders, schema.seals
    query = (
        select(seals.c.maker, seals.c.serial, orders.c.plate)
        .join(orders, orders.c.seal == seals.c.id)
        .where(orders.c.plate.contains(text, autoescape=True))
        .distinct()
        .order_by(orders.c.plate, seals.c.maker, seals.c.serial)
        .limit(most)
    )
    return [
        (SealNumber(maker, serial), plate) for maker, serial, plate in connection.execute(query)
    ]


def plates_now(connection: Connection) -> dict[SealNumber, str]:
    """The plates of all seals: by the last verdict, or where that tells none, by the last order
    that brought one. A seal of which neither is known has none."""
    judged, orders, seals = _joined().subquery(), schema.orders, schema.seals
    last = (
        select(orders.c.seal, func.max(orders.c.sequence).label("sequence"))
        .where(orders.c.plate.is_not(None))
        .group_by(orders.c.seal)
        .subquery()
    )
    ordered = (
        select(seals.c.maker, seals.c.serial, orders.c.plate)
        .join(orders, orders.c.seal == seals.c.id)
        .join(last, and_(last.c.seal == seals.c.id, last.c.sequence == orders.c.sequence))
        .where(orders.c.plate.is_not(None))
        # Two at one place are of a fork: the same of them each time.
        .order_by(orders.c.digest)
    )
    known = select(judged.c.maker, judged.c.serial, judged.c.plate).where(
        judged.c.plate.is_not(None)
    )
    return {
        SealNumber(maker, serial): plate
        for query in (ordered, known)
        for maker, serial, plate in connection.execute(query)
    }


def numbers_before(connection: Connection, size: int) -> list[SealNumber]:
    """The seals of which evidence stands in the tree of that size, by number."""
    seals, evidence = schema.seals, schema.evidence
    query = (
        select(seals.c.maker, seals.c.serial)
        .join(evidence, evidence.c.seal == seals.c.id)
        .where(evidence.c.id < size)
        .distinct()
        .order_by(seals.c.maker, seals.c.serial)
    )
    return [SealNumber(maker, serial) for maker, serial in connection.execute(query)]
