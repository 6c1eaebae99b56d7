"""`sealkit order`: an order that is carried from one signer to the other, and to the seal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sealkit_tools.seal.giving import (
    ask,
    describe,
    finish,
    show_review,
    warn_of_challenge,
)
from sealkit_tools.terminal.options import FILE, json_option
from sealkit_tools.terminal.output import in_words, print_json, print_table, stderr, stdout
from sealkit_tools.words.bilingual import Group
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from rich.console import Console

    from sealkit.seal.orderfile import CarriedOrder


@click.group(cls=Group)
def order() -> None:
    """Show, sign and send an order that was carried here in a file."""


def _read(path: Path) -> CarriedOrder:
    from sealkit.keys.files import read_bounded
    from sealkit.seal.orderfile import ORDER_FILE_MAX, parse_order_file

    return parse_order_file(read_bounded(path, ORDER_FILE_MAX))


def _show(carried: CarriedOrder, console: Console) -> None:
    show_review(carried.draft, carried.shown, console)
    draft = carried.draft
    print_table(
        "Signatures",
        ["Signer", "Role", "Signed"],
        [
            (signer.name, say(signer.role.name.lower()), in_words(signature is not None))
            for signer, signature in zip(draft.signers, draft.signatures, strict=True)
        ],
        console,
    )
    warn_of_challenge(draft)


@order.command("show")
@click.argument("file", type=FILE)
@json_option
def show(file: Path, as_json: bool) -> None:
    """Show what an order file's bytes say; what is written beside them is not believed."""
    carried = _read(file)
    if not as_json:
        _show(carried, stdout())
        return
    draft = carried.draft
    print_json(
        "sealkit.order.show/1",
        **describe(draft, carried.shown),
        complete=draft.complete,
        signatures=[
            {"name": signer.name, "role": signer.role.name.lower(), "signed": signature is not None}
            for signer, signature in zip(draft.signers, draft.signatures, strict=True)
        ],
    )


@order.command("sign")
@click.argument("file", type=FILE)
@click.option(
    "--key",
    required=True,
    metavar="PREFIX or URI",
    help="The signer's key: PREFIX.pem or PREFIX.pkcs11, or pkcs11:...",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def sign(file: Path, key: str, yes: bool, as_json: bool) -> None:
    """Look at an order and sign it, in its place in the file."""
    from sealkit.keys.files import write_whole
    from sealkit.seal.orderfile import build_order_file
    from sealkit_tools.keys.people import unlock

    carried = _read(file)
    if not (as_json and yes):
        _show(carried, stderr())
    ask(yes, say("Sign this order?"))
    draft = carried.draft.sign(unlock(key))
    write_whole(file, build_order_file(draft, carried.shown))
    if as_json:
        print_json("sealkit.order.signed/1", file=str(file), complete=draft.complete)
    else:
        click.echo(say("Signed: {}").format(file), err=True)


@order.command("send")
@click.argument("spec")
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def send(spec: str, file: Path, yes: bool, as_json: bool) -> None:
    """Give a signed order to the seal at SPEC, and read back what it did."""
    from sealkit.errors import UsageError
    from sealkit.seal import open_seal
    from sealkit.seal.history import read_history

    draft = _read(file).draft
    if not draft.complete:
        waiting = [
            signer.name
            for signer, signature in zip(draft.signers, draft.signatures, strict=True)
            if signature is None
        ]
        raise UsageError(
            "SIGNATURES_MISSING",
            f"The order still waits for {', '.join(waiting)}.",
            "Have it signed: `sealkit order sign`.",
        )
    with open_seal(spec) as client:
        shown = read_history(client)
        if not (as_json and yes):
            show_review(draft, shown, stderr())
        ask(yes, say("Give this order?"))
        finish(client, draft, shown, as_json)


@order.command("challenge")
@click.argument("spec")
@json_option
def challenge(spec: str, as_json: bool) -> None:
    """Ask the seal at SPEC for a challenge, for an order that a station prepares.

    It lives as long as an order's, ten minutes, and ends with the next one.
    """
    from sealkit.seal import open_seal

    with open_seal(spec) as client:
        given = client.challenge()
    if as_json:
        print_json("sealkit.order.challenge/1", challenge=given.challenge.hex())
    else:
        click.echo(given.challenge.hex())
