"""Thousands of exports taken, and thousands of seals judged, on all cores.

Both can be stopped at any moment, by whatever means, and run again: what was reported as done is
on the disk, and is not done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from sqlalchemy import Connection

from sealkit.station import intake
from sealkit.station.examining import Examined
from sealkit.station.findings import LedgerPolicy
from sealkit.station.intake import Failed, Source
from sealkit.station.judgements import Bench, Judgement, judge_seal, judgement_from
from sealkit.station.ledger import Ledger
from sealkit.station.storing import Receipt, VerdictRow
from sealkit.station.workers import in_order, workers
from sealkit.wire.numbers import SealNumber

FILES_A_TASK: Final = 256
BYTES_A_TASK: Final = 512 * 1024
SEALS_A_TASK: Final = 16
EVIDENCES_A_BATCH: Final = 4_000
RECORDS_A_BATCH: Final = 50_000
VERDICTS_A_BATCH: Final = 500

Item = TypeVar("Item")
Progress = Callable[[int, int], None]
"""Told how many are done, and of how many."""


@dataclass(slots=True)
class ImportReport:
    """What came of an import. new, again: evidences that came, and that were there already.
    records: those that came. left_out: those that no signed head leads to."""

    new: int = 0
    again: int = 0
    records: int = 0
    left_out: int = 0
    failed: tuple[Failed, ...] = ()


def import_all(
    ledger: Ledger, sources: Sequence[Source], progress: Progress | None = None
) -> ImportReport:
    """Takes exports, in their order. A bad one is reported and stops none of the others.

    Errors: those of the database; what was reported as done stays.
    """
    report = ImportReport()
    trust = ledger.trust.to_json()
    failed: list[Failed] = []
    batch: list[Examined] = []
    done = records = 0

    def flush() -> None:
        nonlocal records
        for receipt in ledger.add(batch):
            _count(report, receipt)
        batch.clear()
        records = 0
        if progress is not None:
            progress(done, len(sources))

    with workers(intake.begin, trust, ledger.secret) as pool:
        for results in in_order(pool, intake.examine_all, _tasks(sources)):
            for result in results:
                if isinstance(result, Failed):
                    failed.append(result)
                else:
                    batch.append(result)
                    records += len(result.control) + len(result.journal)
            done += len(results)
            if len(batch) >= EVIDENCES_A_BATCH or records >= RECORDS_A_BATCH:
                flush()
        flush()
    report.failed = tuple(failed)
    return report


def _tasks(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """The sources in lists, of many small ones or a few large."""
    task: list[Source] = []
    size = 0
    for source in sources:
        task.append(source)
        size += _size(source)
        if len(task) >= FILES_A_TASK or size >= BYTES_A_TASK:
            yield task
            task, size = [], 0
    if task:
        yield task


def _size(source: Source) -> int:
    if isinstance(source.data, bytes):
        return len(source.data)
    try:
        return source.data.stat().st_size
    except OSError:
        return 0  # Whoever reads it says what is wrong.


def _count(report: ImportReport, receipt: Receipt) -> None:
    report.new += receipt.is_new
    report.again += not receipt.is_new
    report.records += receipt.control + receipt.journal
    report.left_out += receipt.left_out


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
