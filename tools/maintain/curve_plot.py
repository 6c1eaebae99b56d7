"""Curves of percent over percent as an SVG, by hand: it needs no library and changes no byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_WIDTH: Final = 760
_HEIGHT: Final = 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 500, 50, 380
_X_MAX: Final = 5
_COLOURS: Final = ("#1b6ca8", "#c2452d", "#3a7d44", "#8e5ea2", "#b8860b", "#555555")


@dataclass(frozen=True, slots=True)
class Curve:
    """points: strength in percent, and how many of 100 runs were caught."""

    label: str
    points: tuple[tuple[float, float], ...]


def draw(title: str, curves: Sequence[Curve]) -> str:
    """The whole SVG file."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}"'
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        _text(_LEFT, 28, title, weight="bold"),
        _text((_LEFT + _RIGHT) / 2, _BOTTOM + 45, "strength of the fraud, %", anchor="middle"),
        _text(_LEFT - 42, _TOP - 8, "caught, %"),
    ]
    for y in range(0, 101, 20):
        parts += [_line(_LEFT, _y(y), _RIGHT, _y(y)), _text(_LEFT - 8, _y(y) + 4, str(y), "end")]
    for x in range(_X_MAX + 1):
        parts += [
            _line(_x(x), _TOP, _x(x), _BOTTOM),
            _text(_x(x), _BOTTOM + 20, str(x), "middle"),
        ]
    for number, curve in enumerate(curves):
        parts += _drawn(curve, _COLOURS[number % len(_COLOURS)], _TOP + 14 + 26 * number)
    return "\n".join([*parts, "</svg>", ""])


def _drawn(curve: Curve, colour: str, legend_y: float) -> list[str]:
    path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in curve.points)
    dots = [
        f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="3" fill="{colour}"/>'
        for x, y in curve.points
    ]
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *dots,
        f'<rect x="{_RIGHT + 20}" y="{legend_y - 9}" width="16" height="4" fill="{colour}"/>',
        _text(_RIGHT + 44, legend_y, curve.label),
    ]


def _x(strength: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * strength / _X_MAX


def _y(caught: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * caught / 100


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )
