"""Writes protocol/wireshark: the dissectors' own code with the tables that it works by.

python tools/maintain/generate_dissectors.py           writes them
python tools/maintain/generate_dissectors.py --check   says whether they are up to date
"""

from __future__ import annotations

from typing import Any

from generate_registry import load
from generators.dissector_meter import meter_tables
from generators.files import ROOT, write_or_check
from generators.lua_tables import assignment

TEMPLATES = ROOT / "tools" / "maintain" / "wireshark"
DIRECTORY = ROOT / "protocol" / "wireshark"
MARK = "-- @tables@\n"
# The tag of a layout, where it has another name.
TAGS = {"trust_statement": "trust"}


def seal_tables(registry: dict[str, Any]) -> dict[str, Any]:
    """What registry.toml says, as the dissector of the seal's line uses it."""
    names = {
        name: {row["number"]: row["name"] for row in rows}
        for name, rows in registry.items()
        if isinstance(rows, list) and "number" in rows[0]
    }
    tagged = {
        layout: next(
            row["number"] for row in registry["tag"] if row["name"] == TAGS.get(layout, layout)
        )
        for layout, fields in registry["layout"].items()
        if fields[0][1] == "tag"
    }
    return {
        "LINK_FRAME_MAX": registry["limits"]["link_frame_max"],
        "LINK_PAYLOAD_MAX": registry["limits"]["link_payload_max"],
        "OPAQUE_MAX": registry["limits"]["opaque_max"],
        "ANSWER_BIT": 0x80,
        "TAG_PREFIX": registry["tag_prefix"],
        "TAGGED": tagged,
        "TAG_LAYOUTS": {number: layout for layout, number in tagged.items()},
        "TABLES": {name: names[name] for name in sorted({"suite", *registry["values"].values()})},
        "VALUES": registry["values"],
        "BITS": {field: bits(registry[table]) for field, table in registry["bits"].items()},
        "CONTENT": registry["content"],
        "BODIES": {
            table: {row["number"]: row["body"] for row in registry[table]}
            for table in ("order", "record", "group")
        },
        "DONE": {row["number"]: True for row in registry["status"] if row["kind"] == "done"},
        "COMMAND_NAMES": names["command"],
        "COMMANDS": {
            row["number"]: [row["name"], row["request"], row["response"]]
            for row in registry["command"]
        },
        "LAYOUTS": {
            name: [field(name, kind) for name, kind in fields]
            for name, fields in registry["layout"].items()
            if not name.startswith("export_")
        },
    }


def bits(rows: list[dict[str, Any]]) -> list[list[Any]]:
    """Bit and name; a table of numbers has bit n-1 for number n."""
    return [[row["bit"] if "bit" in row else row["number"] - 1, row["name"]] for row in rows]


def field(name: str, kind: str) -> list[Any]:
    """Name, type, limit, layout of the items."""
    word, *rest = kind.split(":")
    if word == "list8":
        return [name, word, int(rest[1]), rest[0]]
    return [name, word, *(int(number) for number in rest)]


def dissector(name: str, tables: dict[str, Any]) -> str:
    template = (TEMPLATES / name).read_text(encoding="utf-8")
    lines = [assignment(key, value) + "\n" for key, value in tables.items()]
    return template.replace(MARK, "".join(lines), 1)


def main() -> int:
    wanted = {
        DIRECTORY / "sealkit.lua": dissector("sealkit.lua", seal_tables(load())),
        DIRECTORY / "jt905.lua": dissector("jt905.lua", meter_tables()),
    }
    return write_or_check(wanted, __file__, "registry.toml and the meter's layouts say")


if __name__ == "__main__":
    raise SystemExit(main())
