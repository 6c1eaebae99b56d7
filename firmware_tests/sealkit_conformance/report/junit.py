"""Puts into the JUnit file that pytest wrote what became of each rule, or why it has no case."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from sealkit_conformance.report.report import Report


def add_rules(path: Path, report: Report) -> None:
    """Each rule of SPEC.md and each R-number becomes a property of the suite."""
    tree = ElementTree.parse(path)
    suite = tree.getroot().find("testsuite")
    if suite is None:
        return
    properties = ElementTree.Element("properties")
    for one in (*report.clauses, *report.requirements):
        value = f"{one.outcome.value}: {one.reason or f'cases: {len(one.cases)}'}"
        ElementTree.SubElement(properties, "property", name=one.id, value=value)
    suite.insert(0, properties)
    tree.write(path, encoding="utf-8", xml_declaration=True)
