"""`sealkit verify`: is the seal intact, and if not, what was touched, when and by whom."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sealkit.errors import UsageError
from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.options import FILE, json_option
from sealkit_tools.terminal.output import (
    CONCLUSION_STATUS,
    STYLES,
    in_words,
    print_json,
    print_table,
    show_findings,
    stdout,
)
from sealkit_tools.terminal.progress import reading
from sealkit_tools.verify.code import code_text, show_code
from sealkit_tools.verify.kept_files import file_of, is_bundle_file
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.language import language, say

if TYPE_CHECKING:
    from sealkit.appraisal import Material, Verdict
    from sealkit.seal import SealClient
    from sealkit.seal.client import Progress


@click.command(cls=Command)
@click.argument("spec_or_file", required=False)
@click.option(
    "--qr",
    metavar="TEXT",
    help="The text of a certificate's QR code instead of SPEC or a file; - reads it from stdin.",
)
@click.option("--plate", help="What stands on the vehicle, to be compared with the QR code's.")
@click.option(
    "--trust",
    "trust_file",
    type=FILE,
    required=True,
    help="The trust file: anchors and statement, made with `sealkit keys trust`.",
)
@click.option("--meter", help="SPEC of the meter's own line: ask the meter too, and compare.")
@click.option(
    "--earlier",
    type=FILE,
    multiple=True,
    help="An export or a bundle kept from an earlier visit: a copied or set-back seal contradicts"
    " it.",
)
@click.option("--parameters", is_flag=True, help="Show every sealed parameter too.")
@click.option("--no-journal", is_flag=True, help="Read the control chain alone: quicker.")
@json_option
@click.pass_context
def verify(
    context: click.Context,
    spec_or_file: str | None,
    qr: str | None,
    plate: str | None,
    trust_file: Path,
    meter: str | None,
    earlier: tuple[Path, ...],
    parameters: bool,
    no_journal: bool,
    as_json: bool,
) -> None:
    """Judge a seal (SPEC) now; an export or an evidence bundle as of its evidence; the text of a
    certificate's QR code, in a file or with --qr.

    Exit status: 0 intact, 7 broken, 9 undetermined; 2 for a file that is none of these. What could
    not be determined is never intact.
    """
    from sealkit.appraisal import Policy, TrustBundle, appraise
    from sealkit.appraisal.trust import TRUST_FILE_MAX
    from sealkit.keys.files import read_bounded

    trust = TrustBundle.from_json(read_bounded(trust_file, TRUST_FILE_MAX))
    code = code_text(spec_or_file, qr)
    if code is not None:
        if meter is not None or earlier or no_journal or parameters:
            raise _one_thing("A QR code has no log, and nothing to compare but a plate.")
        context.exit(show_code(code, plate, trust, as_json=as_json))
    if spec_or_file is None or plate is not None:
        raise _one_thing(
            "Nothing to verify is named."
            if plate is None
            else "A plate is compared with a QR code alone."
        )
    kept = tuple(_kept_evidence(path) for path in earlier)
    material = material_of(spec_or_file, meter, journal=not no_journal)._replace(earlier=kept)
    verdict = appraise(material, trust, Policy(), now=now())
    if as_json:
        told = parameter_words(verdict.parameters)
        print_json("sealkit.verify/1", **verdict.to_dict(language()), parameters=told)
    else:
        show(verdict)
        # A bundle that withholds some was made to show the others.
        if parameters or material.group_digests:
            show_parameters(verdict.parameters)
    context.exit(CONCLUSION_STATUS[verdict.conclusion.value])


def _one_thing(message: str) -> UsageError:
    return UsageError(
        "VERIFY_WHAT", message, "Name a SPEC or a file, or give a QR code's text with --qr."
    )


def _kept_evidence(path: Path) -> bytes:
    """The evidence in an export or a bundle. Errors: those of `is_bundle_file`, `parse_export` and
    `parse_bundle`; `UsageError` NO_EVIDENCE."""
    from sealkit.crypto import get_suite
    from sealkit.keys.files import read_bounded
    from sealkit.wire.bundle import BUNDLE_MAX, parse_bundle
    from sealkit.wire.export import EXPORT_MAX, parse_export

    if is_bundle_file(path):
        data = read_bounded(path, BUNDLE_MAX)
        evidence = parse_bundle(data, lambda suite: get_suite(suite).digest).evidence
    else:
        evidence = parse_export(read_bounded(path, EXPORT_MAX)).evidence
    if evidence is None:
        raise UsageError(
            "NO_EVIDENCE",
            f"{path} holds no evidence.",
            "Give an export that was made with `sealkit log export`.",
        )
    return evidence


def material_of(spec_or_file: str, meter: str | None, *, journal: bool) -> Material:
    """What there is to judge: from a file, or read from a seal with a fresh nonce."""
    path = file_of(spec_or_file)
    if path is not None:
        if meter is not None:
            raise UsageError(
                "METER_WITH_FILE",
                "An exported file is judged as of its evidence, and the meter is as it is now.",
                "Leave out `--meter`, or verify the seal itself.",
            )
        return material_of_file(path)
    from sealkit.seal import open_seal
    from sealkit_tools.devices.meter_look import ask_meter

    with open_seal(spec_or_file) as seal, reading(say("Reading the log")) as progress:
        material = material_of_seal(seal, journal=journal, progress=progress)
    if meter is None:
        return material
    return material._replace(meter_asked=True, meter_look=ask_meter(meter))


def material_of_file(path: Path) -> Material:
    """What is in a file: an evidence bundle, or else an export. Errors: those of `is_bundle_file`
    and `read_bounded`; what is wrong further on is among the findings."""
    from sealkit.appraisal import from_bundle, from_export
    from sealkit.keys.files import read_bounded
    from sealkit.wire.bundle import BUNDLE_MAX
    from sealkit.wire.export import EXPORT_MAX

    # A bundle is told by its first bytes, so that no more is read of it than one may have.
    if is_bundle_file(path):
        return from_bundle(read_bounded(path, BUNDLE_MAX))
    return from_export(read_bounded(path, EXPORT_MAX))


def material_of_seal(
    seal: SealClient, *, journal: bool = True, progress: Progress | None = None
) -> Material:
    """What a seal gives to a verifier who asks with a fresh nonce."""
    from sealkit.appraisal import Material
    from sealkit.seal.collecting import collect

    nonce = secrets.token_bytes(32)
    collected = collect(seal, journal=journal, nonce=nonce, progress=progress)
    return Material(
        evidence=collected.evidence.raw,
        nonce=nonce,
        seal_credential=collected.seal_credential,
        checkpoint=collected.checkpoint,
        groups=tuple(sorted(collected.groups.items())),
        control=collected.control,
        journal=collected.journal,
    )


def show(verdict: Verdict) -> None:
    """The verdict for people: over all, by layer, and each finding with its remedy."""
    from rich.text import Text

    from sealkit.seal.words import name_words, time_words

    console = stdout()
    word = verdict.conclusion.value
    head = Text.assemble(
        (say("Seal {}").format(verdict.seal or "?"), "bold"),
        ": ",
        (say(word), STYLES[word]),
    )
    if verdict.evidence_time is not None:
        when = time_words(verdict.evidence_time)
        head.append("  " + say("evidence of {}").format(when), "dim")
    console.print(head)
    for layer, conclusion in verdict.layers.items():
        console.print(
            Text.assemble(
                f"  {say(layer.value):<14} ", (say(conclusion.value), STYLES[conclusion.value])
            )
        )
    show_findings(console, verdict.findings)
    if verdict.head is not None and verdict.state is not None:
        facts = say("state {}, counters {:03d} / {:03d}, record {}").format(
            say(name_words(verdict.state)),
            (verdict.calibration_counter or 0) % 1000,
            (verdict.configuration_counter or 0) % 1000,
            verdict.head.sequence,
        )
        console.print(Text("\n  " + facts, style="dim"))
        for line in (*_sealed(verdict), *_gathered(verdict.statistics or {}), *_proven(verdict)):
            console.print(Text("  " + line, style="dim"))


def parameter_words(parameters: Mapping[int, bytes]) -> dict[str, dict[str, str]]:
    """Sealed parameters in words, by group and field; one that cannot be read as its bytes."""
    from sealkit.errors import MalformedError
    from sealkit.seal.review import group_words
    from sealkit.wire.registry import Group

    names = {int(group): group.name.lower() for group in Group}
    told = {}
    for number, data in sorted(parameters.items()):
        try:
            words = group_words(number, data)
        except MalformedError:
            words = {"bytes": data.hex()}
        told[names.get(number, str(number))] = words
    return told


def show_parameters(parameters: Mapping[int, bytes]) -> None:
    """Every sealed parameter that is at hand, for people."""
    rows = [
        (say(group) if at == 0 else "", say(name), in_words(value))
        for group, words in parameter_words(parameters).items()
        for at, (name, value) in enumerate(words.items())
    ]
    print_table("Sealed parameters", ("Group", "Field", "Value"), rows)


def _sealed(verdict: Verdict) -> Iterator[str]:
    """Which vehicle it is about, and until when it is verified, as far as that is shown."""
    told = parameter_words(verdict.parameters)
    vehicle, calibration = told.get("vehicle", {}), told.get("calibration", {})
    if "plate" in vehicle:
        yield say("sealed to {}, VIN {}").format(vehicle["plate"], vehicle.get("vin", "-"))
    if "valid_until" in calibration:
        yield say("verified until {}").format(in_words(calibration["valid_until"]))


def _proven(verdict: Verdict) -> Iterator[str]:
    """Whose ledger is proven to hold the evidence."""
    from sealkit.seal.words import time_words

    if verdict.entry is not None:
        entry = verdict.entry
        yield say("entry {} of {} in the ledger that {} signed on {}").format(
            entry.index, entry.size, entry.station, time_words(entry.time)
        )


def _gathered(statistics: Mapping[str, int]) -> Iterator[str]:
    """What the seal's checks have gathered, as far as there is anything."""
    if statistics.get("trips_seen"):
        yield say("{} trips, K {:.1f} by {:.1f} km of them").format(
            statistics["trips_seen"],
            statistics["k_inferred_milli"] / 1000,
            statistics["k_basis_m"] / 1000,
        )
    if statistics.get("motion_distance_m"):
        yield say("driven {:.1f} km by pulses, {:.1f} km by the second source").format(
            statistics["motion_pulses_m"] / 1000,
            statistics["motion_distance_m"] / 1000,
        )
