"""The report of a run as one value, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sealkit.errors import MalformedError, SealkitError
from sealkit.wire.messages import Info
from sealkit_conformance import SUITE_VERSION
from sealkit_conformance.report.results import (
    CaseResult,
    Judged,
    Outcome,
    judge_clauses,
    judge_requirements,
)

SCHEMA: Final = "sealkit.conformance.report/1"
_TEST_FIRMWARE: Final = 1 << 31


@dataclass(frozen=True, slots=True)
class TestedDevice:
    """Which seal was tested; of several on a simulator, the first."""

    __test__ = False  # it is no test, whatever pytest thinks of its name

    number: str
    suite: str
    model: str
    hardware_version: int
    firmware_version: str
    firmware_digest: str
    public_key: str
    built_for_tests: bool
    bench: str

    @classmethod
    def of(cls, info: Info, suite: str, bench: str) -> TestedDevice:
        version = info.firmware_version & (_TEST_FIRMWARE - 1)
        return cls(
            number=str(info.number),
            suite=suite,
            model=info.model,
            hardware_version=info.hardware_version,
            firmware_version=".".join(map(str, version.to_bytes(4, "big"))),
            firmware_digest=info.firmware_digest.hex(),
            public_key=info.public_key.hex(),
            built_for_tests=bool(info.firmware_version & _TEST_FIRMWARE),
            bench=bench,
        )


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why a run ended before its last case, as an error tells it; exit_status: the command's."""

    code: str
    message: str
    remedy: str
    exit_status: int

    @classmethod
    def by(cls, error: SealkitError) -> Stopped:
        return cls(error.code, error.message, error.remedy, int(error.exit_status))


@dataclass(frozen=True, slots=True)
class Report:
    """started, seconds: when and for how long. stopped None: all cases were tried."""

    device: TestedDevice | None
    started: float
    seconds: float
    stopped: Stopped | None
    cases: tuple[CaseResult, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many cases had each outcome."""
        told = Counter(case.outcome.value for case in self.cases)
        return {o.value: told[o.value] for o in (Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED)}

    @property
    def clauses(self) -> list[Judged]:
        return judge_clauses(self.cases)

    @property
    def requirements(self) -> list[Judged]:
        return judge_requirements(self.cases)

    def as_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "suite_version": SUITE_VERSION,
            "device": None if self.device is None else asdict(self.device),
            "started": self.started,
            "seconds": round(self.seconds, 1),
            "stopped": None if self.stopped is None else asdict(self.stopped),
            "counts": self.counts,
            "clauses": [_judged_json(one) for one in self.clauses],
            "requirements": [_judged_json(one) for one in self.requirements],
            "cases": [case.as_json() for case in self.cases],
        }

    @classmethod
    def from_json(cls, text: bytes) -> Report:
        """The report in a file. Errors: `MalformedError` REPORT_MALFORMED."""
        try:
            told = json.loads(text)
            if told["schema"] != SCHEMA:
                raise ValueError(told["schema"])
            device, stopped = told["device"], told["stopped"]
            return cls(
                None if device is None else TestedDevice(**device),
                float(told["started"]),
                float(told["seconds"]),
                None if stopped is None else Stopped(**stopped),
                tuple(CaseResult.from_json(case) for case in told["cases"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise MalformedError(
                "REPORT_MALFORMED",
                f"This is no report of a conformance run: {error}.",
                "Name the file that `--report-json` wrote.",
            ) from None


def as_bytes(report: Report) -> bytes:
    """The JSON file."""
    return (json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n").encode()


def _judged_json(one: Judged) -> dict[str, Any]:
    return {
        "id": one.id,
        "text": one.text,
        "outcome": one.outcome.value,
        "reason": one.reason,
        "cases": list(one.cases),
    }


def worst_first(cases: Sequence[CaseResult]) -> list[CaseResult]:
    """Failed before skipped before passed."""
    places = list(Outcome)
    return sorted(cases, key=lambda case: places.index(case.outcome))
