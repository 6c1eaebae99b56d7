"""SPEC.md keeps what it promises of itself: every binding rule has an id of its own."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ID = re.compile(r"\*\*\[([A-Z]+-\d+)\]\*\*")


def prose() -> str:
    text = (ROOT / "protocol" / "SPEC.md").read_text(encoding="utf-8")
    return re.sub(r"<!-- table:.*?<!-- end -->", "", text, flags=re.DOTALL)


def test_every_must_stands_in_a_rule_with_an_id() -> None:
    rules = re.split(r"\n\n|\n(?=- \*\*\[)", prose())
    binding = [rule for rule in rules if re.search(r"\bMUST\b", rule)]
    # The opening explains the word and is itself no rule.
    without = [rule for rule in binding if not ID.search(rule)]
    assert binding
    assert without == []


def test_no_two_rules_share_an_id() -> None:
    example = "such as **[L-1]**"
    assert example in prose()
    ids = Counter(ID.findall(prose().replace(example, "")))
    assert [name for name, times in ids.items() if times > 1] == []


def test_tests_name_only_requirements_that_exist() -> None:
    known = set(ID.findall(prose())) | {f"R{number:02}" for number in range(1, 61)}
    named = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r'requirement\("([^"]+)"\)', file.read_text(encoding="utf-8"))
    }
    assert named
    assert named - known == set()
