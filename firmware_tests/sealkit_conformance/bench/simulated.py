"""A simulated seal in this process: virtual time, as many seals as are needed, quick to copy."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from sealkit.crypto import Suite, get_suite
from sealkit.keys.issuing import issue_credential
from sealkit.meter import layouts
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import TEST_SERIAL_MIN, Role
from sealkit_conformance.bench.backend import (
    LONG_MS,
    Backend,
    Capability,
    Maker,
    MeterAnswer,
    MeterFacts,
)
from sealkit_conformance.recording import RecordedLine, Recorder
from sealkit_simulator.baud import FIRST_RATE
from sealkit_simulator.clock import VirtualTime
from sealkit_simulator.crypto_core import make_core
from sealkit_simulator.storage import FlashPlan
from sealkit_simulator.taximeter import Taximeter
from sealkit_simulator.vehicle import OrderCut, Vehicle

NOW: Final = 1_775_000_000  # 2026-03-31
YEAR: Final = 365 * 86_400
_MAKER: Final = 500
_PLAN: Final = FlashPlan(control_sectors=48, journal_sectors=4)
"""Small enough to copy often, and to be filled."""
_TORN_BYTES: Final = 7
_LAST_SEQUENCE: Final = 4_294_967_295


class SimulatedBackend(Backend):
    """Everything is possible, and time passes only when it is told to."""

    name = "simulator"
    capabilities = frozenset(Capability)

    def __init__(self, suite: str, recorder: Recorder) -> None:
        self.recorder = recorder
        self.suite: Suite = get_suite(suite)
        self._maker = _make_maker(self.suite)
        self._seals = 0
        self._answers = b""
        self._script: MeterAnswer | None = None
        self.fresh_device()

    @property
    def maker(self) -> Maker:
        return self._maker

    @property
    def number(self) -> SealNumber:
        return self._number

    def meter(self) -> MeterFacts:
        taximeter = self._vehicle.taximeter
        status = taximeter.status
        return MeterFacts(
            bytes.fromhex(status.device_number),
            status.hardware_version,
            bytes((status.software_main, status.software_minor)),
            status.plate,
            layouts.FARE_PARAMETERS.build(taximeter.fare),
        )

    def fresh_device(self) -> None:
        self._number = SealNumber(_MAKER, TEST_SERIAL_MIN + self._seals)
        self._seals += 1
        core = make_core(self.suite.generate(), self._number, self._maker.credential.raw)
        self._time = VirtualTime(NOW * 1000)
        self._vehicle = Vehicle(_PLAN.flash(), core, self._time, plan=_PLAN, taximeter=Taximeter())
        self._vehicle.ask_meter = self._ask_meter
        self._answers = b""
        self._script = None
        self._rate = FIRST_RATE
        self._vehicle.restore_power()

    def keep(self) -> Any:
        return self._copied((self._number, self._time, self._vehicle))

    def go_back(self, kept: Any) -> None:
        self._number, self._time, self._vehicle = self._copied(kept)
        self._answers = b""
        self._script = None
        self._rate = FIRST_RATE

    def _copied(self, state: Any) -> Any:
        shared = (self, self.suite, self._maker)
        return deepcopy(state, {id(item): item for item in shared})

    def send(self, data: bytes) -> None:
        """Between two rates (L-12) nothing comes over as it was sent."""
        seal = self._vehicle.seal
        rates_agree = seal is None or seal.baud == self._rate
        answers = self._vehicle.receive(data if rates_agree else _noise(data))
        self._answers += answers if rates_agree else _noise(answers)

    def receive(self, wait_s: float) -> bytes:
        answers, self._answers = self._answers, b""
        return answers

    def set_baud(self, rate: int) -> None:
        self._rate = rate

    def running_ms(self) -> int:
        return self._time.running_ms()

    def now(self) -> int:
        return (self._time.start_ms + self._time.ahead_ms) // 1000

    def pass_time(self, ms: int) -> None:
        long = ms - ms % LONG_MS
        self._vehicle.leap(long)
        self._vehicle.advance(ms - long)

    def cut_power(self) -> None:
        self._vehicle.cut_power()

    def restore_power(self, gap_s: int = 0) -> None:
        if self._vehicle.seal is None:
            self._time.advance(gap_s * 1000)
        self._vehicle.restore_power()

    def cut_power_in_order(self, step: int) -> None:
        self._vehicle.cut_power_in_order(OrderCut(step, _TORN_BYTES))

    def has_power(self) -> bool:
        return self._vehicle.seal is not None

    def reset(self) -> None:
        self._vehicle.reset()

    def open_case(self) -> None:
        self._vehicle.open_case()

    def close_case(self) -> None:
        self._vehicle.close_case()

    def lose_clock(self) -> None:
        self._vehicle.lose_clock()

    def move_clock(self, seconds: int) -> None:
        self._vehicle.move_clock(seconds)

    def set_battery_low(self, low: bool) -> None:
        self._vehicle.set_battery_low(low)

    def pulses(self, count: int, over_ms: int = 0) -> None:
        self._vehicle.pulses(count, over_ms)

    def motion(self, speed_mm_s: int | None) -> None:
        self._vehicle.hear_motion(speed_mm_s)

    def say_to_terminal(self, data: bytes) -> None:
        self._vehicle.hear_terminal_line(data)

    def set_fare(self, fare: bytes) -> None:
        self._vehicle.taximeter.fare = layouts.FARE_PARAMETERS.parse(fare)

    def set_identity(self, device: bytes, hardware_version: int, software: bytes) -> None:
        taximeter = self._vehicle.taximeter
        taximeter.replace(device.hex())
        taximeter.set_parameter("hardware_version", str(hardware_version))
        taximeter.set_parameter("software_version", f"{software[0]}.{software[1]}")

    def silence_meter(self, silent: bool) -> None:
        self._vehicle.taximeter.set_silent(silent)

    def script_meter(self, answer: MeterAnswer | None) -> None:
        self._script = answer

    def near_counter_end(self, left: int) -> None:
        self._vehicle.flash_firmware(replace(_PLAN, counter_from=_LAST_SEQUENCE - left))

    def settle(self) -> None:
        """Nothing: the next case begins with a copy."""

    def close(self) -> None:
        """Nothing is held."""

    def _ask_meter(self, question: bytes) -> bytes:
        answer: Callable[[bytes], bytes] = self._vehicle.taximeter.seal_line.receive
        answered = (self._script or answer)(question)
        self.recorder.add(RecordedLine.METER, question, to_device=True)
        self.recorder.add(RecordedLine.METER, answered, to_device=False)
        return answered


def _noise(data: bytes) -> bytes:
    """What is heard of bytes at another rate: as many, others, and zeros among them."""
    return bytes((byte * 7 + 1) & 0x7F for byte in data)


def _make_maker(suite: Suite) -> Maker:
    key = suite.generate()
    credential = issue_credential(
        key,
        None,
        role=Role.MANUFACTURER,
        scope=_MAKER,
        serial=1,
        generation=1,
        not_before=NOW - YEAR,
        not_after=NOW + 10 * YEAR,
        public_key=key.public_key,
        name="conformance test anchor",
    )
    return Maker(key, credential)
