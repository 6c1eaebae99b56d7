"""protocol/c/sealkit.h: every number and every layout of registry.toml in C99."""

from __future__ import annotations

from typing import Any

from generate_registry import ENUMS, FLAGS, field_size, layout_size

Registry = dict[str, Any]

OPENING = """\
/* The numbers, limits and layouts of the seal protocol (protocol/SPEC.md), in C99.
 *
 * Generated from protocol/registry.toml by tools/maintain/generate_c.py: change it there.
 *
 * Needs nothing but stdint.h and stddef.h. For a layout NAME and its field FIELD:
 *
 *   SEALKIT_NAME_SIZE            bytes of the whole, where it never differs; else
 *   SEALKIT_NAME_SIZE_MIN, _MAX  the least, and the most where the layout itself bounds it
 *   SEALKIT_NAME_AT_FIELD        offset of the field, where it never differs
 *   SEALKIT_NAME_SIZE_FIELD      bytes of the field, where they never differ; else
 *   SEALKIT_NAME_MAX_FIELD       the most: bytes of a text8 or data16 without its length,
 *                                items of a list8 or datas8
 *   SEALKIT_NAME_END_FIELD       bytes from the field's first to the object's last, where the
 *                                offset differs but this does not (a signature at the end)
 */

#ifndef SEALKIT_H
#define SEALKIT_H

#include <stddef.h>
#include <stdint.h>

#define SEALKIT_BIT(number) (UINT32_C(1) << (number))
"""

HELPERS = """\
/* Integers on the wire are big-endian (N-1). */

static inline uint16_t sealkit_get_u16(const uint8_t *at)
{
    return (uint16_t)(((uint32_t)at[0] << 8) | at[1]);
}

static inline uint32_t sealkit_get_u32(const uint8_t *at)
{
    return ((uint32_t)sealkit_get_u16(at) << 16) | sealkit_get_u16(at + 2);
}

static inline uint64_t sealkit_get_u64(const uint8_t *at)
{
    return ((uint64_t)sealkit_get_u32(at) << 32) | sealkit_get_u32(at + 4);
}

static inline int16_t sealkit_get_i16(const uint8_t *at)
{
    const uint16_t bits = sealkit_get_u16(at);
    return (int16_t)(bits < 0x8000u ? (int32_t)bits : (int32_t)bits - 0x10000);
}

static inline void sealkit_put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void sealkit_put_u32(uint8_t *at, uint32_t value)
{
    sealkit_put_u16(at, (uint16_t)(value >> 16));
    sealkit_put_u16(at + 2, (uint16_t)value);
}

static inline void sealkit_put_u64(uint8_t *at, uint64_t value)
{
    sealkit_put_u32(at, (uint32_t)(value >> 32));
    sealkit_put_u32(at + 4, (uint32_t)value);
}

static inline void sealkit_put_i16(uint8_t *at, int16_t value)
{
    sealkit_put_u16(at, (uint16_t)value);
}

#endif
"""

ORDERS = """\
/* The orders (O-16), for a table:
 *
 *   X(order, from, to, first, second, tariff_only, challenge, lost_clock)
 *
 * from: bits of states. to: the state after it, 0 for the same. first, second: bits of the roles
 * that may give each signature, 0 for none. tariff_only: bits of the roles that may sign alone
 * when nothing but the tariff changes, from sealed. challenge: needs one. lost_clock: is taken
 * without a clock. */"""

STATUSES = """\
/* The statuses, for a table: X(status, kind), kind one of enum sealkit_status_kind. */"""

ROLES = """\
/* Who may issue a role (K-4), for a table: X(role, issuers), bits of roles; bit 0: itself. */"""

GROUPS = """\
/* The parameter groups, for a table: X(group, counter, mandatory): the counter that steps when an
 * order changes the group. */"""

STATUS_KINDS = ("done", "wait", "malformed", "stale", "authority", "state")
COUNTERS = ("none", "calibration", "configuration")


def constant(*words: str) -> str:
    return "_".join(("SEALKIT", *(word.upper() for word in words if word)))


def header(registry: Registry) -> str:
    parts = [OPENING, *_plain_numbers(registry)]
    for table, _ in ENUMS:
        parts.append(_enum(table, [(row["name"], row["number"]) for row in registry[table]]))
    for table, _ in FLAGS:
        parts.append(_enum(table, [(row["name"], 1 << row["bit"]) for row in registry[table]]))
    parts.append(_enum("status_kind", [(name, number) for number, name in enumerate(STATUS_KINDS)]))
    parts.append(_enum("counter", [(name, number) for number, name in enumerate(COUNTERS)]))
    parts += [_roles(registry), _orders(registry), _statuses(registry), _groups(registry)]
    parts += [_layout(registry, name) for name in registry["layout"]]
    parts.append(HELPERS)
    text = "\n".join(parts)
    _each_once(text)
    return text


def _each_once(text: str) -> None:
    """Two names that differ in the registry must not become one in C."""
    names = [
        line.split()[1] if line.startswith("#define") else line.split()[0]
        for line in text.splitlines()
        if line.startswith(("#define SEALKIT", "    SEALKIT")) and "(X)" not in line
    ]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"two meanings of {sorted(twice)}")


def _plain_numbers(registry: Registry) -> list[str]:
    prefix = registry["tag_prefix"]
    lines = [
        _define(constant("protocol_version"), registry["protocol_version"]),
        f'#define {constant("tag_prefix")} "{prefix}"',
        _define(constant("tag_prefix_size"), len(prefix)),
        _define(constant("tag_size"), len(prefix) + 3),
        _define(constant("tag_version"), 1),
        _define(constant("answer_bit"), 0x80),
        "",
        "/* Limits (SPEC.md 14). */",
        *(_define(constant("limit", name), value) for name, value in registry["limits"].items()),
        "",
        "/* What a seal must hold in RAM at once, in bytes (M-1). */",
        *(_define(constant("buffer", row["name"]), row["bytes"]) for row in registry["buffer"]),
        "",
    ]
    return ["\n".join(lines)]


def _define(name: str, value: int) -> str:
    return f"#define {name} UINT32_C({value})"


def _enum(table: str, rows: list[tuple[str, int]]) -> str:
    lines = [f"enum sealkit_{table} {{"]
    lines += [f"    {constant(table, name)} = {number:#04x}," for name, number in rows]
    lines[-1] = lines[-1].rstrip(",")
    return "\n".join([*lines, "};", ""])


def _bits(table: str, names: list[str]) -> str:
    return " | ".join(f"SEALKIT_BIT({constant(table, name)})" for name in names) or "0"


def _table(comment: str, name: str, rows: list[list[str]]) -> str:
    """A macro that expands X for each row, each of its cells on a line when there are many."""
    lines = [comment, f"#define {name}(X) \\"]
    for row in rows:
        text = f"    X({', '.join(row)}) \\"
        if len(text) > 100:
            text = "    X(" + ", \\\n      ".join(row) + ") \\"
        lines.append(text)
    lines[-1] = lines[-1].removesuffix(" \\")
    return "\n".join([*lines, ""])


def _roles(registry: Registry) -> str:
    rows = []
    for role in registry["role"]:
        issuers = [name for name in role["issuer"] if name != "self"]
        bits = [_bits("role", issuers)] if issuers else []
        if "self" in role["issuer"]:
            bits.append("SEALKIT_BIT(0)")
        rows.append([constant("role", role["name"]), " | ".join(bits)])
    return _table(ROLES, "SEALKIT_ROLES", rows)


def _orders(registry: Registry) -> str:
    rows = []
    for order in registry["order"]:
        signers = [_bits("role", roles) for roles in order["signers"]] + ["0"]
        alone = order.get("tariff_only_signers", [[]])[0]
        rows.append(
            [
                constant("order", order["name"]),
                _bits("state", order["from"]),
                "0" if order["to"] == "same" else constant("state", order["to"]),
                *signers[:2],
                _bits("role", alone),
                str(int(order["challenge"])),
                str(int(order["lost_clock"])),
            ]
        )
    return _table(ORDERS, "SEALKIT_ORDERS", rows)


def _statuses(registry: Registry) -> str:
    rows = [
        [constant("status", row["name"]), constant("status_kind", row["kind"])]
        for row in registry["status"]
    ]
    return _table(STATUSES, "SEALKIT_STATUSES", rows)


def _groups(registry: Registry) -> str:
    rows = [
        [
            constant("group", row["name"]),
            constant("counter", row["counter"] or "none"),
            str(int(row["mandatory"])),
        ]
        for row in registry["group"]
    ]
    return _table(GROUPS, "SEALKIT_GROUPS", rows)


def _layout(registry: Registry, name: str) -> str:
    least, most = layout_size(registry, name)
    lines = [f"/* {name} */"]
    if least == most:
        lines.append(_define(constant(name, "size"), least))
    else:
        lines.append(_define(constant(name, "size_min"), least))
        if most is not None:
            lines.append(_define(constant(name, "size_max"), most))
    fields = registry["layout"][name]
    offset: int | None = 0
    for index, (field, kind) in enumerate(fields):
        low, high = field_size(registry, kind)
        if offset is not None:
            lines.append(_define(constant(name, "at", field), offset))
        else:
            after = [field_size(registry, later) for _, later in fields[index:]]
            if all(one == other for one, other in after):
                lines.append(_define(constant(name, "end", field), sum(one for one, _ in after)))
        if low == high:
            lines.append(_define(constant(name, "size", field), low))
        elif kind != "rest":
            lines.append(_define(constant(name, "max", field), int(kind.rpartition(":")[2])))
        offset = None if offset is None or low != high else offset + low
    return "\n".join([*lines, ""])
