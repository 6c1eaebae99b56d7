"""The meter's side of a firmware upgrade: 00FF, then the image by XMODEM-CRC on the same line.

The old software stays unless the whole image has come. Pure: times are in seconds of any clock
that only rises.
"""

from __future__ import annotations

from collections.abc import Callable

from sealkit.errors import MalformedError
from sealkit.meter import layouts
from sealkit.meter.bodies import Result, UpgradeRequest
from sealkit.meter.commands import DONE, ERROR, Command
from sealkit.meter.frames import TAXIMETER, Frame, encode_frame
from sealkit.meter.xmodem import Outcome, XmodemReceiver, XmodemTimes


class MeterUpgrade:
    """Takes firmware. While `under_way`, the bytes of the line are the transfer's."""

    def __init__(
        self,
        accepts: Callable[[UpgradeRequest], bool],
        install: Callable[[UpgradeRequest, bytes], None],
        *,
        max_bytes: int,
        times: XmodemTimes | None = None,
    ) -> None:
        """accepts: whether the meter wants this vendor's version now. install: given the whole
        image, filled up to full blocks, exactly once. max_bytes: the room for it."""
        self._accepts = accepts
        self._install = install
        self._max_bytes = max_bytes
        self._times = times or XmodemTimes()
        self._version: UpgradeRequest | None = None
        self._receiver: XmodemReceiver | None = None

    @property
    def under_way(self) -> bool:
        return self._receiver is not None and self._receiver.outcome is Outcome.RUNNING

    @property
    def next_due(self) -> float:
        """When `advance` has something to do without bytes; infinity if it has not."""
        if self._receiver is None or not self.under_way:
            return float("inf")
        return self._receiver.next_due

    def answer(self, request: Frame, now: float) -> bytes:
        """The answer to 00FF."""
        try:
            version = layouts.UPGRADE_REQUEST.parse(request.data)
        except MalformedError:
            return _reply(request, ERROR)
        if not self._accepts(version):
            return _reply(request, ERROR)
        self._version = version
        # The sender hears the reply first, then what asks for the first block.
        self._receiver = XmodemReceiver(
            now + self._times.byte_s, max_bytes=self._max_bytes, times=self._times
        )
        return _reply(request, DONE)

    def advance(self, data: bytes, now: float) -> bytes | None:
        """What to send after `data` (maybe none) came; None if `data` is not the transfer's but
        the frames' of the line."""
        if self._receiver is None or self._version is None:
            return None
        was_under_way = self.under_way
        said = self._receiver.advance(data, now)
        if was_under_way and self._receiver.image is not None:
            self._install(self._version, self._receiver.image)
        return said if was_under_way or said else None


def _reply(request: Frame, result: int) -> bytes:
    data = layouts.RESULT.build(Result(result))
    return encode_frame(Frame(TAXIMETER, request.vendor, Command.UPGRADE, data))
