"""A real seal on a bench, or a simulated one that runs as processes of its own.

Only seals with a number kept for tests (N-6), made under the test anchor, and named by whoever
runs the bench: what follows may fill, break and end them.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event
from time import monotonic, time
from typing import Final

from sealkit.appraisal import TrustBundle
from sealkit.crypto import PrivateKey, get_suite
from sealkit.errors import DeviceNotFoundError, RefusedError, TimedOutError, UsageError
from sealkit.keys.files import read_bounded
from sealkit.seal.exchange import Exchange
from sealkit.transport import Deadline, Transport, open_transport
from sealkit.wire.messages import (
    INFO,
    OBSERVATION,
    READ_RECORD_ANSWER,
    READ_RECORD_REQUEST,
    Info,
    ReadRecordRequest,
)
from sealkit.wire.numbers import SealNumber
from sealkit.wire.records import GENESIS_RECORD, RECORD
from sealkit.wire.registry import TEST_SERIAL_MIN, Command, MeterSeen
from sealkit_conformance.bench.backend import (
    LONG_MS,
    TEST_FIRMWARE,
    Backend,
    CannotDoError,
    Capability,
    Maker,
    MeterAnswer,
    MeterFacts,
)
from sealkit_conformance.bench.keys import load_authority, load_maker, passphrase_of
from sealkit_conformance.bench.lock import lock_port
from sealkit_conformance.bench.meter_line import read_meter
from sealkit_conformance.bench.meter_port import MeterPort
from sealkit_conformance.bench.rig import open_rig
from sealkit_conformance.recording import Recorder
from sealkit_conformance.settings import Settings

BOOT_S: Final = 10.0
WAIT_MS_MAX: Final = 30_000
"""Longer than that no run waits for time to pass by itself."""
_TRUST_FILE_MAX: Final = 256 * 1024
_WRITE_S: Final = 10.0
_GENESIS_BYTES: Final = 400


class HardwareBackend(Backend):
    """The seal at `settings.seal`; the rest through the rig."""

    def __init__(self, settings: Settings, recorder: Recorder) -> None:
        """Raises UsageError SEAL_NUMBER_NEEDED, SEAL_NOT_FOR_TESTS, SEAL_OTHER_NUMBER,
        TEST_ANCHOR_WRONG, KEYS_NEEDED; AccessError BENCH_BUSY; those of keys and transports."""
        spec = settings.seal or ""
        named = _named_number(settings)
        directory = settings.keys
        if directory is None:
            raise UsageError(
                "KEYS_NEEDED",
                "Without the test maker's key nobody can give the seal orders.",
                "Say --keys DIR, where manufacturer.pem and manufacturer.cred are.",
            )
        self.recorder = recorder
        self.suite = get_suite(settings.suite)
        self.name = spec
        self._meter = settings.meter
        self._facts: MeterFacts | None = None
        self._silenced = False
        self._ahead_ms = 0
        self._powered = True
        passphrase = passphrase_of(directory)
        self._maker = load_maker(directory, passphrase)
        if settings.trust is not None:
            _check_trusted(settings.trust, self._maker)
        self.authority: PrivateKey | None = load_authority(directory, self.suite, passphrase)
        with ExitStack() as stack:
            stack.enter_context(lock_port(spec))
            self._transport: Transport = open_transport(spec, line="seal")
            stack.callback(lambda: self._transport.close())
            self._rig = open_rig(settings.rig)
            stack.callback(self._rig.close)
            self.capabilities = self._rig.capabilities - {Capability.METER_SCRIPTED}
            self._port: MeterPort | None = None
            if settings.meter_port and Capability.METER_SCRIPTED in self._rig.capabilities:
                self._port = MeterPort(settings.meter_port, recorder)
                stack.callback(self._port.close)
                self.capabilities |= {Capability.METER_SCRIPTED}
            self._rig.do("REST")
            self._transport.discard_input()
            info = self._identity()
            if info.number != named:
                raise UsageError(
                    "SEAL_OTHER_NUMBER",
                    f"The seal on {spec} is {info.number}, not {named}.",
                    "Nothing was done. Name the seal that is there, or plug in the other one.",
                )
            self._adopt(info)
            self._resources = stack.pop_all()

    @property
    def maker(self) -> Maker:
        return self._maker

    @property
    def number(self) -> SealNumber:
        return self._number

    def meter(self) -> MeterFacts:
        """By the meter's terminal line; without one, as the seal last saw it."""
        if self._meter is not None:
            return self._read_meter(self._meter)
        seen = OBSERVATION.parse(Exchange(self._transport).ask(Command.READ_OBSERVATION))
        if seen.seen is MeterSeen.NEVER:
            raise CannotDoError(Capability.METER)
        return MeterFacts(seen.device, seen.hardware_version, seen.software, seen.plate, seen.fare)

    def _read_meter(self, spec: str) -> MeterFacts:
        """As it is; of a meter that was silenced, as it was."""
        if not self._silenced or self._facts is None:
            self._facts = read_meter(spec)
        return self._facts

    def fresh_device(self) -> None:
        self._need(Capability.FRESH_DEVICES)
        self._rig.do("FRESH")
        self._ahead_ms = 0  # no time was made to pass for this one
        self._reopen()
        self._adopt(self._identity())

    # The seal's line.

    def send(self, data: bytes) -> None:
        self._transport.write(data, Deadline.after(_WRITE_S))

    def receive(self, wait_s: float) -> bytes:
        try:
            return self._transport.read(4_096, Deadline.after(wait_s))
        except TimedOutError:
            return b""

    def set_baud(self, rate: int) -> None:
        self._transport.set_baud(rate)

    # Time.

    def running_ms(self) -> int:
        return int(monotonic() * 1_000) + self._ahead_ms

    def now(self) -> int:
        return int(time() + self._ahead_ms / 1_000)

    def pass_time(self, ms: int) -> None:
        if Capability.TIME in self.capabilities:
            for begun in range(0, ms, LONG_MS):
                self._rig.do(f"TIME {min(LONG_MS, ms - begun)}")
            self._ahead_ms += ms
        elif ms <= WAIT_MS_MAX:
            Event().wait(ms / 1_000)
        else:
            raise CannotDoError(Capability.TIME)

    # What happens to the seal.

    def cut_power(self) -> None:
        self._need(Capability.POWER)
        self._rig.do("POWER OFF")
        self._powered = False

    def restore_power(self, gap_s: int = 0) -> None:
        self._need(Capability.POWER)
        if Capability.TIME in self.capabilities and gap_s:
            self.pass_time(gap_s * 1_000)
        self._rig.do("POWER ON")
        self._powered = True
        self._await_boot()

    def cut_power_in_order(self, step: int) -> None:
        self._need(Capability.POWER_IN_ORDER)
        self._rig.do(f"POWER CUT {step}")

    def has_power(self) -> bool:
        if Capability.POWER in self.capabilities:
            self._powered = self._rig.do("POWER STATE") != "OFF"
        return self._powered

    def reset(self) -> None:
        self._ask_rig(Capability.RESET, "RESET")
        self._await_boot()

    def open_case(self) -> None:
        self._ask_rig(Capability.CASE, "CASE OPEN")

    def close_case(self) -> None:
        self._ask_rig(Capability.CASE, "CASE CLOSED")

    def lose_clock(self) -> None:
        self._ask_rig(Capability.CLOCK, "CLOCK LOSE")

    def move_clock(self, seconds: int) -> None:
        self._ask_rig(Capability.CLOCK, f"CLOCK MOVE {seconds}")

    def set_battery_low(self, low: bool) -> None:
        self._ask_rig(Capability.BATTERY, f"BATTERY {'LOW' if low else 'GOOD'}")

    def pulses(self, count: int, over_ms: int = 0) -> None:
        if not over_ms:
            self._ask_rig(Capability.PULSES, f"PULSES {count}")
            return
        self._ask_rig(Capability.PULSES, f"PULSES {count} {over_ms}")
        if Capability.TIME in self.capabilities:
            self._ahead_ms += over_ms  # the rig had no need to wait

    def motion(self, speed_mm_s: int | None) -> None:
        told = "NONE" if speed_mm_s is None else str(speed_mm_s)
        self._ask_rig(Capability.MOTION, f"MOTION {told}")

    def say_to_terminal(self, data: bytes) -> None:
        self._ask_rig(Capability.TERMINAL_TAP, f"TERMINAL {data.hex()}")

    def set_fare(self, fare: bytes) -> None:
        self._ask_rig(Capability.METER, f"METER FARE {fare.hex()}")

    def set_identity(self, device: bytes, hardware_version: int, software: bytes) -> None:
        told = f"METER IDENTITY {device.hex()} {hardware_version} {software.hex()}"
        self._ask_rig(Capability.METER, told)

    def silence_meter(self, silent: bool) -> None:
        self._ask_rig(Capability.METER, f"METER {'SILENT' if silent else 'SPEAKS'}")
        self._silenced = silent

    def script_meter(self, answer: MeterAnswer | None) -> None:
        if self._port is None:
            raise CannotDoError(Capability.METER_SCRIPTED)
        self._port.answer = answer
        self._rig.do("METER ITSELF" if answer is None else "METER PORT")

    def near_counter_end(self, left: int) -> None:
        self._need(Capability.COUNTER_END)
        if Capability.COUNTER_END not in self._rig.capabilities:
            return  # the seal's firmware is built so; it begins where it does
        self._rig.do(f"COUNTER {left}")
        self._reopen()
        self._adopt(self._identity())

    def settle(self) -> None:
        if self._port is not None and self._port.answer is not None:
            self.script_meter(None)
        self._rig.do("REST")
        self._silenced = False
        if not self._powered:
            self.restore_power()

    def close(self) -> None:
        self._resources.close()

    def _need(self, capability: Capability) -> None:
        if capability not in self.capabilities:
            raise CannotDoError(capability)

    def _ask_rig(self, capability: Capability, request: str) -> None:
        self._need(capability)
        self._rig.do(request)

    def _await_boot(self) -> None:
        self._reopen()
        with suppress(RefusedError):
            self._identity()

    def _reopen(self) -> None:
        """A board that boots may take its port with it."""
        until = Deadline.after(BOOT_S)
        while True:
            try:
                self._transport.discard_input()
                return
            except DeviceNotFoundError:
                self._transport.close()
                if until.expired:
                    raise
            Event().wait(0.2)
            with suppress(DeviceNotFoundError):
                self._transport = open_transport(self.name, line="seal")

    def _identity(self) -> Info:
        """Who answers; a seal that boots may take a while."""
        exchange = Exchange(self._transport, first_answer_s=1.0, repeats=9, whole_s=BOOT_S)
        return INFO.parse(exchange.ask(Command.INFO))

    def _adopt(self, info: Info) -> None:
        """Refuses any seal but one that was made to be tested."""
        if info.serial < TEST_SERIAL_MIN:
            raise UsageError(
                "SEAL_NOT_FOR_TESTS",
                f"Seal {info.number} is no seal for tests: its serial number is below"
                f" {TEST_SERIAL_MIN}.",
                "Nothing was done. Test a seal with a number kept for tests (SPEC.md, N-6).",
            )
        exchange = Exchange(self._transport)
        request = READ_RECORD_REQUEST.build(ReadRecordRequest(1, 0, _GENESIS_BYTES))
        answer = READ_RECORD_ANSWER.parse(exchange.ask(Command.READ_RECORD, request))
        genesis = GENESIS_RECORD.parse(RECORD.parse(answer.data).body)
        if genesis.manufacturer != self.suite.key_id(self._maker.key.public_key):
            raise UsageError(
                "TEST_ANCHOR_WRONG",
                f"Seal {info.number} was made under another anchor than the test maker's.",
                "Nothing was done. Say --keys DIR of the maker who made it for tests.",
            )
        self._number = info.number
        if info.firmware_version & TEST_FIRMWARE:
            self.capabilities |= {Capability.COUNTER_END}


def _named_number(settings: Settings) -> SealNumber:
    if settings.seal_number is None:
        raise UsageError(
            "SEAL_NUMBER_NEEDED",
            "Which seal is to be tested has to be named, since it may not survive.",
            "Say --seal-number MAKER-SERIAL; `sealkit info SPEC` shows it.",
        )
    return SealNumber.from_text(settings.seal_number)


def _check_trusted(path: Path, maker: Maker) -> None:
    bundle = TrustBundle.from_json(read_bounded(path, _TRUST_FILE_MAX))
    if bundle.manufacturer(maker.credential.issuer) is None:
        raise UsageError(
            "TEST_ANCHOR_WRONG",
            f"The test maker of --keys is not among the manufacturers of {path}.",
            "Give the trust file that is meant for this bench.",
        )
