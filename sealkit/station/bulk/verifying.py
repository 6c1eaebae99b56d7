"""Thousands of seals judged, on all cores.

It can be stopped at any moment, by whatever means, and run again: it goes on with those that are
left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from sqlalchemy import Connection

from sealkit.station.bulk.workers import Progress, in_order, workers
from sealkit.station.history.findings import LedgerPolicy
from sealkit.station.ledger import Ledger
from sealkit.station.storage.judgements import Bench, Judgement, judge_seal, judgement_from
from sealkit.station.storage.storing import VerdictRow
from sealkit.wire.numbers import SealNumber

SEALS_A_TASK: Final = 16
VERDICTS_A_BATCH: Final = 500

Item = TypeVar("Item")


def verify_all(
    ledger: Ledger, bench: Bench, now: int, progress: Progress | None = None
) -> Iterator[Judgement]:
    """Judges every seal whose last verdict is not of now, and gives each verdict once it is kept.

    Run again after it was stopped, it goes on with those that are left.
    """
    numbers = ledger.pending(bench, now)
    held: list[tuple[SealNumber, VerdictRow]] = []
    done = 0
    url = ledger.database.url.render_as_string(hide_password=False)
    with workers(_begin_judging, url, bench.policy, now) as pool:
        for results in in_order(pool, _judge, _lists(numbers, SEALS_A_TASK)):
            held += results
            done += len(results)
            if len(held) >= VERDICTS_A_BATCH or done == len(numbers):
                leaves = ledger.add_verdicts([row for _, row in held])
                if progress is not None:
                    progress(done, len(numbers))
                for (number, row), leaf in zip(held, leaves, strict=True):
                    yield judgement_from(number, leaf, row)
                held.clear()


@dataclass(frozen=True, slots=True)
class _Judge:
    ledger: Ledger
    bench: Bench
    now: int


_judging: _Judge | None = None


def _begin_judging(url: str, policy: LedgerPolicy, now: int) -> None:
    global _judging
    ledger = Ledger(url)
    _judging = _Judge(ledger, ledger.bench(policy), now)


def _judge(numbers: list[SealNumber]) -> list[tuple[SealNumber, VerdictRow]]:
    if _judging is None:
        raise RuntimeError("the worker has not begun")
    bench, now = _judging.bench, _judging.now

    def judge(connection: Connection) -> list[tuple[SealNumber, VerdictRow]]:
        return [(number, judge_seal(connection, number, bench, now)[0]) for number in numbers]

    return _judging.ledger.database.read(judge)


def _lists(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
