"""The certificate as a person prints it and as a scanner reads it: by real tools."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import reportlab
from appraisal.builder import MAKER, calibration
from station.fleet import NOW, handed_in, people, taxi, vehicle, visit
from support import needs

from sealkit.appraisal.attestation import AttestationConclusion, judge_attestation_text
from sealkit.errors import UsageError
from sealkit.station.ledger import Ledger
from sealkit.station.proof.certificate import fonts as certificate_fonts
from sealkit.station.proof.certificate.content import certificate_of
from sealkit.station.proof.certificate.pdf import certificate_pdf
from sealkit.station.proof.proving import Attested, StationIdentity, attested
from sealkit.wire.numbers import SealNumber
from sealkit.wire.parameters import TyreGroup, VehicleGroup

ONE = SealNumber(MAKER, 1)
needs_poppler = needs.program("pdftotext", package="poppler-utils")
needs_zbar = needs.program("zbarimg", package="zbar-tools")


def passed(url: str, **contents: object) -> Attested:
    with Ledger(url) as ledger:
        ledger.use_trust(people().trust, NOW)
        ledger.ingest_export(handed_in(taxi(1, **contents)), visit())
        ledger.judge(ONE, NOW)
        person = people().station
        return attested(ledger, ONE, StationIdentity(person.key, person.credential), NOW)


@pytest.fixture(scope="module")
def taxi_passed(shared_url: str) -> Attested:
    return passed(shared_url)


def text_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@needs_poppler
@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_languages_stand_on_one_sheet(taxi_passed: Attested, language: str) -> None:
    text = text_of(certificate_pdf(taxi_passed, "zh" if language == "zh" else "en"))
    for words in (
        "Certificate of Verification",
        "PASSED",
        "500-1/1",
        "LSVAA4187C2000001",
        "195/65R15",
        "2.40 / 2.40",
        "2023-11-15",
        "Wang",
    ):
        assert words in text, words
    assert text.count("\f") == 1
    assert "沪A00001" in text
    if certificate_fonts._installed():
        for words in ("电子封印核验证书", "封印完好", "车牌号", "有效期至", "起步价"):
            assert words in text, words
    first = text.find("Certificate of Verification")
    assert (first > text.find("电子封印核验证书")) == (language == "zh")


@needs_poppler
@needs_zbar
def test_the_code_is_read_from_the_printed_sheet(taxi_passed: Attested, tmp_path: Path) -> None:
    (tmp_path / "sheet.pdf").write_bytes(certificate_pdf(taxi_passed, "zh"))
    subprocess.run(
        ["pdftoppm", "-r", "200", "-gray", "-png", "-singlefile", "sheet.pdf", "sheet"],
        cwd=tmp_path,
        check=True,
    )
    # QR codes alone: here and there zbar takes a few bars of one for a bar code.
    only = ("-Sdisable", "-Sqrcode.enable")
    done = subprocess.run(
        ["zbarimg", "-q", "--raw", *only, "sheet.png"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.rstrip("\n") == taxi_passed.text
    judged = judge_attestation_text(people().trust, done.stdout, (), NOW, "沪A00001")
    assert judged.conclusion is AttestationConclusion.HOLDS


def test_the_same_attestation_gives_the_same_file(taxi_passed: Attested) -> None:
    first = certificate_pdf(taxi_passed, "zh")
    assert certificate_pdf(taxi_passed, "en") != first
    assert certificate_pdf(taxi_passed, "zh") == first
    assert first.startswith(b"%PDF-")
    assert len(first) < 200_000


@needs_poppler
def test_the_used_letters_are_in_the_file(taxi_passed: Attested, tmp_path: Path) -> None:
    if not certificate_fonts._installed():
        pytest.skip("no Chinese font on this machine")
    (tmp_path / "sheet.pdf").write_bytes(certificate_pdf(taxi_passed, "zh"))
    fonts = subprocess.run(
        ["pdffonts", "sheet.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    chinese = [line for line in fonts.stdout.splitlines() if "+" in line.split()[0]]
    assert chinese
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in chinese)


def test_without_a_chinese_font_the_viewer_brings_one(
    taxi_passed: Attested, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate_fonts, "_installed", tuple)
    pdf = certificate_pdf(taxi_passed, "zh")
    assert b"STSong-Light" in pdf
    assert certificate_pdf(taxi_passed, "zh") == pdf


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x00\x00" * 50, b"ttcf" + bytes(64), None])
def test_a_font_that_cannot_be_used_is_refused(
    taxi_passed: Attested, tmp_path: Path, content: bytes | None
) -> None:
    font = tmp_path / "font.ttf"
    if content is not None:
        font.write_bytes(content)
    with pytest.raises(UsageError, match="FONT_UNUSABLE"):
        certificate_pdf(taxi_passed, "zh", font)


def test_a_font_without_chinese_is_refused(taxi_passed: Attested) -> None:
    # reportlab brings this one along.
    latin = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    with pytest.raises(UsageError, match="no Chinese characters"):
        certificate_pdf(taxi_passed, "zh", latin)


@needs_poppler
def test_long_and_strange_contents_stay_on_the_sheet(url: str) -> None:
    """The longest texts that fit their fields, and no end of validity."""
    long = calibration(valid_until=0)
    told = passed(
        url,
        vehicle=VehicleGroup("沪" + "M" * 13, "A00001", "W" * 17),
        tyre=TyreGroup("W" * 16, 2_500_000),
        calibration=replace(long, workshop="检" * 16),
    )
    assert certificate_of(told).valid_until == "2024-11-15"
    text = text_of(certificate_pdf(told, "en"))
    assert "W" * 17 in text
    assert "沪" + "M" * 13 in text
    assert vehicle(1).plate not in text
