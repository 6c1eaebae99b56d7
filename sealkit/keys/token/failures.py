"""What a token's library says when it fails, as errors of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pkcs11

from sealkit.errors import AccessError, DeviceNotFoundError, RefusedError, SealkitError, UsageError

_GONE = (
    pkcs11.DeviceRemoved,
    pkcs11.TokenNotPresent,
    pkcs11.TokenNotRecognised,
    pkcs11.SessionHandleInvalid,
    pkcs11.SessionClosed,
    pkcs11.SlotIDInvalid,
)
_PIN_WRONG = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange)
_PIN_UNUSABLE = (pkcs11.PinExpired, pkcs11.UserPinNotInitialized, pkcs11.PinTooWeak)


@contextmanager
def explained(name: str, tries: Callable[[], str] = str) -> Iterator[None]:
    """Turns the library's exceptions into errors of ours.

    name: what the token is called, for the message. tries: what the token says about the tries
    that are left, asked only after a wrong PIN.
    """
    try:
        yield
    except pkcs11.PKCS11Error as error:
        raise _explain(error, name, tries) from error
    except (UnicodeDecodeError, ValueError, NotImplementedError) as error:
        # The wrapper's own, for names and numbers that it cannot read.
        raise failed(name, f"it says what we cannot read ({error})") from error


def _explain(error: pkcs11.PKCS11Error, name: str, tries: Callable[[], str]) -> SealkitError:
    if isinstance(error, _PIN_WRONG):
        left = tries()
        return UsageError(
            "TOKEN_PIN_WRONG",
            f"The token {name} refuses the PIN." + (f" {left}" if left else ""),
            "Be sure of the PIN before you run the command again: a token locks itself after a few"
            " wrong ones, so nothing is tried twice here.",
        )
    if isinstance(error, pkcs11.PinLocked):
        return pin_locked(name)
    if isinstance(error, _PIN_UNUSABLE):
        return AccessError(
            "TOKEN_PIN_UNUSABLE",
            f"The PIN of the token {name} was never set, or has expired.",
            "Set one with the software that came with the token.",
        )
    if isinstance(error, _GONE):
        return gone(name)
    return failed(name, f"{type(error).__name__} {error}".strip())


def pin_locked(name: str) -> AccessError:
    """The error for a token that takes no PIN any more."""
    return AccessError(
        "TOKEN_PIN_LOCKED",
        f"The token {name} is locked after too many wrong PINs.",
        "Unlock it with its PUK or through whoever issued it.",
    )


def gone(name: str) -> DeviceNotFoundError:
    """The error for a token that was there before."""
    return DeviceNotFoundError(
        "TOKEN_GONE",
        f"The token {name} is not there any more.",
        "Put the token back in and run the command again; nothing was signed.",
    )


def failed(name: str, reason: str) -> RefusedError:
    """The error for whatever has no better one."""
    return RefusedError(
        "TOKEN_FAILED",
        f"The token {name} did not do what it was asked: {reason}.",
        "Take the token out and put it back in; see what its maker's software says about it.",
    )
