"""Findings, and what they add up to (SPEC.md 13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any, Final, Literal

from sealkit.rules.chain import Head
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import FINDINGS, Layer, Severity, State

Language = Literal["en", "zh"]

FINDINGS_PER_CODE: Final = 16
"""How many findings of one code are listed; a broken log could give one for every record."""


class Conclusion(Enum):
    """What a layer, or all of them, comes to."""

    INTACT = "intact"
    BROKEN = "broken"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Detail:
    """What is particular to one case, in English and Chinese."""

    en: str = ""
    zh: str = ""


NO_DETAIL: Final = Detail()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. record: the sequence number of the record that it is about, if any."""

    code: str
    detail: Detail
    record: int | None
    severity: Severity

    @property
    def layer(self) -> Layer:
        return FINDINGS[self.code].layer

    def message(self, language: Language = "en") -> str:
        """What was found, with its particulars."""
        text = FINDINGS[self.code].text
        if language == "zh":
            where = "" if self.record is None else f"记录 {self.record}："
            parts = (text.message_zh, where + self.detail.zh)
        else:
            where = "" if self.record is None else f"Record {self.record}: "
            parts = (text.message_en, where + self.detail.en)
        return " ".join(part.rstrip(": ：") for part in parts if part)

    def remedy(self, language: Language = "en") -> str:
        """What to do now."""
        text = FINDINGS[self.code].text
        return text.remedy_zh if language == "zh" else text.remedy_en


def finding(
    code: str,
    detail: Detail = NO_DETAIL,
    *,
    record: int | None = None,
    severity: Severity | None = None,
) -> Finding:
    """A finding of the registry; its severity is the registry's unless a policy is stricter."""
    return Finding(code, detail, record, severity or FINDINGS[code].severity)


class Findings:
    """Collects findings: each once for one record, and of one code only so many."""

    def __init__(self) -> None:
        self._listed: dict[tuple[str, int | None, Detail], Finding] = {}
        self._count: Counter[str] = Counter()

    def add(self, found: Finding) -> None:
        """Takes a finding."""
        # That a number is missing may be seen from both of its neighbours.
        detail = NO_DETAIL if found.code == "RECORD_MISSING" else found.detail
        key = (found.code, found.record, detail)
        if key in self._listed:
            return
        self._count[found.code] += 1
        if self._count[found.code] <= FINDINGS_PER_CODE:
            self._listed[key] = found

    def listed(self) -> tuple[Finding, ...]:
        """All, by layer and severity; where some were left out, a last one says how many."""
        more = [
            finding(code, Detail(f"And {n} more like these.", f"另有 {n} 处。"))
            for code, count in self._count.items()
            if (n := count - FINDINGS_PER_CODE) > 0
        ]
        layers, severities = list(Layer), list(Severity)
        return tuple(
            sorted(
                [*self._listed.values(), *more],
                key=lambda f: (layers.index(f.layer), severities.index(f.severity)),
            )
        )


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """Where a ledger holds an evidence: its entry's index, and the signed tree head that proves
    it: the tree's size, when it was signed (seconds since 1970), and the station's name."""

    index: int
    size: int
    time: int
    station: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verifier concludes about a seal.

    findings: by layer, the deciding ones first. seal to evidence_time: as the evidence says, None
    without evidence; evidence_time by the seal's clock, in seconds since 1970. as_of: the verdict
    holds as of that time, not of today. statistics: what the seal's checks have gathered (E-5).
    parameters: the sealed groups by number, as far as they were shown and genuine evidence signs
    them. entry: where a station's ledger holds the evidence, if a bundle proves that.
    """

    conclusion: Conclusion
    layers: Mapping[Layer, Conclusion]
    findings: tuple[Finding, ...]
    seal: SealNumber | None
    state: State | None
    calibration_counter: int | None
    configuration_counter: int | None
    head: Head | None
    evidence_time: int | None
    as_of: bool
    statistics: Mapping[str, int] | None = None
    parameters: Mapping[int, bytes] = field(default_factory=dict)
    entry: ProvenEntry | None = None

    def to_dict(self, language: Language = "en") -> dict[str, Any]:
        """The verdict for programs, as `sealkit verify --json` prints it."""
        return {
            "verdict": self.conclusion.value,
            "layers": {layer.value: self.layers[layer].value for layer in Layer},
            "findings": [
                {
                    "code": found.code,
                    "layer": found.layer.value,
                    "severity": found.severity.value,
                    "record": found.record,
                    "message": found.message(language),
                    "remedy": found.remedy(language),
                }
                for found in self.findings
            ],
            "seal": None if self.seal is None else str(self.seal),
            "state": None if self.state is None else self.state.name.lower(),
            "counters": {
                "calibration": self.calibration_counter,
                "configuration": self.configuration_counter,
            },
            "head": None
            if self.head is None
            else {"sequence": self.head.sequence, "digest": self.head.digest.hex()},
            "evidence_time": self.evidence_time,
            "as_of": self.as_of,
            "statistics": None if self.statistics is None else dict(self.statistics),
            "entry": None if self.entry is None else asdict(self.entry),
        }


def conclude(findings: tuple[Finding, ...]) -> tuple[Conclusion, dict[Layer, Conclusion]]:
    """Over all, and each layer: broken before undetermined before intact.

    What facts mean is not known while the facts are not: without an intact cryptographic layer the
    others are undetermined at best (V-6).
    """
    layers = {layer: _worst([f for f in findings if f.layer is layer]) for layer in Layer}
    if layers[Layer.CRYPTOGRAPHIC] is not Conclusion.INTACT:
        for layer, conclusion in layers.items():
            if conclusion is Conclusion.INTACT:
                layers[layer] = Conclusion.UNDETERMINED
    return _first(layers.values()), layers


def _worst(findings: list[Finding]) -> Conclusion:
    severities = {found.severity for found in findings}
    if Severity.BROKEN in severities:
        return Conclusion.BROKEN
    return Conclusion.UNDETERMINED if Severity.UNDETERMINED in severities else Conclusion.INTACT


def _first(conclusions: Any) -> Conclusion:
    found = set(conclusions)
    for conclusion in (Conclusion.BROKEN, Conclusion.UNDETERMINED):
        if conclusion in found:
            return conclusion
    return Conclusion.INTACT
