"""The trust file carries what it was given, and nothing that does not verify."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appraisal.builder import World, flip
from sealkit.appraisal.trust import TRUST_FILE_MAX, TrustBundle
from sealkit.crypto import get_suite
from sealkit.errors import UsageError


def _code(data: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        TrustBundle.from_json(data)
    assert caught.value.remedy
    return caught.value.code


def test_a_bundle_comes_back_from_its_file(world: World) -> None:
    for bundle in (world.trust, world.trust_with(world.seal_credential, version=9)):
        assert TrustBundle.from_json(bundle.to_json()) == bundle
    assert bundle.version == 9
    assert bundle.manufacturer(world.suite.key_id(world.maker.key.public_key)) is not None
    assert bundle.manufacturer(bytes(16)) is None


@pytest.mark.parametrize("data", [b"", b" \n", b"\t"])
def test_an_empty_file(data: bytes) -> None:
    assert _code(data) == "TRUST_FILE_EMPTY"


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "sealkit.trust/2"},
        {"schema": None},
        {"suite": "rsa"},
        {"suite": 1},
        {"authority": None},
        {"authority": "no hex"},
        {"authority": "00" * 289},
        {"manufacturers": []},
        {"manufacturers": "00"},
        {"manufacturers": [7]},
        {"manufacturers": ["00"] * 257},
        {"statement": 7},
        {"statement": "00" * 897},
    ],
)
def test_a_file_that_is_none(p256: World, change: dict[str, Any]) -> None:
    content = json.loads(p256.trust.to_json())
    assert _code(json.dumps(content | change).encode()) == "TRUST_FILE_MALFORMED"


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b"7", b"\xff", b"[" * 100_000, b" " * TRUST_FILE_MAX + b"{}"]
)
def test_a_file_that_is_no_json_object(data: bytes) -> None:
    assert _code(data) == "TRUST_FILE_MALFORMED"


@pytest.mark.requirement("K-4")
def test_what_does_not_verify_is_not_taken(world: World) -> None:
    other = World(world.suite)
    authority, maker = world.authority.credential, world.maker.credential
    broken = replace(authority, raw=flip(authority.raw, -1))
    for bundle in (
        replace(world.trust, authority=broken),
        replace(world.trust, authority=maker),
        replace(world.trust, authority=world.endorsed),
        replace(world.trust, manufacturers=(authority,)),
        replace(world.trust, manufacturers=(maker, world.seal_credential)),
        replace(world.trust, statement=other.trust_with().statement),
    ):
        assert _code(bundle.to_json()) == "TRUST_FILE_INVALID"


def test_a_file_is_of_one_suite(p256: World) -> None:
    content = json.loads(p256.trust.to_json())
    data = json.dumps(content | {"suite": "sm2"}).encode()
    assert _code(data) == "TRUST_FILE_INVALID"


@given(st.integers(0, 1 << 16), st.integers(1, 255))
def test_no_byte_of_a_file_can_be_changed_into_an_exception(place: int, mask: int) -> None:
    data = flip(_BUNDLE, place, mask)
    try:
        assert TrustBundle.from_json(data).to_json()
    except UsageError as error:
        assert error.code.startswith("TRUST_FILE_")  # noqa: PT017


_BUNDLE = World(get_suite("p256")).trust_with().to_json()
