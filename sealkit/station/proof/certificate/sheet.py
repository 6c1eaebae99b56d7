"""How a certificate looks: one sheet of A4, drawn with reportlab, its code with segno."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from threading import Lock
from typing import Any, Final

import segno
from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from sealkit.appraisal.verdict import Detail, Language
from sealkit.station.proof.certificate.content import Certificate, Section
from sealkit.station.proof.certificate.fonts import Fonts

MM: Final = 72 / 25.4
"""Points, in which reportlab counts, of a millimetre."""
_WIDTH: Final = 210 * MM
_HEIGHT: Final = 297 * MM
_INK: Final = HexColor("#14213d")
_LINE: Final = HexColor("#1f4e79")
_PALE: Final = HexColor("#c9d6e3")
_SOFT: Final = HexColor("#5b6b7d")
_PASSED: Final = HexColor("#1b6b45")
_LEFT: Final = 26 * MM
_RIGHT: Final = _WIDTH - 26 * MM
_VALUE: Final = 80 * MM
_CODE: Final = 52 * MM
_QUIET_MODULES: Final = 4
_SMALLEST: Final = 6.0

_TITLE: Final = Detail(
    "Certificate of Verification of an Electronic Seal", "出租汽车计价器电子封印核验证书"
)
_NUMBER: Final = Detail("No.", "证书编号")
_PASSED_WORDS: Final = Detail("PASSED: SEAL INTACT", "核验合格 · 封印完好")
_VALID: Final = Detail("Valid until", "有效期至")
_STATION: Final = Detail("Station", "检定站")
_ISSUED: Final = Detail("Issued", "签发时间")
_STAMP: Final = Detail("Seal and signature of the station", "检定站（盖章）")
_CHECK: Final = (
    Detail(
        "The code carries this statement, signed by the station.",
        "二维码载有检定站签署的本声明。",
    ),
    Detail("Compare the plate it shows with the vehicle's.", "请将其显示的车牌号与车辆核对。"),
    Detail(
        "Check it at the station's page, or offline: sealkit verify --qr",
        "可在检定站网页查验，或离线查验：sealkit verify --qr",
    ),
)
_FOOT: Final = Detail(
    "Times are Beijing time. Only the signed code is proof; the sheet is for reading.",
    "时间为北京时间。唯签名二维码具有证明效力，纸面文字仅供阅读。",
)

_drawing: Final = Lock()
"""Fonts keep track of what is drawn with them."""


def draw_sheet(certificate: Certificate, language: Language, fonts: Fonts) -> bytes:
    """The PDF. It holds no time and no number of its own, so that the same gives the same."""
    with _drawing:
        file = BytesIO()
        canvas = Canvas(file, pagesize=(_WIDTH, _HEIGHT), invariant=1, pageCompression=1)
        canvas.setTitle(f"{_TITLE.en} {certificate.title_number}")
        canvas.setAuthor(certificate.station)
        canvas.setSubject(_TITLE.zh)
        canvas.setCreator("sealkit")
        _Sheet(canvas, language, fonts).draw(certificate)
        canvas.showPage()
        canvas.save()
        return file.getvalue()


class _Sheet:
    """Draws from the top down; lengths in points, y from the bottom."""

    def __init__(self, canvas: Any, language: Language, fonts: Fonts) -> None:
        self._canvas = canvas
        self._chinese_first = language == "zh"
        self._fonts = fonts

    def draw(self, certificate: Certificate) -> None:
        self._frame()
        y = self._head(certificate)
        y = self._passed(certificate, y)
        for section in certificate.sections:
            y = self._section(section, y)
        self._proof(certificate)

    # Parts.

    def _frame(self) -> None:
        canvas = self._canvas
        canvas.setStrokeColor(_LINE)
        for inset, width in ((12 * MM, 1.6), (14 * MM, 0.5)):
            canvas.setLineWidth(width)
            canvas.rect(inset, inset, _WIDTH - 2 * inset, _HEIGHT - 2 * inset)

    def _head(self, certificate: Certificate) -> float:
        y = _HEIGHT - 36 * MM
        first, second = self._both(_TITLE)
        self._text(_WIDTH / 2, y, first, 21, align="centre", bold=True)
        y -= 8 * MM
        self._text(_WIDTH / 2, y, second, 12.5, align="centre", colour=_SOFT)
        y -= 7 * MM
        label = " ".join(self._both(_NUMBER))
        self._text(_WIDTH / 2, y, f"{label}  {certificate.title_number}", 9.5, align="centre")
        return y - 7 * MM

    def _passed(self, certificate: Certificate, y: float) -> float:
        """The band with what matters most: plate, verdict, until when."""
        canvas, height = self._canvas, 23 * MM
        bottom = y - height
        canvas.setFillColor(HexColor("#eef4f0"))
        canvas.setStrokeColor(_PASSED)
        canvas.setLineWidth(0.8)
        canvas.roundRect(_LEFT, bottom, _RIGHT - _LEFT, height, 2 * MM, fill=1)
        first, second = self._both(_PASSED_WORDS)
        self._text(_LEFT + 7 * MM, bottom + 13 * MM, first, 15, colour=_PASSED, bold=True)
        self._text(_LEFT + 7 * MM, bottom + 6.5 * MM, second, 10, colour=_PASSED)
        plate = certificate.plate
        size = self._fitting(plate, 17, 60 * MM, bold=True)
        self._text(_RIGHT - 7 * MM, bottom + 13 * MM, plate, size, align="right", bold=True)
        valid = f"{' '.join(self._both(_VALID))}  {certificate.valid_until}"
        self._text(_RIGHT - 7 * MM, bottom + 6.5 * MM, valid, 9.5, align="right")
        return bottom - 9 * MM

    def _section(self, section: Section, y: float) -> float:
        first, second = self._both(section.heading)
        end = self._text(_LEFT, y, first, 11, colour=_LINE, bold=True)
        self._text(end + 2 * MM, y, second, 9, colour=_SOFT)
        y -= 2 * MM
        self._rule(y, _LINE, 0.6)
        for row in section.rows:
            y -= 5.4 * MM
            first, second = self._both(row.label)
            end = self._text(_LEFT + 1 * MM, y, first, 9.5)
            self._text(end + 2 * MM, y, second, 8, colour=_SOFT)
            self._value(row.value, y)
            self._rule(y - 1.7 * MM, _PALE, 0.3)
        return y - 8 * MM

    def _value(self, value: Detail, y: float) -> None:
        told = self._both(value)[0]
        self._text(_VALUE, y, told, self._fitting(told, 9.5, _RIGHT - _VALUE))

    def _proof(self, certificate: Certificate) -> None:
        """The code, how to check it, and room for a stamp."""
        bottom = 25 * MM
        self._code(certificate.code, _LEFT, bottom)
        x, y = _LEFT + _CODE + 6 * MM, bottom + _CODE - 4 * MM
        for label, told in ((_STATION, certificate.station), (_ISSUED, certificate.issued)):
            first, second = self._both(label)
            end = self._text(x, y, first, 9.5)
            end = self._text(end + 1.5 * MM, y, second, 8, colour=_SOFT)
            at = max(end + 3 * MM, x + 30 * MM)
            size = self._fitting(told, 10, _RIGHT - at, bold=True)
            self._text(at, y, told, size, bold=True)
            y -= 6 * MM
        y -= 1 * MM
        for line in _CHECK:
            first, second = self._both(line)
            self._text(x, y, first, 8)
            self._text(x, y - 3.6 * MM, second, 7, colour=_SOFT)
            y -= 8.4 * MM
        first, second = self._both(_STAMP)
        self._text(_RIGHT, bottom + 1 * MM, f"{first}  {second}", 8, align="right", colour=_SOFT)
        first, second = self._both(_FOOT)
        self._text(_WIDTH / 2, 19.5 * MM, first, 7, align="centre", colour=_SOFT)
        self._text(_WIDTH / 2, 16.6 * MM, second, 6.5, align="centre", colour=_SOFT)

    def _code(self, text: str, x: float, y: float) -> None:
        """The QR code as one path: alphanumeric, so that it is small; level M for wear."""
        code = segno.make_qr(text, error="M", mode="alphanumeric", boost_error=False)
        rows = tuple(code.matrix)
        module = _CODE / (len(rows) + 2 * _QUIET_MODULES)
        path = self._canvas.beginPath()
        for line, row in enumerate(rows):
            top = y + _CODE - (line + _QUIET_MODULES) * module
            for start, length in _dark(row):
                left = x + (start + _QUIET_MODULES) * module
                path.rect(left, top - module, length * module, module)
        self._canvas.setFillColor(HexColor("#000000"))
        self._canvas.drawPath(path, stroke=0, fill=1)

    # Letters.

    def _both(self, text: Detail) -> tuple[str, str]:
        return (text.zh, text.en) if self._chinese_first else (text.en, text.zh)

    def _rule(self, y: float, colour: Any, width: float) -> None:
        self._canvas.setStrokeColor(colour)
        self._canvas.setLineWidth(width)
        self._canvas.line(_LEFT, y, _RIGHT, y)

    def _width(self, text: str, size: float, *, bold: bool = False) -> float:
        fonts = self._fonts
        return sum(
            float(stringWidth(piece, fonts.of(piece, bold=bold), size)) for piece in _pieces(text)
        )

    def _fitting(self, text: str, size: float, width: float, *, bold: bool = False) -> float:
        """The size at which a text is not wider: the one wished for, or a smaller one."""
        while size > _SMALLEST and self._width(text, size, bold=bold) > width:
            size -= 0.25
        return size

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        align: str = "left",
        colour: Any = _INK,
        bold: bool = False,
    ) -> float:
        """Draws a line of text; where it ends."""
        width = self._width(text, size, bold=bold)
        x -= {"left": 0.0, "centre": width / 2, "right": width}[align]
        self._canvas.setFillColor(colour)
        for piece in _pieces(text):
            font = self._fonts.of(piece, bold=bold)
            self._canvas.setFont(font, size)
            self._canvas.drawString(x, y, piece)
            x += stringWidth(piece, font, size)
        return x


_PIECES: Final = re.compile(r"[\x20-\x7e]+|[^\x20-\x7e]+")


def _pieces(text: str) -> list[str]:
    """The text cut into Latin and other pieces, which have fonts of their own."""
    return _PIECES.findall(text)


def _dark(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Start and length of each run of dark modules."""
    return ((run.start(), len(run[0])) for run in re.finditer(rb"\x01+", bytes(row)))
