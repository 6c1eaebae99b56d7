"""`sealkit station bundle, certificate, head, proofs`: what a station proves to others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sealkit_tools.station.options import LedgerCommand, ledger_options, opened
from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.options import FILE, json_option, prefix_option
from sealkit_tools.terminal.output import Verbatim, print_facts, print_json
from sealkit_tools.words.language import language, say

if TYPE_CHECKING:
    from sealkit.station.proof.proving import StationIdentity

station_key_option = prefix_option(
    "--key", "prefix", required=True, help="The station that signs: its key and its credential."
)


def station_identity(prefix: Path) -> StationIdentity:
    """The station of these files, its key unlocked. Errors: those of `load_person` and of its
    `key`; `UsageError` ISSUING_NOT_ALLOWED."""
    from sealkit.station.proof.proving import StationIdentity
    from sealkit_tools.keys.people import load_person

    person = load_person(prefix)
    return StationIdentity(person.key(), person.credential, person.issuers)


@click.command("bundle", cls=LedgerCommand)
@click.argument("seal")
@station_key_option
@click.option(
    "--show",
    metavar="GROUPS",
    help="Parameter groups to show, such as vehicle,tariff; the others as digests, without the"
    " log. By default all.",
)
@click.option("--leaf", type=click.IntRange(0), help="Another evidence than the latest.")
@click.option("--out", type=FILE, help="The file to write.")
@ledger_options
@json_option
def bundle_command(
    seal: str,
    prefix: Path,
    show: str | None,
    leaf: int | None,
    out: Path | None,
    directory: Path | None,
    database: str | None,
    trust_file: Path | None,
    as_json: bool,
) -> None:
    """Write an evidence bundle of SEAL (such as 500-23): one file that convinces anybody.

    It holds the latest evidence with its log, the last verdict on it, the proof that the ledger
    holds it, and whatever evidence contradicts it. `sealkit verify FILE` judges it offline.
    """
    from sealkit.keys.files import write_whole
    from sealkit.station.proof.proving import bundle_for, group_numbers
    from sealkit.wire.numbers import SealNumber

    number = SealNumber.from_text(seal)
    shown = None if show is None else group_numbers(show.lower())
    path = out or Path(f"{number}.sealbundle")
    with opened(directory, database, trust_file) as ledger:
        data = bundle_for(ledger, number, station_identity(prefix), now(), shown, leaf)
    write_whole(path, data, overwrite=False)
    if as_json:
        print_json("sealkit.station.bundle/1", seal=str(number), file=str(path), bytes=len(data))
        return
    print_facts(
        "Evidence bundle", [("seal", str(number)), ("file", Verbatim(path)), ("bytes", len(data))]
    )


@click.command("certificate", cls=LedgerCommand)
@click.argument("seal")
@station_key_option
@click.option("--language", "first", type=click.Choice(["zh", "en"]), help="Which stands first.")
@click.option(
    "--font",
    type=FILE,
    help="A Chinese TrueType font; by default one is looked for.",
)
@click.option("--out", type=FILE, help="The PDF to write.")
@ledger_options
@json_option
def certificate_command(
    seal: str,
    prefix: Path,
    first: str | None,
    font: Path | None,
    out: Path | None,
    directory: Path | None,
    database: str | None,
    trust_file: Path | None,
    as_json: bool,
) -> None:
    """Write a certificate that SEAL's last verification passed: a sheet to print, in Chinese and
    English, with a QR code that carries the signed statement.

    Only if the last verdict is intact and rests on the latest evidence: judge the seal first with
    `sealkit station verify SEAL`.
    """
    from sealkit.keys.files import write_whole
    from sealkit.station.proof.certificate.pdf import certificate_pdf
    from sealkit.station.proof.proving import attested
    from sealkit.wire.numbers import SealNumber

    number = SealNumber.from_text(seal)
    path = out or Path(f"{number}.pdf")
    with opened(directory, database, trust_file) as ledger:
        passed = attested(ledger, number, station_identity(prefix), now())
    pdf = certificate_pdf(passed, "zh" if (first or language()) == "zh" else "en", font)
    write_whole(path, pdf, overwrite=False)
    valid_until = passed.attestation.valid_until
    if as_json:
        print_json(
            "sealkit.station.certificate/1",
            seal=str(number),
            plate=passed.attestation.plate,
            file=str(path),
            valid_until=valid_until,
            text=passed.text,
        )
        return
    from sealkit.seal.words import time_words

    print_facts(
        "Certificate",
        [
            ("seal", str(number)),
            ("plate", Verbatim(passed.attestation.plate)),
            ("valid until", time_words(valid_until)),
            ("file", Verbatim(path)),
        ],
    )


@click.command("head", cls=LedgerCommand)
@station_key_option
@ledger_options
@json_option
def head_command(
    prefix: Path,
    directory: Path | None,
    database: str | None,
    trust_file: Path | None,
    as_json: bool,
) -> None:
    """Sign the head of the ledger's tree as it is now, to be given out; the ledger keeps it.

    Whoever keeps heads (as printed with --json, or in bundles) can ask for the proof that a later
    one continues an earlier one (`sealkit station proofs`) and check it offline (`sealkit
    witness`), so that the station cannot rewrite its past unseen.
    """
    from sealkit.seal.words import time_words
    from sealkit.station.proof.proving import tree_head

    with opened(directory, database, trust_file) as ledger:
        station = station_identity(prefix)
        head = tree_head(ledger, station, now())
    root, raw = head.root.hex(), head.raw.hex()
    if as_json:
        chain = [credential.hex() for credential in station.chain]
        told = {"size": head.size, "root": root, "time": head.time, "head": raw}
        print_json("sealkit.station.head/1", **told, credentials=chain)
        return
    print_facts(
        "Tree head",
        [("tree size", head.size), ("root", root), ("time", time_words(head.time)), ("head", raw)],
    )


@click.command("proofs", cls=LedgerCommand)
@click.argument("first", type=click.IntRange(0))
@click.argument("second", type=click.IntRange(0))
@ledger_options
@json_option
def proofs_command(
    first: int,
    second: int,
    directory: Path | None,
    database: str | None,
    trust_file: Path | None,
    as_json: bool,
) -> None:
    """Prove that the tree of size SECOND continues that of size FIRST (RFC 9162, 2.1.4)."""
    with opened(directory, database, trust_file) as ledger:
        path = [node.hex() for node in ledger.consistency(first, second)]
        roots = [ledger.root(size).hex() for size in (first, second)]
    if as_json:
        print_json("sealkit.station.proofs/1", first=first, second=second, roots=roots, path=path)
        return
    print_facts(
        "Consistency",
        [
            (say("root of {}").format(first), roots[0]),
            (say("root of {}").format(second), roots[1]),
            ("path", path),
        ],
    )
