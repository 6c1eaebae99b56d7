"""`sealkit keys show` and `verify`: what a file of credentials says, and whether it holds."""

from __future__ import annotations

from pathlib import Path

import click

from sealkit_tools.keys.facts import credential_facts, statement_facts
from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.options import FILE, json_option
from sealkit_tools.terminal.output import print_facts, print_json
from sealkit_tools.words.bilingual import Command


@click.command("show", cls=Command)
@click.argument("file", type=FILE)
@json_option
def show(file: Path, as_json: bool) -> None:
    """Show a credential file, a trust statement or a trust file."""
    from sealkit.keys.files import read_bounded

    head = read_bounded(file, 1 << 20)
    if head.lstrip().startswith(b"{"):
        from sealkit.appraisal.trust import TrustBundle

        bundle = TrustBundle.from_json(head)
        anchors = [bundle.authority, *bundle.manufacturers]
        shown = [credential_facts(anchor) for anchor in anchors]
        if bundle.statement is not None:
            shown.append(statement_facts(bundle.statement))
    elif b"TRUST STATEMENT" in head:
        from sealkit.keys.credentialfile import read_statement
        from sealkit.wire.credentials import TRUST_STATEMENT

        shown = [statement_facts(TRUST_STATEMENT.parse(read_statement(file)))]
    else:
        from sealkit.keys.credentialfile import read_credentials
        from sealkit.wire.credentials import CREDENTIAL

        shown = [credential_facts(CREDENTIAL.parse(raw)) for raw in read_credentials(file)]
    if as_json:
        print_json("sealkit.keys.show/1", items=shown)
        return
    for item in shown:
        print_facts(str(item.get("name", "Trust statement")), item.items())


@click.command("verify", cls=Command)
@click.argument("file", type=FILE)
@click.option("--trust", "trust_file", type=FILE, required=True, help="The trust file.")
@json_option
def verify(file: Path, trust_file: Path, as_json: bool) -> None:
    """Say whether a credential holds today, under the authority of a trust file."""
    from sealkit.appraisal.trust import TrustBundle
    from sealkit.keys.files import read_bounded
    from sealkit.rules.credentials import Moment, judge_credential
    from sealkit_tools.keys.people import load_person

    bundle = TrustBundle.from_json(read_bounded(trust_file, 1 << 20))
    person = load_person(file)
    judge_credential(
        bundle.suite,
        person.credential,
        pool=person.issuers,
        anchor=bundle.authority,
        statement=bundle.statement,
        moment=Moment(now()),
    )
    if as_json:
        print_json(
            "sealkit.keys.verify/1", holds=True, credential=credential_facts(person.credential)
        )
    else:
        print_facts("The credential holds", credential_facts(person.credential).items())
