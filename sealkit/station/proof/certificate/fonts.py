"""Fonts for a certificate: a Chinese one whose used glyphs go into the file, so that any viewer
shows them; without one on this machine, a font that viewers have to bring along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from os.path import expanduser
from pathlib import Path
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from sealkit.errors import UsageError

FONT_MAX: Final = 64 << 20
"""Bytes of the largest font file that is read."""

LATIN: Final = "Times-Roman"
LATIN_BOLD: Final = "Times-Bold"
_NOT_EMBEDDED: Final = "STSong-Light"
_NEEDED: Final = "电子封印核验证书"
_PLACES: Final = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    # Unlike `Path.home`, this is no error where a service's user has no home.
    Path(expanduser("~/.local/share/fonts")),
    Path(expanduser("~/.fonts")),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
# With TrueType outlines: others cannot be embedded. The better for print stand first.
_FILES: Final = (
    "NotoSerifSC-Regular.ttf",
    "NotoSansSC-Regular.ttf",
    "simsun.ttc",
    "Songti.ttc",
    "STHeiti Light.ttc",
    "msyh.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "uming.ttc",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
)


@dataclass(frozen=True, slots=True)
class Fonts:
    """The names under which the fonts are registered. Latin text has one of its own: it is
    better to read, and every viewer has it."""

    chinese: str

    def of(self, text: str, *, bold: bool = False) -> str:
        """The font for a piece of text, which is of one kind throughout."""
        return (LATIN_BOLD if bold else LATIN) if text.isascii() else self.chinese


def fonts(file: Path | None) -> Fonts:
    """The fonts, the Chinese one from a file, or from where such fonts usually are.

    Errors: `UsageError` FONT_UNUSABLE for a file that was named.
    """
    if file is not None:
        return Fonts(_register(file))
    for found in _installed():
        try:
            return Fonts(_register(found))
        except UsageError:
            continue
    if _NOT_EMBEDDED not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_NOT_EMBEDDED))
    return Fonts(_NOT_EMBEDDED)


@lru_cache(maxsize=1)
def _installed() -> tuple[Path, ...]:
    """The fonts on this machine, the best first; looked for once."""
    here = {path.name: path for path in chain.from_iterable(map(_below, _PLACES))}
    return tuple(here[name] for name in _FILES if name in here)


def _below(place: Path) -> Iterator[Path]:
    return (path for path in place.rglob("*.tt[cf]") if path.is_file())


@lru_cache(maxsize=8)
def _register(file: Path) -> str:
    """The name of the font in a file, once it is registered."""
    try:
        if file.stat().st_size > FONT_MAX:
            raise _unusable(file, "it is too large")
        font = TTFont(f"Chinese-{file.name}", str(file))
    except (OSError, TTFError) as error:
        raise _unusable(file, str(error)) from error
    except Exception as error:  # A damaged font ends in whatever its tables lead to.
        raise _unusable(file, type(error).__name__) from error
    if any(ord(character) not in font.face.charToGlyph for character in _NEEDED):
        raise _unusable(file, "it has no Chinese characters")
    pdfmetrics.registerFont(font)
    name: str = font.fontName
    return name


def _unusable(file: Path, why: str) -> UsageError:
    return UsageError(
        "FONT_UNUSABLE",
        f"{file} cannot be used for a certificate: {why}.",
        "Name a Chinese font with TrueType outlines (.ttf or .ttc), or none.",
    )
