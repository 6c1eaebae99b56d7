"""Every layout of the registry: its codec, values for it, and its bytes made without a codec."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from enum import IntEnum
from typing import Any

from hypothesis import strategies as st

from sealkit.wire import (
    bundle,
    credentials,
    evidence,
    messages,
    orders,
    parameters,
    records,
    witness,
)
from sealkit.wire import registry as r
from sealkit.wire.codec import Codec
from sealkit.wire.registry import LAYOUTS, SuiteNumber, TagType
from sealkit.wire.tags import domain_tag

INTEGERS = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i16": "h"}

BY_HAND = {
    *("header_request", "header_response", "group"),
    *(f"{file}_{part}" for file in ("export", "bundle") for part in ("header", "item", "end")),
}
"""Layouts that are read where they are used, not by a codec."""

ITEMS: dict[str, type[Any]] = {
    "minimum": credentials.Minimum,
    "revoked": credentials.Revoked,
    "group_item": orders.GroupItem,
    "group_digest": messages.GroupDigest,
    "pending_tariff": parameters.PendingTariff,
    "coalesced_item": records.CoalescedItem,
}
"""Layouts that stand only in lists of others."""


def _codecs() -> dict[str, Codec[Any]]:
    found: dict[str, Codec[Any]] = {}
    modules = (bundle, credentials, evidence, messages, orders, parameters, records, witness)
    for module in modules:
        for value in vars(module).values():
            members = value.values() if isinstance(value, dict) else [value]
            found.update({codec.layout: codec for codec in members if isinstance(codec, Codec)})
    return found


CODECS = _codecs()
TAGS = {
    "credential": TagType.CREDENTIAL,
    "trust_statement": TagType.TRUST,
    "order": TagType.ORDER,
    "evidence": TagType.EVIDENCE,
    "checkpoint": TagType.CHECKPOINT,
    "record": TagType.RECORD,
    "ledger_leaf": TagType.LEDGER_LEAF,
    "tree_head": TagType.TREE_HEAD,
    "attestation": TagType.ATTESTATION,
}
ENUMS: dict[str, dict[str, type[IntEnum]]] = {
    "boot_record": {"cause": r.BootCause},
    "calibration_group": {"purpose": r.Purpose},
    "checkpoint": {"state": r.State},
    "credential": {"role": r.Role},
    "distance_group": {"source": r.KSource},
    "supervision_group": {"rounding": r.Rounding},
    "evidence": {
        "state": r.State,
        "clock_quality": r.ClockQuality,
        "meter_seen": r.MeterSeen,
    },
    "ledger_leaf": {"conclusion": r.RecordedConclusion},
    "meter_record": {"event": r.MeterEvent},
    "observation": {"seen": r.MeterSeen},
    "order": {"kind": r.OrderKind},
    "read_credential_request": {"choice": r.CredentialChoice},
    "read_log_request": {"chain": r.Chain},
    "record": {"state": r.State, "clock_quality": r.ClockQuality},
    "status": {"state": r.State, "clock_quality": r.ClockQuality},
    "tamper_record": {"cause": r.Cause},
}
"""Fields that are refused with a value that is not in their table, when they are parsed."""


def enums_of(layout: str) -> Mapping[str, type[IntEnum]]:
    return ENUMS.get(layout, {})


def kinds_of(layout: str) -> dict[str, str]:
    """The types of a layout's fields by name."""
    return dict(LAYOUTS[layout])


def _cut(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore")


def _values(layout: str, name: str, kind: str) -> st.SearchStrategy[Any]:
    word, *rest = kind.split(":")
    if name in enums_of(layout):
        return st.sampled_from(list(enums_of(layout)[name]))
    match word:
        case "tag":
            return st.sampled_from(SuiteNumber).map(lambda suite: domain_tag(suite, TAGS[layout]))
        case "i16":
            return st.integers(-(1 << 15), (1 << 15) - 1)
        case "u8" | "u16" | "u32" | "u64":
            return st.integers(0, (1 << int(word[1:])) - 1)
        case "bytes":
            size = int(rest[0])
            return st.binary(min_size=size, max_size=size)
        case "ascii":
            printable = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
            return st.text(printable, max_size=int(rest[0]))
        case "text8":
            text = st.text(st.characters(codec="utf-8"), max_size=int(rest[0]))
            return text.map(lambda value: _cut(value, int(rest[0])))
        case "data16":
            return st.binary(max_size=min(60, int(rest[0])))
        case "datas8":
            return st.lists(st.binary(max_size=20), max_size=min(5, int(rest[0]))).map(tuple)
        case "list8":
            item = _items(rest[0])
            return st.lists(item, max_size=min(4, int(rest[1]))).map(tuple)
        case "rest":
            return st.binary(max_size=80)
    raise AssertionError(f"{kind} is no type of SPEC.md")


def field_values(layout: str) -> st.SearchStrategy[dict[str, Any]]:
    """Values for all fields of a layout, the tag as bytes, in any of their ranges."""
    return st.fixed_dictionaries(
        {name: _values(layout, name, kind) for name, kind in LAYOUTS[layout]}
    )


def _items(layout: str) -> st.SearchStrategy[Any]:
    return field_values(layout).map(lambda values: ITEMS[layout](**values))


def extreme(layout: str, greatest: bool) -> dict[str, Any]:
    """Values that make a layout as short, or as long, as it can be."""
    values: dict[str, Any] = {}
    for name, kind in LAYOUTS[layout]:
        word, *rest = kind.split(":")
        count = int(rest[-1]) if rest and greatest else 0
        if name in enums_of(layout):
            values[name] = list(enums_of(layout)[name])[-1 if greatest else 0]
        elif word == "tag":
            values[name] = domain_tag(SuiteNumber.P256, TAGS[layout])
        elif word in INTEGERS:
            top = (1 << int(word[1:]) - (word[0] == "i")) - 1
            values[name] = top if greatest else 0
        elif word == "bytes":
            values[name] = bytes(int(rest[0]))
        elif word in ("ascii", "text8"):
            values[name] = "x" * count
        elif word == "data16":
            values[name] = bytes(count)
        elif word == "list8":
            values[name] = (ITEMS[rest[0]](**extreme(rest[0], greatest)),) * count
        elif word == "datas8":
            values[name] = (b"",) * count
        else:
            values[name] = b""
    return values


def encoded(layout: str, values: Mapping[str, Any]) -> bytes:
    """The bytes of a layout by N-1 and N-2, without the library's codec."""
    return b"".join(_encoded(kind, values[name]) for name, kind in LAYOUTS[layout])


def _encoded(kind: str, value: Any) -> bytes:
    word, *rest = kind.split(":")
    match word:
        case "tag" | "bytes" | "rest":
            return bytes(value)
        case "ascii":
            return bytes(value.encode("ascii").ljust(int(rest[0]), b"\0"))
        case "text8":
            return bytes((len(value.encode()),)) + bytes(value.encode())
        case "data16":
            return len(value).to_bytes(2, "big") + bytes(value)
        case "datas8":
            return bytes((len(value),)) + b"".join(_encoded("data16:0", item) for item in value)
        case "list8":
            items = (
                {field.name: getattr(item, field.name) for field in dataclass_fields(item)}
                for item in value
            )
            return bytes((len(value),)) + b"".join(encoded(rest[0], item) for item in items)
    return struct.pack(f">{INTEGERS[word]}", value)
