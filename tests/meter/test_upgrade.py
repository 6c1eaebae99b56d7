"""A meter takes firmware between its other work, whole or not at all."""

from __future__ import annotations

import pytest

from sealkit.meter.bodies import UpgradeRequest
from sealkit.meter.frames import Frame, encode_frame
from sealkit.meter.upgrade import MeterUpgrade
from sealkit.meter.xmodem import ACK, EOT, NAK, XmodemSender

VERSION = UpgradeRequest(1, 3, 2, 8)
REQUEST = Frame(2, 0x11, 0x00FF, bytes([1, 3, 2, 8]))
INFINITY = float("inf")


class Meter:
    def __init__(self) -> None:
        self.installed: list[tuple[UpgradeRequest, bytes]] = []
        self.upgrade = MeterUpgrade(
            lambda version: version == VERSION,
            lambda version, image: self.installed.append((version, image)),
            max_bytes=1000,
        )


def result(value: int) -> bytes:
    return encode_frame(Frame(2, 0x11, 0x00FF, bytes([value])))


def test_an_image_is_installed_once_and_the_line_is_free_again() -> None:
    meter = Meter()
    assert meter.upgrade.advance(b"\x55", 0) is None
    assert meter.upgrade.next_due == INFINITY
    assert meter.upgrade.answer(REQUEST, 10) == result(0x90)
    assert meter.upgrade.next_due == 11
    assert meter.upgrade.advance(b"", 11) == b"C"
    block = XmodemSender(b"new", 0).advance(b"C", 0)
    assert meter.upgrade.advance(block[:50], 12) == b""
    assert meter.upgrade.advance(block[50:], 12) == bytes([ACK])
    assert meter.upgrade.advance(bytes([EOT]), 13) == bytes([NAK])
    assert meter.installed == []
    assert meter.upgrade.advance(bytes([EOT]), 13) == bytes([ACK])
    assert meter.installed == [(VERSION, b"new".ljust(128, b"\x1a"))]
    assert not meter.upgrade.under_way
    assert meter.upgrade.next_due == INFINITY
    # The sender missed the last answer; whatever else comes is for the frames.
    assert meter.upgrade.advance(bytes([EOT]), 14) == bytes([ACK])
    assert meter.upgrade.advance(b"\x55\xaa", 15) is None
    assert len(meter.installed) == 1


def test_a_transfer_that_is_cut_off_leaves_the_old_software() -> None:
    meter = Meter()
    meter.upgrade.answer(REQUEST, 0)
    meter.upgrade.advance(XmodemSender(bytes(500), 0).advance(b"C", 0), 1)
    while meter.upgrade.under_way:
        meter.upgrade.advance(b"", meter.upgrade.next_due)
    assert meter.installed == []
    assert meter.upgrade.advance(bytes([EOT]), 1000) is None


@pytest.mark.parametrize("data", [bytes([1, 3, 2, 9]), b"\x01\x03\x02", b""])
def test_what_the_meter_does_not_want_is_refused(data: bytes) -> None:
    meter = Meter()
    assert meter.upgrade.answer(Frame(2, 0x11, 0x00FF, data), 0) == result(0xFF)
    assert not meter.upgrade.under_way
