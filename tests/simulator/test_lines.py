import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sealkit.errors import AccessError, DeviceNotFoundError, TimedOutError
from sealkit.transport import Deadline, Transport, open_transport
from sealkit_simulator.lines import Line, PtyLine, Server, TcpLine


def soon() -> Deadline:
    return Deadline.after(0.02)


def long() -> Deadline:
    return Deadline.after(10.0)


@contextmanager
def running(server: Server) -> Iterator[None]:
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        yield made


@pytest.fixture(params=[PtyLine, TcpLine], ids=["pty", "tcp"])
def line(request: pytest.FixtureRequest) -> Line:
    made: Line = request.param()
    return made


def on_loop(server: Server, callback: Callable[[], None]) -> None:
    """Runs `callback` on the loop's thread and waits for it."""
    done = threading.Event()
    server.call(callback)
    server.call(done.set)
    assert done.wait(10)


def read_exactly(transport: Transport, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += transport.read(count - len(data), long())
    return data


def exchange(transport: Transport, data: bytes) -> bytes:
    transport.write(data, long())
    return read_exactly(transport, len(data))


def test_the_handler_answers(server: Server, line: Line) -> None:
    server.add(line, lambda data: data[::-1])
    with running(server), open_transport(line.spec) as client:
        for _ in range(100):
            assert exchange(client, b"abc") == b"cba"


def test_every_byte_goes_through_unchanged(server: Server, line: Line) -> None:
    server.add(line, lambda data: data)
    with running(server), open_transport(line.spec) as client:
        every_byte = bytes(range(256))
        assert exchange(client, every_byte) == every_byte
        with pytest.raises(TimedOutError):  # and no echo of what the device said
            client.read(1, soon())


def test_a_handler_may_say_nothing(server: Server, line: Line) -> None:
    server.add(line, lambda data: b"")
    with running(server), open_transport(line.spec) as client:
        client.write(b"?", long())
        with pytest.raises(TimedOutError):
            client.read(1, soon())


def test_clients_come_and_go(server: Server, line: Line) -> None:
    server.add(line, lambda data: data)
    with running(server):
        for _ in range(20):
            with open_transport(line.spec) as client:
                assert exchange(client, b"hello") == b"hello"


def test_a_client_that_leaves_without_reading_stops_nothing(server: Server, line: Line) -> None:
    server.add(line, lambda data: data * 10)
    with running(server):
        for _ in range(5):
            with open_transport(line.spec) as client:
                client.write(b"x" * 1000, long())
        with open_transport(line.spec) as client:
            client.write(b"y", long())
            while client.read(4096, long())[-1:] != b"y":
                pass


def test_a_flood_that_nobody_reads_is_bounded_and_the_other_line_is_served(
    server: Server, line: Line
) -> None:
    other = PtyLine()
    server.add(line, lambda data: data)
    server.add(other, lambda data: data)
    with running(server), open_transport(line.spec) as flooder, open_transport(other.spec) as good:
        for _ in range(100):
            flooder.write(bytes(100_000), long())
            assert exchange(good, b"still there?") == b"still there?"
        stream = line._stream
        assert stream is not None
        assert len(stream._unsent) <= 65_536
        received = 0
        with contextlib.suppress(TimedOutError):
            while True:
                received += len(flooder.read(65536, Deadline.after(0.2)))
        assert received > 65_536
        if isinstance(line, PtyLine):
            assert received < 10_000_000
        assert exchange(flooder, b"and here?") == b"and here?"


def test_answers_longer_than_the_system_takes_at_once_come_whole(
    server: Server, line: Line
) -> None:
    size = 60_000
    server.add(line, lambda data: bytes(size))
    with running(server), open_transport(line.spec) as client:
        for _ in range(20):
            client.write(b"?", long())
            assert read_exactly(client, size) == bytes(size)


def test_a_line_is_cut_and_mended(server: Server, line: Line) -> None:
    server.add(line, lambda data: data)
    with running(server):
        with open_transport(line.spec) as client:
            assert exchange(client, b"before") == b"before"
            on_loop(server, line.close)
            assert not line.is_open
            with pytest.raises(DeviceNotFoundError) as lost:
                client.read(1, long())
            assert lost.value.code == "PORT_LOST"
        with pytest.raises(DeviceNotFoundError):
            open_transport(line.spec)
        on_loop(server, line.open)
        with open_transport(line.spec) as client:
            assert exchange(client, b"after") == b"after"


def test_a_handler_may_cut_its_own_line_or_another(server: Server, line: Line) -> None:
    control = TcpLine()

    def cut_both(data: bytes) -> bytes:
        line.close()
        control.close()
        return b"lost"

    server.add(line, lambda data: data)
    server.add(control, cut_both)
    with running(server), open_transport(line.spec) as client, open_transport(control.spec) as cut:
        assert exchange(client, b"x") == b"x"
        cut.write(b"!", long())
        for transport in (client, cut):
            with pytest.raises(DeviceNotFoundError):
                transport.read(1, long())


def test_what_nobody_asked_for_is_sent(server: Server, line: Line) -> None:
    server.add(line, lambda data: data)
    line.send(b"nobody listens on TCP yet")
    with running(server), open_transport(line.spec) as client:
        assert exchange(client, b"x")[-1:]
        client.discard_input()
        on_loop(server, lambda: line.send(b"heartbeat"))
        assert read_exactly(client, 9) == b"heartbeat"
        on_loop(server, line.close)
        on_loop(server, lambda: line.send(b"into the void"))


def test_a_tcp_client_waits_for_its_turn(server: Server) -> None:
    line = TcpLine()
    server.add(line, lambda data: data)
    with running(server), open_transport(line.spec) as first:
        assert exchange(first, b"first") == b"first"
        with open_transport(line.spec) as second:
            second.write(b"second", long())
            with pytest.raises(TimedOutError):
                second.read(1, soon())
            assert exchange(first, b"still first") == b"still first"
            first.close()
            assert read_exactly(second, 6) == b"second"


def test_a_tcp_client_that_resets_stops_nothing(server: Server) -> None:
    line = TcpLine()
    server.add(line, lambda data: data)
    with running(server):
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", int(line.spec.split(":")[2]))) as client:
                client.sendall(b"x")
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        with open_transport(line.spec) as good:
            assert exchange(good, b"hello") == b"hello"


def test_a_tcp_port_in_use_is_refused() -> None:
    line = TcpLine()
    with pytest.raises(AccessError) as refused:
        TcpLine(int(line.spec.split(":")[2]))
    assert refused.value.code == "LINE_UNAVAILABLE"
    line.close()


def test_a_pty_tells_the_rate_that_the_client_has_set(server: Server) -> None:
    line = PtyLine()
    server.add(line, lambda data: data)
    with running(server), open_transport(f"{line.spec}?baud=4800") as client:
        assert line.baud == 4800
        client.set_baud(115200)
        assert line.baud == 115200
        client.set_baud(123456)
        assert line.baud is None


def test_a_pty_is_raw_before_any_client_makes_it_so(server: Server) -> None:
    line = PtyLine()
    server.add(line, lambda data: data)
    descriptor = os.open(line.spec.removeprefix("serial:"), os.O_RDWR | os.O_NOCTTY)
    with running(server), open(descriptor, "r+b", buffering=0) as client:
        client.write(b"\x03\r\n\0")
        received = b""
        while len(received) < 4:
            received += client.read(4)
        assert received == b"\x03\r\n\0"


def test_a_link_leads_to_the_pty_while_it_is_open(tmp_path: Path, server: Server) -> None:
    link = tmp_path / "seal"
    link.symlink_to("/dev/left-over")
    line = PtyLine(link)
    assert line.spec == f"serial:{link}"
    server.add(line, lambda data: data)
    with running(server):
        for _ in range(3):
            with open_transport(line.spec) as client:
                assert exchange(client, b"x") == b"x"
                on_loop(server, line.close)
                assert not link.is_symlink()
                with pytest.raises(DeviceNotFoundError) as missing:
                    open_transport(line.spec)
                assert missing.value.code == "PORT_NOT_FOUND"
                on_loop(server, line.open)
    assert list(tmp_path.iterdir()) == [link]


def test_a_pty_that_cannot_be_linked_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AccessError) as refused:
        PtyLine(tmp_path / "none" / "seal")
    assert refused.value.code == "LINE_UNAVAILABLE"


def test_timers_run_in_order_until_cancelled(server: Server) -> None:
    ran: list[str] = []

    def run_once() -> None:
        ran.append("once")
        once.cancel()

    def slow() -> None:
        ran.append("slow")
        if ran.count("slow") == 3:
            server.stop()

    once = server.add_timer(0.001, run_once)
    server.add_timer(0.05, slow)
    server.add_timer(0.02, lambda: ran.append("fast"))
    server.run()
    assert ran[0] == "once"
    assert ran.count("once") == 1
    assert ran.index("fast") < ran.index("slow")
    assert ran.count("fast") > ran.count("slow") == 3


def test_stop_ends_a_loop_that_sleeps_and_one_that_has_not_begun(server: Server) -> None:
    with running(server):
        on_loop(server, lambda: None)
    server.run()


def test_a_fault_of_a_device_is_seen(server: Server) -> None:
    line = TcpLine()

    def faulty(data: bytes) -> bytes:
        raise ZeroDivisionError

    server.add(line, faulty)
    with open_transport(line.spec) as client:
        client.write(b"x", long())
        with pytest.raises(ZeroDivisionError):
            server.run()
