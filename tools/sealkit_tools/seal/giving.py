"""From a decision to an applied order: history shown, review, question, signatures, read-back.

What all commands that change a seal share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealkit.errors import UsageError
from sealkit_tools.keys.people import Person, load_person, with_token_keys
from sealkit_tools.terminal.options import (
    FILE,
    json_option,
    prefix_option,
    together,
    token_keys_option,
)
from sealkit_tools.terminal.output import print_facts, print_json, stderr
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from rich.console import Console

    from sealkit.seal import SealClient
    from sealkit.seal.drafting import Draft
    from sealkit.seal.history import Shown
    from sealkit.wire.orders import OrderBody
    from sealkit.wire.registry import OrderKind


@dataclass(frozen=True, slots=True)
class Giving:
    """Who signs, and how far to go: the options of every command that gives an order."""

    people: tuple[Person, ...]
    yes: bool
    dry_run: bool
    out: Path | None
    as_json: bool


def giving_options(*roles: str) -> Callable[[Any], Any]:
    """The options of a command whose order is signed by these roles, in this order."""

    return together(
        json_option,
        click.option(
            "--out",
            type=FILE,
            help="Write the order to a file instead of giving it: for whoever signs next.",
        ),
        click.option("--dry-run", is_flag=True, help="Show what would be done and stop."),
        click.option("--yes", is_flag=True, help="Do not ask."),
        *(
            prefix_option(f"--{role}", help=f"The {role}'s key and credential.")
            for role in reversed(roles)
        ),
        token_keys_option,
    )


def giving(options: dict[str, Any], roles: Sequence[str]) -> Giving:
    """Takes the options of `giving_options` out of a command's parameters."""
    prefixes = [options.pop(role) for role in roles]
    people = [load_person(prefix) for prefix in prefixes if prefix is not None]
    return Giving(
        with_token_keys(people, options.pop("token_keys")),
        options.pop("yes"),
        options.pop("dry_run"),
        options.pop("out"),
        options.pop("as_json"),
    )


def give(client: SealClient, shown: Shown, kind: OrderKind, body: OrderBody, how: Giving) -> None:
    """Drafts, shows, asks, signs and gives one order; or writes it for the other person.

    Errors: those of drafting, signing and giving; `UsageError` SIGNERS_MISSING, KEY_MISSING.
    """
    from sealkit.seal.drafting import draft_order

    if not how.people:
        raise UsageError(
            "SIGNERS_MISSING",
            f"Nobody signs this {kind.name}.",
            "Name who signs, such as --technician PREFIX --station PREFIX.",
        )
    chains = [
        (person.credential.raw, *(issuer.raw for issuer in person.issuers)) for person in how.people
    ]
    draft = draft_order(client, shown, kind, body, chains)
    if not (how.as_json and (how.yes or how.dry_run)):
        show_review(draft, shown, stderr())
    if how.dry_run:
        if how.as_json:
            print_json("sealkit.order.draft/1", **describe(draft, shown))
        return
    missing = [person.credential.name for person in how.people if not person.has_key]
    if missing and how.out is None:
        raise UsageError(
            "KEY_MISSING",
            f"The key of {', '.join(missing)} is not here.",
            "Write the order for them to sign: `--out FILE`.",
        )
    ask(
        how.yes,
        say("Sign and give this order?") if how.out is None else say("Sign and write this order?"),
    )
    for person in how.people:
        if person.has_key:
            draft = draft.sign(person.key())
    if how.out is None:
        finish(client, draft, shown, how.as_json)
    else:
        _carry(draft, shown, how.out, missing, how.as_json)


def ask(yes: bool, question: str) -> None:
    """Goes on with --yes or a yes. Errors: `UsageError` NOT_CONFIRMED for anything else."""
    try:
        agreed = yes or click.confirm(question, err=True)
    except click.Abort:
        click.echo("", err=True)
        agreed = False
    if not agreed:
        raise UsageError(
            "NOT_CONFIRMED",
            "Nobody said yes, so nothing was done.",
            "Answer with y; a script says `--yes`.",
        )


def finish(client: SealClient, draft: Draft, shown: Shown, as_json: bool) -> None:
    """Gives a complete order, reads it back, and tells the result."""
    from sealkit.seal.ordering import give_order

    applied = give_order(client, shown, draft)
    facts = {
        "order": draft.kind.name.lower(),
        "record": applied.receipt.sequence,
        "digest": applied.receipt.digest.hex(),
        "already_applied": applied.receipt.already_applied,
        "state": applied.evidence.state.name.lower(),
    }
    if as_json:
        print_json("sealkit.order.applied/1", seal=str(shown.number), **facts)
        return
    print_facts(say("Seal {}").format(shown.number), facts.items())


def _carry(draft: Draft, shown: Shown, file: Path, waiting: list[str], as_json: bool) -> None:
    from sealkit.keys.files import write_whole
    from sealkit.seal.orderfile import build_order_file

    write_whole(file, build_order_file(draft, shown))
    if as_json:
        print_json("sealkit.order.written/1", file=str(file), waiting_for=waiting)
    elif waiting:
        told = say("{} written; it waits for the signature of {}.")
        click.echo(told.format(file, ", ".join(waiting)), err=True)
    else:
        click.echo(say("{} written; it is signed and can be sent.").format(file), err=True)
    warn_of_challenge(draft)


def warn_of_challenge(draft: Draft) -> None:
    """Says on stderr how long an order with a challenge can be on its way."""
    from sealkit.wire.registry import CHALLENGE_LIFE_MS, ORDERS

    if ORDERS[draft.kind].challenge:
        told = say(
            "The seal's challenge in this order lives {} minutes, and only until the seal loses "
            "power or is asked for another: have it signed and sent in that time."
        )
        click.echo(told.format(CHALLENGE_LIFE_MS // 60_000), err=True)


def show_review(draft: Draft, shown: Shown, console: Console) -> None:
    """What happened to the seal lately, and what the order will do, old beside new."""
    from rich.table import Table
    from rich.text import Text

    from sealkit.seal.review import review_order
    from sealkit.seal.words import name_words, time_words, what_words

    console.print(
        Text.assemble(
            (say("Seal {}").format(shown.number), "bold"),
            f"  {say(name_words(shown.history.state))}, ",
            say("record {}").format(shown.head.sequence),
        )
    )
    for record in recent(shown):
        told = f"  {record.sequence:>6}  {time_words(record.clock)}  {say(what_words(record))}"
        console.print(Text(told))
    table = Table(title=say("What will be signed"), title_justify="left", title_style="bold")
    for column in (say("Group"), say("Field"), say("Old"), say("New")):
        table.add_column(column, overflow="fold")
    group = ""
    for row in review_order(draft, shown.history):
        if group and row.group != group:
            table.add_section()
        style = "bold" if row.changed else "dim"
        table.add_row(
            say(row.group) if row.group != group else "",
            say(row.field),
            Text(say(row.old or "-"), style="dim"),
            Text(say(row.new), style=style),
        )
        group = row.group
    console.print(table)


def recent(shown: Shown) -> list[Any]:
    """The control records from the last SEAL on, at most twenty: what a signer must have seen."""
    from sealkit.wire.registry import OrderKind

    sealed = [
        applied.head.sequence
        for applied in shown.history.orders.values()
        if applied.kind is OrderKind.SEAL
    ]
    start = max(sealed, default=0)
    return [record for record in shown.records if record.sequence >= start][-20:]


def describe(draft: Draft, shown: Shown) -> dict[str, Any]:
    """An order in words for programs."""
    from sealkit.seal.review import review_order

    return {
        "seal": str(shown.number),
        "order": draft.kind.name.lower(),
        "order_id": draft.order_id.hex(),
        "head": shown.head.sequence,
        "signers": [
            {"name": signer.name, "role": signer.role.name.lower()} for signer in draft.signers
        ],
        "changes": [
            {"group": row.group, "field": row.field, "old": row.old, "new": row.new}
            for row in review_order(draft, shown.history)
        ],
    }
