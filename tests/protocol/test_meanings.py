"""What the registry says of fields is what the codecs take them for."""

from __future__ import annotations

from typing import Any

from support.generator import generator
from support.wire_fields import CODECS, PARTS

from sealkit.wire import orders, parameters, records
from sealkit.wire.codec import Codec

REGISTRY: dict[str, Any] = generator().load()
ALL: list[Codec[Any]] = [
    *CODECS.values(),
    *orders._BODIES.values(),
    *records._BODIES.values(),
    *parameters._CODECS.values(),
]


def test_what_a_codec_enumerates_is_from_the_table_that_the_registry_names() -> None:
    enumerated = 0
    for codec in ALL:
        for field, members in codec._members.items():
            table = REGISTRY["values"][f"{codec.layout}.{field}"]
            rows = {row["number"]: row["name"] for row in REGISTRY[table]}
            assert {number: member.name.lower() for number, member in members.items()} == rows
            enumerated += 1
    assert enumerated > 15


def test_what_the_registry_names_exists() -> None:
    fields = {
        f"{layout}.{name}": kind
        for layout, rows in REGISTRY["layout"].items()
        for name, kind in rows
    }
    for meaning in ("values", "bits"):
        for field, table in REGISTRY[meaning].items():
            assert fields[field] in ("u8", "u16"), field
            assert isinstance(REGISTRY[table], list)
    for field, layout in REGISTRY["content"].items():
        assert fields[field].split(":")[0] in ("data16", "datas8", "rest"), field
        table, _, number = layout.partition(":")
        if number:
            assert {row["body"] for row in REGISTRY[table]} <= REGISTRY["layout"].keys()
        else:
            assert layout in REGISTRY["layout"]


def test_every_field_of_flags_has_its_bits() -> None:
    """No field that is named like one with bits has been forgotten."""
    names = {"flags", "latched_causes", "live_causes", "attachments"}
    found = {
        f"{layout}.{name}"
        for layout, rows in REGISTRY["layout"].items()
        for name, _ in rows
        if name in names
    }
    assert found <= REGISTRY["bits"].keys()


def test_what_stands_in_a_field_is_what_the_tests_read_there() -> None:
    named = {field: layout for field, layout in REGISTRY["content"].items() if ":" not in layout}
    assert named == {**PARTS, "group_item.data": "group"}
