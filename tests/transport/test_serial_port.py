import os
import termios
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
import serial

from sealkit.errors import AccessError, DeviceNotFoundError, TimedOutError, UsageError
from sealkit.transport import Deadline, Transport, open_transport

if TYPE_CHECKING:
    from conftest import Pty

SOON = 0.02
LONG = 10.0


def soon() -> Deadline:
    return Deadline.after(SOON)


def long() -> Deadline:
    return Deadline.after(LONG)


def test_bytes_go_both_ways_unchanged(pty: "Pty") -> None:
    every_byte = bytes(range(256))
    with open_transport(f"serial:{pty.path}") as port:
        port.write(every_byte, long())
        assert os.read(pty.device, 1000) == every_byte
        os.write(pty.device, every_byte)
        received = b""
        while len(received) < 256:
            received += port.read(100, long())
        assert received == every_byte


def test_a_read_waits_for_the_first_byte(pty: "Pty") -> None:
    def echo() -> None:
        os.write(pty.device, os.read(pty.device, 100))

    with open_transport(f"serial:{pty.path}") as port:
        device = Thread(target=echo)
        device.start()
        port.write(b"ping", long())
        assert port.read(100, long()) == b"ping"
        device.join()


def test_silence_ends_at_the_deadline(pty: "Pty") -> None:
    with open_transport(f"serial:{pty.path}") as port:
        deadline = soon()
        with pytest.raises(TimedOutError) as timed_out:
            port.read(1, deadline)
        assert timed_out.value.code == "READ_TIMED_OUT"
        assert deadline.expired
        assert deadline.remaining() == 0.0


def test_a_passed_deadline_still_gives_what_is_there(pty: "Pty") -> None:
    with open_transport(f"serial:{pty.path}") as port:
        os.write(pty.device, b"ab")
        assert port.read(1, long()) == b"a"
        assert port.read(1, Deadline.after(-1.0)) == b"b"


def test_a_deadline_far_off_is_no_trouble(pty: "Pty") -> None:
    with open_transport(f"serial:{pty.path}") as port:
        os.write(pty.device, b"a")
        assert port.read(1, Deadline.after(1e9)) == b"a"


def test_a_device_that_does_not_read_ends_a_write_at_the_deadline(pty: "Pty") -> None:
    with open_transport(f"serial:{pty.path}") as port:
        with pytest.raises(TimedOutError) as timed_out:
            port.write(bytes(1_000_000), soon())
        assert timed_out.value.code == "WRITE_TIMED_OUT"


def test_a_write_goes_on_when_the_device_reads_again(pty: "Pty") -> None:
    size = 500_000
    received = bytearray()

    def read_all() -> None:
        while len(received) < size:
            received.extend(os.read(pty.device, 65536))

    device = Thread(target=read_all)
    with open_transport(f"serial:{pty.path}") as port:
        device.start()
        data = os.urandom(size)
        port.write(data, long())
        device.join()
    assert received == data


def test_what_came_before_opening_is_not_read(pty: "Pty") -> None:
    os.set_blocking(pty.device, False)
    with suppress(BlockingIOError):
        while os.write(pty.device, bytes(1000)):
            pass
    with open_transport(f"serial:{pty.path}") as port, pytest.raises(TimedOutError):
        port.read(1, soon())


def test_discard_forgets_what_has_come_and_nothing_else(pty: "Pty") -> None:
    with open_transport(f"serial:{pty.path}") as port:
        os.write(pty.device, b"stale" * 2000)
        port.discard_input()
        os.write(pty.device, b"fresh")
        assert port.read(100, long()) == b"fresh"


@pytest.mark.parametrize(
    "use",
    [
        lambda port: port.read(1, long()),
        lambda port: port.write(b"x", long()),
        lambda port: port.set_baud(19200),
    ],
    ids=["read", "write", "set_baud"],
)
def test_a_port_that_vanishes_is_lost(pty: "Pty", use: Callable[[Transport], object]) -> None:
    with open_transport(f"serial:{pty.path}") as port:
        pty.hang_up()
        with pytest.raises(DeviceNotFoundError) as lost:
            use(port)
        assert lost.value.code == "PORT_LOST"


def test_a_port_that_vanishes_ends_a_waiting_read(pty: "Pty") -> None:
    with open_transport(f"serial:{pty.path}") as port:

        def vanish() -> None:
            os.read(pty.device, 1)
            pty.hang_up()

        device = Thread(target=vanish)
        device.start()
        port.write(b"x", long())
        with pytest.raises(DeviceNotFoundError) as lost:
            port.read(1, long())
        assert lost.value.code == "PORT_LOST"
        device.join()


def test_a_closed_port_is_lost_and_closes_again(pty: "Pty") -> None:
    port = open_transport(f"serial:{pty.path}")
    number = port._descriptor  # type: ignore[attr-defined]
    port.close()
    port.close()
    os.dup2(pty.device, number)  # the system gives the number to another file
    for use in (lambda: port.read(1, long()), lambda: port.write(b"x", long())):
        with pytest.raises(DeviceNotFoundError) as lost:
            use()
        assert lost.value.code == "PORT_LOST"
    port.close()
    os.close(number)  # still open: it is not the port's any more


def test_a_second_opener_finds_the_port_busy_until_it_is_closed(pty: "Pty") -> None:
    with open_transport(f"serial:{pty.path}"):
        with pytest.raises(AccessError) as busy:
            open_transport(f"serial:{pty.path}")
        assert busy.value.code == "PORT_BUSY"
    open_transport(f"serial:{pty.path}").close()


def test_no_such_port() -> None:
    with pytest.raises(DeviceNotFoundError) as missing:
        open_transport("serial:/dev/ttyNONE9")
    assert missing.value.code == "PORT_NOT_FOUND"
    assert "/dev/serial/by-id" in missing.value.remedy


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # For root, permission is never refused, so the refusal of the system is put in its place.
    def refused(*arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    port = tmp_path / "tty"
    port.touch(mode=0)
    if os.geteuid() == 0:
        monkeypatch.setattr(os, "open", refused)
    with pytest.raises(AccessError) as denied:
        open_transport(f"serial:{port}")
    assert denied.value.code == "PORT_PERMISSION"
    assert "dialout" in denied.value.remedy
    assert "ModemManager" in denied.value.remedy


@pytest.mark.parametrize("path", ["/dev/null", "/"])
def test_what_is_no_serial_port(path: str) -> None:
    with pytest.raises(DeviceNotFoundError) as unusable:
        open_transport(f"serial:{path}")
    assert unusable.value.code == "PORT_UNUSABLE"


@pytest.mark.parametrize(("rate", "constant"), [(9600, termios.B9600), (115200, termios.B115200)])
def test_the_rate_is_set_when_opening_and_later(pty: "Pty", rate: int, constant: int) -> None:
    with open_transport(f"serial:{pty.path}?baud={rate}") as port:
        assert termios.tcgetattr(pty.clients)[4:6] == [constant, constant]
        port.set_baud(38400)
        assert termios.tcgetattr(pty.clients)[4:6] == [termios.B38400, termios.B38400]
        os.write(pty.device, b"still here")
        assert port.read(100, long()) == b"still here"


@pytest.mark.parametrize("rate", [-1, 1 << 40])
def test_an_impossible_rate_is_refused(pty: "Pty", rate: int) -> None:
    with open_transport(f"serial:{pty.path}") as port:
        with pytest.raises(UsageError) as refused:
            port.set_baud(rate)
        assert refused.value.code == "BAUD_UNSUPPORTED"


def test_parity_reaches_pyserial(pty: "Pty") -> None:
    with open_transport(f"serial:{pty.path}?parity=E") as port:
        assert port._port.parity == serial.PARITY_EVEN  # type: ignore[attr-defined]


def test_dtr_and_rts_are_low_before_the_port_opens(
    pty: "Pty", monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pseudo-terminal has no such lines, so what pyserial holds when it opens is looked at.
    seen = []
    real_open = serial.Serial.open

    def looking_open(port: serial.Serial) -> None:
        seen.append((port.dtr, port.rts, port.is_open))
        real_open(port)

    monkeypatch.setattr(serial.Serial, "open", looking_open)
    open_transport(f"serial:{pty.path}").close()
    assert seen == [(False, False, False)]


def test_a_terminal_left_cooked_is_made_raw(pty: "Pty") -> None:
    attributes = termios.tcgetattr(pty.clients)
    attributes[tty.LFLAG] |= termios.ECHO | termios.ICANON
    termios.tcsetattr(pty.clients, termios.TCSANOW, attributes)
    with open_transport(f"serial:{pty.path}") as port:
        os.write(pty.device, b"\x03\r\n")
        assert port.read(10, long()) == b"\x03\r\n"
        os.set_blocking(pty.device, False)
        with pytest.raises(BlockingIOError):
            os.read(pty.device, 10)
