"""`sealkit witness`: does a station's ledger continue what the station gave out before?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sealkit.errors import UsageError
from sealkit_tools.terminal.options import FILE, json_option
from sealkit_tools.terminal.output import (
    CONCLUSION_STATUS,
    STYLES,
    print_json,
    show_findings,
    stdout,
)
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.language import language, say

if TYPE_CHECKING:
    from sealkit.appraisal import TrustBundle
    from sealkit.appraisal.verdict import Conclusion, Finding
    from sealkit.wire.witness import TreeHead

_FILE_MAX: Final = 1 << 20
_MAGIC_BYTES: Final = 8


@click.command("witness", cls=Command)
@click.argument("earlier", type=FILE)
@click.argument("later", type=FILE)
@click.option(
    "--proof",
    type=FILE,
    help="The proof between them: of `sealkit station proofs --json`, or the service's"
    " tree/consistency.",
)
@click.option(
    "--station",
    type=FILE,
    help="The station's credential, if neither file holds it.",
)
@click.option(
    "--trust",
    "trust_file",
    type=FILE,
    required=True,
    help="The trust file: anchors and statement, made with `sealkit keys trust`.",
)
@json_option
@click.pass_context
def witness(
    context: click.Context,
    earlier: Path,
    later: Path,
    proof: Path | None,
    station: Path | None,
    trust_file: Path,
    as_json: bool,
) -> None:
    """Check, offline, that two tree heads of a station, EARLIER and LATER, are of one ledger whose
    past was not rewritten between them.

    A tree head is in an evidence bundle, in what `sealkit station head --json` prints, and in what
    the service's tree/head answers. Exit status: 0 it is one ledger, 7 its past was rewritten, or
    a head is forged, 9 undetermined.
    """
    from sealkit.appraisal import TrustBundle
    from sealkit.appraisal.trust import TRUST_FILE_MAX
    from sealkit.appraisal.verdict import conclude
    from sealkit.keys.credentialfile import read_credentials
    from sealkit.keys.files import read_bounded

    trust = TrustBundle.from_json(read_bounded(trust_file, TRUST_FILE_MAX))
    credentials = [] if station is None else read_credentials(station)
    raws = []
    for path in (earlier, later):
        raw, of_file = _read_head(path)
        raws.append(raw)
        credentials += of_file
    heads, findings = _judge(trust, raws, credentials, None if proof is None else _read_path(proof))
    conclusion = conclude(tuple(findings))[0]
    _show(heads, findings, conclusion, as_json=as_json)
    context.exit(CONCLUSION_STATUS[conclusion.value])


def _judge(
    trust: TrustBundle, raws: list[bytes], credentials: list[bytes], path: list[bytes] | None
) -> tuple[list[TreeHead], list[Finding]]:
    """The heads that could be read, and what is wrong with them and between them."""
    from sealkit.appraisal.station import judge_tree_head, judge_tree_heads

    heads, findings = [], []
    for raw in raws:
        head, found = judge_tree_head(trust, raw, credentials)
        findings += found
        if head is not None:
            heads.append(head)
    if len(heads) == len(raws) and not findings:
        findings += judge_tree_heads(trust, heads[0], heads[1], path, credentials)
    return heads, findings


def _read_head(path: Path) -> tuple[bytes, list[bytes]]:
    """The tree head in a file, and the credentials beside it. Errors: those of `parse_bundle`;
    `UsageError` TREE_HEAD_MISSING."""
    from sealkit.crypto import get_suite
    from sealkit.keys.files import read_bounded, read_start
    from sealkit.wire.bundle import BUNDLE_MAX, is_bundle, parse_bundle

    if is_bundle(read_start(path, _MAGIC_BYTES)):
        bundle = parse_bundle(read_bounded(path, BUNDLE_MAX), lambda suite: get_suite(suite).digest)
        if bundle.tree_head is None:
            raise _no_head(path)
        return bundle.tree_head, list(bundle.credentials)
    told = _object(path)
    try:
        credentials = [bytes.fromhex(one) for one in told.get("credentials", [])]
        return bytes.fromhex(told["head"]), credentials
    except (KeyError, TypeError, ValueError) as error:
        raise _no_head(path) from error


def _read_path(path: Path) -> list[bytes]:
    """The hashes of a proof of consistency. Errors: `UsageError` PROOF_MALFORMED."""
    try:
        return [bytes.fromhex(one) for one in _object(path)["path"]]
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            "PROOF_MALFORMED",
            f"{path} holds no proof of consistency.",
            "Give what `sealkit station proofs --json` printed.",
        ) from error


def _object(path: Path) -> dict[str, Any]:
    """A JSON object; empty for anything else."""
    from sealkit.keys.files import read_bounded

    try:
        told = json.loads(read_bounded(path, _FILE_MAX))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _no_head(path: Path) -> UsageError:
    return UsageError(
        "TREE_HEAD_MISSING",
        f"{path} holds no tree head.",
        "Give a bundle, or what `sealkit station head --json` printed.",
    )


def _show(
    heads: list[TreeHead], findings: list[Finding], conclusion: Conclusion, *, as_json: bool
) -> None:
    from rich.text import Text

    from sealkit.seal.words import time_words

    if as_json:
        print_json(
            "sealkit.witness/1",
            conclusion=conclusion.value,
            heads=[
                {"size": head.size, "root": head.root.hex(), "time": head.time} for head in heads
            ],
            findings=[
                {
                    "code": found.code,
                    "message": found.message(language()),
                    "remedy": found.remedy(language()),
                }
                for found in findings
            ],
        )
        return
    console = stdout()
    word = conclusion.value
    console.print(Text.assemble((say("Ledger"), "bold"), ": ", (say(word), STYLES[word])))
    for head in heads:
        text = say("tree of {} entries, signed on {}").format(head.size, time_words(head.time))
        console.print(Text("  " + text, style="dim"))
    show_findings(console, findings)
