"""Base45 (RFC 9285): bytes as text that a QR code holds in its alphanumeric mode."""

from __future__ import annotations

from typing import Final

from sealkit.errors import MalformedError

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}


def encode_base45(data: bytes) -> str:
    """Two bytes as three characters, a byte left over as two; the least digit first."""
    text = []
    for at in range(0, len(data), 2):
        piece = data[at : at + 2]
        value = int.from_bytes(piece, "big")
        for _ in range(len(piece) + 1):
            value, digit = divmod(value, 45)
            text.append(_ALPHABET[digit])
    return "".join(text)


def decode_base45(text: str) -> bytes:
    """The bytes that were encoded. Errors: `MalformedError` MALFORMED."""
    parts = []
    for at in range(0, len(text), 3):
        piece = text[at : at + 3]
        try:
            value = sum(_VALUES[character] * 45**place for place, character in enumerate(piece))
            parts.append(value.to_bytes(len(piece) - 1, "big"))
        except (KeyError, OverflowError):
            raise _malformed(at) from None
        if len(piece) == 1:
            raise _malformed(at)
    return b"".join(parts)


def _malformed(at: int) -> MalformedError:
    return MalformedError(
        "MALFORMED", f"At character {at} there is no Base45 text.", "Scan or copy the text again."
    )
