"""What a seal keeps for ever and never lowers, from one evidence to another (SPEC.md V-7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealkit.appraisal.verdict import Detail
from sealkit.appraisal.words import moment_text
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
    """Something that is lower than it was. what: its name. is_time: in seconds since 1970."""

    what: Detail
    was: int
    now: int
    is_time: bool = False

    @property
    def words(self) -> tuple[str, str]:
        """What it was and what it is now, a time in UTC."""
        write = moment_text if self.is_time else str
        return write(self.was), write(self.now)

    @property
    def told(self) -> Detail:
        """The fall in a sentence."""
        was, now = self.words
        return Detail(
            f"The {self.what.en} was {was} and is {now}.", f"{self.what.zh}曾为 {was}，现为 {now}。"
        )


def fallen(before: Evidence, after: Evidence) -> list[Fall]:
    """Whatever an evidence said more of before; nothing if `after` may be of the same life."""
    return [
        Fall(what, was, now, name == "clock_floor")
        for name, what in _ONLY_RISE.items()
        if (was := getattr(before, name)) > (now := getattr(after, name))
    ]


def progress(evidence: Evidence) -> tuple[int, ...]:
    """How far a seal's life has come; of two evidences of one life, the later's is no less."""
    return tuple(getattr(evidence, name) for name in _ONLY_RISE)
