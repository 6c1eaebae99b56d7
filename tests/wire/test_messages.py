"""Requests and answers, and numbers of seals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError, UsageError
from sealkit.wire.messages import Answer, Request
from sealkit.wire.numbers import SealNumber

_U8, _U16, _U32 = (st.integers(0, (1 << bits) - 1) for bits in (8, 16, 32))


@pytest.mark.requirement("L-6")
@given(_U8, st.integers(0, 127), _U16, _U8, st.binary(max_size=40))
def test_a_request_and_its_answer_are_built_as_told_and_parse_back(
    version: int, command: int, sequence: int, status: int, body: bytes
) -> None:
    request = Request(command, sequence, body, version)
    assert request.build() == bytes((version, command)) + sequence.to_bytes(2, "big") + body
    assert Request.parse(request.build()) == request
    answer = Answer(command, sequence, status, body, version)
    head = bytes((version, command | 0x80)) + sequence.to_bytes(2, "big") + bytes((status,))
    assert answer.build() == head + body
    assert Answer.parse(answer.build()) == answer
    for parse, payload in ((Request.parse, answer.build()), (Answer.parse, request.build())):
        with pytest.raises(MalformedError):
            parse(payload)


@pytest.mark.requirement("L-7")
def test_a_payload_shorter_than_its_header_is_dropped() -> None:
    request, answer = Request(1, 2, b"").build(), Answer(1, 2, 0, b"").build()
    for size in range(4):
        with pytest.raises(MalformedError):
            Request.parse(request[:size])
    for size in range(5):
        with pytest.raises(MalformedError):
            Answer.parse(answer[:size])


@given(st.binary(max_size=8))
def test_any_payload_is_a_request_or_an_answer_or_malformed(payload: bytes) -> None:
    for parse in (Request.parse, Answer.parse):
        try:
            message = parse(payload)
        except MalformedError:
            continue
        assert message.build() == payload


@pytest.mark.requirement("N-5")
@given(_U32, _U32)
def test_a_seal_number_is_written_and_read(maker: int, serial: int) -> None:
    number = SealNumber(maker, serial)
    assert str(number) == f"{maker}-{serial}"
    assert SealNumber.from_text(str(number)) == number


@pytest.mark.requirement("N-5")
@pytest.mark.parametrize(
    "text",
    ["", "-", "1", "1-", "-1", "1--2", "1-2-3", " 1-2", "1-2\n", "+1-2", "0x1-2", "1-2a", "一-二",
     "١-٢", "4294967296-1", "1-4294967296", "00000000001-1", "1" * 5000 + "-1"],
)  # fmt: skip
def test_what_is_no_seal_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        SealNumber.from_text(text)
    assert refused.value.code == "SEAL_NUMBER_MALFORMED"
    assert refused.value.remedy


def test_seal_numbers_sort_by_maker_first() -> None:
    assert sorted([SealNumber(2, 1), SealNumber(1, 9)]) == [SealNumber(1, 9), SealNumber(2, 1)]
