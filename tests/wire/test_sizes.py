"""The sizes that SPEC.md tells are those of the bytes that are built."""

from __future__ import annotations

import pytest
from support.generator import generator
from support.layouts import CODECS, encoded, extreme

from sealkit.wire import records as r
from sealkit.wire import registry
from sealkit.wire.orders import ORDER
from sealkit.wire.records import RECORD, RECORD_HEADER


@pytest.mark.requirement("N-2")
@pytest.mark.parametrize("layout", sorted(CODECS))
def test_the_least_and_the_greatest_size(layout: str) -> None:
    least, greatest = generator().layout_size(generator().load(), layout)
    assert len(CODECS[layout].assemble(extreme(layout, False))) == least
    if greatest is not None:
        assert len(CODECS[layout].assemble(extreme(layout, True))) == greatest


@pytest.mark.requirement("M-1")
def test_the_limits_hold_what_the_layouts_allow() -> None:
    def size(layout: str) -> int:
        return len(encoded(layout, extreme(layout, True)))

    assert size("record") == registry.RECORD_MAX
    assert size("credential") <= registry.CREDENTIAL_MAX
    # Header of an answer, length of the record, the record: one frame's payload.
    assert 5 + 1 + 2 + registry.RECORD_MAX <= registry.LINK_PAYLOAD_MAX
    assert 4 + registry.ORDER_REQUEST_MAX <= registry.LINK_PAYLOAD_MAX
    # The record of the longest order, with all its credentials, is a record.
    journal_head, counts = 4 + 32, 2 + 1
    body = journal_head + counts + registry.ORDER_REQUEST_MAX - counts
    assert len(encoded("record", extreme("record", False))) + body <= registry.RECORD_MAX
    assert sum(size for size, _ in registry.BUFFERS.values()) < 16 * 1024
    assert size("trust_statement") <= registry.BUFFERS["trust_statement"][0]
    assert size("evidence") <= registry.BUFFERS["evidence"][0]
    assert size("observation") <= registry.BUFFERS["meter_observation"][0]
    assert len(encoded("order", extreme("order", False))) + 1003 + 128 == registry.ORDER_MAX


@pytest.mark.requirement("R-1")
def test_the_header_of_a_record_is_what_stands_before_its_body() -> None:
    values = {**extreme("record", True), "body": b"body"}
    raw = encoded("record", values)
    assert RECORD_HEADER.size + 4 == len(raw)
    head = RECORD_HEADER.unpack_from(raw)
    assert head == (*(values[name] for name in values if name != "body"), 4)
    record = RECORD.parse(raw)
    assert str(record.number) == "4294967295-4294967295"
    assert [r.RECORD.parse(encoded("record", {**values, "kind": kind})).is_control
            for kind in (0, 0x7F, 0x80, 0xFF)] == [True, True, False, False]  # fmt: skip


@pytest.mark.requirement("R-9")
def test_the_body_of_a_record_of_unknown_kind_is_kept_unread() -> None:
    for kind in {*range(256)} - set(registry.RecordKind):
        record = RECORD.parse(encoded("record", {**extreme("record", False), "kind": kind}))
        assert r.parse_record_body(record) is None


def test_the_signers_of_an_order_are_those_that_are_not_zero() -> None:
    one, two, none = b"\x01" * 32, b"\x02" * 32, bytes(32)
    for first, second in ((one, two), (one, none), (none, two), (none, none)):
        values = {**extreme("order", False), "first_signer": first, "second_signer": second}
        order = ORDER.parse(encoded("order", values))
        assert order.signers == tuple(s for s in (first, second) if s != none)
