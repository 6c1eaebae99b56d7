"""What a run leaves behind: JSON, signed or not, HTML and JUnit, with every rule in each."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.command import Command
from support.conformance import conformance

from sealkit_conformance.clauses import CLAUSES
from sealkit_conformance.requirements import REQUIREMENTS

EVERYTHING = {*CLAUSES, *REQUIREMENTS}
SELECT = "--select=ping or info or observation"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a fault, and all that it wrote."""
    directory = tmp_path_factory.mktemp("written")
    status, _ = conformance(
        *("run", SELECT, "--fault=tells-every-look-as-new"),
        f"--report-json={directory / 'report.json'}",
        f"--report-html={directory / 'report.html'}",
        f"--junit={directory / 'report.xml'}",
    )
    assert status == 8
    return directory


def test_json_tells_each_rule_with_its_cases_or_its_reason(written: Path) -> None:
    report = json.loads((written / "report.json").read_text())
    told = {one["id"]: one for one in (*report["clauses"], *report["requirements"])}
    assert told.keys() == EVERYTHING
    assert told["C-11"]["outcome"] == "failed"
    assert told["C-2"]["outcome"] == "passed"
    assert told["C-2"]["cases"]
    assert told["V-1"]["outcome"] == "no case"
    assert "tests/appraisal" in told["V-1"]["reason"]
    (failed,) = {case["clause"] for case in report["cases"] if case["outcome"] == "failed"}
    assert failed == "C-11"
    assert any(case["exchange"] for case in report["cases"])


def test_html_tells_each_rule_and_what_was_expected(written: Path) -> None:
    page = (written / "report.html").read_text(encoding="utf-8")
    assert all(f"<tr><td>{name}<td" in page for name in EVERYTHING)
    assert "<h3 class=failed>C-11</h3>" in page
    assert "<summary>exchange</summary>" in page
    assert "http" not in page.partition("<h2>")[0]  # nothing is fetched


def test_junit_tells_each_rule_and_the_rules_of_each_case(written: Path) -> None:
    suite = ElementTree.parse(written / "report.xml").getroot().find("testsuite")
    assert suite is not None
    told = {one.get("name"): one.get("value", "") for one in suite.findall("properties/property")}
    assert told.keys() == EVERYTHING
    assert told["C-11"].startswith("failed: ")
    assert told["V-1"].startswith("no case: binds the verifier")
    for case in suite.findall("testcase"):
        assert case.find("properties/property[@name='rules']") is not None
    assert suite.find("testcase/failure") is not None


def test_a_signed_report_is_checked_and_an_altered_one_refused(tmp_path: Path) -> None:
    command = Command(tmp_path)
    made = command.run("keys", "generate", "tester")
    assert made.status == 0, made.err
    run = ("conformance", "run", SELECT, "--report-json", "report.json", "--sign", "tester")
    assert command.run(*run).status == 0
    shown = command.run("conformance", "report", "report.json")
    key = json.loads((tmp_path / "report.json.sig").read_text())["public_key"]
    assert shown.status == 0
    assert key[:32] in shown.err
    data = (tmp_path / "report.json").read_bytes()
    (tmp_path / "report.json").write_bytes(data.replace(b'"passed"', b'"failed"', 1))
    altered = command.run("conformance", "report", "report.json", "--json")
    assert altered.status != 0
    assert "REPORT_SIGNATURE" in altered.out


def test_a_signature_needs_a_report(tmp_path: Path) -> None:
    done = Command(tmp_path).run("conformance", "run", SELECT, "--sign", "tester")
    assert (done.status, "no report to sign" in done.err) == (2, True)
