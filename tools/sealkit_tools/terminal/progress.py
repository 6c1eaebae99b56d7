"""A progress bar on stderr for a person who looks; nothing for a program."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def reading(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Gives what a reader of the log reports its progress to."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    from sealkit_tools.terminal.output import stderr

    with Progress(console=stderr(), transient=True) as progress:
        task = progress.add_task(what, total=None)

        def report(reached: int, last: int) -> None:
            progress.update(task, completed=reached, total=last or None)

        yield report


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Gives what is told the name of each piece of work that is done."""
    if not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from sealkit_tools.terminal.output import stderr

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=stderr(), transient=True) as progress:
        task = progress.add_task(what, total=total)

        def done(name: str) -> None:
            progress.update(task, advance=1, description=f"{what}: {name}")

        yield done
