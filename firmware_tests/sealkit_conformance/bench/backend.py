"""The one interface between the cases and whatever holds the seal: a simulator or a bench.

Bytes go to the seal and come back; what is done to it physically are methods that a backend has or
has not. What it has, its `capabilities` say; any other method raises `CannotDoError`, and the case
is skipped with that reason.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from sealkit.crypto import PrivateKey, Suite
from sealkit.errors import UndeterminedError
from sealkit.wire.credentials import Credential
from sealkit.wire.numbers import SealNumber
from sealkit_conformance.recording import Recorder

LONG_MS: Final = 3_600_000
"""So long passes at once, as a rig does it (protocol/RIG.md): nothing is done to the seal in it."""
TEST_FIRMWARE: Final = 1 << 31
"""The bit that firmware built for tests alone has in its version (C-2)."""
MeterAnswer = Callable[[bytes], bytes]
"""What a meter does with bytes from the seal: gives those that it answers, maybe none."""


class Capability(Enum):
    """What a backend may be able to do; the value says what is missing where it cannot."""

    FRESH_DEVICES = "new seals in FACTORY, as many as are needed"
    POWER = "cutting and restoring the seal's power"
    POWER_IN_ORDER = "cutting the power in the middle of an order"
    RESET = "restarting the seal's firmware without loss of power"
    CASE = "opening and closing the seal's case"
    CLOCK = "losing and moving the seal's clock"
    TIME = "letting long times pass at once"
    PULSES = "driving the pulse input"
    MOTION = "telling the seal a speed by its second source"
    TERMINAL_TAP = "speaking on the terminal's line"
    METER = "a meter whose fare, identity and silence can be changed"
    METER_SCRIPTED = "answering in the meter's place, byte for byte"
    BATTERY = "a low battery"
    COUNTER_END = "firmware whose record counter is near its end"
    FILLING = "a memory that can be filled in reasonable time"


class CannotDoError(UndeterminedError):
    """This backend cannot do what a case needs."""

    def __init__(self, capability: Capability) -> None:
        super().__init__(
            "BENCH_CANNOT",
            f"This bench lacks {capability.value}.",
            "Add a rig that can, or leave the case out.",
        )
        self.capability = capability


@dataclass(frozen=True, slots=True)
class Maker:
    """The maker of the seals under test: the test anchor that they were made with, and its key."""

    key: PrivateKey
    credential: Credential


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """What the meter on the seal's own line holds. device: 5 bytes; software: 2; fare: T2, 127."""

    device: bytes
    hardware_version: int
    software: bytes
    plate: str
    fare: bytes


class Backend(ABC):
    """A seal on a bench. After `fresh_device` it is another seal, with another key."""

    name: str
    suite: Suite
    capabilities: frozenset[Capability]
    recorder: Recorder
    """Takes what goes over the meter's line; the seal's line records itself."""
    authority: PrivateKey | None = None
    """The key of the authority that the seal may know already; None: any new one will do."""

    # Whose seal it is.

    @property
    @abstractmethod
    def maker(self) -> Maker:
        """The test anchor that the seal was made with."""

    @property
    @abstractmethod
    def number(self) -> SealNumber:
        """The seal's number, reserved for tests, as it was named to us or given by us."""

    @abstractmethod
    def meter(self) -> MeterFacts:
        """What the meter holds now, so that it can be sealed."""

    def fresh_device(self) -> None:
        """Another seal, just made, with power, in FACTORY."""
        raise CannotDoError(Capability.FRESH_DEVICES)

    def keep(self) -> Any:
        """The seal and all around it as they are now, to go back to; None if it cannot."""
        return None

    def go_back(self, kept: Any) -> None:
        """Makes everything as it was when `kept` was kept."""
        raise CannotDoError(Capability.FRESH_DEVICES)

    # The seal's line.

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Bytes to the seal. Errors: those of the transport."""

    @abstractmethod
    def receive(self, wait_s: float) -> bytes:
        """What has come from the seal; waits so long for the first byte. Nothing came: b""."""

    @abstractmethod
    def set_baud(self, rate: int) -> None:
        """Our end of the line runs at this rate from now on."""

    # Time.

    @abstractmethod
    def running_ms(self) -> int:
        """Milliseconds that pass for the seal: only differences mean anything."""

    @abstractmethod
    def now(self) -> int:
        """Seconds since 1970 by a clock that is right."""

    def pass_time(self, ms: int) -> None:
        """Lets time pass, and the seal lives in it. A bench without TIME waits if it is short."""
        raise CannotDoError(Capability.TIME)

    # What happens to the seal.

    def cut_power(self) -> None:
        raise CannotDoError(Capability.POWER)

    def restore_power(self, gap_s: int = 0) -> None:
        """gap_s: for how long the power will have been away (as far as TIME is there)."""
        raise CannotDoError(Capability.POWER)

    def cut_power_in_order(self, step: int) -> None:
        """Has the power go during the next `order` or `install_credential`: the higher `step`,
        from 0, the later.

        A simulator cuts at that operation of the flash, a rig after that many milliseconds. It
        may be done before it comes to that: `has_power` tells.
        """
        raise CannotDoError(Capability.POWER_IN_ORDER)

    def has_power(self) -> bool:
        """Whether the power that `cut_power_in_order` was to cut is still there."""
        return True

    def reset(self) -> None:
        """The firmware starts anew and the power stays, as by a watchdog or the reset pin."""
        raise CannotDoError(Capability.RESET)

    def open_case(self) -> None:
        raise CannotDoError(Capability.CASE)

    def close_case(self) -> None:
        raise CannotDoError(Capability.CASE)

    def lose_clock(self) -> None:
        """The seal's clock stands still for a while, as with a dead battery."""
        raise CannotDoError(Capability.CLOCK)

    def move_clock(self, seconds: int) -> None:
        """The seal's clock chip is wrong by so much, behind the seal's back."""
        raise CannotDoError(Capability.CLOCK)

    def set_battery_low(self, low: bool) -> None:
        raise CannotDoError(Capability.BATTERY)

    def pulses(self, count: int, over_ms: int = 0) -> None:
        """Pulses of the vehicle's sensor, all at once; or evenly over so long, which passes."""
        raise CannotDoError(Capability.PULSES)

    def motion(self, speed_mm_s: int | None) -> None:
        """The second source tells a speed; None: it knows none."""
        raise CannotDoError(Capability.MOTION)

    def say_to_terminal(self, data: bytes) -> None:
        """The meter says something on the terminal's line, which the seal taps."""
        raise CannotDoError(Capability.TERMINAL_TAP)

    def set_fare(self, fare: bytes) -> None:
        """The meter holds other fare parameters (T2, 127 bytes)."""
        raise CannotDoError(Capability.METER)

    def set_identity(self, device: bytes, hardware_version: int, software: bytes) -> None:
        """Another meter answers: device number (5 bytes), hardware and software version (2)."""
        raise CannotDoError(Capability.METER)

    def silence_meter(self, silent: bool) -> None:
        """The meter does not answer the seal any more, or does again."""
        raise CannotDoError(Capability.METER)

    def script_meter(self, answer: MeterAnswer | None) -> None:
        """Whatever the seal says to its meter goes to `answer`; None: the meter is back."""
        raise CannotDoError(Capability.METER_SCRIPTED)

    def near_counter_end(self, left: int) -> None:
        """The seal's record counter has `left` numbers left, of all that there are, and each of
        its counters of refused orders 35.

        On hardware a firmware built for it, which says so in its evidence (C-2).
        """
        raise CannotDoError(Capability.COUNTER_END)

    @abstractmethod
    def settle(self) -> None:
        """After a case: power on, case closed, meter as at first; what the bench can of it."""

    @abstractmethod
    def close(self) -> None:
        """Gives the bench back."""
