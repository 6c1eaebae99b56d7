"""A vehicle: seal and taximeter joined by a cable, with power, time, a case and a sensor.

Whatever happens to the two from outside goes through here. Device logic only: whoever serves it
carries bytes and makes time pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, ParamSpec, Protocol

from sealkit.wire.registry import BootCause
from sealkit_simulator.attachments import Attachments
from sealkit_simulator.clock import TimeSource
from sealkit_simulator.crypto_core import CryptoCore
from sealkit_simulator.flash import Flash, PowerCut
from sealkit_simulator.seal import SimulatedSeal
from sealkit_simulator.storage import FlashPlan
from sealkit_simulator.taximeter import Taximeter

_P = ParamSpec("_P")
_STEP_MS: Final = 250
_PULSE_STEP_MS: Final = 50
_LEAP_STEP_MS: Final = 60_000
_CHINA: Final = timedelta(hours=8)
_FRESH_MS: Final = 100
"""What the seal has noticed is no older than this when it answers."""


class PassingTime(TimeSource, Protocol):
    """Time that can be made to pass."""

    moved_ms: int
    ahead_ms: int

    def advance(self, ms: int) -> None: ...


@dataclass(frozen=True, slots=True)
class OrderCut:
    """The power is to go in an order: after so many operations of the flash, the next one torn."""

    after_writes: int
    torn_bytes: int


class Vehicle:
    """seal is None while it has no power; so is nothing lost that real flash would keep."""

    def __init__(
        self,
        flash: Flash,
        core: CryptoCore,
        source: PassingTime,
        *,
        plan: FlashPlan | None = None,
        taximeter: Taximeter | None = None,
        attachments: Attachments | None = None,
    ) -> None:
        """The power is off at first. Who sits in the seal's cable to the meter replaces
        `ask_meter`, which takes the seal's bytes and gives those that it hears."""
        self.flash = flash
        self.core = core
        self.source = source
        self.taximeter = taximeter or Taximeter()
        self.attachments = attachments or Attachments()
        self.cable_joined = True
        self.ask_meter: Callable[[bytes], bytes] = self._ask_meter
        self.seal: SimulatedSeal | None = None
        self._plan = plan or FlashPlan()
        self._order_cut: OrderCut | None = None
        self._gap_s = 0
        self._stepped_at = source.running_ms()

    # What the seal does.

    def receive(self, data: bytes) -> bytes:
        """The seal's answers to bytes on its line; none without power."""
        if self.source.running_ms() - self._stepped_at >= _FRESH_MS:
            self.step()
        seal = self.seal
        if seal is None:
            return b""
        answers = b""

        def answer() -> None:
            nonlocal answers
            answers = seal.receive(data)

        self._powered(answer)
        self.flash.cancel_cut()
        return answers

    def step(self) -> None:
        """Lets the seal do what is due now, and carries what seal and meter say to each other."""
        self._stepped_at = self.source.running_ms()
        self._powered(self._step)

    def advance(self, ms: int) -> None:
        """Lets time pass, and the seal and the meter live in it."""
        while ms > 0:
            step = min(ms, _STEP_MS)
            self.source.advance(step)
            self.step()
            ms -= step

    def leap(self, ms: int) -> None:
        """Lets long time pass in which nothing happens: a step a minute."""
        while ms > 0:
            step = min(ms, _LEAP_STEP_MS)
            self.source.advance(step)
            self.step()
            ms -= step

    # What is done to it.

    def cut_power(self, gap_s: int = 0) -> None:
        """The power goes now. gap_s: how long it will have been away when it is restored."""
        self.seal = None
        self._gap_s = gap_s

    def cut_power_in_order(self, cut: OrderCut, gap_s: int = 0) -> None:
        """The power goes in the next order that the seal is given."""
        self._order_cut = cut
        self._gap_s = gap_s
        self._plan_order_cut()

    def restore_power(self) -> None:
        """The power is back, if it was away: the seal boots.

        Raises IntegrityError, MalformedError: the flash does not hold what a seal wrote.
        """
        if self.seal is None:
            self.source.advance(self._gap_s * 1000)
            self._gap_s = 0
            self.flash.power_up()
            self._powered(self._boot)
            self.step()

    def reset(self) -> None:
        """The firmware starts anew and the power stays, as by a watchdog; without it, nothing."""
        if self.seal is not None:
            self._powered(self._boot, BootCause.RESET)
            self.step()

    def flash_firmware(self, plan: FlashPlan) -> None:
        """The seal boots with other firmware, which has the same sectors."""
        self.cut_power()
        self._plan = plan
        self.restore_power()

    def open_case(self) -> None:
        self.attachments.open_case()
        self.step()

    def close_case(self) -> None:
        self.attachments.close_case()
        self.step()

    def set_battery_low(self, low: bool) -> None:
        self.attachments.battery_low = low
        self.step()

    def lose_clock(self) -> None:
        """The clock chip stands still for a while, as with a dead battery."""
        self.source.chip_failed = True
        self.step()

    def move_clock(self, seconds: int) -> None:
        """The clock chip is wrong by so much, behind the seal's back."""
        self.source.moved_ms += seconds * 1000
        self.step()

    def pulses(self, count: int, over_ms: int = 0) -> None:
        """The vehicle drives; without power nobody counts. over_ms: how long it takes, evenly."""
        steps = max(1, -(-over_ms // _PULSE_STEP_MS))
        for step in range(steps):
            due = count * (step + 1) // steps - count * step // steps
            if due:
                self.count_pulses(due)
            self.advance(over_ms * (step + 1) // steps - over_ms * step // steps)
        self.step()

    def count_pulses(self, count: int) -> None:
        """Pulses come in, and the seal has no time yet to make anything of them."""
        seal = self.seal
        if seal is not None:
            self._powered(seal.count_pulses, count)

    def hear_motion(self, mm_per_s: int | None) -> None:
        """The second source tells a speed, or None; without power nobody hears it."""
        seal = self.seal
        if seal is not None:
            self._powered(seal.hear_motion, mm_per_s)

    def hear_terminal_line(self, data: bytes) -> None:
        """The meter says something to the terminal; without power nobody hears it."""
        seal = self.seal
        if seal is not None:
            self._powered(seal.hear_terminal_line, data, from_meter=True)

    @property
    def local_time(self) -> datetime:
        """What the clock chip shows, as clocks on the wall do."""
        moment = datetime.fromtimestamp(self.source.chip_ms() // 1_000, UTC) + _CHINA
        return moment.replace(tzinfo=None)

    def start_meter_clock(self) -> None:
        """Sets the meter's clock to local time, as a terminal would, if nobody has set it yet."""
        if self.taximeter.clock is None:
            self.taximeter.engine.clock.set(self.local_time)

    def join_cable(self, joined: bool) -> None:
        """The cable between seal and meter is cut or joined."""
        self.cable_joined = joined
        self.step()

    def _boot(self, cause: BootCause = BootCause.POWER) -> None:
        self.seal = SimulatedSeal.boot(
            self.flash, self.core, self.source, self.attachments, self._plan, cause
        )
        self._plan_order_cut()

    def _plan_order_cut(self) -> None:
        if self.seal is not None and self._order_cut is not None:
            self.seal.before_lasting = self._cut_this_order

    def _cut_this_order(self) -> None:
        cut, self._order_cut = self._order_cut, None
        if cut is not None:
            self.flash.plan_cut(cut.after_writes, cut.torn_bytes)

    def _step(self) -> None:
        seal = self.seal
        if seal is None:
            return
        seal.tick()
        while question := seal.take_meter_bytes():
            if self.cable_joined:
                seal.hear_meter(self.ask_meter(question))

    def _ask_meter(self, question: bytes) -> bytes:
        return self.taximeter.seal_line.receive(question)

    def _powered(self, action: Callable[_P, None], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Does something for which the seal needs power, which may go meanwhile."""
        try:
            action(*args, **kwargs)
        except PowerCut:
            self.seal = None
