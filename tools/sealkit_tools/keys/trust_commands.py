"""`sealkit keys statement` and `trust`: whom a fleet believes, and whom no longer."""

from __future__ import annotations

from pathlib import Path

import click

from sealkit_tools.keys.facts import statement_facts
from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.options import FILE, json_option, prefix_option
from sealkit_tools.terminal.output import print_facts, print_json
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.language import say


@click.command("statement", cls=Command)
@click.argument("output", type=FILE)
@prefix_option("--authority", required=True, help="The authority's key and credential.")
@click.option(
    "--version",
    type=click.IntRange(1, 0xFFFFFFFF),
    required=True,
    help="Higher than that of any statement before.",
)
@click.option("--revoke", type=FILE, multiple=True, help="A .cred file whose holder is revoked.")
@click.option(
    "--minimum",
    type=(FILE, click.IntRange(0, 0xFFFF)),
    multiple=True,
    metavar="ISSUER.cred GENERATION",
    help="The lowest generation accepted from an issuer.",
)
@json_option
def statement(
    output: Path,
    authority: Path,
    version: int,
    revoke: tuple[Path, ...],
    minimum: tuple[tuple[Path, int], ...],
    as_json: bool,
) -> None:
    """As an authority, sign a trust statement for the whole fleet. It replaces the one before."""
    from sealkit.crypto import get_suite
    from sealkit.keys.credentialfile import write_statement
    from sealkit.keys.issuing import issue_statement
    from sealkit.wire.credentials import Minimum, Revoked
    from sealkit_tools.keys.people import load_person

    person = load_person(authority)
    suite = get_suite(person.credential.suite)
    lost = [load_person(path).credential for path in revoke]
    signed = issue_statement(
        person.key(),
        person.credential,
        version=version,
        issued_at=now(),
        minimums=tuple(
            Minimum(suite.key_id(load_person(path).credential.public_key), generation)
            for path, generation in minimum
        ),
        revoked=tuple(Revoked(credential.issuer, credential.serial) for credential in lost),
    )
    write_statement(output, signed.raw)
    if as_json:
        print_json("sealkit.keys.statement/1", file=str(output), statement=statement_facts(signed))
    else:
        print_facts(say("Statement written to {}").format(output), statement_facts(signed).items())


@click.command("trust", cls=Command)
@click.argument("output", type=FILE)
@click.option("--authority", type=FILE, required=True, help="The authority's .cred file.")
@click.option("--manufacturer", type=FILE, multiple=True, required=True, help="A .cred file.")
@click.option("--statement", "statement_file", type=FILE, help="The current trust statement.")
@json_option
def trust(
    output: Path,
    authority: Path,
    manufacturer: tuple[Path, ...],
    statement_file: Path | None,
    as_json: bool,
) -> None:
    """Put anchors and statement into the trust file that `sealkit verify` needs."""
    from sealkit.appraisal.trust import TrustBundle
    from sealkit.crypto import get_suite
    from sealkit.keys.credentialfile import read_statement
    from sealkit.keys.files import write_whole
    from sealkit.wire.credentials import TRUST_STATEMENT
    from sealkit_tools.keys.people import load_person

    anchor = load_person(authority).credential
    bundle = TrustBundle(
        suite=get_suite(anchor.suite),
        authority=anchor,
        manufacturers=tuple(load_person(path).credential for path in manufacturer),
        statement=(
            TRUST_STATEMENT.parse(read_statement(statement_file)) if statement_file else None
        ),
    )
    data = bundle.to_json()
    TrustBundle.from_json(data)  # what we could not read ourselves must not leave the house
    write_whole(output, data)
    if as_json:
        print_json("sealkit.keys.trust/1", file=str(output))
    else:
        print_facts(
            say("Trust file written to {}").format(output),
            [
                ("authority", anchor.name),
                ("manufacturers", [maker.name for maker in bundle.manufacturers]),
                ("version", 0 if bundle.statement is None else bundle.statement.version),
            ],
        )
