"""The seal's process: `python -m sealkit_conformance.bench.processes.seal_side DIR SUITE NUMBER`.

Its line is DIR/seal.tty, its meter is at DIR/watch.tty; the rig steers it over DIR/seal-rig.tty.
"""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from sealkit.crypto import get_suite
from sealkit.errors import SealkitError, TimedOutError
from sealkit.meter.frames import FrameDecoder
from sealkit.transport import Deadline, Transport, open_transport
from sealkit.wire.numbers import SealNumber
from sealkit_conformance.bench.backend import LONG_MS
from sealkit_conformance.bench.meter_port import NOISE
from sealkit_conformance.bench.processes.words import Action, LineServer, number, octets
from sealkit_simulator.clock import RealTime
from sealkit_simulator.crypto_core import make_core
from sealkit_simulator.lines import PtyLine, Server
from sealkit_simulator.maker import anchor_in
from sealkit_simulator.storage import FlashPlan
from sealkit_simulator.vehicle import OrderCut, Vehicle

_PLAN: Final = FlashPlan(control_sectors=48, journal_sectors=4)
_STEP_S: Final = 0.1
_METER_S: Final = 0.3
_GAP_S: Final = 0.05
"""For how long nothing comes after the last byte of an answer that ends too early."""
_METER_BYTES_MAX: Final = 1_024
_YEARS_S: Final = 100 * 365 * 86_400
_LAST_SEQUENCE: Final = 4_294_967_295


class SealSide:
    """A seal, and what the rig can do to it."""

    def __init__(self, directory: Path, suite: str, first: SealNumber) -> None:
        self._suite = get_suite(suite)
        self._anchor = anchor_in(directory, self._suite, first.maker)
        self._number = first
        self._meter: Transport = open_transport(f"serial:{directory / 'watch.tty'}")
        self._make()

    def receive(self, data: bytes) -> bytes:
        """The seal's answers."""
        return self._vehicle.receive(data)

    def step(self) -> None:
        """What is due now."""
        self._vehicle.step()

    def actions(self) -> dict[str, Action]:
        """The rig's requests that concern the seal."""
        return {
            "REST": self._rest,
            "FRESH": self._fresh,
            "POWER OFF": lambda _: self._vehicle.cut_power(),
            "POWER ON": lambda _: self._vehicle.restore_power(),
            "POWER STATE": lambda _: "OFF" if self._vehicle.seal is None else "ON",
            "POWER CUT": self._cut_in_order,
            "RESET": lambda _: self._vehicle.reset(),
            "CASE OPEN": lambda _: self._vehicle.open_case(),
            "CASE CLOSED": lambda _: self._vehicle.close_case(),
            "CLOCK LOSE": lambda _: self._vehicle.lose_clock(),
            "CLOCK MOVE": self._move_clock,
            "BATTERY LOW": lambda _: self._vehicle.set_battery_low(True),
            "BATTERY GOOD": lambda _: self._vehicle.set_battery_low(False),
            "TIME": self._time,
            "COUNTER": self._counter,
            "PULSES": self._pulses,
            "MOTION NONE": lambda _: self._vehicle.hear_motion(None),
            "MOTION": lambda words: self._vehicle.hear_motion(number(words, 0, 200_000)),
            "TERMINAL": lambda words: self._vehicle.hear_terminal_line(octets("".join(words))),
        }

    def _make(self) -> None:
        core = make_core(self._suite.generate(), self._number, self._anchor)
        self._vehicle = Vehicle(_PLAN.flash(), core, RealTime(), plan=_PLAN)
        self._vehicle.ask_meter = self._ask_meter
        self._vehicle.restore_power()

    def _fresh(self, _: list[str]) -> str:
        self._number = SealNumber(self._number.maker, self._number.serial + 1)
        self._make()
        return str(self._number)

    def _rest(self, _: list[str]) -> str:
        vehicle = self._vehicle
        vehicle.restore_power()
        if vehicle.attachments.case_open:
            vehicle.close_case()
        vehicle.set_battery_low(False)
        return ""

    def _time(self, words: list[str]) -> str:
        ms = number(words, 0, LONG_MS)
        pass_time = self._vehicle.leap if ms == LONG_MS else self._vehicle.advance
        pass_time(ms)
        return ""

    def _counter(self, words: list[str]) -> str:
        left = number(words, 0, _LAST_SEQUENCE)
        self._vehicle.flash_firmware(replace(_PLAN, counter_from=_LAST_SEQUENCE - left))
        return ""

    def _pulses(self, words: list[str]) -> str:
        count, over_ms = words[:1], words[1:]
        self._vehicle.pulses(
            number(count, 0, 1 << 32), number(over_ms, 1, LONG_MS) if over_ms else 0
        )
        return ""

    def _cut_in_order(self, words: list[str]) -> str:
        self._vehicle.cut_power_in_order(OrderCut(number(words, 0, 1_000), 7))
        return ""

    def _move_clock(self, words: list[str]) -> str:
        self._vehicle.move_clock(number(words, -_YEARS_S, _YEARS_S))
        return ""

    def _ask_meter(self, question: bytes) -> bytes:
        """Asks the meter's process and waits: the loop has only this seal to serve."""
        deadline = Deadline.after(_METER_S)
        decoder, answered = FrameDecoder(_METER_BYTES_MAX), b""
        try:
            self._meter.discard_input()
            self._meter.write(question, deadline)
            while not decoder.feed(data := self._meter.read(_METER_BYTES_MAX, deadline)):
                answered += data
                if answered == NOISE:
                    break
                deadline = Deadline.after(_GAP_S)
            return answered + data
        except TimedOutError:
            return answered


def main(directory: Path, suite: str, first: SealNumber) -> None:
    side = SealSide(directory, suite, first)
    with Server() as server:
        server.add(PtyLine(directory / "seal.tty"), side.receive)
        server.add(PtyLine(directory / "seal-rig.tty"), LineServer(side.actions()).receive)
        server.add_timer(_STEP_S, side.step)
        signal.signal(signal.SIGTERM, lambda *_: server.stop())
        server.run()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2], SealNumber.from_text(sys.argv[3]))
    except SealkitError as error:
        sys.exit(str(error))
