"""The certificate's file."""

from __future__ import annotations

from pathlib import Path

from sealkit.appraisal.verdict import Language
from sealkit.errors import UsageError
from sealkit.station.proof.certificate.content import certificate_of
from sealkit.station.proof.proving import Attested


def certificate_pdf(attested: Attested, language: Language, font: Path | None = None) -> bytes:
    """The certificate as a PDF: one sheet of A4. The same attestation gives the same bytes.

    language: which of the two stands first. font: a file with a Chinese TrueType font; without it
    one is looked for. Errors: `UsageError` FONT_UNUSABLE, STATION_MISSING.
    """
    try:
        from sealkit.station.proof.certificate.fonts import fonts
        from sealkit.station.proof.certificate.sheet import draw_sheet
    except ImportError as error:
        raise UsageError(
            "STATION_MISSING",
            "A certificate needs reportlab and segno, which are not installed.",
            "Install them: pip install 'sealkit[station]'.",
        ) from error
    return draw_sheet(certificate_of(attested), language, fonts(font))
