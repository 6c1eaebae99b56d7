"""PKCS#11 URIs (RFC 7512): `pkcs11:token=Pudong;object=sign?pin-source=/etc/sealkit/pudong.pin`.

Read strictly: what would narrow the search in a way that we do not understand is refused, never
ignored, since another key might then be found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sealkit.errors import UsageError

URI_MAX: Final = 2048  # characters

_SCHEME: Final = "pkcs11:"
# RFC 7512 clause 2.3: the characters that stand for themselves, beside percent-encoded bytes.
_ITSELF: Final = r"[A-Za-z0-9\-._~:\[\]@!$'()*+,=&{more}]|%[0-9A-Fa-f]{{2}}"
_PATH_VALUE: Final = re.compile(f"(?:{_ITSELF.format(more='')})*")
_QUERY_VALUE: Final = re.compile(f"(?:{_ITSELF.format(more='/?|').replace('&', '')})*")
_ENCODED: Final = re.compile(rb"%([0-9A-Fa-f]{2})")

_TOKEN_NAMES: Final = ("token", "manufacturer", "serial", "model")
_PATH_NAMES: Final = (*_TOKEN_NAMES, "object", "id", "type")
_QUERY_NAMES: Final = ("module-path", "pin-source")


@dataclass(frozen=True, slots=True)
class TokenUri:
    """Which key in which token. What is None is not asked about.

    token, manufacturer, serial, model: of the token. label, id: of the key; RFC 7512 calls the
    label `object`. module_path: the library of the token's maker. pin_source: a file with the PIN.
    """

    text: str
    token: str | None = None
    manufacturer: str | None = None
    serial: str | None = None
    model: str | None = None
    label: str | None = None
    id: bytes | None = None
    module_path: Path | None = None
    pin_source: Path | None = None

    def __str__(self) -> str:
        return self.text


def is_token_uri(text: str) -> bool:
    """Whether this is meant as the URI of a key in a token, right or wrong."""
    return text[: len(_SCHEME)].lower() == _SCHEME


def parse_token_uri(text: str) -> TokenUri:
    """What a PKCS#11 URI says. Raises UsageError: TOKEN_URI_MALFORMED; PIN_IN_URI."""
    if not is_token_uri(text):
        raise _malformed(f"it does not begin with {_SCHEME}")
    if len(text) > URI_MAX:
        raise _malformed(f"it is longer than {URI_MAX} characters")
    path, _, query = text[len(_SCHEME) :].partition("?")
    # The PIN first: whatever else is wrong, nobody should type it again.
    if "pin-value=" in text:
        raise UsageError(
            "PIN_IN_URI",
            "A PIN does not belong into a URI: command lines and files are seen by others.",
            "Leave pin-value out and answer when asked; a service names a file that only it may"
            " read: ?pin-source=/path/to/file.",
        )
    place = _attributes(path, ";", _PATH_NAMES, _PATH_VALUE)
    how = _attributes(query, "&", _QUERY_NAMES, _QUERY_VALUE)
    if place.pop("type", b"private") != b"private":
        raise _malformed("its type is not private, and nothing else can sign")
    identifier = place.pop("id", None)
    words = {name: _text(name, value) for name, value in place.items()}
    pin_source = how.get("pin-source")
    return TokenUri(
        text,
        **{name: words.get(name) for name in _TOKEN_NAMES},
        label=words.get("object"),
        id=identifier,
        module_path=_path("module-path", how.get("module-path")),
        pin_source=_path("pin-source", pin_source and pin_source.removeprefix(b"file:")),
    )


def _attributes(
    part: str, separator: str, known: tuple[str, ...], value_of: re.Pattern[str]
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for attribute in part.split(separator) if part else []:
        name, equals, value = attribute.partition("=")
        if name not in known:
            raise _malformed(f"{name!r} is not one of {', '.join(known)}")
        if not equals or not value:
            raise _malformed(f"{name} has no value")
        if name in found:
            raise _malformed(f"{name} stands in it twice")
        if not value_of.fullmatch(value):
            raise _malformed(f"the value of {name} holds a character that must be written as %XX")
        found[name] = _ENCODED.sub(lambda byte: bytes.fromhex(byte[1].decode()), value.encode())
    return found


def _text(name: str, value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise _malformed(f"the value of {name} is not UTF-8") from None
    if "\0" in text:
        raise _malformed(f"the value of {name} holds a zero byte")
    return text


def _path(name: str, value: bytes | None) -> Path | None:
    if value is None:
        return None
    path = Path(_text(name, value))
    # It is written down once and used from anywhere, later.
    if not path.is_absolute():
        raise _malformed(f"{name} is not a path from the root, such as /path/to/file")
    return path


def _malformed(reason: str) -> UsageError:
    return UsageError(
        "TOKEN_URI_MALFORMED",
        f"This is not the URI of a key in a token: {reason}.",
        "Write it in quotes, as in 'pkcs11:token=Pudong;object=sign', with %20 for a space"
        " (RFC 7512); p11tool --list-all shows the URIs of a token.",
    )
