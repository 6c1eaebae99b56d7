"""Results on stdout, as tables for people or JSON for programs; everything else on stderr."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from sealkit.errors import ExitStatus, SealkitError
from sealkit_tools.terminal.encoding import json_text
from sealkit_tools.words.language import error_text, language, say

if TYPE_CHECKING:
    from rich.console import Console

    from sealkit.appraisal.verdict import Finding

STYLES: Final = {
    "intact": "bold green",
    "broken": "bold red",
    "undetermined": "bold yellow",
    "warning": "yellow",
    "note": "dim",
}
"""How conclusions and severities look."""

CONCLUSION_STATUS: Final = {
    "intact": ExitStatus.DONE,
    "broken": ExitStatus.BROKEN,
    "undetermined": ExitStatus.UNDETERMINED,
}
"""How a command ends that came to such a conclusion."""


class Verbatim(str):
    """A value that is somebody's own, such as a name or a plate: it is never translated."""

    __slots__ = ()


def stdout() -> Console:
    """Where results for people go."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def stderr() -> Console:
    """Where prompts, progress and warnings go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(schema: str, **fields: Any) -> None:
    """One JSON object, its versioned schema first."""
    click.echo(json_text({"schema": schema, **fields}))


def print_json_rows(schema: str, rows: Iterable[dict[str, Any]]) -> None:
    """A JSON list; each row carries the versioned schema, since a list has no place for it."""
    click.echo(json_text([{"schema": schema, **row} for row in rows]))


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    console: Console | None = None,
) -> None:
    """A table for people; nothing in it is taken as markup."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=say(title), title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(say(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    (console or stdout()).print(table)


def print_facts(title: str, facts: Iterable[tuple[str, object]]) -> None:
    """Names and values, a line each."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=say(title), title_justify="left", title_style="bold", show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(say(name), Text(in_words(value)))
    stdout().print(table)


def in_words(value: object) -> str:
    """A value of a result for people: no brackets, no quotes."""
    match value:
        case None:
            return "-"
        case Verbatim():
            return str(value)
        case bool():
            return say("yes") if value else say("no")
        case dict():
            return ", ".join(f"{say(str(name))} {in_words(inner)}" for name, inner in value.items())
        case list() | tuple():
            return "\n".join(map(in_words, value)) or "-"
        case _:
            return say(str(value))


def show_findings(console: Console, findings: Iterable[Finding]) -> None:
    """Each finding of a verdict in words, with its remedy."""
    from rich.text import Text

    arrow = _arrow(console)
    for found in findings:
        console.print(
            Text.assemble(
                "\n  ",
                (found.code, STYLES[found.severity.value]),
                f"  {found.message(language())}\n    {arrow} {found.remedy(language())}",
            )
        )


def print_error(error: SealkitError, *, as_json: bool) -> None:
    """Code, message and remedy: JSON on stdout for programs, on stderr for people."""
    message, remedy = error_text(error)
    if as_json:
        fields = {"code": error.code, "message": message, "remedy": remedy}
        print_json("sealkit.error/1", error=fields)
        return
    from rich.text import Text

    console = stderr()
    console.print(Text.assemble((f"{error.code}: ", "bold red"), message))
    if remedy:
        console.print(Text(f"  {_arrow(console)} {remedy}"))


def _arrow(console: Console) -> str:
    """What stands before a remedy."""
    try:
        "→".encode(console.encoding)
    except UnicodeEncodeError:
        return "->"
    return "→"
