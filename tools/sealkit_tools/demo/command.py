"""`sealkit demo`: the whole story on simulated devices over pseudo-terminals, no step faked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sealkit.errors import ExitStatus
from sealkit_tools.terminal.options import json_option
from sealkit_tools.terminal.output import print_json, stdout
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from sealkit_tools.demo.story import Step


@click.command(cls=Command)
@click.option("--suite", type=click.Choice(["p256", "sm2"]), default="p256", show_default=True)
@json_option
@click.pass_context
def demo(context: click.Context, suite: str, as_json: bool) -> None:
    """Play the story of a seal: made, enrolled, sealed, tampered with, found out, sealed anew.

    Seal and taximeter run as a process of their own behind pseudo-terminals. Exits with 0 only if
    every step came out as told.
    """
    from sealkit_tools.demo.story import play

    steps: list[Step] = []

    def tell(step: Step) -> None:
        steps.append(step)
        if not as_json:
            _show(len(steps), step)

    if not as_json:
        _opening(suite)
    fault = play(suite, tell)
    if as_json:
        told: list[dict[str, Any]] = [
            {"title": step.title, "ok": step.ok, "lines": list(step.lines)} for step in steps
        ]
        print_json("sealkit.demo/1", suite=suite, ok=fault is None, steps=told, fault=fault)
    elif fault is None:
        stdout().print(f"\n[bold green]{say('Every step came out as told.')}[/]\n")
    else:
        from rich.text import Text

        stdout().print(Text(f"\n{say('The story broke off')}: {fault}\n", style="bold red"))
    context.exit(ExitStatus.DONE if fault is None else ExitStatus.UNEXPECTED)


def _opening(suite: str) -> None:
    from rich.panel import Panel

    names = {"p256": "ECDSA P-256, SHA-256", "sm2": "SM2, SM3"}
    stdout().print(
        Panel(
            f"[bold]{say('A taxi, its taximeter, and the electronic seal on it')}[/]\n"
            + say("suite")
            + f" {suite}: {names[suite]}",
            expand=False,
        )
    )


def _show(number: int, step: Step) -> None:
    from rich.text import Text

    mark = ("✓", "bold green") if step.ok else ("✗", "bold red")
    console = stdout()
    console.print(Text.assemble(f"\n{number:>2}  ", mark, "  ", (say(step.title), "bold")))
    for line in step.lines:
        console.print(Text(f"       {line}"))
