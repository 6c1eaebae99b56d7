"""The fleet in lists and numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from sealkit.appraisal.verdict import Conclusion
from sealkit.station.history.examining import clean
from sealkit.station.service.access import Caller, Scope, scoped
from sealkit.station.service.answers import (
    Both,
    ConclusionName,
    Counts,
    Draw,
    Drawn,
    Lead,
    Overview,
    SealedPlate,
    SealPage,
    SealSummary,
    StateName,
)
from sealkit.station.service.context import API, Here
from sealkit.station.service.refusals import CLOSED, refusals
from sealkit.station.storage.fleet import PAGE_MAX, FleetQuery, plates_now
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import State

router = APIRouter(prefix=API, tags=["fleet"], responses={**CLOSED})
_Reader = Annotated[Caller, scoped(Scope.READ)]


@router.get("/overview")
def overview(_: _Reader, service: Here) -> Overview:
    """The fleet at a glance. Scope: read."""
    now = service.now()
    told = service.ledger.overview(now)
    return Overview(
        seals=told.seals,
        evidences=told.evidences,
        leaves=told.leaves,
        counts=Counts(
            intact=told.counts.get(Conclusion.INTACT, 0),
            broken=told.counts.get(Conclusion.BROKEN, 0),
            undetermined=told.counts.get(Conclusion.UNDETERMINED, 0),
            not_judged=told.counts.get(None, 0),
        ),
        overdue=told.overdue,
        newest=[SealSummary.of(one) for one in told.newest],
        time=now,
    )


@router.get("/seals")
def seals(
    _: _Reader,
    service: Here,
    number: str | None = None,
    conclusion: ConclusionName | Literal["not_judged"] | None = None,
    plate: Annotated[str | None, Query(max_length=40, description="Part of it.")] = None,
    code: Annotated[str | None, Query(max_length=60, description="A finding's code.")] = None,
    state: StateName | None = None,
    overdue: bool = False,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> SealPage:
    """Seals by number, with their last verdicts; all conditions given hold. Scope: read."""
    query = FleetQuery(
        number=None if number is None else SealNumber.from_text(number),
        conclusion=None if conclusion in (None, "not_judged") else Conclusion(conclusion),
        not_judged=conclusion == "not_judged",
        plate=None if plate is None else clean(plate),
        code=None if code is None else clean(code),
        state=None if state is None else State[state.upper()],
        overdue_at=service.now() if overdue else None,
        after=None if after is None else SealNumber.from_text(after),
        limit=limit,
    )
    listed = service.ledger.seals(query)
    following = replace(query, after=listed[-1].number, limit=1) if len(listed) == limit else None
    goes_on = following is not None and bool(service.ledger.seals(following))
    return SealPage(
        seals=[SealSummary.of(one) for one in listed],
        next=str(listed[-1].number) if goes_on else None,
    )


@router.get("/plates")
def plates(
    _: _Reader, service: Here, text: Annotated[str, Query(min_length=1, max_length=40)]
) -> list[SealedPlate]:
    """Seals that were ever sealed to a plate that holds the text. Scope: read."""
    found = service.ledger.find_plate(clean(text))
    return [SealedPlate(seal=str(number), plate=plate) for number, plate in found]


@router.get("/leads")
def leads(_: _Reader, service: Here) -> list[Lead]:
    """What is unusual in the fleet, and proves nothing. Scope: read."""
    return [
        Lead(
            kind=lead.kind.value,
            subject=lead.subject,
            detail=Both(en=lead.detail.en, zh=lead.detail.zh),
            score=lead.score,
        )
        for lead in service.ledger.leads()
    ]


@router.get("/draw", responses={**refusals(404)})
def draw(
    _: Annotated[Caller, scoped(Scope.DRAW)],
    service: Here,
    seed: Annotated[str, Query(min_length=1, max_length=200)],
    sample: Annotated[int, Query(ge=1, le=100_000)],
    size: Annotated[int | None, Query(ge=0, lt=1 << 53, description="Of the tree.")] = None,
) -> Draw:
    """A random draw of seals for inspection that anybody can repeat. Scope: draw."""
    drawn = service.ledger.draw(seed, sample, size)
    plates = service.ledger.database.read(plates_now)
    return Draw(
        seed=drawn.seed,
        size=drawn.size,
        root=drawn.root.hex(),
        numbers=[str(number) for number in drawn.numbers],
        drawn=[
            Drawn(number=str(one.number), plate=plates.get(one.number), rank=one.rank.hex())
            for one in drawn.drawn
        ],
    )
