"""Thousands of exports taken, on all cores.

It can be stopped at any moment, by whatever means, and run again: what was reported as done is on
the disk, and is not done twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sealkit.station.bulk.intake import Failed, Plain, Source, begin, examine_all
from sealkit.station.bulk.workers import Progress, in_order, settled, workers
from sealkit.station.history.examining import Examined
from sealkit.station.ledger import Ledger
from sealkit.station.storage.storing import Receipt

FILES_A_TASK: Final = 512
BYTES_A_TASK: Final = 512 * 1024
EVIDENCES_A_BATCH: Final = 4_000
RECORDS_A_BATCH: Final = 50_000
SECONDS_A_BATCH: Final = 3.0
"""However slow the machine, so much work can be lost at most, and somebody sees that it goes on."""


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
    due = time.monotonic() + SECONDS_A_BATCH

    def flush() -> None:
        nonlocal records, due
        _count(report, ledger.add(batch))
        batch.clear()
        records = 0
        due = time.monotonic() + SECONDS_A_BATCH
        if progress is not None:
            progress(done, len(sources))

    with settled(), workers(begin, trust, ledger.secret) as pool:
        for intake in in_order(pool, examine_all, _tasks(sources)):
            batch.extend(map(Examined._make, intake.taken))
            failed.extend(intake.failed)
            records += intake.records
            done += len(intake.taken) + len(intake.failed)
            is_large = len(batch) >= EVIDENCES_A_BATCH or records >= RECORDS_A_BATCH
            if is_large or time.monotonic() >= due:
                flush()
        flush()
    report.failed = tuple(failed)
    return report


def _tasks(sources: Sequence[Source]) -> Iterator[list[Plain]]:
    """The sources in lists, of many small ones or a few large."""
    task: list[Plain] = []
    size = 0
    for source in sources:
        task.append(tuple(source))
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


def _count(report: ImportReport, receipts: Sequence[Receipt]) -> None:
    new = sum(receipt.is_new for receipt in receipts)
    report.new += new
    report.again += len(receipts) - new
    report.records += sum(receipt.control + receipt.journal for receipt in receipts)
    report.left_out += sum(receipt.left_out for receipt in receipts)
