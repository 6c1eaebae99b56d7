"""How a line to a taximeter is used: rate, time-out, retries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealkit.errors import UsageError

BAUD_RANGE: Final = range(300, 1_000_001)
TIMEOUT_RANGE_S: Final = (0.05, 60.0)
RETRY_RANGE: Final = range(21)


@dataclass(frozen=True, slots=True)
class LineSettings:
    """timeout_s: for one attempt, from the request's first byte to the reply's last; 0.05 to 60.
    retries: how often to ask again; 0 to 20. baud: 300 to 1,000,000, None for what the spec
    string says.

    Neither time-out nor retries of the standard are known. The longest standard answer, 138
    bytes, takes 0.15 s at 9600 baud. Raises UsageError METER_BAD_SETTING.
    """

    timeout_s: float = 1.0
    retries: int = 2
    baud: int | None = None

    def __post_init__(self) -> None:
        least, most = TIMEOUT_RANGE_S
        if not least <= self.timeout_s <= most:
            raise _bad_setting(f"The time-out is {least} to {most:.0f} s, not {self.timeout_s}.")
        if self.retries not in RETRY_RANGE:
            raise _bad_setting(f"There are 0 to {RETRY_RANGE[-1]} retries, not {self.retries}.")
        if self.baud is not None and self.baud not in BAUD_RANGE:
            raise _bad_setting(
                f"The rate is {BAUD_RANGE[0]} to {BAUD_RANGE[-1]} baud, not {self.baud}."
            )


def _bad_setting(message: str) -> UsageError:
    return UsageError("METER_BAD_SETTING", message, "Give a value within these bounds.")
