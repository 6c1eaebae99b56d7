"""The simulated seal: power on, bytes in, bytes out, time passing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec

from sealkit.errors import MalformedError, SealkitError
from sealkit.rules.refusals import status_of
from sealkit.wire.link import FrameDecoder, encode_frame
from sealkit.wire.messages import Answer, Request
from sealkit.wire.registry import (
    PROTOCOL_VERSION,
    STATUS_KINDS,
    BootCause,
    Command,
    Status,
    StatusKind,
)
from sealkit_simulator import supervision
from sealkit_simulator.attachments import Attachments
from sealkit_simulator.clock import TimeSource
from sealkit_simulator.commands import carry_out
from sealkit_simulator.crypto_core import CryptoCore
from sealkit_simulator.device import Device
from sealkit_simulator.flash import Flash, FlashFault
from sealkit_simulator.starting import start
from sealkit_simulator.storage import FlashPlan

STORE_EVERY_MS: Final = 5_000
"""How often ticks, pulses and refused counters go to the flash when nothing else happens."""

_P = ParamSpec("_P")
_COUNTERS: Final = (
    StatusKind.MALFORMED,
    StatusKind.STALE,
    StatusKind.AUTHORITY,
    StatusKind.STATE,
)
_COUNTER_MAX: Final = 0xFFFF
_LASTING: Final = (Command.ORDER, Command.INSTALL_CREDENTIAL)
"""What changes the flash when it is asked for."""


class SimulatedSeal:
    """A seal that has power, until a method raises `PowerCut`; then it is to be booted anew.

    It has a line (`receive`), a line to the taximeter (`hear_meter`, `take_meter_bytes`) and a
    pulse input; `tick` is to be called often. No thread, no clock of its own.
    """

    def __init__(self, device: Device) -> None:
        """A seal as it is in the middle of its life; `boot` is how a real one begins."""
        self.device = device
        self.before_lasting: Callable[[], None] = lambda: None
        self._decoder = FrameDecoder()
        self._last_request: tuple[int, bytes] | None = None
        self._last_answer = b""
        self._counted = False
        self._stored_at = device.clock.tick_ms

    @classmethod
    def boot(
        cls,
        flash: Flash,
        core: CryptoCore,
        source: TimeSource,
        attachments: Attachments | None = None,
        plan: FlashPlan | None = None,
        cause: BootCause = BootCause.POWER,
    ) -> SimulatedSeal:
        """The firmware starts. On a blank flash this is the seal's birth: it writes genesis.

        Raises IntegrityError, MalformedError: the flash does not hold what a seal wrote. PowerCut.
        """
        parts = (plan or FlashPlan(), core, source, attachments or Attachments())
        device = Device(flash, *parts, cause)
        start(device)
        return cls(device)

    @property
    def baud(self) -> int:
        """The rate of the seal's line."""
        return self.device.baud.rate

    def receive(self, data: bytes) -> bytes:
        """The answers to the requests that `data` completes, as frames."""
        answers = []
        for payload in self._decoder.feed(data):
            self.device.baud.good_frame()
            answer = self.handle(payload)
            if answer is not None:
                answers.append(encode_frame(answer))
                self.device.baud.answered(self.device.clock.tick_ms)
        return b"".join(answers)

    def handle(self, payload: bytes) -> bytes | None:
        """The answer to one payload; None if it is to be dropped (L-7)."""
        try:
            request = Request.parse(payload)
        except MalformedError:
            return None
        asked = (request.sequence, self.device.core.suite.digest(payload))
        if asked != self._last_request:
            self._last_answer = self._answer(request)
            self._last_request = asked
        return self._last_answer

    def tick(self) -> None:
        """Time passes: looks at the meter, flags, the line's rate, and what is stored at times."""
        tick = self.device.clock.tick_ms
        self.device.baud.poll(tick)
        self._protected(supervision.look_around)
        if tick - self._stored_at >= STORE_EVERY_MS:
            self._protected(Device.store_registers)
            self._stored_at = tick

    def hear_meter(self, data: bytes) -> None:
        """Bytes that come on the line from the taximeter."""
        self._protected(supervision.hear_meter, data)

    def take_meter_bytes(self) -> bytes:
        """Bytes for the taximeter since the last call."""
        return self.device.watch.take_outgoing()

    def count_pulses(self, count: int) -> None:
        """Pulses of the vehicle's sensor."""
        self._protected(supervision.count_pulses, count)

    def hear_motion(self, speed_mm_per_s: int | None) -> None:
        """The speed by GNSS or CAN, to be told once a second; None: there is none just now."""
        supervision.hear_motion(self.device, speed_mm_per_s)

    def hear_terminal_line(self, data: bytes, *, from_meter: bool) -> None:
        """Bytes that pass on the line between terminal and meter."""
        self._protected(supervision.hear_terminal_line, data, from_meter=from_meter)

    def _protected(
        self, action: Callable[Concatenate[Device, _P], None], *args: _P.args, **kwargs: _P.kwargs
    ) -> None:
        """Flash that cannot be written is no reason to stop watching; orders tell of it."""
        try:
            action(self.device, *args, **kwargs)
        except FlashFault:
            return

    def _answer(self, request: Request) -> bytes:
        if request.version != PROTOCOL_VERSION:
            return _refused(request, Status.WRONG_VERSION)
        try:
            if request.command in _LASTING:
                self.before_lasting()
            elif request.command == Command.EVIDENCE and self._counted:
                # What evidence has told of the refused orders, no power cut may take back.
                self.device.store_registers()
                self._counted = False
            status, body = carry_out(self.device, request.command, request.body)
        except SealkitError as error:
            status = status_of(error)
            if request.command == Command.ORDER:
                self._count_refusal(status)
            return _refused(request, status)
        return Answer(request.command, request.sequence, status, body).build()

    def _count_refusal(self, status: Status) -> None:
        """One more refused order of this kind, up to an end (R41)."""
        refused = self.device.registers.refused
        place = _COUNTERS.index(STATUS_KINDS[status])
        if refused[place] < _COUNTER_MAX:
            refused[place] += 1
            self._counted = True


def _refused(request: Request, status: Status) -> bytes:
    return Answer(request.command, request.sequence, status, b"").build()
