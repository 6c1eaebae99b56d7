"""When a seal answers, and at which rate (L-10, L-12)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from sealkit.wire.messages import ORDER_REQUEST, SET_BAUD_REQUEST, Request, SetBaudRequest
from sealkit.wire.registry import (
    ANSWER_MS,
    BAUD_FALLBACK_MS,
    WORKING_MS,
    Command,
    OrderKind,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.seal import WHOLE_MS, SealUnderTest

FIRST_RATE: Final = 9_600
RATES: Final = (4_800, 19_200, 38_400, 57_600, 115_200)
TRIES: Final = 4
"""A computer may be late now and then, a seal that is late is so each time."""
BODIES: Final = {
    Command.PING: b"\x55" * 1_024,
    Command.EVIDENCE: bytes(32),
    Command.ORDER: b"\0",
    Command.READ_LOG: bytes((3, 0, 0, 0, 0, 0x07, 0xEB)),
    Command.READ_RECORD: bytes((0, 0, 0, 1, 0, 0, 0xFF, 0xFF)),
    Command.READ_GROUP: b"\1",
    Command.READ_CREDENTIAL: b"\1",
    Command.INSTALL_CREDENTIAL: bytes(200),
    Command.SET_BAUD: bytes(4),
}


def answered(seal: SealUnderTest, payload: bytes) -> tuple[float, float]:
    """How long the first answer took, without its time on the line; the longest wait after it.

    The first may be `working`; all is read up to the answer itself.
    """
    sent = seal.line.send(payload)
    begun = last = seal.backend.running_ms()
    waits: list[float] = []
    while True:
        raw = seal.line.next_payload()
        if raw is None:
            expect.fail("L-10", f"the seal does not answer request {payload[1]:#04x} in time")
        now = seal.backend.running_ms()
        on_line = len(raw) + (0 if waits else sent)
        waits.append(max(0.0, now - last - on_line * seal.line.byte_s * 1_000))
        last = now
        answer = seal.parsed_answer(raw)
        expect.equal("L-10", payload[2:4], answer.sequence.to_bytes(2, "big"), "its number")
        if answer.status != Status.WORKING:
            return waits[0], max(waits[1:], default=0.0)
        if now - begun > WHOLE_MS:
            expect.fail("L-10", f"the seal works for more than {WHOLE_MS} ms")


def judge(what: str, times: list[tuple[float, float]]) -> None:
    """The quickest of some tries keeps the limits."""
    first, later = min(one for one, _ in times), min(other for _, other in times)
    expect.true("L-10", first <= ANSWER_MS, f"{what}: the first answer takes {first:.0f} ms")
    expect.true("L-10", later <= WORKING_MS, f"{what}: {later:.0f} ms pass after `working`")


@clause("L-10")
@pytest.mark.parametrize("command", list(Command), ids=lambda command: command.name.lower())
def test_every_command_is_answered_in_time(sealed: SealUnderTest, command: Command) -> None:
    body = BODIES.get(command, b"")
    times = [
        answered(sealed, Request(command, sealed.next_sequence(), body).build())
        for _ in range(TRIES)
    ]
    judge(command.name.lower(), times)


@clause("L-10", "O-16")
@pytest.mark.parametrize("good", [True, False], ids=["applied", "refused"])
def test_an_order_is_answered_in_time(sealed: SealUnderTest, good: bool) -> None:
    """Four signatures are to be verified, one is made, and the flash is written."""
    times = []
    for _ in range(TRIES):
        signers = None if good else [sealed.people["technician"]]
        body = ORDER_REQUEST.build(sealed.good(OrderKind.CONFIRM, signers=signers))
        payload = Request(Command.ORDER, sealed.next_sequence(), body).build()
        times.append(answered(sealed, payload))
    judge("order", times)


@clause("L-10", "L-7")
def test_what_is_refused_is_answered_in_time(sealed: SealUnderTest) -> None:
    for command, version in ((0x7E, 1), (Command.STATUS, 9)):
        times = [
            answered(sealed, Request(command, sealed.next_sequence(), b"", version).build())
            for _ in range(TRIES)
        ]
        judge("a request that is refused", times)


# The rate of the line.


def ask_rate(seal: SealUnderTest, rate: int) -> int:
    """The status of `set_baud`, answered at the rate before it."""
    body = SET_BAUD_REQUEST.build(SetBaudRequest(rate))
    payload = Request(Command.SET_BAUD, seal.next_sequence(), body).build()
    return seal.ask_payload(payload, "L-12").status


def hears(seal: SealUnderTest, what: str) -> None:
    """A ping comes back at the rate at which our end of the line is."""
    payload = Request(Command.PING, seal.next_sequence(), b"\x55" * 40).build()
    expect.equal("L-12", payload[4:], seal.ask_payload(payload, "L-12").body, what)


@contextmanager
def at_rate(seal: SealUnderTest, bench: Backend, rate: int) -> Iterator[None]:
    """Our end of the line at another rate; at last at the first again, with nothing half sent."""
    bench.set_baud(rate)
    seal.line.forget()
    try:
        yield
    finally:
        bench.set_baud(FIRST_RATE)
        seal.line.forget()


def rates_of(seal: SealUnderTest, bench: Backend) -> list[int]:
    """Other rates that this seal can do; it is at the first again."""
    found = []
    for rate in RATES:
        status = ask_rate(seal, rate)
        if status == Status.OK:
            found.append(rate)
            with at_rate(seal, bench, rate):
                expect.equal("L-12", Status.OK, ask_rate(seal, FIRST_RATE), "back to 9600")
        else:
            expect.equal("L-12", Status.MALFORMED, status, f"a rate of {rate}")
    return found


@clause("L-12")
def test_9600_is_taken(sealed: SealUnderTest) -> None:
    for _ in range(2):
        expect.equal("L-12", Status.OK, ask_rate(sealed, FIRST_RATE), "the rate 9600")
        hears(sealed, "after it")


@clause("L-12")
def test_a_rate_that_it_cannot_do_changes_nothing(sealed: SealUnderTest, bench: Backend) -> None:
    for rate in (0, 1, 9_601, 0xFFFFFFFF):
        expect.equal("L-12", Status.MALFORMED, ask_rate(sealed, rate), f"a rate of {rate}")
        hears(sealed, "the line after it")
    bench.pass_time(BAUD_FALLBACK_MS + 500)
    hears(sealed, "some time after it")


@clause("L-12")
def test_a_rate_that_is_used_stays(sealed: SealUnderTest, bench: Backend) -> None:
    for rate in rates_of(sealed, bench):
        expect.equal("L-12", Status.OK, ask_rate(sealed, rate), f"a rate of {rate}")
        with at_rate(sealed, bench, rate):
            hears(sealed, f"at {rate}")
            bench.pass_time(2 * BAUD_FALLBACK_MS)
            hears(sealed, f"still at {rate}")
            expect.equal("L-12", Status.OK, ask_rate(sealed, FIRST_RATE), "back to 9600")
        hears(sealed, "back at 9600")
        bench.pass_time(BAUD_FALLBACK_MS + 500)
        hears(sealed, "and it stays there")


@clause("L-12")
def test_a_new_rate_waits_for_its_first_frame(sealed: SealUnderTest, bench: Backend) -> None:
    """It does not go back before its time."""
    for rate in rates_of(sealed, bench)[:1]:
        expect.equal("L-12", Status.OK, ask_rate(sealed, rate), f"a rate of {rate}")
        with at_rate(sealed, bench, rate):
            bench.pass_time(BAUD_FALLBACK_MS - 500)
            hears(sealed, f"at {rate}")
            ask_rate(sealed, FIRST_RATE)


@clause("L-12")
@pytest.mark.parametrize("with_noise", [False, True], ids=["silence", "noise"])
def test_without_a_good_frame_it_goes_back(
    sealed: SealUnderTest, bench: Backend, with_noise: bool
) -> None:
    for rate in rates_of(sealed, bench):
        expect.equal("L-12", Status.OK, ask_rate(sealed, rate), f"a rate of {rate}")
        if with_noise:
            with at_rate(sealed, bench, rate):
                sealed.line.send_raw(b"\0noise\0" + bytes(9))
                bench.pass_time(100)
        bench.pass_time(BAUD_FALLBACK_MS + 500)
        sealed.line.forget()
        hears(sealed, f"back from {rate}")


@clause("L-12")
@needs(Capability.POWER)
def test_a_boot_goes_back_to_9600(sealed: SealUnderTest, bench: Backend) -> None:
    for rate in rates_of(sealed, bench)[-1:]:
        expect.equal("L-12", Status.OK, ask_rate(sealed, rate), f"a rate of {rate}")
        with at_rate(sealed, bench, rate):
            hears(sealed, f"at {rate}")
            bench.cut_power()
        bench.restore_power()
        sealed.line.forget()
        hears(sealed, "after a boot")
