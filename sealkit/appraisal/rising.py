"""What a seal keeps for ever and never lowers, from one evidence to another (SPEC.md V-7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealkit.appraisal.verdict import Detail
from sealkit.wire.evidence import Evidence

_ONLY_RISE: Final = {
    "control_sequence": Detail("control chain", "控制链"),
    "journal_sequence": Detail("journal", "流水日志"),
    "base_sequence": Detail("journal's base", "流水日志基点"),
    "boot": Detail("boot count", "启动次数"),
    "clock_floor": Detail("floor of the clock", "时钟下限"),
    "trust_version": Detail("trust version", "信任版本"),
    "calibration_counter": Detail("calibration counter", "校准计数器"),
    "configuration_counter": Detail("configuration counter", "配置计数器"),
    "pulses": Detail("pulse count", "脉冲计数"),
}
"""Ticks are not among it: a boot may lose some (N-4)."""


@dataclass(frozen=True, slots=True)
class Fall:
    """Something that is lower than it was. what: its name."""

    what: Detail
    was: int
    now: int

    @property
    def told(self) -> Detail:
        """The fall in a sentence."""
        return Detail(
            f"The {self.what.en} was {self.was} and is {self.now}.",
            f"{self.what.zh}曾为 {self.was}，现为 {self.now}。",
        )


def fallen(before: Evidence, after: Evidence) -> list[Fall]:
    """Whatever an evidence said more of before; nothing if `after` may be of the same life."""
    return [
        Fall(what, was, now)
        for name, what in _ONLY_RISE.items()
        if (was := getattr(before, name)) > (now := getattr(after, name))
    ]


def progress(evidence: Evidence) -> tuple[int, ...]:
    """How far a seal's life has come; of two evidences of one life, the later's is no less."""
    return tuple(getattr(evidence, name) for name in _ONLY_RISE)
