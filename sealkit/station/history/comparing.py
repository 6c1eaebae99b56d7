"""A seal's history against itself: forks, set-backs, gaps (SPEC.md 17). Pure.

The ledger holds every record that the seal ever signed for, as a graph: each names its predecessor
by digest. An honest seal's graph is one line, and its evidences stand along it in one order,
whatever the order in which they came here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from sealkit.appraisal.rising import Fall, fallen, progress
from sealkit.appraisal.verdict import Detail, Finding, finding
from sealkit.rules.chain import Head
from sealkit.wire.evidence import Evidence
from sealkit.wire.records import NO_DIGEST
from sealkit.wire.registry import ClockQuality

CLOCK_SLACK_S: Final = 120
"""How far an honest clock may go back between two evidences: one adjustment (SPEC.md O-29)."""


class Link(NamedTuple):
    """A record in the graph: its number and digest, and the digest of the one before it."""

    sequence: int
    digest: bytes
    previous: bytes


@dataclass(frozen=True, slots=True)
class Fork:
    """Where two histories part. sequence: the first number that differs. branches: two heads or
    records, each of which the seal's key vouches for, that cannot stand in one history."""

    sequence: int
    branches: tuple[Head, Head]


class Chain:
    """One chain's records, as a graph."""

    def __init__(self, links: Iterable[Link]) -> None:
        self.links: dict[bytes, Link] = {link.digest: link for link in links}
        self._after: dict[bytes, list[Link]] = defaultdict(list)
        for link in self.links.values():
            self._after[link.previous].append(link)

    def back_from(self, head: bytes, *, until: bytes = NO_DIGEST) -> tuple[list[Link], bool]:
        """The records that lead to a head, the first of them first, and whether they reach
        `until`, the digest that the chain begins after."""
        found: list[Link] = []
        while head != until and (link := self.links.get(head)) is not None:
            found.append(link)
            head = link.previous
        found.reverse()
        return found, head == until

    def part(self, one: bytes, other: bytes) -> bool:
        """Whether two heads are known to be of two histories: neither leads to the other, and the
        chains of both are here."""
        if NO_DIGEST in (one, other) or one == other:
            return False
        ways = [{link.digest for link in self.back_from(head)[0]} for head in (one, other)]
        return all(ways) and one not in ways[1] and other not in ways[0]

    def forks(self, heads: Sequence[Head]) -> list[Fork]:
        """Where this chain, with what is claimed to be its head, is two: each parting once, however
        far both sides went on from there."""
        found: dict[tuple[int, bytes], Fork] = {}

        def add(one: Head, other: Head) -> None:
            if one.digest != other.digest:
                low, high = sorted((one, other), key=lambda head: (head.sequence, head.digest))
                found.setdefault((low.sequence, low.digest), Fork(low.sequence, (low, high)))

        for first, *others in self._after.values():
            for other in others:
                add(_head(first), _head(other))
        for pair in self._lone_pieces():
            add(*pair)
        strange = [head for head in heads if head.digest not in self.links]
        ordered = sorted(self.links.values(), key=_sequence) if strange else []
        by_number = {link.sequence: link.digest for link in ordered}
        for head in strange:
            held = by_number.setdefault(head.sequence, head.digest)
            add(Head(head.sequence, held), head)
            if head.sequence == 0:
                continue
            place = bisect_right(ordered, head.sequence, key=_sequence)
            after = ordered[place] if place < len(ordered) else None
            before = self.links.get(after.previous) if after is not None else None
            # Two neighbours in the chain leave no room for a third between them.
            if after and before and before.sequence < head.sequence:
                add(head, _head(after))
        return sorted(found.values(), key=lambda fork: fork.sequence)

    def _lone_pieces(self) -> Iterator[tuple[Head, Head]]:
        """The first number that two pieces of the graph share, of each two that no record joins.

        Within one piece two records of a number follow two that part, which is told already.
        """
        if len(self._after.keys() - self.links.keys()) < 2:
            return  # What an honest seal's chain is: one piece.
        piece_of: dict[bytes, bytes] = {}
        by_number: dict[int, list[Link]] = defaultdict(list)
        told: set[tuple[bytes, bytes]] = set()
        for link in sorted(self.links.values(), key=_sequence):
            # Whatever comes first in a piece names it, by what it follows.
            piece = piece_of[link.digest] = piece_of.get(link.previous, link.previous)
            for other in by_number[link.sequence]:
                pair = piece_of[other.digest], piece
                if pair[0] != piece and pair not in told:
                    told |= {pair, pair[::-1]}
                    yield _head(other), _head(link)
            by_number[link.sequence].append(link)


def _head(link: Link) -> Head:
    return Head(link.sequence, link.digest)


def _sequence(link: Link) -> int:
    return link.sequence


def number_taken_twice(control: Chain, journal: Chain) -> Fork | None:
    """One counter numbers both chains, so no number stands in both; the first that does."""
    held: Mapping[int, Link] = {link.sequence: link for link in control.links.values()}
    twice = [link for link in journal.links.values() if link.sequence in held]
    if not twice:
        return None
    first = min(twice, key=_sequence)
    return Fork(first.sequence, (_head(held[first.sequence]), _head(first)))


def all_forks(control: Chain, journal: Chain, evidences: Sequence[Evidence]) -> list[Fork]:
    """Every place where a seal's history parts, by number: each parting once in each chain."""
    forks = control.forks([Head(e.control_sequence, e.control_digest) for e in evidences])
    heads = [Head(e.journal_sequence, e.journal_digest) for e in evidences]
    heads += [Head(e.base_sequence, e.base_digest) for e in evidences]
    forks += journal.forks(heads)
    twice = number_taken_twice(control, journal)
    if twice is not None and not forks:  # Otherwise it follows from where a chain parts.
        forks.append(twice)
    return sorted(forks, key=lambda fork: fork.sequence)


def fork_findings(forks: Sequence[Fork]) -> list[Finding]:
    """A finding for each fork."""
    return [
        finding(
            "HISTORY_FORKED",
            Detail(
                "The ledger holds two that the seal signed: "
                + " and ".join(f"{b.sequence} {b.digest.hex()[:16]}" for b in fork.branches)
                + ".",
                "账本存有该封印签署的两个："
                + "、".join(f"{b.sequence} {b.digest.hex()[:16]}" for b in fork.branches)
                + "。",
            ),
            record=fork.sequence,
        )
        for fork in forks
    ]


def set_back(evidences: Sequence[Evidence]) -> list[Finding]:
    """HISTORY_ROLLED_BACK where evidences can stand in no order in which nothing falls.

    Along an honest life every counter rises together, with the clock. So of two evidences one has
    the higher or equal of each; where each is higher in something, one is from a memory that was
    set back, or from a copy.
    """
    ordered = sorted(evidences, key=_by_progress)
    found = []
    for before, after in pairwise(ordered):
        found += [_fell(before, after, fall) for fall in fallen(before, after)]
    timed = [one for one in ordered if one.clock_quality is not ClockQuality.LOST]
    for before, after in pairwise(timed):
        if before.clock > after.clock + CLOCK_SLACK_S:
            fall = Fall(Detail("clock", "时钟"), before.clock, after.clock, is_time=True)
            found.append(_fell(before, after, fall))
    return found


def _fell(before: Evidence, after: Evidence, fall: Fall) -> Finding:
    low, high = before.control_sequence, after.control_sequence
    what, (was, now) = fall.what, fall.words
    return finding(
        "HISTORY_ROLLED_BACK",
        Detail(
            f"With the control chain at {low} the {what.en} was {was}, with it at {high} {now}.",
            f"控制链为 {low} 时{what.zh}为 {was}，为 {high} 时{what.zh}为 {now}。",
        ),
    )


def _by_progress(evidence: Evidence) -> tuple[int, ...]:
    return (*progress(evidence), evidence.clock)


def answered_backwards(answered: Sequence[tuple[int, Evidence]]) -> list[Finding]:
    """HISTORY_ROLLED_BACK where fresh evidence says less than fresh evidence received before it.

    answered: when it was received, and evidence that answered a nonce asked then.
    """
    ordered = [evidence for _, evidence in sorted(answered, key=lambda pair: pair[0])]
    return [
        finding("HISTORY_ROLLED_BACK", fall.told)
        for before, after in pairwise(ordered)
        for fall in fallen(before, after)
    ]


def gap_finding(evidence: Evidence, reached: Sequence[Link], held_up_to: int) -> Finding:
    """HISTORY_GAP: the control chain of this evidence is not whole here."""
    last = reached[0].sequence if reached else evidence.control_sequence + 1
    return finding(
        "HISTORY_GAP",
        Detail(
            f"Control records before {last} are missing; what came before ends at {held_up_to}.",
            f"缺少记录 {last} 之前的控制记录；此前所存止于 {held_up_to}。",
        ),
    )
