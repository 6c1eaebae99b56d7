"""What a taximeter says, as people read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import wrap
from typing import Any, Final

from sealkit_tools.words.language import say

_LINE_CHARACTERS: Final = 44
# Beside a field's value stand, where they are known, its meaning and its unit.
_BESIDE: Final = ("_meaning", "_unit")


def rows(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields and values; meaning and unit in the same row."""
    for name, value in values.items():
        if name.endswith(_BESIDE):
            continue
        # Long bytes are folded, or the table would cut them off.
        shown = "-" if value in (None, "") else "\n".join(wrap(str(value), _LINE_CHARACTERS))
        title = name
        if unit := values.get(f"{name}_unit"):
            shown = f"{shown} {unit}"
        elif isinstance(value, int):
            for suffix, in_words in _UNITS.items():
                if name.endswith(suffix):
                    title, shown = name.removesuffix(suffix), in_words(value)
                    break
        meaning = values.get(f"{name}_meaning")
        chinese = say(name)
        title = title.replace("_", " ") if chinese == name else chinese
        yield title, f"{shown} ({say(meaning)})" if meaning else shown


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"


# By the end of a field's name; of two that fit, the longer stands first.
_UNITS: dict[str, Callable[[int], str]] = {
    "_fen_per_km": lambda fen: say("{} yuan/km").format(_hundredths(fen)),
    "_fen": lambda fen: say("{} yuan").format(_hundredths(fen)),
    "_pulses_per_km": lambda pulses: say("{} pulses/km").format(pulses),
    "_m": lambda metres: f"{_hundredths(metres // 10)} km",
    "_s": lambda seconds: f"{seconds} s",
    "_minutes": lambda minutes: say("{} min").format(minutes),
}
