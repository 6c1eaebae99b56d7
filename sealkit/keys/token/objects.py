"""The objects in a token: the one key that a URI names, and its public key."""

from __future__ import annotations

from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, ObjectClass

from sealkit.crypto import PUBLIC_KEY_BYTES, Suite, get_suite
from sealkit.errors import UsageError
from sealkit.keys import der
from sealkit.keys.token.uri import TokenUri

Object = Any
"""An object in a token: the wrapper makes its class when it is found, by what it can do."""


def suite() -> Suite:
    """The only suite of keys in tokens: PKCS#11 has a mechanism for ECDSA, and none for SM2."""
    return get_suite("p256")


def curve() -> bytes:
    """CKA_EC_PARAMS of the suite's keys."""
    return der.object_identifier(suite().curve_oid)


def find_objects(
    session: pkcs11.Session,
    *,
    kind: ObjectClass | None = None,
    identifier: bytes | None = None,
    label: str | None = None,
) -> list[Object]:
    """All objects that the session sees, of this kind, id and label; None: of any."""
    wanted = {Attribute.CLASS: kind, Attribute.ID: identifier, Attribute.LABEL: label}
    return list(
        session.get_objects({name: value for name, value in wanted.items() if value is not None})
    )


def find_private_key(session: pkcs11.Session, uri: TokenUri) -> Object:
    """The one private key of the suite that the URI names.

    Raises UsageError: TOKEN_KEY_NOT_FOUND, TOKEN_KEY_AMBIGUOUS, TOKEN_KEY_UNSUITABLE.
    """
    found = find_objects(session, kind=ObjectClass.PRIVATE_KEY, identifier=uri.id, label=uri.label)
    if not found and find_objects(session, identifier=uri.id, label=uri.label):
        raise _unsuitable(uri, "it is no private key")
    key = _only(found, uri)
    if not _of_suite(key):
        raise _unsuitable(uri, "it is not a key of the curve P-256")
    if not key[Attribute.SIGN]:
        raise _unsuitable(uri, "it is not made for signing")
    return key


def public_key_of(session: pkcs11.Session, uri: TokenUri, key: Object) -> bytes:
    """The point (65 bytes) of the public key that has the private key's id.

    Raises UsageError TOKEN_KEY_UNSUITABLE.
    """
    found = find_objects(session, kind=ObjectClass.PUBLIC_KEY, identifier=key[Attribute.ID])
    if len(found) != 1:
        raise _unsuitable(uri, "its public key is not in the token beside it, under the same id")
    return _point(found[0], uri)


def find_public_key(session: pkcs11.Session, uri: TokenUri) -> bytes:
    """The point (65 bytes) of the one public key that the URI names.

    Raises what `find_private_key` raises.
    """
    found = find_objects(session, kind=ObjectClass.PUBLIC_KEY, identifier=uri.id, label=uri.label)
    return _point(_only(found, uri), uri)


def _only(found: list[Object], uri: TokenUri) -> Object:
    if not found:
        raise UsageError(
            "TOKEN_KEY_NOT_FOUND",
            f"The token is there, but no key as in {uri}.",
            "See what it holds, `p11tool --list-all` with its URI, and correct object= or id=.",
        )
    if len(found) > 1:
        raise UsageError(
            "TOKEN_KEY_AMBIGUOUS",
            f"{len(found)} keys fit {uri}: {', '.join(map(_described, found))}.",
            "Say which by id= in the URI, each byte as %XX.",
        )
    return found[0]


def _point(public: Object, uri: TokenUri) -> bytes:
    if _of_suite(public):
        try:
            whole = der.Reader(public[Attribute.EC_POINT])
            point = whole.take(der.OCTET_STRING)
            whole.end()
        except ValueError:
            raise _unsuitable(uri, "its public key cannot be read") from None
        if len(point) == PUBLIC_KEY_BYTES:
            return point
    raise _unsuitable(uri, "it is not a key of the curve P-256")


def _of_suite(key: Object) -> bool:
    return key[Attribute.KEY_TYPE] is KeyType.EC and key[Attribute.EC_PARAMS] == curve()


def _described(key: Object) -> str:
    identifier = "".join(f"%{byte:02X}" for byte in key[Attribute.ID])
    return f"{key[Attribute.LABEL]!r} (id={identifier})"


def _unsuitable(uri: TokenUri, reason: str) -> UsageError:
    return UsageError(
        "TOKEN_KEY_UNSUITABLE",
        f"What {uri} names cannot sign here: {reason}.",
        "Name another key, or make one in the token: `sealkit keys generate PREFIX --key URI`.",
    )
