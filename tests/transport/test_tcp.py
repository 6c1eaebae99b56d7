import os
import socket
from collections.abc import Iterator

import pytest

from sealkit.errors import DeviceNotFoundError, TimedOutError
from sealkit.transport import Deadline, open_transport


def soon() -> Deadline:
    return Deadline.after(0.02)


def long() -> Deadline:
    return Deadline.after(10.0)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def spec(listener: socket.socket) -> str:
    return f"tcp:127.0.0.1:{listener.getsockname()[1]}"


def test_bytes_go_both_ways(listener: socket.socket) -> None:
    with open_transport(spec(listener)) as transport, listener.accept()[0] as device:
        assert transport.spec == spec(listener)
        transport.set_baud(115200)
        transport.write(b"question", long())
        assert device.recv(100) == b"question"
        device.sendall(b"answer")
        assert transport.read(3, long()) == b"ans"
        assert transport.read(100, long()) == b"wer"


def test_small_writes_are_sent_at_once(listener: socket.socket) -> None:
    with open_transport(spec(listener)) as transport:
        connection = transport._connection  # type: ignore[attr-defined]
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_silence_ends_at_the_deadline(listener: socket.socket) -> None:
    with open_transport(spec(listener)) as transport, pytest.raises(TimedOutError) as timed_out:
        transport.read(1, soon())
    assert timed_out.value.code == "READ_TIMED_OUT"


def test_a_peer_that_does_not_read_ends_a_write_at_the_deadline(listener: socket.socket) -> None:
    with open_transport(spec(listener)) as transport, listener.accept()[0]:
        with pytest.raises(TimedOutError) as timed_out:
            transport.write(bytes(50_000_000), soon())
        assert timed_out.value.code == "WRITE_TIMED_OUT"


def test_what_a_peer_sent_before_closing_is_read_then_it_is_lost(listener: socket.socket) -> None:
    with open_transport(spec(listener)) as transport:
        device = listener.accept()[0]
        device.sendall(b"last words")
        device.close()
        assert transport.read(100, long()) == b"last words"
        with pytest.raises(DeviceNotFoundError) as lost:
            transport.read(1, long())
        assert lost.value.code == "PORT_LOST"


def test_writing_to_a_peer_that_closed_is_lost(listener: socket.socket) -> None:
    with open_transport(spec(listener)) as transport:
        device = listener.accept()[0]
        device.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        device.close()
        with pytest.raises(DeviceNotFoundError) as lost:
            transport.write(b"x", long())
        assert lost.value.code == "PORT_LOST"


def test_discard_forgets_what_has_come(listener: socket.socket) -> None:
    with open_transport(spec(listener)) as transport, listener.accept()[0] as device:
        device.sendall(b"stale")
        assert transport.read(1, long()) == b"s"
        transport.discard_input()
        device.sendall(b"fresh")
        assert transport.read(100, long()) == b"fresh"


def test_discard_ends_although_the_peer_babbles(listener: socket.socket) -> None:
    with open_transport(spec(listener)) as transport, listener.accept()[0] as device:
        device.setblocking(False)
        try:
            while device.send(bytes(65536)):
                pass
        except BlockingIOError:
            transport.discard_input()
        assert transport.read(1, long()) == b"\0"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = spec(closed)
    with pytest.raises(DeviceNotFoundError) as refused:
        open_transport(nobody)
    assert refused.value.code == "TCP_REFUSED"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70, "bad..name"])
def test_no_such_host(host: str) -> None:
    with pytest.raises(DeviceNotFoundError) as unknown:
        open_transport(f"tcp:{host}:9000")
    assert unknown.value.code == "TCP_HOST_UNKNOWN"


def test_ipv6() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError as error:
        pytest.skip(os.strerror(error.errno or 0))
    with listener, open_transport(f"tcp:[::1]:{listener.getsockname()[1]}") as transport:
        transport.write(b"x", long())
