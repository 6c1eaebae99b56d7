"""A directory of exports, and the manifest that tells how each came."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sealkit.errors import UsageError
from sealkit.keys.files import read_bounded
from sealkit.station.bulk.intake import Source
from sealkit.station.history.visits import Place, Visit
from sealkit.wire.numbers import SealNumber

MANIFEST: Final = "visits.jsonl"
SCHEMA: Final = "sealkit.submissions/1"
MANIFEST_MAX: Final = 256 * 1024 * 1024
_NO_EXPORTS: Final = (".json", ".jsonl")
_TEXT_MAX: Final = 200


def sources_in(directory: Path, *, received: int, submitter: str) -> list[Source]:
    """The exports in a directory.

    With a manifest, visits.jsonl: those that it lists, in its order. Each line is an object with
    schema (sealkit.submissions/1), file, seal (the number that the submitter gave), received
    (seconds since 1970), submitter, latitude, longitude (degrees) and plate, the one that was seen;
    from seal on they may be missing.
    Without one: every file there and below, by name, but hidden ones, .json and .jsonl, as received
    at `received` from `submitter`. Errors: `UsageError` NO_SUCH_DIRECTORY, MANIFEST_MALFORMED,
    PLACE_INVALID.
    """
    if not directory.is_dir():
        raise UsageError(
            "NO_SUCH_DIRECTORY", f"There is no directory {directory}.", "Check its name."
        )
    usual = Visit(received, submitter)
    manifest = directory / MANIFEST
    if manifest.is_file():
        return _listed(directory, read_bounded(manifest, MANIFEST_MAX), usual)
    names = sorted(
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if path.suffix not in _NO_EXPORTS and not path.name.startswith(".") and path.is_file()
    )
    return [Source(name, directory / name, usual) for name in names]


def _listed(directory: Path, data: bytes, usual: Visit) -> list[Source]:
    return [
        _source(directory, _object(line, number), number, usual)
        for number, line in enumerate(data.splitlines(), 1)
        if line.strip()
    ]


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise _malformed(f"line {number} is no JSON object with schema {SCHEMA}")
    return content


def _source(directory: Path, content: dict[str, Any], number: int, usual: Visit) -> Source:
    name = _text(content, "file", number)
    path = PurePosixPath(name or "")
    if not name or path.is_absolute() or ".." in path.parts or "\0" in name:
        raise _malformed(f"line {number} names no file in this directory")
    received = content.get("received")
    if received is None:
        received = usual.received
    if type(received) is not int or not 0 <= received < 1 << 63:
        raise _malformed(f"line {number} has no time in whole seconds since 1970")
    visit = Visit(
        received,
        _text(content, "submitter", number) or usual.submitter,
        _place(content, number),
        _text(content, "plate", number),
        _seal(content, number),
    )
    return Source(name, directory / path, visit)


def _seal(content: dict[str, Any], number: int) -> SealNumber | None:
    text = _text(content, "seal", number)
    try:
        return None if text is None else SealNumber.from_text(text)
    except UsageError:
        raise _malformed(f"line {number} has no number of a seal as seal") from None


def _place(content: dict[str, Any], number: int) -> Place | None:
    latitude, longitude = content.get("latitude"), content.get("longitude")
    if latitude is None and longitude is None:
        return None
    try:
        return Place(_degrees(latitude), _degrees(longitude))
    except TypeError:
        raise _malformed(f"line {number} has no place in degrees") from None


def _degrees(value: object) -> float:
    # A boolean would pass for a number, and a text with digits for one.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _text(content: dict[str, Any], name: str, number: int) -> str | None:
    value = content.get(name)
    if value is not None and not (isinstance(value, str) and len(value) <= _TEXT_MAX):
        raise _malformed(f"line {number} has no text of {_TEXT_MAX} characters at most as {name}")
    return value


def _malformed(what: str) -> UsageError:
    return UsageError(
        "MANIFEST_MALFORMED",
        f"{MANIFEST} cannot be used: {what}.",
        "Write a JSON object into each line, with schema and file.",
    )
