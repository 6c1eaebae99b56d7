"""`sealkit verify` on the text of a certificate's QR code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sealkit.errors import ExitStatus, UsageError
from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.output import Verbatim, print_facts, print_json
from sealkit_tools.words.language import language

if TYPE_CHECKING:
    from sealkit.appraisal import TrustBundle
    from sealkit.appraisal.attestation import JudgedAttestation

_TEXT_MAX: Final = 4096
_STATUSES: Final = {
    "holds": ExitStatus.DONE,
    "invalid": ExitStatus.BROKEN,
    "expired": ExitStatus.UNDETERMINED,
    "unknown": ExitStatus.UNDETERMINED,
}


def code_text(spec_or_file: str | None, qr: str | None) -> str | None:
    """The text of a QR code: as it was given, from stdin for `-`, or in a file that begins like
    one; None for anything else. Errors: `UsageError` VERIFY_WHAT, FILE_TOO_LARGE."""
    from sealkit.keys.files import read_bounded, read_start
    from sealkit.wire.witness import ATTESTATION_PREFIX

    if qr is not None and spec_or_file is not None:
        raise UsageError(
            "VERIFY_WHAT",
            "A QR code is given, and something else too.",
            "Name a SPEC or a file, or give a QR code's text with --qr.",
        )
    if qr == "-":
        # Not more than one can be; the rest of an endless input is not waited for.
        return sys.stdin.buffer.read(_TEXT_MAX).decode("ascii", "replace")
    if qr is not None:
        return qr
    begins = ATTESTATION_PREFIX.encode()
    if spec_or_file is None or not Path(spec_or_file).is_file():
        return None
    if read_start(spec_or_file, len(begins)) != begins:
        return None
    return read_bounded(spec_or_file, _TEXT_MAX).decode("ascii", "replace")


def show_code(text: str, plate: str | None, trust: TrustBundle, *, as_json: bool) -> ExitStatus:
    """Judges it now, and shows what it comes to; the exit status."""
    from sealkit.appraisal.attestation import judge_attestation_text

    judged = judge_attestation_text(trust, text, (), now(), plate)
    if as_json:
        _print_json(judged)
    else:
        _print(judged)
    return _STATUSES[judged.conclusion.value]


def _print_json(judged: JudgedAttestation) -> None:
    told, station = judged.attestation, judged.station
    print_json(
        "sealkit.verify.code/1",
        conclusion=judged.conclusion.value,
        message=getattr(judged.message, language()),
        seal=None if told is None else str(told.number),
        plate=None if told is None else told.plate,
        evidence_time=None if told is None else told.evidence_time,
        issued_at=None if told is None else told.issued_at,
        valid_until=None if told is None else told.valid_until,
        station=None if station is None else station.name,
        findings=[
            {
                "code": found.code,
                "message": found.message(language()),
                "remedy": found.remedy(language()),
            }
            for found in judged.findings
        ],
    )


def _print(judged: JudgedAttestation) -> None:
    from sealkit.seal.words import time_words

    facts: list[tuple[str, object]] = [
        ("conclusion", judged.conclusion.value),
        ("message", getattr(judged.message, language())),
    ]
    told = judged.attestation
    if told is not None and judged.station is not None:
        facts += [
            ("seal", str(told.number)),
            ("plate", Verbatim(told.plate)),
            ("station", Verbatim(judged.station.name)),
            ("evidence time", time_words(told.evidence_time)),
            ("issued", time_words(told.issued_at)),
            ("valid until", time_words(told.valid_until)),
        ]
    facts += [
        (found.code, f"{found.message(language())}\n→ {found.remedy(language())}")
        for found in judged.findings
    ]
    print_facts("Attestation", facts)
