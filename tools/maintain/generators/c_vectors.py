"""protocol/c/sealkit_vectors*: the vectors that a seal's codec can be tried with, as C arrays.

Left out is what only a verifier meets (exports, logs, verdicts) and what needs a seal in a certain
state first: of the orders, those stay that a seal takes, and those that it refuses for their bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from generate_registry import field_size

from generators.c_header import constant
from generators.files import ROOT

Json = dict[str, Any]

SUITES = ("p256", "sm2")
VECTORS = ROOT / "protocol" / "vectors"
# What the bytes alone decide, whatever the seal's state.
BY_BYTES = ("malformed", "wrong_suite", "wrong_version", "too_long")
LINE = 96

HEADER = """\
/* Vectors for the codec of a seal: what protocol/vectors says, as C arrays.
 *
 * Generated from protocol/vectors by tools/maintain/generate_c.py: change nothing here.
 * protocol/vectors/README.md tells how they were made. All keys in them are test keys.
 *
 * Link sealkit_vectors_link.c, and sealkit_vectors_p256.c or sealkit_vectors_sm2.c.
 */

#ifndef SEALKIT_VECTORS_H
#define SEALKIT_VECTORS_H

#include "sealkit.h"

/* Bytes; none: data 0, size 0. */
struct sealkit_bytes {
    const uint8_t *data;
    size_t size;
};

/* What is expected instead of a status: dropped without an answer. */
#define SEALKIT_VECTOR_DROPPED (-1)

/* A frame with its zeros, and its payload; no payload: the frame must be dropped (L-3). */
struct sealkit_frame_vector {
    const char *what;
    struct sealkit_bytes frame;
    struct sealkit_bytes payload;
};

/* What comes over a line, in pieces of any size, and the payloads that must come out. */
struct sealkit_stream_vector {
    const char *what;
    struct sealkit_bytes stream;
    const struct sealkit_bytes *payloads;
    size_t payload_count;
};

/* A payload. expect: the status that a seal gives to a request (SEALKIT_STATUS_OK: it is well
 * formed), or SEALKIT_VECTOR_DROPPED. Answers are all well formed. */
struct sealkit_message_vector {
    const char *what;
    int is_answer;
    struct sealkit_bytes payload;
    int expect;
};

/* An object that starts with a domain tag. digest: H(bytes), 32 bytes, none where it has no use.
 * public_key: of whoever signed it, none where it is not signed (a record) or the bytes are bad.
 * expect: SEALKIT_STATUS_OK, or why a reader refuses it. */
struct sealkit_object_vector {
    const char *what;
    enum sealkit_tag tag;
    struct sealkit_bytes bytes;
    struct sealkit_bytes digest;
    struct sealkit_bytes public_key;
    int expect;
};

/* The body of a request `order`. expect: SEALKIT_STATUS_OK, or what is said to it in any state. */
struct sealkit_order_vector {
    const char *what;
    struct sealkit_bytes request;
    int expect;
};

/* A parameter group, salt first. digest: none for one that is refused. expect: the status of a
 * SEAL that brings it. */
struct sealkit_group_vector {
    const char *what;
    uint8_t number;
    struct sealkit_bytes bytes;
    struct sealkit_bytes digest;
    int expect;
};

/* A parameter set: items of group_digest, one after the other, and the root (P-1). */
struct sealkit_set_vector {
    const char *what;
    struct sealkit_bytes group_digests;
    struct sealkit_bytes root;
};

struct sealkit_signature_vector {
    const char *what;
    struct sealkit_bytes public_key;
    struct sealkit_bytes message;
    struct sealkit_bytes signature;
    int is_valid;
};

/* A field of an object: its bytes stand at `at`. */
struct sealkit_field_vector {
    const char *what;
    struct sealkit_bytes object;
    size_t at;
    size_t size;
    struct sealkit_bytes expect;
};

struct sealkit_suite_vectors {
    enum sealkit_suite suite;
    const struct sealkit_message_vector *messages;
    size_t message_count;
    const struct sealkit_object_vector *objects;
    size_t object_count;
    const struct sealkit_order_vector *orders;
    size_t order_count;
    const struct sealkit_group_vector *groups;
    size_t group_count;
    const struct sealkit_set_vector *sets;
    size_t set_count;
    const struct sealkit_signature_vector *signatures;
    size_t signature_count;
    const struct sealkit_field_vector *fields;
    size_t field_count;
};

extern const struct sealkit_frame_vector sealkit_frame_vectors[];
extern const size_t sealkit_frame_vector_count;
extern const struct sealkit_stream_vector sealkit_stream_vectors[];
extern const size_t sealkit_stream_vector_count;
extern const struct sealkit_suite_vectors sealkit_vectors_p256;
extern const struct sealkit_suite_vectors sealkit_vectors_sm2;

#endif
"""

SOURCE = """\
/* Generated from protocol/vectors by tools/maintain/generate_c.py: change nothing here. */

#include "sealkit_vectors.h"
"""

TABLES = ("message", "object", "order", "group", "set", "signature", "field")


class Pool:
    """The arrays of a file: the same bytes stand in it once."""

    def __init__(self) -> None:
        self._names: dict[bytes, str] = {}

    def bytes(self, data: bytes | str | None) -> str:
        """A `struct sealkit_bytes` of these bytes (hex is one way to give them)."""
        raw = bytes.fromhex(data) if isinstance(data, str) else data
        if not raw:
            return "{0, 0}"
        name = self._names.setdefault(raw, f"bytes_{len(self._names)}")
        return f"{{{name}, sizeof {name}}}"

    def text(self) -> str:
        return "\n".join(_array(name, data) for data, name in self._names.items())


def _array(name: str, data: bytes) -> str:
    lines, line = [f"static const uint8_t {name}[] = {{"], "   "
    for byte in data:
        cell = f" {byte},"
        if len(line) + len(cell) > LINE:
            lines.append(line)
            line = "   "
        line += cell
    return "\n".join([*lines, line.rstrip(","), "};", ""])


def vectors_header() -> str:
    return HEADER


def link_vectors() -> str:
    pool, vectors = Pool(), _load("frames.json")
    frames = [
        _row(_text(case["what"]), pool.bytes(case["frame"]), pool.bytes(case.get("payload")))
        for case in [*vectors["frames"], *vectors["bad_frames"]]
    ]
    lists, streams = [], []
    for number, case in enumerate(vectors["streams"]):
        payloads = [pool.bytes(payload) for payload in case["payloads"]]
        name = f"payloads_{number}"
        if payloads:
            lists.append(_rows(f"static const struct sealkit_bytes {name}[]", payloads))
        cells = (name if payloads else "0", str(len(payloads)))
        streams.append(_row(_text(case["what"]), pool.bytes(case["stream"]), *cells))
    tables = [
        _rows("const struct sealkit_frame_vector sealkit_frame_vectors[]", frames),
        f"const size_t sealkit_frame_vector_count = {len(frames)};\n",
        _rows("const struct sealkit_stream_vector sealkit_stream_vectors[]", streams),
        f"const size_t sealkit_stream_vector_count = {len(streams)};\n",
    ]
    return "\n".join([SOURCE, pool.text(), *lists, *tables])


def suite_vectors(registry: Json, suite: str) -> str:
    pool = Pool()
    files = {
        name: _load(f"{suite}/{name}.json")
        for name in ("messages", "credentials", "trust", "records", "evidence", "orders",
                     "parameters", "signatures")
    }  # fmt: skip
    rows = {
        "message": _messages(pool, files["messages"]),
        "object": [_row(*cells) for cells in _objects(pool, files)],
        "order": _orders(pool, files["orders"]),
        "group": _groups(pool, files["parameters"]),
        "set": _sets(pool, files["parameters"]),
        "signature": _signatures(pool, files["signatures"]),
        "field": _fields(pool, registry, files),
    }
    tables, cells = [], [constant("suite", suite)]
    for name in TABLES:
        declaration = f"static const struct sealkit_{name}_vector {name}s[]"
        tables.append(_rows(declaration, rows[name]))
        cells += [f"{name}s", str(len(rows[name]))]
    whole = f"const struct sealkit_suite_vectors sealkit_vectors_{suite} = {{\n    "
    closing = whole + ",\n    ".join(cells) + "\n};\n"
    return "\n".join([SOURCE, pool.text(), *tables, closing])


def _messages(pool: Pool, vectors: Json) -> list[str]:
    rows = []
    for case in vectors["messages"]:
        is_answer = case["direction"] == "response"
        what = f"{case['command']}, {'answer' if is_answer else 'request'}"
        rows.append(_message(pool, what, is_answer, case["payload"], "ok"))
    rows += [
        _message(pool, f"{case['command']}: {case['what']}", False, case["payload"], case["expect"])
        for case in vectors["bad"]
        if case["direction"] == "request"
    ]
    return rows


def _message(pool: Pool, what: str, is_answer: bool, payload: str, expect: str) -> str:
    return _row(_text(what), str(int(is_answer)), pool.bytes(payload), _status(expect))


def _objects(pool: Pool, files: Json) -> Iterator[list[str]]:
    def cells(what: str, tag: str, case: Json, key: str | None, expect: str = "ok") -> list[str]:
        digest = pool.bytes(case.get("digest"))
        start = [_text(what), constant("tag", tag), pool.bytes(case["bytes"])]
        return [*start, digest, pool.bytes(key), _status(expect)]

    family = files["credentials"]["credentials"]
    keys = {person["key_id"]: person["fields"]["public_key"] for person in family}
    for person in family:
        issuer = keys.get(person["fields"]["issuer"])
        yield cells(f"credential of {person['name']}", "credential", person, issuer)
    for case in files["credentials"]["judgements"]:
        if case["credential"].startswith("5345414c") and case["expect"] in BY_BYTES:
            bad = {"bytes": case["credential"]}
            yield cells(f"credential: {case['what']}", "credential", bad, None, case["expect"])
    for case in files["trust"]["good"]:
        signer = keys[case["fields"]["authority"]]
        yield cells(f"trust statement: {case['what']}", "trust", case, signer)
    for case in files["trust"]["bad"]:
        if case["expect"] in BY_BYTES:
            what = f"trust statement: {case['what']}"
            yield cells(what, "trust", case, None, case["expect"])
    records = files["records"]
    for case in records["records"] + records["other_kinds"]:
        yield cells(f"record: {case['kind']} {case['sequence']}", "record", case, None)
    for case in records["bad_records"]:
        yield cells(f"record: {case['what']}", "record", case, None, case["expect"])
    seal = records["seal"]["public_key"]
    yield cells("checkpoint", "checkpoint", records["checkpoint"], seal)
    for case in files["evidence"]["good"]:
        yield cells(f"evidence: {case['what']}", "evidence", case, files["evidence"]["public_key"])


def _orders(pool: Pool, vectors: Json) -> list[str]:
    cases: dict[str, Json] = {}
    for case in vectors["cases"]:
        if case["expect"]["status"] in ("ok", *BY_BYTES):
            cases.setdefault(case["request"], case)
    return [
        _row(_text(case["what"]), pool.bytes(request), _status(case["expect"]["status"]))
        for request, case in cases.items()
    ]


def _groups(pool: Pool, vectors: Json) -> list[str]:
    rows = []
    for case in [*vectors["groups"], *vectors["bad"]]:
        name = case.get("name") or case["group"]
        what = f"{name}: {case['what']}" if "what" in case else name
        expect = _status(case.get("expect", "ok"))
        data, digest = pool.bytes(case["bytes"]), pool.bytes(case.get("digest"))
        rows.append(_row(_text(what), str(case["number"]), data, digest, expect))
    return rows


def _sets(pool: Pool, vectors: Json) -> list[str]:
    rows = []
    for case in vectors["sets"]:
        items = "".join(f"{group['number']:02x}{group['digest']}" for group in case["groups"])
        rows.append(_row(_text(case["what"]), pool.bytes(items), pool.bytes(case["root"])))
    return rows


def _signatures(pool: Pool, vectors: Json) -> list[str]:
    return [
        _row(
            _text(case["what"]),
            *(pool.bytes(case[name]) for name in ("public_key", "message", "signature")),
            str(int(case["valid"])),
        )
        for case in vectors["cases"]
    ]


def _fields(pool: Pool, registry: Json, files: Json) -> list[str]:
    """The fields of one example of each layout: the one with the fewest zeros in it."""
    examples: dict[str, tuple[bytes, Json]] = {}
    for layout, data, values in _examples(registry, files):
        best = examples.get(layout)
        if best is None or best[0].count(0) / len(best[0]) > data.count(0) / len(data):
            examples[layout] = data, values
    rows = []
    for layout, (data, values) in examples.items():
        for field, kind in registry["layout"][layout]:
            least, most = field_size(registry, kind)
            if field in values and least == most:
                at = f"{constant(layout, 'at', field)}"
                size = constant(layout, "size", field)
                expect = pool.bytes(_field_bytes(values[field], least))
                rows.append(_row(_text(f"{layout}.{field}"), pool.bytes(data), at, size, expect))
            if least != most:
                break
    return rows


def _examples(registry: Json, files: Json) -> Iterator[tuple[str, bytes, Json]]:
    """Objects and bodies with the fields that the vectors tell."""

    def raw(case: Json) -> bytes:
        return bytes.fromhex(case["bytes"])

    bodies = {row["name"]: row["body"] for row in registry["record"]}
    records = files["records"]
    for case in records["records"] + records["other_kinds"]:
        yield "record", raw(case), case["fields"]
        body = bytes.fromhex(case["fields"]["body"])
        yield bodies[case["kind"]], body, case["body_fields"]
    yield "checkpoint", raw(records["checkpoint"]), records["checkpoint"]["fields"]
    for layout, cases in (
        ("evidence", files["evidence"]["good"]),
        ("credential", files["credentials"]["credentials"]),
        ("trust_statement", files["trust"]["good"]),
    ):
        for case in cases:
            yield layout, raw(case), case["fields"]
    contents = {row["number"]: row["body"] for row in registry["group"]}
    for case in files["parameters"]["groups"]:
        yield "group", raw(case), {"salt": case["salt"]}
        if case["number"] in contents:
            yield contents[case["number"]], raw(case)[16:], case["fields"]
    commands = {row["name"]: row for row in registry["command"]}
    for case in files["messages"]["messages"]:
        side, payload = case["direction"], bytes.fromhex(case["payload"])
        yield f"header_{side}", payload, case["header"]
        layout = commands[case["command"]][side]
        body = payload[4 if side == "request" else 5 :]
        if layout in registry["layout"] and layout != "group" and body:
            yield layout, body, case["fields"]


def _field_bytes(value: int | str, size: int) -> bytes:
    if isinstance(value, int):
        return value.to_bytes(size, "big", signed=value < 0)
    try:
        raw = bytes.fromhex(value)
    except ValueError:
        raw = b""
    return raw if len(raw) == size else value.encode().ljust(size, b"\0")


def _load(name: str) -> Json:
    loaded: Json = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return loaded


def _status(name: str) -> str:
    return "SEALKIT_VECTOR_DROPPED" if name == "dropped" else constant("status", name)


def _text(words: str) -> str:
    """A literal of C. Letters beyond ASCII as octal escapes, which cannot swallow what follows."""
    escaped = "".join(
        chr(byte) if 0x20 <= byte <= 0x7E and chr(byte) not in '"\\?' else f"\\{byte:03o}"
        for byte in words.encode()
    )
    return f'"{escaped}"'


def _row(*cells: str) -> str:
    return "{" + ", ".join(cells) + "}"


def _rows(declaration: str, rows: Iterable[str]) -> str:
    return "\n".join([f"{declaration} = {{", ",\n".join(f"    {row}" for row in rows), "};", ""])
