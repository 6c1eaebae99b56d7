"""What a run was asked to do: the options of the plugin, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

DEFAULT_SUITE: Final = "p256"
DEFAULT_CASE_S: Final = 60.0
DEFAULT_EXPLORE_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """seal None: the simulated one in this process. rig: a spec string, or `ask` for the operator.

    keys: directory of the test maker's key. trust: the trust file that holds the test anchor.
    case_s: seconds for one case, at most. record: the file for all traffic. explore_seed: where the
    exploration begins, None: always at the same place; explore_steps: of one sequence, at most.
    """

    suite: str = DEFAULT_SUITE
    seal: str | None = None
    seal_number: str | None = None
    meter: str | None = None
    meter_port: str | None = None
    rig: str | None = None
    keys: Path | None = None
    trust: Path | None = None
    fault: str | None = None
    strict: bool = False
    record: Path | None = None
    report_json: Path | None = None
    report_html: Path | None = None
    case_s: float = DEFAULT_CASE_S
    explore_seed: int | None = None
    explore_steps: int = DEFAULT_EXPLORE_STEPS


def add_options(parser: pytest.Parser) -> None:
    """The options, under the names that `pytest` and `sealkit conformance run` share."""
    group = parser.getgroup("sealkit_conformance", "conformance of electronic seals")
    add = group.addoption
    add("--suite", choices=["p256", "sm2"], default=DEFAULT_SUITE, help="suite of the seal")
    add("--seal", metavar="SPEC", help="serial:, tcp: or sim: of a seal; else it is simulated")
    add("--seal-number", metavar="MAKER-SERIAL", help="the number of the seal at --seal")
    add("--meter", metavar="SPEC", help="terminal's line of the meter that the seal watches")
    add("--meter-port", metavar="SPEC", help="the seal's own line, where the suite is its meter")
    add("--rig", metavar="SPEC", help="the rig controller, or `ask` for an operator")
    add("--keys", type=Path, metavar="DIR", help="the test maker's key: manufacturer.pem, .cred")
    add("--trust", type=Path, metavar="FILE", help="trust file that has the test anchor")
    add("--fault", metavar="NAME", help="a planted fault of the simulated seal")
    add("--strict-bench", action="store_true", help="a case that the bench cannot do has failed")
    add("--record", type=Path, metavar="FILE", help="write all traffic to this file (pcapng)")
    add("--report-json", type=Path, metavar="FILE", help="write the report as JSON")
    add("--report-html", type=Path, metavar="FILE", help="write the report as one HTML page")
    add("--case-seconds", type=float, default=DEFAULT_CASE_S, help="for one case, at most")
    add(
        "--explore-seed", type=int, metavar="N", help="explore other sequences of orders and events"
    )
    add("--explore-steps", type=int, default=DEFAULT_EXPLORE_STEPS, help="steps of one sequence")


def settings_of(config: pytest.Config) -> Settings:
    """The options that were given."""
    option = config.option
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    record = option.record
    if record is not None and worker:  # each process writes a file of its own
        record = record.with_name(f"{record.stem}-{worker}{record.suffix}")
    return Settings(
        suite=option.suite,
        seal=option.seal,
        seal_number=option.seal_number,
        meter=option.meter,
        meter_port=option.meter_port,
        rig=option.rig,
        keys=option.keys,
        trust=option.trust,
        fault=option.fault,
        strict=option.strict_bench,
        record=record,
        report_json=option.report_json,
        report_html=option.report_html,
        case_s=option.case_seconds,
        explore_seed=option.explore_seed,
        explore_steps=option.explore_steps,
    )
