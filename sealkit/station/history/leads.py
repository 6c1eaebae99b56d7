"""Where to look next: what is unusual in the fleet, and proves nothing (SPEC.md H-9). Pure.

Leads are no findings and change no verdict: somebody has to be the unluckiest technician.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from math import exp, fsum, lgamma, log, log1p
from statistics import median
from typing import Final

from sealkit.appraisal.verdict import Detail
from sealkit.station.history.biography import SealedFacts, Sealing
from sealkit.wire.credentials import Credential
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import Role

ERROR_RATE: Final = 0.01
"""How often, in fleets where all technicians are alike, one of them is named (Holm's procedure)."""
BREAKS_MIN: Final = 3
GROUP_MIN: Final = 10
"""Fewer meters of one model in one city say nothing about what is usual."""
K_DEVIATIONS: Final = 6.0
K_DIFFERENCE: Final = 0.01
"""A K is unusual if it lies more than six robust standard deviations, and 1 %, from the median."""
TARIFF_SHARE: Final = 0.8
"""A tariff is the usual one if so many of the meters have it; in a change of tariff none is."""
_MAD_TO_DEVIATION: Final = 1.4826
_DAY_S: Final = 86_400


class LeadKind(Enum):
    """What is unusual."""

    TECHNICIAN_BREAKS = "technician_breaks"
    K_UNUSUAL = "k_unusual"
    TARIFF_UNUSUAL = "tariff_unusual"


@dataclass(frozen=True, slots=True)
class Life:
    """What leads need of a seal. region: where it was enrolled. seen: until when it is known,
    seconds since 1970."""

    number: SealNumber
    region: int
    sealings: tuple[Sealing, ...]
    seen: int


@dataclass(frozen=True, slots=True)
class Lead:
    """Something to look into. subject: a technician's name or a seal's number. score: the
    probability of it by chance for a technician, else how far from the usual."""

    kind: LeadKind
    subject: str
    detail: Detail
    score: float


def find_leads(lives: Sequence[Life]) -> list[Lead]:
    """All leads, the strongest of each kind first."""
    return [*_technicians(lives), *_unusual_k(lives), *_unusual_tariffs(lives)]


@dataclass(slots=True)
class _Record:
    """A technician's seals: for how long they were watched, and how many broke."""

    name: str
    seconds: int = 0
    sealings: int = 0
    broken: int = 0


def _technicians(lives: Sequence[Life]) -> list[Lead]:
    records: dict[tuple[bytes, str], _Record] = {}
    for life in lives:
        for sealing in life.sealings:
            technician = _technician(sealing.signers)
            if technician is None:
                continue
            # Renewed credentials have other keys; issuer and name stay.
            key = technician.issuer, technician.name
            record = records.setdefault(key, _Record(technician.name))
            ends = sealing.broken or sealing.until or max(life.seen, sealing.since)
            record.seconds += max(ends - sealing.since, 1)
            record.sealings += 1
            record.broken += sealing.broken is not None
    total = sum(record.seconds for record in records.values())
    broken = sum(record.broken for record in records.values())
    judged = sorted(
        (
            (binomial_tail(record.broken, broken, record.seconds / total), record)
            for record in records.values()
            if record.seconds < total
        ),
        key=lambda pair: pair[0],
    )
    return list(_stand_out(judged, broken, total))


def _technician(signers: Iterable[Credential | None]) -> Credential | None:
    return next((s for s in signers if s is not None and s.role is Role.TECHNICIAN), None)


def _stand_out(judged: Sequence[tuple[float, _Record]], broken: int, total: int) -> Iterator[Lead]:
    for place, (chance, record) in enumerate(judged):
        if chance * (len(judged) - place) > ERROR_RATE:
            return
        if record.broken < BREAKS_MIN:
            continue
        expected = broken * record.seconds / total
        yield Lead(
            LeadKind.TECHNICIAN_BREAKS,
            record.name,
            Detail(
                f"{record.broken} of {record.sealings} sealings broke in "
                f"{record.seconds // _DAY_S} days under seal, where {expected:.1f} are usual.",
                f"{record.sealings} 次加封、共 {record.seconds // _DAY_S} 天中破坏 {record.broken} "
                f"次，通常为 {expected:.1f} 次。",
            ),
            chance,
        )


def binomial_tail(at_least: int, trials: int, chance: float) -> float:
    """The probability of `at_least` or more of `trials`, each with this chance."""
    if at_least <= 0:
        return 1.0
    if at_least > trials or chance <= 0:
        return 0.0
    if chance >= 1:
        return 1.0

    def one(k: int) -> float:
        ways = lgamma(trials + 1) - lgamma(k + 1) - lgamma(trials - k + 1)
        return exp(ways + k * log(chance) + (trials - k) * log1p(-chance))

    return min(1.0, fsum(one(k) for k in range(at_least, trials + 1)))


def _groups(lives: Sequence[Life]) -> Iterator[tuple[str, list[tuple[SealNumber, SealedFacts]]]]:
    """What is sealed now, by city and meter model; small groups are left out.

    A seal that another replaced tells of then, whether it could still be retired or not (H-6).
    """
    groups: dict[tuple[int, str], list[tuple[SealNumber, SealedFacts]]] = defaultdict(list)
    replaced = _replaced(lives)
    for life in lives:
        if life.sealings and life.sealings[-1].until is None:
            if replaced.get(life.number, 0) > life.sealings[-1].since:
                continue
            facts = life.sealings[-1].facts
            groups[life.region, facts.meter_model].append((life.number, facts))
    for (region, model), members in sorted(groups.items()):
        if len(members) >= GROUP_MIN:
            yield f"{model}, {region}", members


def _replaced(lives: Iterable[Life]) -> dict[SealNumber, int]:
    """The seals that others name as their predecessors, and when those were last sealed so."""
    replaced: dict[SealNumber, int] = {}
    for life in lives:
        for sealing in life.sealings:
            before = sealing.facts.predecessor
            if before is not None and before != life.number:
                replaced[before] = max(replaced.get(before, 0), sealing.since)
    return replaced


def _unusual_k(lives: Sequence[Life]) -> list[Lead]:
    leads = []
    for group, members in _groups(lives):
        values = [(n, f.k_pulses_per_km) for n, f in members if f.k_pulses_per_km is not None]
        if not values:
            continue
        middle = median(k for _, k in values)
        spread = _MAD_TO_DEVIATION * median(abs(k - middle) for _, k in values)
        for number, k in values:
            away = abs(k - middle)
            if away > max(K_DEVIATIONS * spread, K_DIFFERENCE * middle):
                text = f"{group}: K {k}, {middle:g} ± {spread:.1f}"
                detail = Detail(text, text)
                leads.append(Lead(LeadKind.K_UNUSUAL, str(number), detail, away / middle))
    return sorted(leads, key=lambda lead: -lead.score)


def _unusual_tariffs(lives: Sequence[Life]) -> list[Lead]:
    leads = []
    for group, members in _groups(lives):
        watched = [(number, _watched(facts)) for number, facts in members]
        usual, count = Counter(fare for _, fare in watched).most_common(1)[0]
        if count < TARIFF_SHARE * len(watched):
            continue
        for number, fare in watched:
            if fare != usual:
                differing = sum(a != b for a, b in zip(fare, usual, strict=False))
                detail = Detail(
                    f"{group}: {differing} bytes of the tariff differ from those of "
                    f"{count} of {len(watched)} meters.",
                    f"{group}：运价有 {differing} 字节不同于 {len(watched)} 台中的 {count} 台。",
                )
                leads.append(Lead(LeadKind.TARIFF_UNUSUAL, str(number), detail, float(differing)))
    return sorted(leads, key=lambda lead: -lead.score)


def _watched(facts: SealedFacts) -> bytes:
    """The fare parameters with what the seal does not watch as zeros (SPEC.md P-7)."""
    bits = int.from_bytes(facts.mask, "big") >> 1
    last = len(facts.fare) - 1
    return bytes(byte if bits >> (last - i) & 1 else 0 for i, byte in enumerate(facts.fare))
