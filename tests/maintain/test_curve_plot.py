"""The plot of detection is whole XML and draws every point."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "maintain"))

from curve_plot import Curve, draw

_SVG = "{http://www.w3.org/2000/svg}"


def test_every_point_is_drawn_where_it_belongs() -> None:
    curves = [Curve("one & only", ((0.5, 0), (5, 100))), Curve("other", ((1, 50),))]
    root = ElementTree.fromstring(draw("Caught <here>", curves))
    places = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in root.iter(f"{_SVG}circle")]
    assert places == [(104, 380), (500, 50), (148, 215)]
    texts = [text.text for text in root.iter(f"{_SVG}text")]
    assert {"Caught <here>", "one & only", "other"} <= set(texts)
