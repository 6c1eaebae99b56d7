"""What there is just room for, and what takes room that it should not."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import pytest

from sealkit.wire.messages import READ_LOG_REQUEST, OrderRequest, ReadLogRequest
from sealkit.wire.orders import AdjustClockBody
from sealkit.wire.registry import (
    RECORD_MAX,
    TAMPER_RESERVE_RECORDS,
    Chain,
    Command,
    OrderKind,
    Role,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, destructive, needs
from sealkit_conformance.subject.filling import (
    FLAGS_RECORD_BYTES,
    fill_control,
    fill_journal,
    greatest_order,
)
from sealkit_conformance.subject.history import check_history
from sealkit_conformance.subject.people import Person
from sealkit_conformance.subject.seal import READ_LIMIT, SealUnderTest

CUTS: Final = 36
SMALL_ORDERS_MAX: Final = 40


@clause("C-7")
def test_a_record_that_just_fits_is_told(tampered: SealUnderTest) -> None:
    """At any place of the log two records are told where there is just room for two."""
    records = tampered.log(Chain.BOTH)
    for one, other in pairwise(records):
        size = 1 + 2 + len(one.raw) + 2 + len(other.raw)
        if size > READ_LIMIT:
            continue
        for limit, due in ((size - 1, 1), (size, 2), (size + 1, 2)):
            request = READ_LOG_REQUEST.build(ReadLogRequest(Chain.BOTH, one.sequence, limit))
            told = tampered.done(Command.READ_LOG, request)[0]
            expect.equal("C-7", due, told, f"records of {size} bytes together in {limit}")


def adjusting(seal: SealUnderTest, station: Person, *others: Person) -> OrderRequest:
    """A small order of one station, with credentials of others beside its own."""
    sent = [one.credential.raw for one in (station, *others)]
    body = AdjustClockBody(1)
    return seal.good(OrderKind.ADJUST_CLOCK, body=body, signers=[station], credentials=sent)


@clause("O-15", "J-1")
@needs(Capability.FRESH_DEVICES)
@destructive
@pytest.mark.seconds(120)
def test_new_credentials_take_room_too(opened: SealUnderTest) -> None:
    """Where a small order fits no more, none does that brings credentials to be stored besides."""
    fill_control(opened)
    for _ in range(SMALL_ORDERS_MAX):
        if opened.order(adjusting(opened, opened.people["station"])).status == Status.LOG_FULL:
            break
    else:
        expect.fail("O-15", "a full log takes orders without end")
    head = opened.status().control_digest
    for length in range(0, 49, 4):
        station = opened.people.another(Role.STATION, name="s" * length)
        for others in ([], [opened.people.another(Role.STATION, name="o" * length)]):
            request = adjusting(opened, station, *others)
            expect.status("O-15", Status.LOG_FULL, opened.order(request), "it fits no more")
    expect.equal("O-15", head, opened.status().control_digest, "a full log changed")
    opened.apply(opened.good(OrderKind.RETIRE), "J-1")
    check_history(opened)


@clause("C-2", "J-4", "J-1")
@needs(Capability.POWER_IN_ORDER, Capability.FRESH_DEVICES)
@destructive
@pytest.mark.seconds(120)
def test_power_cuts_leave_the_room_that_is_announced(opened: SealUnderTest, bench: Backend) -> None:
    """What a cut leaves behind of an order takes no room from those that follow."""
    for step in range(CUTS):
        opened.order_as_power_goes(greatest_order(opened), step % 5)
        if not bench.has_power():
            bench.restore_power()
        opened.line.forget()
        bench.pass_time(100)
    expect.equal("O-16", State.OPEN, opened.state(), "the state after cuts in TRUST")
    fill_control(opened)
    held = sum(map(len, opened.raw_log(Chain.CONTROL)))
    kept = (TAMPER_RESERVE_RECORDS + 4) * RECORD_MAX  # more than J-1 asks to keep
    enough = held + kept >= opened.info().control_capacity
    expect.true("C-2", enough, f"after {CUTS} cuts the control log is full at {held} bytes")
    check_history(opened)


@clause("C-3", "J-3")
@needs(Capability.BATTERY, Capability.FRESH_DEVICES)
@destructive
@pytest.mark.seconds(120)
def test_as_many_bytes_of_the_journal_fit_as_the_status_tells(sealed: SealUnderTest) -> None:
    free = sealed.status().journal_free
    before = len(b"".join(sealed.raw_log(Chain.JOURNAL)))
    fill_journal(sealed)
    taken = len(b"".join(sealed.raw_log(Chain.JOURNAL))) - before
    enough = taken + FLAGS_RECORD_BYTES > free
    expect.true("C-3", enough, f"journal_free was {free}, and {taken} bytes of records did fit")
