import os
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import DeviceNotFoundError, TimedOutError
from sealkit.transport import Deadline, memory_pair


def soon() -> Deadline:
    return Deadline.after(0.02)


def long() -> Deadline:
    return Deadline.after(10.0)


@given(st.lists(st.binary(), max_size=20), st.integers(1, 50))
def test_bytes_arrive_in_order_however_they_are_read(chunks: list[bytes], limit: int) -> None:
    here, there = memory_pair()
    for chunk in chunks:
        here.write(chunk, soon())
    sent, received = b"".join(chunks), b""
    while len(received) < len(sent):
        piece = there.read(limit, long())
        assert 1 <= len(piece) <= limit
        received += piece
    assert received == sent


def test_silence_ends_at_the_deadline() -> None:
    here, _ = memory_pair()
    with pytest.raises(TimedOutError) as timed_out:
        here.read(1, soon())
    assert timed_out.value.code == "READ_TIMED_OUT"


def test_a_full_buffer_ends_a_write_at_the_deadline() -> None:
    here, _ = memory_pair()
    with pytest.raises(TimedOutError) as timed_out:
        here.write(bytes(1_000_000), soon())
    assert timed_out.value.code == "WRITE_TIMED_OUT"


def test_two_threads_pass_more_than_the_buffer_holds() -> None:
    here, there = memory_pair()
    data = os.urandom(1_000_000)
    writer = Thread(target=lambda: here.write(data, long()))
    writer.start()
    received = b""
    while len(received) < len(data):
        received += there.read(65536, long())
    writer.join()
    assert received == data


def test_discard_forgets_what_has_come_and_makes_room() -> None:
    here, there = memory_pair()
    here.write(bytes(65_536), soon())
    there.discard_input()
    here.write(b"fresh", soon())
    assert there.read(100, soon()) == b"fresh"


def test_what_was_written_before_closing_is_read_then_it_is_lost() -> None:
    here, there = memory_pair()
    with here:
        here.write(b"last words", soon())
    assert there.read(100, soon()) == b"last words"
    for use in (
        lambda: there.read(1, long()),
        lambda: there.write(b"x", long()),
        lambda: here.read(1, long()),
    ):
        with pytest.raises(DeviceNotFoundError) as lost:
            use()
        assert lost.value.code == "PORT_LOST"


def test_closing_ends_a_waiting_read() -> None:
    here, there = memory_pair()
    codes = []

    def read() -> None:
        there.write(b"reading", long())
        try:
            there.read(1, long())
        except DeviceNotFoundError as error:
            codes.append(error.code)

    reader = Thread(target=read)
    reader.start()
    here.read(100, long())
    here.close()
    reader.join()
    assert codes == ["PORT_LOST"]
