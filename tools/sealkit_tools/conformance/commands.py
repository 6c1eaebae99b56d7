"""`sealkit conformance`: what any maker's seal must do, tried on a bench or in the simulator."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sealkit.errors import ExitStatus, SealkitError, UsageError
from sealkit_tools.terminal.options import FILE, json_option, prefix_option
from sealkit_tools.terminal.output import (
    print_error,
    print_facts,
    print_json,
    print_json_rows,
    print_table,
    stderr,
)
from sealkit_tools.terminal.progress import counting
from sealkit_tools.words.bilingual import Group
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from sealkit_conformance.faults.trial import Trial
    from sealkit_conformance.report.report import Report

_directory = click.Path(path_type=Path, file_okay=False, exists=True)
_REPORT_MAX = 64 << 20


@click.group(cls=Group)
def conformance() -> None:
    """Try whether a seal does what SPEC.md says; read what such a run found."""


@conformance.command("run")
@click.option("--suite", type=click.Choice(["p256", "sm2"]), default="p256", show_default=True)
@click.option("--seal", metavar="SPEC", help="The seal; without it one is simulated.")
@click.option("--seal-number", metavar="NUMBER", help="MAKER-SERIAL of the seal, for certain.")
@click.option("--meter", metavar="SPEC", help="The terminal's line of the meter beside the seal.")
@click.option("--meter-port", metavar="SPEC", help="The seal's own line: the suite is its meter.")
@click.option("--rig", metavar="SPEC", help="The rig controller, or `ask` for an operator.")
@click.option("--trust", type=FILE, help="The trust file that has the test anchor.")
@click.option("--keys", type=_directory, help="Where the test maker's manufacturer.pem is.")
@click.option("--fault", metavar="NAME", help="A planted fault of the simulated seal.")
@click.option("--strict", is_flag=True, help="A case that this bench cannot do has failed.")
@click.option("--select", default="", metavar="WORDS", help="Only cases whose names fit.")
@click.option("--first", is_flag=True, help="Stop at the first case that fails.")
@click.option("--case-seconds", type=click.FloatRange(1, 86_400), default=60.0, show_default=True)
@click.option("--explore-seed", type=int, help="Explore other sequences of orders and events.")
@click.option("--explore-steps", type=click.IntRange(1, 1_000), default=20, show_default=True)
@click.option("--record", type=FILE, help="Write all traffic to this file (pcapng).")
@click.option("--junit", type=FILE, help="Write JUnit XML.")
@click.option("--report-json", type=FILE, help="Write the report as JSON.")
@click.option("--report-html", type=FILE, help="Write the report as one HTML page.")
@prefix_option("--sign", help="Who signs the JSON report: PREFIX.pem.")
@json_option
def run(
    suite: str,
    seal: str | None,
    seal_number: str | None,
    meter: str | None,
    meter_port: str | None,
    rig: str | None,
    trust: Path | None,
    keys: Path | None,
    fault: str | None,
    strict: bool,
    select: str,
    first: bool,
    case_seconds: float,
    explore_seed: int | None,
    explore_steps: int,
    record: Path | None,
    junit: Path | None,
    report_json: Path | None,
    report_html: Path | None,
    sign: Path | None,
    as_json: bool,
) -> int:
    """Run the cases; exit with 0 if none failed, 8 if some did, 9 if it was cut short or all were
    skipped."""
    _need_pytest()
    from sealkit_conformance.runner import run_cases
    from sealkit_conformance.settings import Settings

    if sign is not None and report_json is None:
        raise UsageError(
            "USAGE", "There is no report to sign.", "Say --report-json FILE beside --sign."
        )
    settings = Settings(
        suite=suite,
        seal=seal,
        seal_number=seal_number,
        meter=meter,
        meter_port=meter_port,
        rig=rig,
        keys=keys,
        trust=trust,
        fault=fault,
        strict=strict,
        record=record,
        report_json=report_json,
        report_html=report_html,
        case_s=case_seconds,
        explore_seed=explore_seed,
        explore_steps=explore_steps,
    )
    report = run_cases(settings, junit=junit, select=select, first_only=first)
    if sign is not None and report_json is not None:
        _sign(sign, report_json)
    _show(report, as_json)
    return _status(report)


@conformance.command("list")
@click.option("--select", default="", metavar="WORDS", help="Only cases whose names fit.")
@json_option
def list_(select: str, as_json: bool) -> None:
    """List the cases and the rules of SPEC.md that they judge."""
    _need_pytest()
    from sealkit_conformance.runner import list_cases

    cases = list_cases(select)
    if as_json:
        rows = [{"case": name, "clauses": clauses} for name, clauses, _ in cases]
        print_json("sealkit.conformance.list/1", cases=rows)
        return
    rows_shown = ((" ".join(clauses), name) for name, clauses, _ in cases)
    print_table("Cases", ["rules", "case"], rows_shown)


@conformance.command("faults")
@click.option("--suite", type=click.Choice(["p256", "sm2"]), default="p256", show_default=True)
@click.option("--fault", "names", metavar="NAME", multiple=True, help="Only this one; may repeat.")
@click.option("--list", "only_list", is_flag=True, help="Name the faults and try none.")
@json_option
def faults(suite: str, names: tuple[str, ...], only_list: bool, as_json: bool) -> int:
    """Try whether the cases find faulty seals; exit with 8 if one is not caught.

    Caught is a fault when a case fails and names a rule that the fault breaks.
    """
    _need_pytest()
    from sealkit_conformance.faults.table import FAULTS
    from sealkit_conformance.faults.trial import try_faults

    if only_list:
        known = [(fault.clause, fault.name, fault.about) for fault in FAULTS.values()]
        if as_json:
            listed = [{"fault": n, "clause": c, "about": about} for c, n, about in known]
            print_json_rows("sealkit.conformance.fault.known/1", listed)
        else:
            print_table("Faults", ["rule", "fault", "what is wrong"], known)
        return ExitStatus.DONE
    chosen = names or tuple(FAULTS)
    with counting(say("Faults"), len(chosen)) as done:
        trials = try_faults(chosen, suite, told=lambda trial: done(trial.fault))
    if as_json:
        rows = ({"suite": suite, **asdict(trial)} for trial in trials)
        print_json_rows("sealkit.conformance.fault/1", rows)
    else:
        shown = (
            (one.fault, say("yes" if one.caught else "no"), one.case or one.why, one.clause)
            for one in trials
        )
        print_table("Faults", ["fault", "caught", "case", "rule"], shown)
        caught = sum(one.caught for one in trials)
        facts: list[tuple[str, object]] = [("faults", len(trials)), ("caught", caught)]
        print_facts("Faults", [*facts, ("caught, by chapter", _by_chapter(trials))])
    return ExitStatus.DONE if all(one.caught for one in trials) else ExitStatus.SOME_FAILED


@conformance.command("bench")
@click.option("--dir", "directory", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--suite", type=click.Choice(["p256", "sm2"]), default="p256", show_default=True)
def bench(directory: Path, suite: str) -> None:
    """Run a simulated bench, seal, meter and rig as processes, until it is interrupted.

    Prints one line of JSON with their spec strings, the seal's number, and where its maker's keys
    are; their passphrase is `simulated`.
    """
    import signal

    from sealkit_conformance.bench.processes.starting import FIRST_NUMBER, simulated_bench

    with simulated_bench(directory, suite) as specs:
        stopping = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, stopping)
        number = str(FIRST_NUMBER)
        print_json("sealkit.conformance.bench/1", **specs, number=number, keys=str(directory))
        signal.sigwait(stopping)


@conformance.command("replay")
@click.argument("file", type=FILE)
@click.option("--case", default="", metavar="WORDS", help="Only cases whose names have these.")
def replay(file: Path, case: str) -> None:
    """Show what a run recorded, frame by frame and field by field."""
    from sealkit_conformance.explain import explain
    from sealkit_conformance.recording import read_recording

    chosen = not case
    for packet in read_recording(file):
        if packet.case:
            chosen = case in packet.case
        if chosen:
            for line in explain([packet]):
                click.echo(line)


@conformance.command("report")
@click.argument("file", type=FILE)
@click.option("--html", type=FILE, help="Write it as one HTML page.")
@json_option
def report_(file: Path, html: Path | None, as_json: bool) -> int:
    """Show a report that a run wrote as JSON; check its signature if FILE.sig is there."""
    from sealkit.keys.files import read_bounded
    from sealkit_conformance.report.page import page
    from sealkit_conformance.report.report import Report
    from sealkit_conformance.report.signing import check_report

    data = read_bounded(file, _REPORT_MAX)
    signature = _signature_of(file)
    if signature.exists():
        signer = check_report(data, read_bounded(signature, _REPORT_MAX))
        stderr().print(say("Signed by {}").format(signer["public_key"][:32]))
    report = Report.from_json(data)
    if html is not None:
        html.write_text(page(report), encoding="utf-8")
    _show(report, as_json)
    return _status(report)


def _by_chapter(trials: list[Trial]) -> str:
    """How many faults the rules of each chapter of SPEC.md caught."""
    from collections import Counter

    from sealkit_conformance.clauses import CLAUSES

    caught = Counter(
        CLAUSES[one.clause].chapter for one in trials if one.clause in CLAUSES and one.caught
    )
    return ", ".join(f"{chapter}: {caught[chapter]}" for chapter in sorted(caught))


def _status(report: Report) -> int:
    if report.counts["failed"]:
        return ExitStatus.SOME_FAILED
    if report.stopped is None:
        # Where every case was skipped, nothing is known: that is not the same as passed.
        return ExitStatus.DONE if report.counts["passed"] else ExitStatus.UNDETERMINED
    # Without an answer to the first question there is nothing to be undetermined about.
    return report.stopped.exit_status if report.device is None else ExitStatus.UNDETERMINED


def _show(report: Report, as_json: bool) -> None:
    from sealkit_conformance.report.results import Outcome

    failed = [case for case in report.cases if case.outcome is Outcome.FAILED]
    if as_json:
        told = report.as_json()
        print_json(told.pop("schema"), **told)
        return
    if failed:
        print_table(
            "Failed",
            ["rule", "case", "what is wrong"],
            ((case.clause or "-", case.name, case.reason) for case in failed),
        )
    without = [one.id for one in report.clauses if one.outcome is Outcome.SKIPPED]
    device = report.device
    print_facts(
        "Conformance",
        [
            ("seal", None if device is None else device.number),
            ("suite", None if device is None else device.suite),
            *report.counts.items(),
            ("rules not judged", " ".join(without) or None),
        ],
    )
    if report.stopped is not None:
        stopped = report.stopped
        print_error(SealkitError(stopped.code, stopped.message, stopped.remedy), as_json=False)


def _sign(prefix: Path, report: Path) -> None:
    from sealkit.keys.files import write_whole
    from sealkit_conformance.report.signing import sign_report
    from sealkit_tools.keys.people import unlock

    signature = sign_report(unlock(str(prefix)), report.read_bytes())
    write_whole(_signature_of(report), signature)


def _signature_of(report: Path) -> Path:
    return report.with_name(report.name + ".sig")


def _need_pytest() -> None:
    try:
        import pytest  # noqa: F401
    except ImportError:
        raise UsageError(
            "CONFORMANCE_MISSING",
            "The conformance suite needs pytest, which is not installed.",
            "Install it: pip install 'sealkit[conformance]'.",
        ) from None
