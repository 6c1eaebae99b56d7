"""`sealkit log`: what happened to a seal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealkit.errors import UsageError
from sealkit_tools.terminal.options import FILE, json_option
from sealkit_tools.terminal.output import print_facts, print_json, print_table
from sealkit_tools.terminal.progress import reading
from sealkit_tools.verify.kept_files import file_of, read_export_file
from sealkit_tools.words.bilingual import Group
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from sealkit.wire.records import Record

_CHAINS = ("control", "journal", "both")


@click.group(cls=Group)
def log() -> None:
    """List and export a seal's log."""


@log.command("list")
@click.argument("spec_or_file")
@click.option("--chain", type=click.Choice(_CHAINS), default="control", show_default=True)
@click.option("--from", "start", type=click.IntRange(0), default=0, help="First record to show.")
@json_option
def list_records(spec_or_file: str, chain: str, start: int, as_json: bool) -> None:
    """List records of a seal or an exported file: when, what, who. Nothing is verified here."""
    from sealkit.seal.words import name_words, time_words, what_words
    from sealkit.wire.records import RECORD

    records = [RECORD.parse(raw) for raw in _raw_records(spec_or_file, chain, start)]
    if as_json:
        print_json("sealkit.log.list/1", records=[_describe(record) for record in records])
        return
    print_table(
        say("Log of {}").format(spec_or_file),
        ["Record", "Chain", "Time", "State", "What"],
        [
            (
                str(record.sequence),
                say("control") if record.is_control else say("journal"),
                time_words(record.clock),
                say(name_words(record.state)),
                say(what_words(record)),
            )
            for record in records
        ],
    )


def _raw_records(spec_or_file: str, chain: str, start: int) -> list[bytes]:
    from sealkit.wire.registry import Chain

    path = file_of(spec_or_file)
    if path is not None:
        from sealkit.seal.client import record_sequence
        from sealkit.wire.export import parse_export

        export = parse_export(read_export_file(path))
        chosen = list(export.control if chain != "journal" else ())
        chosen += export.journal if chain != "control" else ()
        return [raw for raw in sorted(chosen, key=record_sequence) if record_sequence(raw) >= start]
    from sealkit.seal import open_seal

    with open_seal(spec_or_file) as seal, reading(say("Reading the log")) as progress:
        return list(seal.read_log(Chain[chain.upper()], start, progress=progress))


def _describe(record: Record) -> dict[str, Any]:
    from sealkit.seal.words import time_words, what_words
    from sealkit.wire.registry import RecordKind

    known = set(RecordKind)
    return {
        "sequence": record.sequence,
        "chain": "control" if record.is_control else "journal",
        "kind": RecordKind(record.kind).name.lower() if record.kind in known else record.kind,
        "time": time_words(record.clock),
        "clock_quality": record.clock_quality.name.lower(),
        "state": record.state.name.lower(),
        "boot": record.boot,
        "tick_ms": record.tick_ms,
        "what": what_words(record),
        "bytes": record.raw.hex(),
    }


@log.command("export")
@click.argument("spec")
@click.argument("file", type=FILE)
@click.option("--no-journal", is_flag=True, help="The control chain alone: quicker on a slow line.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@json_option
def export(spec: str, file: Path, no_journal: bool, force: bool, as_json: bool) -> None:
    """Write evidence, log and parameters to FILE, for `sealkit verify` anywhere, offline.

    An export that does not succeed leaves what was at FILE as it was.
    """
    from sealkit.keys.files import write_whole
    from sealkit.seal import open_seal
    from sealkit.seal.collecting import collect, export_bytes
    from sealkit.seal.words import time_words

    if file.exists() and not force:
        raise UsageError(
            "FILE_EXISTS",
            f"{file} exists already.",
            "Choose another name, or replace it with `--force`.",
        )
    with open_seal(spec) as seal, reading(say("Reading the log")) as progress:
        collected = collect(seal, journal=not no_journal, progress=progress)
    data = export_bytes(collected)
    write_whole(file, data, overwrite=force)
    facts = {
        "file": str(file),
        "bytes": len(data),
        "seal": str(collected.evidence.number),
        "control_records": len(collected.control),
        "journal_records": None if collected.journal is None else len(collected.journal),
        "as_of": time_words(collected.evidence.clock),
    }
    if as_json:
        print_json("sealkit.log.export/1", **facts)
    else:
        print_facts("Log exported", facts.items())
