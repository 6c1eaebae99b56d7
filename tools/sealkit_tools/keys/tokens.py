"""Keys in tokens: named by a PKCS#11 URI, or by a file PREFIX.pkcs11 that holds one.

The PIN is asked for at the terminal, or stands in the file that the URI names; never in the URI.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

import click

from sealkit.errors import UsageError
from sealkit.keys.files import read_bounded, write_whole
from sealkit.keys.token.uri import URI_MAX, TokenUri, parse_token_uri
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from sealkit.keys.token.key import TokenKey

TOKEN_SUITE: Final = "p256"  # noqa: S105  (a name, no secret)


def read_token_file(path: Path) -> TokenUri:
    """The URI in a file: its one line. Errors: TOKEN_URI_MALFORMED, PIN_IN_URI; of reading."""
    return parse_token_uri(
        read_bounded(path, URI_MAX + 2).decode("utf-8", "replace").rstrip("\r\n")
    )


def write_token_file(path: Path, uri: TokenUri) -> None:
    """Writes a new file that names a key in a token."""
    write_whole(path, f"{uri}\n".encode(), overwrite=False)


def open_token_key(uri: TokenUri) -> TokenKey:
    """The key that the URI names, the PIN asked for. Errors: those of `open_key`."""
    key: TokenKey = _library().open_key(uri, _ask_pin)
    return key


def make_token_key(uri: TokenUri, suite: str) -> AbstractContextManager[TokenKey]:
    """Makes a key in a token; it is destroyed again if the block fails.

    Errors: TOKEN_SUITE; those of `making_key`.
    """
    judge_token_suite(suite)
    made: AbstractContextManager[TokenKey] = _library().making_key(uri, _ask_pin)
    return made


def token_public_key(uri: TokenUri) -> bytes:
    """The public key of a key in a token. Errors: those of `read_public_key`."""
    public_key: bytes = _library().read_public_key(uri)
    return public_key


def judge_token_suite(suite: str) -> None:
    """That a token can have keys of the suite. Errors: `UsageError` TOKEN_SUITE."""
    if suite != TOKEN_SUITE:
        raise UsageError(
            "TOKEN_SUITE",
            f"A token has no keys of the suite {suite}: PKCS#11 has no signatures of that kind.",
            "Use keys of the suite p256 in tokens, or a key file for this one.",
        )


def _library() -> ModuleType:
    try:
        from sealkit.keys.token import key
    except ImportError as error:
        raise UsageError(
            "TOKENS_UNAVAILABLE",
            f"Keys in tokens cannot be used here: {error}.",
            "Install the extra `hsm`: pip install 'sealkit[hsm]'.",
        ) from error
    return key


def _ask_pin(token: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            "TOKEN_PIN_MISSING",
            f"The token {token} needs its PIN and there is no terminal to ask for it.",
            "Name a file with the PIN, which only you may read: ?pin-source=/path/to/file in the"
            " URI.",
        )
    # Nothing typed is an answer, too: it is refused, not asked again.
    pin: str = click.prompt(
        say("PIN of the token {}").format(token),
        hide_input=True,
        default="",
        show_default=False,
        err=True,
    )
    return pin
