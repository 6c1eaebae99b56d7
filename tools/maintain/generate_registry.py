"""Writes what is generated from protocol/registry.toml: the Python module and SPEC.md's tables.

python tools/maintain/generate_registry.py           writes them
python tools/maintain/generate_registry.py --check   says whether they are up to date
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from generators.files import ROOT, write_or_check

REGISTRY = ROOT / "protocol" / "registry.toml"
SPEC = ROOT / "protocol" / "SPEC.md"
MODULE = ROOT / "sealkit" / "wire" / "registry.py"

FIXED = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "i16": 2, "tag": 10}
ENUMS = [
    ("suite", "SuiteNumber"),
    ("tag", "TagType"),
    ("role", "Role"),
    ("state", "State"),
    ("clock_quality", "ClockQuality"),
    ("cause", "Cause"),
    ("reason", "Reason"),
    ("purpose", "Purpose"),
    ("k_source", "KSource"),
    ("rounding", "Rounding"),
    ("group", "Group"),
    ("order", "OrderKind"),
    ("record", "RecordKind"),
    ("boot_cause", "BootCause"),
    ("meter_event", "MeterEvent"),
    ("meter_seen", "MeterSeen"),
    ("chain", "Chain"),
    ("command", "Command"),
    ("credential_choice", "CredentialChoice"),
    ("status", "Status"),
    ("export_item_kind", "ExportItemKind"),
    ("bundle_item_kind", "BundleItemKind"),
    ("conclusion", "RecordedConclusion"),
]
FLAGS = [("flag", "Flag"), ("attachment", "Attachment")]

HEADER = '''"""Every number of the seal protocol that has a name.

Generated from protocol/registry.toml by tools/maintain/generate_registry.py: change it there.
"""

# fmt: off
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag
from typing import Final


class Layer(Enum):
    """The three layers of a verdict, kept apart."""

    CRYPTOGRAPHIC = "cryptographic"
    SEMANTIC = "semantic"
    POLICY = "policy"


class Severity(Enum):
    """What a finding does to its layer: only the first two decide it."""

    BROKEN = "broken"
    UNDETERMINED = "undetermined"
    WARNING = "warning"
    NOTE = "note"


class StatusKind(Enum):
    """What a status means to the client, and which counter a refused order steps."""

    DONE = "done"
    WAIT = "wait"
    MALFORMED = "malformed"
    STALE = "stale"
    AUTHORITY = "authority"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Text:
    """A message and its remedy in English and Chinese."""

    message_en: str
    remedy_en: str
    message_zh: str
    remedy_zh: str


@dataclass(frozen=True, slots=True)
class OrderRule:
    """One row of the table of orders. `to_state` None: the state stays."""

    from_states: tuple[State, ...]
    to_state: State | None
    signers: tuple[tuple[Role, ...], ...]
    tariff_only_signers: tuple[tuple[Role, ...], ...] | None
    challenge: bool
    lost_clock: bool
    body: str


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One parameter group. `counter`: calibration, configuration or none."""

    counter: str
    mandatory: bool


@dataclass(frozen=True, slots=True)
class FindingRule:
    """One finding: the layer it belongs to and what it does to it."""

    layer: Layer
    severity: Severity
    text: Text


'''


def load() -> dict[str, Any]:
    with REGISTRY.open("rb") as file:
        return tomllib.load(file)


def constant(name: str) -> str:
    return name.upper()


def enum_class(name: str, base: str, rows: list[dict[str, Any]], document: str) -> list[str]:
    lines = [f"class {name}({base}):", f'    """{document}"""', ""]
    for row in rows:
        value = row["number"] if base == "IntEnum" else 1 << row["bit"]
        lines.append(f"    {constant(row['name'])} = {value:#04x}")
        if "text" in row:
            lines[-1] += f"  # {row['text']}"
    return [*lines, "", ""]


def text_of(row: dict[str, Any]) -> str:
    return f"Text({row['en'][0]!r}, {row['en'][1]!r}, {row['zh'][0]!r}, {row['zh'][1]!r})"


def signers(rows: list[list[str]] | None) -> str:
    if rows is None:
        return "None"
    positions = [
        "(" + ", ".join(f"Role.{constant(role)}" for role in position) + ",)" for position in rows
    ]
    return "(" + ", ".join(positions) + ",)"


def module(registry: dict[str, Any]) -> str:
    lines: list[str] = []
    for table, name in ENUMS:
        lines += enum_class(name, "IntEnum", registry[table], f"Numbers of `{table}`.")
    for table, name in FLAGS:
        lines += enum_class(name, "IntFlag", registry[table], f"Bits of `{table}`.")
    lines.append(f"PROTOCOL_VERSION: Final = {registry['protocol_version']}")
    lines.append(f"TAG_PREFIX: Final = {registry['tag_prefix'].encode()!r}")
    lines.append("")
    lines += [f"{constant(key)}: Final = {value}" for key, value in registry["limits"].items()]
    lines += ["", "BUFFERS: Final[dict[str, tuple[int, str]]] = {"]
    lines += [
        f'    "{row["name"]}": ({row["bytes"]}, {row["why"]!r}),' for row in registry["buffer"]
    ]
    lines += ["}", "", "ISSUERS: Final[dict[Role, tuple[str, ...]]] = {"]
    for row in registry["role"]:
        lines.append(f"    Role.{constant(row['name'])}: {tuple(row['issuer'])!r},")
    lines += ["}", "", "CAUSE_FINDINGS: Final[dict[Cause, str]] = {"]
    for row in registry["cause"]:
        lines.append(f'    Cause.{constant(row["name"])}: "{row["finding"]}",')
    lines += ["}", "", "GROUPS: Final[dict[Group, GroupRule]] = {"]
    for row in registry["group"]:
        rule = f"GroupRule({row['counter']!r}, {row['mandatory']})"
        lines.append(f"    Group.{constant(row['name'])}: {rule},")
    lines += ["}", "", "ORDERS: Final[dict[OrderKind, OrderRule]] = {"]
    for row in registry["order"]:
        states = "".join(f"State.{constant(state)}, " for state in row["from"])
        to_state = "None" if row["to"] == "same" else f"State.{constant(row['to'])}"
        lines += [
            f"    OrderKind.{constant(row['name'])}: OrderRule(",
            f"        ({states}),",
            f"        {to_state},",
            f"        {signers(row['signers'])},",
            f"        {signers(row.get('tariff_only_signers'))},",
            f"        {row['challenge']}, {row['lost_clock']}, {row['body']!r},",
            "    ),",
        ]
    lines += ["}", "", "RECORD_BODIES: Final[dict[RecordKind, str]] = {"]
    for row in registry["record"]:
        lines.append(f'    RecordKind.{constant(row["name"])}: "{row["body"]}",')
    lines += ["}", "", "COMMAND_BODIES: Final[dict[Command, tuple[str, str]]] = {"]
    for row in registry["command"]:
        bodies = f'("{row["request"]}", "{row["response"]}")'
        lines.append(f"    Command.{constant(row['name'])}: {bodies},")
    lines += ["}", "", "STATUS_KINDS: Final[dict[Status, StatusKind]] = {"]
    for row in registry["status"]:
        lines.append(f"    Status.{constant(row['name'])}: StatusKind.{constant(row['kind'])},")
    lines += ["}", "", "STATUS_TEXTS: Final[dict[Status, Text]] = {"]
    for row in registry["status"]:
        lines.append(f"    Status.{constant(row['name'])}: {text_of(row)},")
    lines += ["}", "", "FINDINGS: Final[dict[str, FindingRule]] = {"]
    for row in registry["finding"]:
        rule = f"Layer.{constant(row['layer'])}, Severity.{constant(row['severity'])}"
        lines.append(f'    "{row["code"]}": FindingRule({rule}, {text_of(row)}),')
    lines += ["}", "", "LAYOUTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {"]
    for name, fields in registry["layout"].items():
        lines.append(f'    "{name}": (')
        lines += [f'        ("{field}", "{kind}"),' for field, kind in fields]
        lines.append("    ),")
    lines.append("}")
    return HEADER + "\n".join(lines) + "\n"


def field_size(registry: dict[str, Any], kind: str) -> tuple[int, int | None]:
    """Smallest and greatest size of a field; greatest None: whatever is left."""
    name, *rest = kind.split(":")
    if name in FIXED:
        return FIXED[name], FIXED[name]
    if name in ("bytes", "ascii"):
        return int(rest[0]), int(rest[0])
    if name == "text8":
        return 1, 1 + int(rest[0])
    if name == "data16":
        return 2, 2 + int(rest[0])
    if name == "list8":
        item = layout_size(registry, rest[0])[1]
        return 1, None if item is None else 1 + item * int(rest[1])
    if name == "datas8":
        return 1, None
    return 0, None


def layout_size(registry: dict[str, Any], name: str) -> tuple[int, int | None]:
    least, greatest = 0, 0
    for _, kind in registry["layout"][name]:
        low, high = field_size(registry, kind)
        least += low
        greatest = None if greatest is None or high is None else greatest + high
    return least, greatest


def layout_table(registry: dict[str, Any], name: str) -> str:
    rows = ["| offset | field | type | bytes |", "|---|---|---|---|"]
    offset: int | None = 0
    for field, kind in registry["layout"][name]:
        low, high = field_size(registry, kind)
        size = str(low) if low == high else f"{low} to {'the end' if high is None else high}"
        rows.append(f"| {'-' if offset is None else offset} | {field} | `{kind}` | {size} |")
        offset = None if offset is None or low != high else offset + low
    least, greatest = layout_size(registry, name)
    total = f"{least}" if least == greatest else f"{least} to {greatest or 'the limit stated'}"
    return "\n".join([*rows, "", f"Together {total} bytes."])


def name_table(registry: dict[str, Any], name: str) -> str:
    rows = ["| number | name | meaning |", "|---|---|---|"]
    for row in registry[name]:
        number = f"bit {row['bit']}" if "bit" in row else row["number"]
        meaning = row.get("text") or (row["en"][0] if "en" in row else "")
        rows.append(f"| {number} | {row['name']} | {meaning} |")
    return "\n".join(rows)


def order_table(registry: dict[str, Any]) -> str:
    rows = [
        "| number | order | from | to | first signer | second signer | challenge | lost clock "
        "| body |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in registry["order"]:
        positions = [" or ".join(position) for position in row["signers"]] + ["-"]
        rows.append(
            f"| {row['number']} | {row['name']} | {', '.join(row['from'])} | {row['to']} "
            f"| {positions[0]} | {positions[1]} | {'yes' if row['challenge'] else 'no'} "
            f"| {'taken' if row['lost_clock'] else 'refused'} | `{row['body']}` |"
        )
    return "\n".join(rows)


def row_table(registry: dict[str, Any], name: str, columns: list[str]) -> str:
    rows = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for row in registry[name]:
        cells = []
        for column in columns:
            value = row["en"][0] if column == "message" else row[column]
            cells.append(f"{value:#04x}" if column == "number" and name != "group" else str(value))
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def limits_table(registry: dict[str, Any]) -> str:
    rows = ["| limit | value |", "|---|---|"]
    return "\n".join([*rows, *(f"| {k} | {v} |" for k, v in registry["limits"].items())])


def block(registry: dict[str, Any], instruction: str) -> str:
    """The table that `<!-- table: instruction -->` in SPEC.md asks for."""
    word, *rest = instruction.split()
    if word == "layout":
        return layout_table(registry, rest[0])
    if word == "names":
        return name_table(registry, rest[0])
    if word == "orders":
        return order_table(registry)
    if word == "limits":
        return limits_table(registry)
    return row_table(registry, rest[0], rest[1:])


def specification(registry: dict[str, Any], text: str) -> str:
    pattern = re.compile(r"<!-- table: (.*?) -->\n.*?<!-- end -->", re.DOTALL)

    def fill(match: re.Match[str]) -> str:
        table = block(registry, match.group(1))
        return f"<!-- table: {match.group(1)} -->\n{table}\n<!-- end -->"

    return pattern.sub(fill, text)


def main() -> int:
    registry = load()
    spec_text = SPEC.read_text(encoding="utf-8")
    wanted = {MODULE: module(registry), SPEC: specification(registry, spec_text)}
    return write_or_check(wanted, __file__, "registry.toml says")


if __name__ == "__main__":
    raise SystemExit(main())
