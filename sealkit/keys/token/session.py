"""A session with a token: logged in with a PIN, and watched for the token being pulled out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import pkcs11
from pkcs11 import TokenFlag

from sealkit.errors import SealkitError, UsageError
from sealkit.keys.files import read_bounded
from sealkit.keys.token.failures import explained, gone, pin_locked
from sealkit.keys.token.uri import TokenUri

PIN_MAX: Final = 255  # bytes of UTF-8

AskPin = Callable[[str], str]
"""Asks the user for the PIN of the token with this name."""


def log_in(
    token: pkcs11.Token, uri: TokenUri, ask_pin: AskPin, *, writing: bool = False
) -> tuple[pkcs11.Session, str]:
    """A session of the token's user, and the PIN. A refused PIN is never tried again.

    Raises UsageError: TOKEN_PIN_MALFORMED, TOKEN_PIN_WRONG, and those of reading the PIN's file;
    AccessError: TOKEN_PIN_LOCKED, TOKEN_PIN_UNUSABLE; DeviceNotFoundError TOKEN_GONE;
    RefusedError TOKEN_FAILED.
    """
    if TokenFlag.USER_PIN_LOCKED in token.flags:
        raise pin_locked(token.label)
    pin = ask_pin(token.label) if uri.pin_source is None else _read_pin(uri)
    if not pin or "\0" in pin or "\ufffd" in pin or len(pin.encode()) > PIN_MAX:
        # Never sent: an empty one counts as a wrong try with some tokens.
        source = "what was typed" if uri.pin_source is None else str(uri.pin_source)
        raise UsageError(
            "TOKEN_PIN_MALFORMED",
            f"There is no PIN in {source}.",
            f"A PIN has 1 to {PIN_MAX} bytes of UTF-8; in a file it is the first line.",
        )
    with watching(token):
        try:
            return token.open(rw=writing, user_pin=pin), pin
        except pkcs11.UserAlreadyLoggedIn:
            # Two keys of one token: PKCS#11 logs in once for a program, not for a session.
            return token.open(rw=writing), pin


def close(session: pkcs11.Session) -> None:
    """Ends a session; if the token has gone, there is nothing to end."""
    with suppress(pkcs11.PKCS11Error):
        session.close()


@contextmanager
def watching(token: pkcs11.Token) -> Iterator[None]:
    """Explains what fails. Whatever it is: if the token has left its slot, that is why."""
    try:
        with explained(token.label, lambda: _tries_left(token)):
            yield
    except SealkitError as error:
        if not _present(token):
            raise gone(token.label) from error
        raise


def _read_pin(uri: TokenUri) -> str:
    assert uri.pin_source is not None
    lines = read_bounded(uri.pin_source, PIN_MAX + 2).decode("utf-8", "replace").splitlines()
    return lines[0] if lines else ""


def _present(token: pkcs11.Token) -> bool:
    try:
        return token.slot.get_token().serial == token.serial
    except pkcs11.PKCS11Error:
        return False


def _tries_left(token: pkcs11.Token) -> str:
    """What the token tells of the tries that are left: PKCS#11 has flags, and no number."""
    try:
        flags = token.slot.get_token().flags
    except pkcs11.PKCS11Error:
        return ""
    if TokenFlag.USER_PIN_LOCKED in flags:
        return "It is locked now."
    if TokenFlag.USER_PIN_FINAL_TRY in flags:
        return "One try is left."
    if TokenFlag.USER_PIN_COUNT_LOW in flags:
        return "Wrong tries are counted; how many are left it does not tell."
    return ""
