"""One request and its answer: over a pseudo-terminal, and over every kind of bad line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.lines import DirectLine, Serve, answer, device, silence
from support.scripted_seal import ScriptedSeal

from sealkit.errors import DeviceNotFoundError, ExitStatus, RefusedError, TimedOutError
from sealkit.seal.client import SealClient, open_seal
from sealkit.seal.exchange import Exchange
from sealkit.transport import Deadline, open_transport
from sealkit.wire.link import encode_frame
from sealkit.wire.messages import Request
from sealkit.wire.registry import Command, Status

QUICK = {"first_answer_s": 0.05, "repeats": 1, "whole_s": 0.5}


def exchange(*answers: Callable[[Request], bytes]) -> Exchange:
    return Exchange(DirectLine(device(*answers)))


def test_a_seal_on_a_pseudo_terminal_answers(serve: Serve, seal: ScriptedSeal) -> None:
    with open_seal(serve(seal.receive)) as client:
        client.ping(b"\0" * 32)
        assert client.info().serial == client.status().serial == 1001
        assert client.exchange.traffic.round_trips == 3


@pytest.mark.requirement("L-8")
def test_each_request_counts_up_from_a_random_number() -> None:
    seen: list[int] = []

    def note(request: Request) -> bytes:
        seen.append(request.sequence)
        return answer()(request)

    for _ in range(20):
        asked = exchange(note)
        asked.ask(Command.PING)
        asked.ask(Command.PING)
    assert all((b - a) % 65536 == 1 for a, b in zip(seen[::2], seen[1::2], strict=True))
    assert len(set(seen)) > 30


@pytest.mark.requirement("L-11")
def test_a_repeat_is_the_same_request_byte_for_byte() -> None:
    seen: list[bytes] = []

    def note(request: Request) -> bytes:
        seen.append(request.build())
        return b""

    line = device(note, note, answer(body=b"late but good"))
    assert Exchange(DirectLine(line)).ask(Command.PING, b"x") == b"late but good"
    assert len(seen) == 2
    assert seen[0] == seen[1]


@pytest.mark.requirement("L-11")
def test_answers_to_others_are_dropped() -> None:
    def crowd(request: Request) -> bytes:
        strange = [answer(sequence=1), answer(sequence=-1), answer(command=1)]
        said = b"".join(a(request) for a in strange)
        return said + encode_frame(request.build()) + answer(body=b"mine")(request)

    assert exchange(crowd).ask(Command.PING) == b"mine"


def test_an_answer_may_come_in_any_two_pieces(seal: ScriptedSeal, serve: Serve) -> None:
    whole = device(answer(body=b"\0\1" * 20 + b"\xff" * 10))(
        encode_frame(Request(1, 7, b"").build())
    )
    for cut in range(1, len(whole)):
        pieces = [whole[:cut], whole[cut:]]
        line = DirectLine(lambda data: b"")
        line.read = lambda limit, deadline, pieces=pieces: pieces.pop(0)  # type: ignore[method-assign,misc]
        asked = Exchange(line)
        asked._sequence = 6
        assert asked.ask(Command.PING) == b"\0\1" * 20 + b"\xff" * 10


def test_an_answer_in_single_bytes_after_garbage() -> None:
    def noisy(request: Request) -> bytes:
        return b"\x12\x34garbage" + answer(body=b"good")(request)

    assert Exchange(DirectLine(device(noisy), cut=1)).ask(Command.PING) == b"good"


@pytest.mark.requirement("L-10")
def test_working_is_waited_for(serve: Serve) -> None:
    def slow(request: Request) -> bytes:
        return answer(Status.WORKING)(request) * 3 + answer(body=b"done")(request)

    assert exchange(slow).ask(Command.PING) == b"done"


@pytest.mark.requirement("L-10")
def test_working_is_not_waited_for_without_bound(serve: Serve) -> None:
    with open_transport(serve(device(answer(Status.WORKING)))) as transport:
        asked = Exchange(transport, first_answer_s=0.05, repeats=100, whole_s=0.3)
        with pytest.raises(TimedOutError) as caught:
            asked.ask(Command.ORDER)
    assert caught.value.code == "SEAL_WORKING"
    assert caught.value.remedy


@pytest.mark.requirement("L-10")
def test_working_extends_the_deadline_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sealkit.seal.exchange._BYTE_S", 0)
    line = DirectLine(device(lambda r: answer(Status.WORKING)(r) + answer(body=b"done")(r)), cut=12)
    honest, waited = line.read, []

    def read(limit: int, deadline: Deadline) -> bytes:
        waited.append(deadline)
        return honest(limit, deadline)

    line.read = read  # type: ignore[method-assign]
    Exchange(line, first_answer_s=1).ask(Command.PING)
    assert waited[-1].moment > waited[0].moment


def test_a_silent_device(serve: Serve) -> None:
    with (
        open_transport(serve(device(silence))) as transport,
        pytest.raises(TimedOutError) as caught,
    ):
        Exchange(transport, **QUICK).ask(Command.PING)  # type: ignore[arg-type]
    assert caught.value.code == "SEAL_SILENT"
    assert caught.value.exit_status == ExitStatus.TIMED_OUT
    assert "baud" in caught.value.remedy


@pytest.mark.parametrize(
    ("babble", "word"),
    [
        (b"login: ", "wrong port"),
        (b"\xf0" * 5000, "baud"),
        (bytes.fromhex("55AA00080200E80000000055AA"), "sealkit meter"),
    ],
)
def test_a_device_that_babbles(serve: Serve, babble: bytes, word: str) -> None:
    with (
        open_transport(serve(lambda data: babble)) as transport,
        pytest.raises(TimedOutError) as caught,
    ):
        Exchange(transport, first_answer_s=0.05, repeats=1, whole_s=0.3).ask(Command.PING)
    assert caught.value.code == "SEAL_BABBLES"
    assert word in caught.value.remedy


@pytest.mark.requirement("L-11")
@pytest.mark.parametrize("flood", [b"\x55" * 100, encode_frame(b"another"), b"\0" * 500])
def test_a_device_that_never_stops_is_not_listened_to_for_ever(flood: bytes) -> None:
    line = DirectLine(lambda data: b"")
    line.read = lambda limit, deadline: flood  # type: ignore[method-assign]
    with pytest.raises(TimedOutError) as caught:
        Exchange(line, whole_s=0.1).ask(Command.PING)
    assert caught.value.code in ("SEAL_BABBLES", "SEAL_NO_ANSWER")


def test_frames_of_another_conversation_only() -> None:
    with pytest.raises(TimedOutError) as caught:
        exchange(answer(sequence=5)).ask(Command.PING)
    assert caught.value.code == "SEAL_NO_ANSWER"


@pytest.mark.requirement("L-6")
@pytest.mark.parametrize("said", [answer(version=2), answer(Status.WRONG_VERSION)])
def test_another_version(said: Callable[[Request], bytes]) -> None:
    with pytest.raises(RefusedError) as caught:
        exchange(said).ask(Command.STATUS)
    assert caught.value.code == "SEAL_VERSION"


def test_the_version_of_an_order_is_the_orders() -> None:
    with pytest.raises(RefusedError) as caught:
        exchange(answer(Status.WRONG_VERSION)).ask(Command.ORDER)
    assert caught.value.code == "WRONG_VERSION"


@pytest.mark.parametrize("status", [s for s in Status if s >= 0x10 and s != Status.WRONG_VERSION])
def test_every_refusal_has_its_name_and_remedy(status: Status) -> None:
    with pytest.raises(RefusedError) as caught:
        exchange(answer(status)).ask(Command.ORDER)
    assert caught.value.code == status.name
    assert caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("status", [0x03, 0x0F, 0x7E, 0xFF])
def test_an_unknown_status_is_a_refusal(status: int) -> None:
    with pytest.raises(RefusedError) as caught:
        exchange(answer(status)).ask(Command.PING)
    assert caught.value.code == f"STATUS_0x{status:02X}"


def test_already_applied_is_told() -> None:
    assert exchange(answer(1, b"x")).answer(Command.ORDER).status == Status.ALREADY_APPLIED


def test_the_callers_deadline_ends_all_repeats(serve: Serve) -> None:
    with open_transport(serve(device(silence))) as transport:
        asked = Exchange(transport, first_answer_s=30, repeats=30, whole_s=300)
        with pytest.raises(TimedOutError):
            asked.ask(Command.PING, deadline=Deadline.after(0.05))


def test_a_port_that_closes_in_mid_exchange(serve: Serve) -> None:
    with open_transport(serve(device(silence))) as transport:
        client = SealClient(Exchange(transport))
        client.close()
        with pytest.raises(DeviceNotFoundError) as caught:
            client.ping()
    assert caught.value.remedy


def test_traffic_counts_bytes_and_round_trips() -> None:
    asked = exchange(silence, answer(body=b"1234"))
    asked.ask(Command.PING, b"1234")
    # 00, code bytes, header 4, body 4, CRC 4, 00; sent twice since the first was not answered.
    request = len(encode_frame(Request(1, asked._sequence, b"1234").build()))
    assert asked.traffic.sent == 2 * request
    assert asked.traffic.received == request + 1
    assert asked.traffic.round_trips == 1
