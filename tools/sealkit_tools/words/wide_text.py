"""Text with wide characters: how many columns it takes, and where its lines end."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import east_asian_width

_OPENING: Final = "（「《"
_CLOSING: Final = "，。；：、）」》！？"
_WIDE: Final = "\u2e80-\uffef"
_PIECE: Final = re.compile(
    rf"\s+|[{_OPENING}]*(?:\[[^\[\]]*\]|[^\s{_WIDE}]+|[^\s{_CLOSING}])?[{_CLOSING}]*"
)
"""What stays together on a line: a word, a Chinese character or what is in brackets, with the
punctuation that belongs to it.
"""


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def wrap(text: str, width: int) -> list[str]:
    """The lines of a text, none wider than so many columns unless a single word is.

    Chinese may end a line anywhere, but no line begins with a comma or ends with an opening
    parenthesis.
    """
    lines = [""]
    for piece in _PIECE.findall(text):
        word = piece.strip()
        if word and lines[-1] and columns(lines[-1] + word) > width:
            lines.append("")
        if word or lines[-1]:
            lines[-1] += piece
    return [line.rstrip() for line in lines]
