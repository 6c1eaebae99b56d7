"""The token that a URI names: the library of its maker is found and loaded, its slots looked at."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pkcs11
from pkcs11 import _pkcs11

from sealkit.errors import DeviceNotFoundError, UsageError
from sealkit.keys.token.failures import explained
from sealkit.keys.token.uri import TokenUri

MODULE_VARIABLE: Final = "SEALKIT_PKCS11_MODULE"

_WELL_KNOWN: Final = (
    "/usr/lib/*/opensc-pkcs11.so",
    "/usr/lib64/opensc-pkcs11.so",
    "/usr/lib/*/libykcs11.so",
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/opensc-pkcs11.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/opensc-pkcs11.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


def find_token(uri: TokenUri) -> pkcs11.Token:
    """The one token that the URI describes.

    The library is the one that the URI names, else SEALKIT_PKCS11_MODULE; else those at well-known
    places are asked one after the other until one has such a token.

    Raises UsageError: TOKEN_MODULE_NOT_FOUND, TOKEN_MODULE_UNUSABLE, TOKEN_AMBIGUOUS;
    DeviceNotFoundError TOKEN_NOT_FOUND; RefusedError TOKEN_FAILED.
    """
    named = uri.module_path or os.environ.get(MODULE_VARIABLE)
    paths = [str(named)] if named else _well_known_paths()
    fitting: list[pkcs11.Token] = []
    for path in paths:
        try:
            module = _load(path)
        except UsageError:
            if named:
                raise
            continue  # broken, and nobody asked for it
        with explained(path):
            fitting = [token for token in _tokens(module) if _fits(token, uri)]
        if fitting:
            break
    if not fitting:
        raise DeviceNotFoundError(
            "TOKEN_NOT_FOUND",
            f"There is no token as in {uri} (asked: {', '.join(paths)}).",
            "Check that it is plugged in, and its name: p11tool --list-tokens. Another maker's"
            f" library is named by ?module-path=/path in the URI or by {MODULE_VARIABLE}.",
        )
    if len(fitting) > 1:
        raise UsageError(
            "TOKEN_AMBIGUOUS",
            f"{len(fitting)} tokens fit {uri}: "
            + ", ".join(f"{token.label} (serial {_serial(token)})" for token in fitting)
            + ".",
            "Say which by its serial number in the URI: serial=...",
        )
    return fitting[0]


def _well_known_paths() -> list[str]:
    paths = [path for pattern in _WELL_KNOWN for path in sorted(glob.glob(pattern))]
    if not paths:
        raise _no_module("None stands at a well-known place")
    return paths


def _load(path: str) -> _pkcs11.lib:
    if not Path(path).is_file():
        raise _no_module(f"There is no file {path}")
    try:
        return pkcs11.lib(path)
    except pkcs11.PKCS11Error as error:
        raise UsageError(
            "TOKEN_MODULE_UNUSABLE",
            f"{path} cannot be used as the PKCS#11 library of a token: {error or type(error)}.",
            "Name the library that came with the token, or that of Debian's package opensc.",
        ) from error


def _tokens(module: _pkcs11.lib) -> Iterator[pkcs11.Token]:
    for slot in module.get_slots(token_present=True):
        try:
            token = slot.get_token()
        except (pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised):
            continue
        if pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags:
            yield token


def _fits(token: pkcs11.Token, uri: TokenUri) -> bool:
    asked = (uri.token, uri.manufacturer, uri.model, uri.serial)
    found = (token.label, token.manufacturer_id, token.model, _serial(token))
    return all(wanted in (None, value) for wanted, value in zip(asked, found, strict=True))


def _serial(token: pkcs11.Token) -> str:
    return token.serial.decode("ascii", "backslashreplace")


def _no_module(reason: str) -> UsageError:
    return UsageError(
        "TOKEN_MODULE_NOT_FOUND",
        f"The PKCS#11 library of the token is not found. {reason}.",
        "Install it, such as Debian's package opensc or softhsm2, or name it: ?module-path=/path in"
        f" the URI, or {MODULE_VARIABLE}.",
    )
