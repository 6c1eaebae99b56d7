"""The driven wheel: how far the vehicle gets with one turn, and how that shrinks with wear."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sealkit.errors import UsageError

_SIZE: Final = re.compile(r"(\d{3})/(\d{2})R(\d{2})")
_INCH_UM: Final = 25_400
# ETRTO: a radial tyre rolls on 3.05 times its diameter, a little less than pi times.
_ROLLING_PERMILLE: Final = 3_050
# 6 mm of tread, 38 mm of circumference, in some 50,000 km.
_WEAR_NM_PER_KM: Final = 760


def rolling_circumference_um(size: str) -> int:
    """The rolling circumference of a new tyre, in micrometres. size: such as 195/65R15.

    Raises UsageError TYRE_SIZE.
    """
    match = _SIZE.fullmatch(size)
    if match is None:
        raise UsageError(
            "TYRE_SIZE", f"{size!r} is no tyre size.", "Write width/ratioRinches, as 195/65R15."
        )
    width_mm, ratio, inches = map(int, match.groups())
    diameter_um = inches * _INCH_UM + 2 * width_mm * ratio * 10
    return diameter_um * _ROLLING_PERMILLE // 1_000


@dataclass(slots=True)
class Wheel:
    """circumference_um: as the tyre rolls now. slip_ppm: so much of what it rolls is not travelled,
    in millionths."""

    circumference_um: int
    slip_ppm: int = 0
    _worn_nm: int = 0

    def wear(self, rolled_mm: int) -> None:
        """Wears the tyre by a distance on the road."""
        worn = self._worn_nm + rolled_mm * _WEAR_NM_PER_KM // 1_000_000
        self.circumference_um -= worn // 1_000
        self._worn_nm = worn % 1_000
