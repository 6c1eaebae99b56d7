"""What is attached to the seal and can be touched from outside: case switch, battery."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Attachments:
    """The case switch latches an opening also without the vehicle's power.

    case_open: as it is. opened: whether it was opened since the seal last looked.
    """

    case_open: bool = False
    opened: bool = False
    battery_low: bool = False

    def open_case(self) -> None:
        self.case_open = self.opened = True

    def close_case(self) -> None:
        self.case_open = False
