"""What only a memory of the whole fleet can find about one seal (SPEC.md 17). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import Final

from sealkit.appraisal.policy import Policy
from sealkit.appraisal.verdict import Detail, Finding, finding
from sealkit.appraisal.words import moment_text, same, same_plate
from sealkit.station.history.biography import Biography, Event, SealedFacts, Sealing, same_car
from sealkit.station.history.comparing import (
    answered_backwards,
    fork_findings,
    gap_finding,
    set_back,
)
from sealkit.station.history.dossier import Dossier, HeldEvidence
from sealkit.station.history.visits import Place
from sealkit.wire.credentials import Credential
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import OrderKind, Severity, State

_EARTH_M: Final = 6_371_000


@dataclass(frozen=True, slots=True)
class LedgerPolicy:
    """What the ledger demands. speed_max_km_h: how fast a seal may get from one place to another;
    place_slack_m and time_slack_s: what two places and times may be wrong by."""

    appraisal: Policy = field(default_factory=Policy)
    speed_max_km_h: int = 150
    place_slack_m: int = 5_000
    time_slack_s: int = 120


@dataclass(frozen=True, slots=True)
class Revocation:
    """What was revoked, and since when (seconds since 1970): a credential by its serial, or all
    of an issuer (key id) below a generation."""

    issuer: bytes
    serial: int | None
    below_generation: int | None
    since: int

    def covers(self, credential: Credential) -> bool:
        """Whether it revokes this credential."""
        if self.issuer != credential.issuer:
            return False
        if self.serial is not None:
            return self.serial == credential.serial
        return self.below_generation is not None and (credential.generation < self.below_generation)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another seal that was sealed to a vehicle of the same plate or VIN, and when."""

    number: SealNumber
    sealings: tuple[Sealing, ...]


def history_findings(dossier: Dossier) -> Iterator[Finding]:
    """Forks, set-backs, and gaps."""
    told = [held.evidence for held in dossier.evidences]
    yield from fork_findings(dossier.forks)
    yield from set_back(told)
    yield from answered_backwards(
        [(held.received, held.evidence) for held in dossier.evidences if held.fresh]
    )
    latest = dossier.latest.evidence
    reached, whole = dossier.control.back_from(latest.control_digest)
    if not whole:
        here = {link.digest for link in reached}
        before = [
            link.sequence for link in dossier.control.links.values() if link.digest not in here
        ]
        yield gap_finding(latest, reached, max(before, default=0))


def vehicle_findings(dossier: Dossier, life: Biography) -> Iterator[Finding]:
    """SEAL_TWO_VEHICLES: by orders that do not say so, by two histories, by what was seen."""
    for move in life.moves:
        yield _two_vehicles(move.before, move.after, record=move.sequence)
    if dossier.forks:
        for held in dossier.evidences:
            other = dossier.biography(held)
            if other.facts.plate and not same_car(other.facts, life.facts):
                apart = _apart(life, other)
                if apart is not None:
                    yield _two_vehicles(life.facts, other.facts, record=apart)
    for held in dossier.evidences:
        if held.plate_seen is None or held.evidence.state is not State.SEALED:
            continue
        head = held.evidence.control_sequence, held.evidence.control_digest
        sealed = (life.facts_at(*head) or dossier.biography(held).facts).plate
        if sealed and not same_plate(sealed, held.plate_seen):
            yield finding(
                "SEAL_TWO_VEHICLES",
                Detail(
                    f"It is sealed for {sealed}, and was seen on {held.plate_seen} by "
                    f"{held.submitter}, {moment_text(held.received)}.",
                    f"封定车辆为 {sealed}，{held.submitter} 于 {moment_text(held.received)} "
                    f"见其在 {held.plate_seen} 上。",
                ),
            )


def _apart(one: Biography, other: Biography) -> int | None:
    """Where two lives part; None if one begins the other."""
    for mine, theirs in zip(one.events, other.events, strict=False):
        if mine.digest != theirs.digest:
            return min(mine.sequence, theirs.sequence)
    return None


def _two_vehicles(before: SealedFacts, after: SealedFacts, *, record: int) -> Finding:
    return finding(
        "SEAL_TWO_VEHICLES",
        same(f"{before.plate} {before.vin} → {after.plate} {after.vin}"),
        record=record,
    )


def neighbour_findings(
    number: SealNumber, life: Biography, neighbours: Sequence[Neighbour]
) -> Iterator[Finding]:
    """VEHICLE_TWO_SEALS: another seal was sealed to the same vehicle while this one was.

    A seal that a successor names as its predecessor ends when the successor begins, since a dead
    seal takes no order.
    """
    for neighbour in neighbours:
        for mine in _ended(life.sealings, number, neighbour.sealings):
            for theirs in _ended(neighbour.sealings, neighbour.number, life.sealings):
                if _same_vehicle(mine.facts, theirs.facts) and _overlap(mine, theirs):
                    since = moment_text(max(mine.since, theirs.since))
                    yield finding(
                        "VEHICLE_TWO_SEALS",
                        Detail(
                            f"{mine.facts.plate}: seal {neighbour.number} as well, from {since}.",
                            f"{mine.facts.plate}：自 {since} 起另有封印 {neighbour.number}。",
                        ),
                        record=mine.sequence,
                    )


def _ended(
    sealings: Sequence[Sealing], number: SealNumber, successors: Sequence[Sealing]
) -> Iterator[Sealing]:
    replaced = min(
        (one.since for one in successors if one.facts.predecessor == number), default=None
    )
    for sealing in sealings:
        if replaced is not None and sealing.since < replaced:
            until = sealing.until
            yield replace(sealing, until=replaced if until is None else min(until, replaced))
        else:
            yield sealing


def _same_vehicle(one: SealedFacts, other: SealedFacts) -> bool:
    """A plate is on one vehicle at a time, a VIN for ever."""
    return bool((one.vin and one.vin == other.vin) or (one.plate and one.plate == other.plate))


def _overlap(one: Sealing, other: Sealing) -> bool:
    return (one.until is None or other.since < one.until) and (
        other.until is None or one.since < other.until
    )


def place_findings(dossier: Dossier, policy: LedgerPolicy) -> Iterator[Finding]:
    """SEAL_TWO_PLACES: it was in two places with too little time between."""
    sightings = sorted(
        (
            (moment, held)
            for held in dossier.evidences
            if held.place is not None and (moment := held.moment) is not None
        ),
        key=lambda sighting: (sighting[0], sighting[1].leaf),
    )
    for (before, first), (after, second) in pairwise(sightings):
        if first.place is None or second.place is None:
            continue
        metres = distance_m(first.place, second.place)
        seconds = after - before + policy.time_slack_s
        if metres > policy.place_slack_m + seconds * policy.speed_max_km_h / 3.6:
            yield _two_places(first, second, metres, after - before)


def _two_places(first: HeldEvidence, second: HeldEvidence, metres: float, seconds: int) -> Finding:
    return finding(
        "SEAL_TWO_PLACES",
        Detail(
            f"{first.submitter}, then {second.submitter}: {metres / 1000:.0f} km apart, "
            f"{seconds} s between.",
            f"先 {first.submitter}，后 {second.submitter}：相距 {metres / 1000:.0f} 公里，"
            f"相隔 {seconds} 秒。",
        ),
    )


def distance_m(one: Place, other: Place) -> float:
    """Metres between two places along the earth's surface."""
    lat1, lat2 = radians(one.latitude), radians(other.latitude)
    half_lat, half_lon = (lat2 - lat1) / 2, radians(other.longitude - one.longitude) / 2
    part = sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_lon) ** 2
    return 2 * _EARTH_M * asin(min(1.0, sqrt(part)))


def overdue_findings(dossier: Dossier, life: Biography, now: int) -> Iterator[Finding]:
    """VERIFICATION_OVERDUE as of now, not only as of the evidence."""
    until = life.facts.valid_until
    if 0 < until < now and dossier.latest.evidence.state is not State.RETIRED:
        yield finding("VERIFICATION_OVERDUE", same(moment_text(until)))


@dataclass(frozen=True, slots=True)
class _Signed:
    """An order with a signer who is revoked."""

    event: Event
    signer: Credential
    since: int
    counts: bool


def _revoked_orders(life: Biography, revocations: Sequence[Revocation]) -> Iterator[_Signed]:
    # What is sealed rests on the last opening of the seal and what followed.
    last = life.sealings[-1].sequence if life.sealings else 0
    by_key = {
        life.suite.key_id(credential.public_key): credential
        for credential in life.credentials.values()
    }
    for event in life.events:
        for signer in event.signers:
            if signer is None:
                continue
            chain = [signer, *filter(None, [by_key.get(signer.issuer)])]
            since = min(
                (r.since for r in revocations for one in chain if r.covers(one)), default=None
            )
            if since is not None:
                yield _Signed(event, signer, since, event.sequence >= last)


def revocation_findings(life: Biography, revocations: Sequence[Revocation]) -> Iterator[Finding]:
    """ORDER_AFTER_REVOCATION: it was signed when the signer was revoked already."""
    for signed in _revoked_orders(life, revocations):
        if signed.event.time <= signed.since:
            continue
        kind = signed.event.order or OrderKind.SEAL
        since = moment_text(signed.since)
        yield finding(
            "ORDER_AFTER_REVOCATION",
            Detail(
                f"{kind.name} ← {signed.signer.name}, revoked on {since}, "
                f"given {moment_text(signed.event.time)}.",
                f"{kind.name} ← {signed.signer.name}，{since} 吊销，"
                f"{moment_text(signed.event.time)} 签发。",
            ),
            record=signed.event.sequence,
            severity=None if signed.counts else Severity.NOTE,
        )


def witnessed_before(
    dossier: Dossier, life: Biography, revocations: Sequence[Revocation]
) -> frozenset[int]:
    """The records of orders that the ledger held before any of their signers was revoked: nobody
    can have made them afterwards with a stolen key."""
    received = {held.leaf: held.received for held in dossier.evidences}
    late, held_before = set(), set()
    for signed in _revoked_orders(life, revocations):
        leaf = dossier.first_leaf.get(signed.event.digest)
        came = None if leaf is None else received.get(leaf)
        if came is not None and came <= signed.since and signed.event.time <= signed.since:
            held_before.add(signed.event.sequence)
        else:
            late.add(signed.event.sequence)
    return frozenset(held_before - late)
