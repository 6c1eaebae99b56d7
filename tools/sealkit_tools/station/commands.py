"""`sealkit station`: a ledger of a fleet's seals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sealkit.errors import ExitStatus, SealkitError, UsageError
from sealkit_tools.station.options import (
    LedgerCommand,
    database_option,
    dir_option,
    ledger_options,
    ledger_url,
    opened,
)
from sealkit_tools.station.proof_commands import (
    bundle_command,
    certificate_command,
    head_command,
    proofs_command,
)
from sealkit_tools.station.service_commands import serve_command, token_group
from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.options import json_option
from sealkit_tools.terminal.output import (
    CONCLUSION_STATUS,
    STYLES,
    Verbatim,
    print_facts,
    print_json,
    print_table,
    show_findings,
    stderr,
    stdout,
)
from sealkit_tools.terminal.progress import reading
from sealkit_tools.words.bilingual import Group
from sealkit_tools.words.language import language, say

if TYPE_CHECKING:
    from sealkit.station.bulk.importing import ImportReport
    from sealkit.station.ledger import Ledger
    from sealkit.station.storage.fleet import SealSummary

_WORST_FIRST: Final = ("broken", "undetermined")
_ONE: Final = "sealkit station verify 500-23"


class _Station(Group):
    command_class = LedgerCommand


@click.group(cls=_Station)
def station() -> None:
    """Keep a ledger of a fleet's seals, judge them all, and find what only a memory finds.

    The ledger is an SQLite file in --dir DIR, or a PostgreSQL database: --database URL, or the
    environment's SEALKIT_DATABASE, where a password may stand too.
    """


for _command in (
    serve_command,
    token_group,
    bundle_command,
    certificate_command,
    head_command,
    proofs_command,
):
    station.add_command(_command)


@station.command("import")
@click.argument("exports", type=click.Path(path_type=Path))
@click.option("--submitter", default="import", show_default=True, help="From whom they come.")
@ledger_options
@json_option
def import_command(
    exports: Path,
    submitter: str,
    directory: Path | None,
    database: str | None,
    trust_file: Path | None,
    as_json: bool,
) -> int:
    """Take every export in the directory EXPORTS into the ledger, on all cores.

    Stop it at any time and run it again: nothing is lost, nothing is taken twice. A file
    visits.jsonl there lists them with when, from whom and where each came; without it, every
    file is taken. Exit status 8 if some could not be taken.
    """
    from sealkit.station.bulk.importing import import_all
    from sealkit.station.bulk.submissions import sources_in

    sources = sources_in(exports, received=now(), submitter=submitter)
    if not sources:
        stderr().print(say("There is no export in {}.").format(exports))
    with (
        opened(directory, database, trust_file, makes=trust_file is not None) as ledger,
        reading(say("Importing")) as progress,
    ):
        report = import_all(ledger, sources, progress)
    _show_import(report, as_json=as_json)
    return ExitStatus.SOME_FAILED if report.failed else ExitStatus.DONE


def _show_import(report: ImportReport, *, as_json: bool) -> None:
    from sealkit_tools.words.language import error_text

    failed = []
    for one in report.failed:
        message, remedy = error_text(SealkitError(one.code, one.message, one.remedy))
        failed.append({"file": one.name, "code": one.code, "message": message, "remedy": remedy})
    counts = {
        "new": report.new,
        "again": report.again,
        "records": report.records,
        "left_out": report.left_out,
    }
    if as_json:
        print_json("sealkit.station.import/1", **counts, failed=failed)
        return
    print_facts("Imported", counts.items())
    if failed:
        columns = ("File", "Code", "Message", "Remedy")
        rows = [(one["file"], one["code"], one["message"], one["remedy"]) for one in failed]
        print_table("Not taken", columns, rows, stderr())


@station.command("verify")
@click.argument("seals", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Judge every seal in the ledger.")
@ledger_options
@json_option
def verify_command(
    seals: tuple[str, ...],
    everything: bool,
    directory: Path | None,
    database: str | None,
    trust_file: Path | None,
    as_json: bool,
) -> int:
    """Judge SEALS (numbers such as 500-23), or all, on what the ledger holds; verdicts are kept.

    Of SEALS that are named every finding is told, with what to do.

    With --all, seals that were judged since anything came are not judged again, so that it can be
    stopped and goes on. Exit status 0 if all are intact, 7 if some are broken, else 9.
    """
    from sealkit.station.bulk.verifying import verify_all
    from sealkit.wire.numbers import SealNumber

    if everything == bool(seals):
        raise UsageError(
            "SEALS_NOT_NAMED", "No seals are named, or both some and all.", "Name some, or --all."
        )
    numbers = [SealNumber.from_text(text) for text in seals]
    with opened(directory, database, trust_file) as ledger:
        if everything:
            with reading(say("Judging")) as progress:
                for _ in verify_all(ledger, ledger.bench(), now(), progress):
                    pass
            judged = list(_all_seals(ledger))
        else:
            for number in numbers:
                ledger.judge(number, now())
            judged = [ledger.seal(number) for number in numbers]
    _show_judged(judged, told=not everything, as_json=as_json)
    if not judged:
        # Of no seal it can be said that all are intact.
        stderr().print(say("The ledger holds no seal yet."))
        return ExitStatus.UNDETERMINED
    conclusions = {_word(summary) for summary in judged}
    worst = (CONCLUSION_STATUS[word] for word in _WORST_FIRST if word in conclusions)
    return next(worst, ExitStatus.DONE)


def _all_seals(ledger: Ledger) -> Iterator[SealSummary]:
    from sealkit.station.storage.fleet import PAGE_MAX, FleetQuery

    after = None
    while page := ledger.seals(FleetQuery(after=after, limit=PAGE_MAX)):
        yield from page
        after = page[-1].number


def _word(summary: SealSummary) -> str:
    return "undetermined" if summary.conclusion is None else summary.conclusion.value


def _deciding(summary: SealSummary) -> list[str]:
    """Codes of the findings that decided, each once."""
    return list(
        dict.fromkeys(
            found.code
            for found in summary.findings
            if found.severity.value in ("broken", "undetermined")
        )
    )


def _show_judged(judged: Sequence[SealSummary], *, told: bool, as_json: bool) -> None:
    """told: each finding in words; else those of seals that are not intact by their codes."""
    counts = dict.fromkeys(("intact", "broken", "undetermined"), 0)
    for summary in judged:
        counts[_word(summary)] += 1
    if as_json:
        rows = [
            {
                "seal": str(summary.number),
                "plate": summary.plate,
                "verdict": _word(summary),
                "findings": [
                    {
                        "code": found.code,
                        "severity": found.severity.value,
                        "record": found.record,
                        "message": found.message(language()),
                    }
                    for found in summary.findings
                ],
                "evidence_time": summary.evidence_time,
            }
            for summary in judged
        ]
        print_json("sealkit.station.verify/1", counts=counts, seals=rows)
        return
    if not told or len(judged) > 1:
        print_facts("Seals", counts.items())
    bad = [summary for summary in judged if _word(summary) != "intact"]
    if told:
        for summary in judged:
            _show_findings(summary)
    elif bad:
        print_table(
            "Not intact",
            ("Seal", "Plate", "Verdict", "Findings"),
            [(str(s.number), s.plate or "-", say(_word(s)), ", ".join(_deciding(s))) for s in bad],
        )
        stderr().print(say("What was found of one, in words: {}").format(_ONE))


def _show_findings(summary: SealSummary) -> None:
    from rich.text import Text

    word = _word(summary)
    console = stdout()
    console.print(
        Text.assemble(
            (say("Seal {}").format(summary.number), "bold"),
            f"  {summary.plate or '-'}: ",
            (say(word), STYLES[word]),
        )
    )
    show_findings(console, summary.findings)


@station.command("draw")
@click.option("--sample", type=click.IntRange(1, 100_000), required=True, help="How many.")
@click.option(
    "--seed", required=True, help="A text that nobody could know before the tree's size and root."
)
@click.option("--size", type=click.IntRange(1), help="Size of the tree; by default that of now.")
@ledger_options
@json_option
def draw_command(
    sample: int,
    seed: str,
    size: int | None,
    directory: Path | None,
    database: str | None,
    trust_file: Path | None,
    as_json: bool,
) -> None:
    """Draw seals at random for an inspection, so that anybody can repeat the draw.

    Give out the tree's size and root first, then choose the seed in public, such as lottery
    numbers (protocol/SPEC.md, 18).
    """
    from sealkit.station.storage.fleet import plates_now

    with opened(directory, database, trust_file) as ledger:
        drawn = ledger.draw(seed, sample, size)
        plates = ledger.database.read(plates_now)
    if as_json:
        print_json(
            "sealkit.station.draw/1",
            seed=drawn.seed,
            size=drawn.size,
            root=drawn.root.hex(),
            seals=[str(number) for number in drawn.numbers],
            drawn=[
                {"seal": str(one.number), "plate": plates.get(one.number), "rank": one.rank.hex()}
                for one in drawn.drawn
            ],
        )
        return
    facts = {"tree size": drawn.size, "root": drawn.root.hex(), "seed": Verbatim(drawn.seed)}
    print_facts("Draw", facts.items())
    rows = [
        (str(place), str(one.number), plates.get(one.number) or "-")
        for place, one in enumerate(drawn.drawn, 1)
    ]
    print_table("Drawn", ("Place", "Seal", "Plate"), rows)


@station.command("leads")
@ledger_options
@json_option
def leads_command(
    directory: Path | None, database: str | None, trust_file: Path | None, as_json: bool
) -> None:
    """List what is unusual in the fleet and worth a look. Leads prove nothing."""
    with opened(directory, database, trust_file) as ledger:
        leads = ledger.leads()
    detail = "zh" if language() == "zh" else "en"
    rows = [
        {
            "kind": lead.kind.value,
            "subject": lead.subject,
            "detail": getattr(lead.detail, detail),
            "score": lead.score,
        }
        for lead in leads
    ]
    if as_json:
        print_json("sealkit.station.leads/1", leads=rows)
        return
    print_table(
        "Leads",
        ("Kind", "Subject", "Detail"),
        [(say(str(row["kind"])), str(row["subject"]), str(row["detail"])) for row in rows],
    )


@station.command("migrate")
@dir_option
@database_option
def migrate_command(directory: Path | None, database: str | None) -> None:
    """Bring the database of an older sealkit up to date. Make a copy first."""
    from sealkit.station.storage.database import Database

    database_ = Database(ledger_url(directory, database))
    try:
        database_.migrate()
    finally:
        database_.close()
    click.echo(say("The ledger's tables are up to date."))
