"""Parameter groups: salt first, then the content of their layout."""

from __future__ import annotations

import pytest
from support.layouts import CODECS, encoded, extreme

from sealkit.errors import MalformedError
from sealkit.wire.parameters import build_group, group_content, parse_group
from sealkit.wire.registry import GROUP_MAX, Group

SALT = bytes(range(16))


@pytest.mark.requirement("P-1")
@pytest.mark.parametrize("group", Group)
def test_a_group_is_its_salt_and_its_content(group: Group) -> None:
    layout = f"{group.name.lower()}_group"
    for greatest in (False, True):
        data = SALT + encoded(layout, extreme(layout, greatest))
        content = parse_group(group, data)
        assert content is not None
        assert content == CODECS[layout].parse(data[16:])
        assert build_group(group, SALT, content) == data
        assert group_content(data) == data[16:]


@pytest.mark.requirement("P-1")
@pytest.mark.parametrize("number", [Group.DISTANCE, 9, 200])
def test_a_group_without_a_whole_salt_or_over_512_bytes_is_malformed(number: int) -> None:
    for size in (0, 15, GROUP_MAX + 1):
        with pytest.raises(MalformedError) as refused:
            parse_group(number, bytes(size))
        assert refused.value.code == "MALFORMED"
        assert str(size) in refused.value.message


@pytest.mark.requirement("P-2")
def test_a_group_that_is_not_known_has_no_content() -> None:
    for number in (0, 9, 127, 128, 255):
        assert parse_group(number, SALT) is None
        assert parse_group(number, bytes(GROUP_MAX)) is None


def test_a_salt_has_16_bytes() -> None:
    content = parse_group(
        Group.SENSOR, SALT + encoded("sensor_group", {"kind": 1, "sensor_serial": "S"})
    )
    assert content is not None
    for size in (0, 15, 17):
        with pytest.raises(ValueError, match="16 bytes"):
            build_group(Group.SENSOR, bytes(size), content)
