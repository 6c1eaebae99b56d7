"""The registry says what it must, and what is generated from it is up to date."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from support.generator import generator
from support.vectors import ROOT

from sealkit.wire import registry as module

SPEC = (ROOT / "protocol" / "SPEC.md").read_text("utf-8")
REGISTRY: dict[str, Any] = generator().load()


def test_module_and_tables_are_what_the_registry_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["generate_registry.py", "--check"])
    assert generator().main() == 0


@pytest.mark.parametrize("change", ["limit", "name", "field", "order", "finding"])
def test_a_registry_that_was_changed_alone_is_noticed(
    change: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = copy.deepcopy(REGISTRY)
    if change == "limit":
        changed["limits"]["k_max"] += 1
    elif change == "name":
        changed["state"][0]["name"] = "born"
    elif change == "field":
        changed["layout"]["status"].append(["more", "u8"])
    elif change == "order":
        changed["order"][1]["from"].append("tampered")
    else:
        changed["finding"][0]["severity"] = "note"
    monkeypatch.setattr(generator(), "load", lambda: changed)
    monkeypatch.setattr("sys.argv", ["generate_registry.py", "--check"])
    assert generator().main() == 1
    assert "SPEC.md is not what registry.toml says" in capsys.readouterr().out


@pytest.mark.parametrize(
    "table", [name for name, rows in REGISTRY.items() if isinstance(rows, list)]
)
def test_no_number_and_no_name_stands_twice(table: str) -> None:
    for key in ("number", "bit", "name", "code"):
        values = [row[key] for row in REGISTRY[table] if key in row]
        assert len(values) == len(set(values)), key


def test_every_table_is_shown_in_the_specification() -> None:
    shown = set(re.findall(r"<!-- table: (?:layout|names|rows) (\w+)", SPEC))
    shown |= {"order"} if "<!-- table: orders -->" in SPEC else set()
    tables = {name for name, rows in REGISTRY.items() if isinstance(rows, list)}
    assert tables | REGISTRY["layout"].keys() <= shown


def test_every_rule_has_an_id_of_its_own() -> None:
    ids = re.findall(r"^- \*\*\[([A-Z]-\d+)\]\*\*", SPEC, re.MULTILINE)
    assert len(ids) > 90
    assert len(ids) == len(set(ids))
    for reference in re.findall(r"\(([A-Z]-\d+)\)", SPEC):
        assert reference in ids


def test_every_message_and_remedy_is_told_in_both_languages() -> None:
    for row in REGISTRY["status"] + REGISTRY["finding"]:
        needs_none = row.get("kind") in ("done", "wait")
        for language, full_stop in (("en", "."), ("zh", "。")):
            message, remedy = row[language]
            assert message.endswith(full_stop), row
            assert remedy.endswith(full_stop) or (needs_none and not remedy), row
        assert any("一" <= character <= "鿿" for character in row["zh"][0]), row


@pytest.mark.requirement("O-16")
def test_what_a_row_names_exists() -> None:
    names = {table: {row["name"] for row in REGISTRY[table]} for table in ("state", "role")}
    layouts = REGISTRY["layout"]
    for order in REGISTRY["order"]:
        assert set(order["from"]) <= names["state"]
        assert order["to"] in {"same", *names["state"]}
        for place in order["signers"] + order.get("tariff_only_signers", []):
            assert set(place) <= names["role"]
        assert order["body"] in layouts
    for role in REGISTRY["role"]:
        assert set(role["issuer"]) <= {"self", *names["role"]}
    for record in REGISTRY["record"]:
        assert record["body"] in layouts
        assert record["chain"] == ("control" if record["number"] < 0x80 else "journal")
    for command in REGISTRY["command"]:
        assert {command["request"], command["response"]} <= {"empty", "opaque", "group", *layouts}
    codes = {row["code"] for row in REGISTRY["finding"]}
    assert {row["finding"] for row in REGISTRY["cause"]} <= codes


@pytest.mark.requirement("O-5")
def test_two_people_sign_what_opens_or_seals() -> None:
    rules = module.ORDERS
    two = {kind for kind, rule in rules.items() if len(rule.signers) == 2}
    kind = module.OrderKind
    assert two == {kind.SEAL, kind.UNSEAL, kind.CLEAR, kind.RESTORE_CLOCK}
    assert {k for k, rule in rules.items() if rule.challenge} == {
        kind.ENROL, kind.UNSEAL, kind.CLEAR, kind.RESTORE_CLOCK, kind.RETIRE,
    }  # fmt: skip
    assert {k for k, rule in rules.items() if rule.lost_clock} == {
        kind.ACKNOWLEDGE, kind.TRUST, kind.RESTORE_CLOCK, kind.ENROL, kind.RETIRE,
    }  # fmt: skip
    assert [k for k, rule in rules.items() if rule.tariff_only_signers] == [kind.SEAL]


@pytest.mark.requirement("M-1")
def test_the_buffers_of_a_seal_fit_its_memory() -> None:
    assert sum(size for size, _ in module.BUFFERS.values()) < 16 * 1024
