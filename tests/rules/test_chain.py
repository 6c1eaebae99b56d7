"""Heads of chains, and the end of the record counter (R-2, R-8)."""

from __future__ import annotations

import hashlib

import pytest

from sealkit.crypto import get_suite
from sealkit.errors import MalformedError, SealkitError
from sealkit.rules.chain import EMPTY_CHAIN, Head, counter_has_room, counter_nearly_ended, head_of
from sealkit.rules.refusals import refusal, status_of
from sealkit.wire.registry import STATUS_TEXTS, Status


@pytest.mark.requirement("R-2")
def test_a_head_is_number_and_digest() -> None:
    assert head_of(get_suite("p256"), 7, b"record") == Head(7, hashlib.sha256(b"record").digest())
    assert Head(0, bytes(32)) == EMPTY_CHAIN


@pytest.mark.requirement("R-8")
def test_the_last_16_numbers_are_kept_and_1000_before_it_is_told() -> None:
    for number, order, reserved, nearly in (
        (1, True, True, False),
        (4_294_967_295 - 1_016, True, True, False),
        (4_294_967_295 - 1_015, True, True, True),
        (4_294_967_279, True, True, True),
        (4_294_967_280, False, True, True),
        (4_294_967_295, False, True, True),
        (4_294_967_296, False, False, True),
    ):
        assert counter_has_room(number, reserved=False) is order
        assert counter_has_room(number, reserved=True) is reserved
        assert counter_nearly_ended(number) is nearly


def test_a_refusal_is_its_status_with_message_and_remedy() -> None:
    for status in Status:
        error = refusal(status, "detail")
        assert error.code == status.name
        assert status_of(error) is status
        text = STATUS_TEXTS[status]
        assert error.message == f"{text.message_en} (detail)"
        assert error.remedy == text.remedy_en
        assert refusal(status).message == text.message_en
    assert status_of(MalformedError("EXPORT_ALTERED", "")) is Status.MALFORMED
    assert status_of(SealkitError("", "")) is Status.MALFORMED
