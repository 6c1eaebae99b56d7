"""The order file: it carries an order whole, and nothing in it is believed unchecked."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.client_bench import ScriptedBench

from sealkit.errors import IntegrityError, SealkitError, UsageError
from sealkit.seal.orderfile import (
    ORDER_FILE_MAX,
    CarriedOrder,
    build_order_file,
    parse_order_file,
)
from sealkit.wire.orders import ReasonBody
from sealkit.wire.registry import OrderKind, Reason

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
AS_IT_IS = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def carried(sealed: ScriptedBench) -> CarriedOrder:
    draft = sealed.draft(OrderKind.UNSEAL, ReasonBody(Reason.REPAIR, "接线"), *sealed.both)
    return CarriedOrder(draft, sealed.shown)


def written(carried: CarriedOrder) -> bytes:
    return build_order_file(carried.draft, carried.shown)


@pytest.mark.parametrize("signers", [[], ["technician"], ["station"], ["station", "technician"]])
def test_a_draft_comes_back_as_it_was(
    sealed: ScriptedBench, carried: CarriedOrder, signers: list[str]
) -> None:
    draft = sealed.sign(carried.draft, signers) if signers else carried.draft
    assert parse_order_file(build_order_file(draft, carried.shown)).draft == draft
    assert parse_order_file(written(carried)).shown.head == carried.shown.head


@AS_IT_IS
@given(text=st.text(min_size=1, max_size=40), reason=st.sampled_from(Reason))
def test_any_draft_comes_back(sealed: ScriptedBench, text: str, reason: Reason) -> None:
    draft = sealed.draft(OrderKind.UNSEAL, ReasonBody(reason, text), *sealed.both)
    draft = draft.sign(sealed.people.keys["technician"])
    read = parse_order_file(build_order_file(draft, sealed.shown)).draft
    assert read.body == ReasonBody(reason, text)
    assert read.sign(sealed.people.keys["station"]).complete


def test_the_file_can_be_read_by_people(carried: CarriedOrder) -> None:
    text = written(carried).decode()
    assert "unseal.text: 接线" in text
    assert "order.seal: 4711-1001" in text
    assert "order.signer: technician (technician), not yet signed" in text


def altered(carried: CarriedOrder, change: dict[str, Any]) -> bytes:
    content = json.loads(written(carried))
    for path, value in change.items():
        *way, last = path.split(".")
        at = content
        for step in way:
            at = at[int(step)] if step.isdigit() else at[step]
        at[int(last) if last.isdigit() else last] = value
    return json.dumps(content).encode()


def test_the_review_is_not_read_back(carried: CarriedOrder) -> None:
    assert parse_order_file(altered(carried, {"review": ["all is well"]})).draft == carried.draft


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"schema": "sealkit.order/2"}, "ORDER_FILE_SCHEMA"),
        ({"schema": None}, "ORDER_FILE_SCHEMA"),
        ({"unsigned": "zz"}, "ORDER_FILE_MALFORMED"),
        ({"unsigned": "00" * 2000}, "ORDER_FILE_MALFORMED"),
        ({"unsigned": 5}, "ORDER_FILE_MALFORMED"),
        ({"signers": []}, "ORDER_FILE_MALFORMED"),
        ({"signers": [{}, {}, {}]}, "ORDER_FILE_MALFORMED"),
        ({"signers.0": "x"}, "ORDER_FILE_MALFORMED"),
        ({"signers.0.credentials": []}, "ORDER_FILE_MALFORMED"),
        ({"signers.0.credentials.0": "00"}, "ORDER_FILE_MALFORMED"),
        ({"signers.0.signature": True}, "ORDER_FILE_MALFORMED"),
        ({"signers.0.signature": "00" * 65}, "ORDER_FILE_MALFORMED"),
        ({"signers.0.signature": "00" * 64}, "SIGNATURE_INVALID"),
        ({"signers.0.signature": "00" * 63}, "SIGNATURE_INVALID"),
    ],
)
def test_what_is_no_order_file(carried: CarriedOrder, change: dict[str, Any], code: str) -> None:
    with pytest.raises((UsageError, IntegrityError)) as caught:
        parse_order_file(altered(carried, change))
    assert caught.value.code == code
    assert caught.value.remedy


def test_signers_in_each_others_place(carried: CarriedOrder) -> None:
    content = json.loads(written(carried))
    content["signers"].reverse()
    with pytest.raises(UsageError) as caught:
        parse_order_file(json.dumps(content).encode())
    assert caught.value.code == "ORDER_FILE_MALFORMED"


@pytest.mark.requirement("O-13")
def test_a_changed_order_loses_its_signatures(sealed: ScriptedBench, carried: CarriedOrder) -> None:
    unsigned = bytearray(carried.draft.unsigned)
    unsigned[75] ^= 1  # the window's beginning
    text = bytes(unsigned).hex()
    assert parse_order_file(altered(carried, {"unsigned": text})).draft.unsigned == bytes(unsigned)
    signed = replace(carried, draft=carried.draft.sign(sealed.people.keys["station"]))
    with pytest.raises(IntegrityError) as caught:
        parse_order_file(altered(signed, {"unsigned": text}))
    assert caught.value.code == "SIGNATURE_INVALID"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "ORDER_FILE_MALFORMED"),
        (b"[]", "ORDER_FILE_MALFORMED"),
        (b"\xff\xfe", "ORDER_FILE_MALFORMED"),
        (b"[" * 60_000, "ORDER_FILE_MALFORMED"),
        (b" " * (ORDER_FILE_MAX + 1), "ORDER_FILE_TOO_LONG"),
    ],
)
def test_what_is_no_file_at_all(data: bytes, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_order_file(data)
    assert caught.value.code == code


@given(JSON)
def test_any_json_is_a_draft_or_an_error_of_ours(content: object) -> None:
    with pytest.raises(SealkitError):
        parse_order_file(json.dumps(content).encode())


@AS_IT_IS
@given(data=st.data())
def test_any_part_replaced_by_any_json(carried: CarriedOrder, data: st.DataObject) -> None:
    path = data.draw(
        st.sampled_from(["unsigned", "signers", "signers.0", "signers.1.credentials"])
        | st.sampled_from(["signers.0.credentials.0", "signers.0.signature"])
    )
    value = data.draw(JSON | st.binary(max_size=300).map(bytes.hex))
    with contextlib.suppress(SealkitError):
        assert parse_order_file(altered(carried, {path: value})).draft == carried.draft


@AS_IT_IS
@given(cut=st.integers(min_value=0, max_value=5000))
def test_a_file_cut_short(carried: CarriedOrder, cut: int) -> None:
    whole = written(carried)
    with pytest.raises(SealkitError):
        parse_order_file(whole[: cut % (len(whole) - 2)])


def test_a_history_that_is_not_the_orders(carried: CarriedOrder) -> None:
    records = [record.raw.hex() for record in carried.shown.records]
    with pytest.raises(IntegrityError) as caught:
        parse_order_file(altered(carried, {"history": records[:-1]}))
    assert caught.value.code == "ORDER_FILE_HISTORY"
    with pytest.raises(IntegrityError) as caught:
        parse_order_file(altered(carried, {"history": [records[0], *records[2:]]}))
    assert caught.value.code == "CHAIN_BROKEN"
    for history in ([], None, ["zz"], ["00"]):
        with pytest.raises(UsageError) as refused:
            parse_order_file(altered(carried, {"history": history}))
        assert refused.value.code == "ORDER_FILE_MALFORMED"
