"""Profiles: what a file may say, what is refused, and frames explained by them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import DeviceNotFoundError, MalformedError, SealkitError, UsageError
from sealkit.meter.decode import describe
from sealkit.meter.frames import Frame, encode_frame
from sealkit.meter.profiles import (
    MAX_FILE_BYTES,
    Profile,
    join_profiles,
    parse_profile,
    read_profile,
)

EXAMPLE = Path(__file__).parents[2] / "docs" / "meter-profile-example.toml"
K_REPLY = bytes.fromhex("90 1024")


def profile(text: str) -> Profile:
    return parse_profile(f'schema = "sealkit.meter.profile/1"\n{text}'.encode())


def command(text: str) -> Profile:
    return profile(f'[[command]]\nname = "a"\nvendor = 1\ncommand = 0x100\n{text}')


def frame(number: int, data: bytes, vendor: int = 0x11) -> bytes:
    return encode_frame(Frame(2, vendor, number, data))


def test_the_example_explains_k() -> None:
    told = describe(frame(0x1001, K_REPLY), read_profile(EXAMPLE))
    assert told["frame"]["meaning"] == "read K"
    assert told["frame"]["direction"] == "meter_to_terminal"
    assert told["body"] == {
        "result": 0x90,
        "result_meaning": "done",
        "k": 1024,
        "k_unit": "pulses/km",
    }


def test_a_request_is_told_from_its_reply_by_size() -> None:
    told = describe(frame(0x1002, bytes.fromhex("1024") + b"secret\0\0"), read_profile(EXAMPLE))
    assert told["frame"]["direction"] == "terminal_to_meter"
    assert told["body"]["password"] == "secret"  # noqa: S105


def test_scale_and_bytes() -> None:
    data = bytes.fromhex("000004D2 00000001") + b"SN-1".ljust(12, b"\0") + b"\xaa\xbb\xcc"
    assert describe(frame(0x1003, data), read_profile(EXAMPLE))["body"] == {
        "distance": 123400,
        "distance_unit": "m",
        "hired_distance": 100,
        "hired_distance_unit": "m",
        "serial_number": "SN-1",
        "unknown": "aabbcc",
    }


def test_where_request_and_reply_have_one_size_nothing_is_guessed() -> None:
    field = '[{ name = "x", at = 0, size = 2, type = "uint" }]'
    known = command(f"request = {field}\nreply = {field}")
    told = describe(frame(0x100, b"\1\2", vendor=1), known)
    assert (told["frame"]["direction"], told["body"]) == (None, {"raw": "0102"})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x90\x10", "METER_BAD_LENGTH"),
        (bytes(4), "METER_BAD_LENGTH"),
        (b"\x90\x1a\0", "METER_NOT_BCD"),
    ],
)
def test_a_reply_unlike_its_layout(data: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as refused:
        describe(frame(0x1001, data), read_profile(EXAMPLE))
    assert refused.value.code == code


def test_another_makers_command_of_that_number_is_not_explained() -> None:
    assert describe(frame(0x1001, K_REPLY, vendor=0x12), read_profile(EXAMPLE))["body"] == {
        "raw": K_REPLY.hex()
    }


def test_a_request_is_built_from_what_a_person_types() -> None:
    set_k = read_profile(EXAMPLE).named("set_k")
    assert set_k.request.build({"password": "secret", "k": "1024"}) == b"\x10\x24secret\0\0"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "METER_WRONG_FIELDS"),
        ({"k": "1", "password": "x", "more": "1"}, "METER_WRONG_FIELDS"),
        ({"k": "many", "password": "x"}, "METER_BAD_VALUE"),
        ({"k": "10000", "password": "x"}, "METER_BAD_VALUE"),
        ({"k": "-1", "password": "x"}, "METER_BAD_VALUE"),
        ({"k": "1", "password": "123456789"}, "METER_BAD_VALUE"),
    ],
)
def test_values_that_do_not_fit(values: dict[str, str], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_profile(EXAMPLE).named("set_k").request.build(values)
    assert refused.value.code == code
    assert refused.value.remedy


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="METER_NO_SUCH_COMMAND") as refused:
        read_profile(EXAMPLE).named("read_q")
    assert "read_k, set_k, read_totals" in refused.value.remedy


def field(**values: Any) -> str:
    said = {"name": '"x"', "at": "0", "size": "1", "type": '"uint"', **values}
    inner = ", ".join(f"{name} = {value}" for name, value in said.items() if value)
    return f"reply = [{{ {inner} }}]"


TWO = """reply = [
    {{ name = "x", at = 0, size = 2, type = "uint" }},
    {{ name = "{}", at = {}, size = 1, type = "bcd" }},
]"""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TWO.format("y", 1), "METER_PROFILE_OVERLAP"),
        (TWO.format("y", 0), "METER_PROFILE_OVERLAP"),
        (TWO.format("y", 3), "METER_PROFILE_GAP"),
        (TWO.format("x", 2), "METER_PROFILE_BAD_VALUE"),
        (field(at="1"), "METER_PROFILE_GAP"),
        (field(type='"float"'), "METER_PROFILE_UNKNOWN_TYPE"),
        (field(type=""), "METER_PROFILE_BAD_VALUE"),
        (field(type="1"), "METER_PROFILE_BAD_VALUE"),
        (field(size="0"), "METER_PROFILE_BAD_VALUE"),
        (field(size="9"), "METER_PROFILE_BAD_VALUE"),
        (field(size="true"), "METER_PROFILE_BAD_VALUE"),
        (field(size="1025", type='"bytes"'), "METER_PROFILE_BAD_VALUE"),
        (field(scale="0"), "METER_PROFILE_BAD_VALUE"),
        (field(scale="0.5"), "METER_PROFILE_BAD_VALUE"),
        (field(scale="10", type='"ascii"'), "METER_PROFILE_BAD_VALUE"),
        (field(unit='"m"', type='"bytes"'), "METER_PROFILE_BAD_VALUE"),
        (field(unit='"\\u001b[2J"'), "METER_PROFILE_BAD_VALUE"),
        (field(name='"class"'), "METER_PROFILE_BAD_VALUE"),
        (field(name='"k-value"'), "METER_PROFILE_BAD_VALUE"),
        (field(name='"k_unit"'), "METER_PROFILE_BAD_VALUE"),
        (field(colour="1"), "METER_PROFILE_BAD_VALUE"),
        ("reply = 1", "METER_PROFILE_BAD_VALUE"),
        ("reply = [1]", "METER_PROFILE_BAD_VALUE"),
        ("device_type = 256", "METER_PROFILE_BAD_VALUE"),
        ("answer = []", "METER_PROFILE_BAD_VALUE"),
        ('[[command]]\nname = "a"\nvendor = 2\ncommand = 0x100', "METER_PROFILE_DUPLICATE"),
        ('[[command]]\nname = "b"\nvendor = 1\ncommand = 0x100', "METER_PROFILE_DUPLICATE"),
        ('[[command]]\nname = "b"\nvendor = 1\ncommand = 5', "METER_PROFILE_STANDARD_COMMAND"),
        ('[[command]]\nname = "b"\ncommand = 0x101', "METER_PROFILE_BAD_VALUE"),
    ],
)
def test_a_profile_that_says_what_cannot_be(text: str, code: str) -> None:
    with pytest.raises(MalformedError) as refused:
        command(text)
    assert refused.value.code == code
    assert refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "METER_PROFILE_BAD_VALUE"),
        (b'schema = "sealkit.meter.profile/2"', "METER_PROFILE_BAD_VALUE"),
        (b'schema = "sealkit.meter.profile/1"', "METER_PROFILE_BAD_VALUE"),
        (b"= 1", "METER_PROFILE_NOT_TOML"),
        (b"\xff\xfe", "METER_PROFILE_NOT_TOML"),
        (b"x = " + b"[" * 30_000, "METER_PROFILE_NOT_TOML"),
        (b"#" * (MAX_FILE_BYTES + 1), "METER_PROFILE_BAD_VALUE"),
    ],
)
def test_a_file_that_is_no_profile(data: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as refused:
        parse_profile(data)
    assert refused.value.code == code


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_a_profile_or_refused(data: bytes) -> None:
    with suppress(SealkitError):
        parse_profile(data)


def test_profiles_of_several_files_are_one() -> None:
    other = command("")
    joined = join_profiles(read_profile(EXAMPLE), other)
    assert joined.find(2, 1, 0x100) == other.commands[0]
    assert joined.named("read_k").vendor == 0x11
    with pytest.raises(MalformedError, match="METER_PROFILE_DUPLICATE"):
        read_profile(EXAMPLE, EXAMPLE)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(DeviceNotFoundError, match="METER_PROFILE_UNREADABLE"):
            read_profile(path)
