"""A key in a token, as a `Signer`; and making one there."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final

import pkcs11
from pkcs11 import Attribute, KeyType, MechanismFlag

from sealkit.crypto import SIGNATURE_BYTES, Suite
from sealkit.errors import IntegrityError, UsageError
from sealkit.keys.token import objects
from sealkit.keys.token.finding import find_token
from sealkit.keys.token.objects import find_objects, find_private_key, find_public_key
from sealkit.keys.token.session import AskPin, close, log_in, watching
from sealkit.keys.token.uri import TokenUri

_KEY_ID_BYTES: Final = 8


class TokenKey:
    """A P-256 key in a token; a `Signer`, and a context manager that ends its session.

    public_key: the uncompressed point, 65 bytes.
    """

    def __init__(
        self, session: pkcs11.Session, uri: TokenUri, key: objects.Object, pin: str
    ) -> None:
        self._session = session
        self._key = key
        self.public_key = objects.public_key_of(session, uri, key)
        # A key may want the PIN again for every signature; for all others it is not kept.
        self._pin = pin if _asks_always(key) else None

    @property
    def suite(self) -> Suite:
        return objects.suite()

    def sign(self, message: bytes) -> bytes:
        """The signature r‖s over `message`, 64 bytes, verified before it is given out.

        Raises DeviceNotFoundError TOKEN_GONE; RefusedError TOKEN_FAILED; IntegrityError
        TOKEN_SIGNATURE_WRONG.
        """
        with watching(self._session.token):
            signature: bytes = self._key.sign(
                self.suite.digest(message), mechanism=pkcs11.Mechanism.ECDSA, pin=self._pin
            )
        if len(signature) != SIGNATURE_BYTES or not self.suite.verify(
            self.public_key, message, signature
        ):
            raise IntegrityError(
                "TOKEN_SIGNATURE_WRONG",
                f"What the token {self._session.token.label} gave is no signature of its key.",
                "Sign nothing with this token any more, and tell its maker.",
            )
        return signature

    def close(self) -> None:
        """Ends the session."""
        close(self._session)

    def __enter__(self) -> TokenKey:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_key(uri: TokenUri, ask_pin: AskPin) -> TokenKey:
    """The key that the URI names, ready to sign. ask_pin is called only if no file has the PIN.

    Raises what `find_token`, `log_in` and `find_private_key` raise.
    """
    token = find_token(uri)
    session, pin = log_in(token, uri, ask_pin)
    try:
        with watching(token):
            return TokenKey(session, uri, find_private_key(session, uri), pin)
    except BaseException:
        close(session)
        raise


def read_public_key(uri: TokenUri) -> bytes:
    """The public key (65 bytes) that goes with the key; no PIN is needed for it.

    Raises what `find_token` and `find_private_key` raise.
    """
    token = find_token(uri)
    with watching(token):
        session = token.open()
    try:
        with watching(token):
            return find_public_key(session, uri)
    finally:
        close(session)


@contextmanager
def making_key(uri: TokenUri, ask_pin: AskPin) -> Iterator[TokenKey]:
    """Makes a P-256 key in the token, which never gives it out; destroyed if the block fails.

    The URI gives its label (`object`), its id, or both; an id is drawn if it gives none.

    Raises what `open_key` raises, and UsageError TOKEN_KEY_UNNAMED, TOKEN_KEY_EXISTS.
    """
    if uri.label is None and uri.id is None:
        raise UsageError(
            "TOKEN_KEY_UNNAMED",
            f"The new key needs a name, and {uri} gives none.",
            "Add one to the URI: object=NAME.",
        )
    token = find_token(uri)
    session, pin = log_in(token, uri, ask_pin, writing=True)
    try:
        with watching(token):
            _judge_free(session, uri)
            pair = _generate(session, uri)
        try:
            with watching(token):
                made = TokenKey(session, uri, pair[1], pin)
            yield made
        except BaseException:
            with watching(token):
                for key in pair:
                    key.destroy()
            raise
    finally:
        close(session)


def _judge_free(session: pkcs11.Session, uri: TokenUri) -> None:
    """That neither the id nor the label is taken."""
    if (uri.id and find_objects(session, identifier=uri.id)) or (
        uri.label and find_objects(session, label=uri.label)
    ):
        raise UsageError(
            "TOKEN_KEY_EXISTS",
            f"The token {session.token.label} has something under the name in {uri} already.",
            "Choose another: object=NAME. To use the key that is there: `sealkit keys token`.",
        )


def _generate(session: pkcs11.Session, uri: TokenUri) -> tuple[objects.Object, objects.Object]:
    """The public and the private key."""
    domain = session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: objects.curve()}, local=True
    )
    public, private = domain.generate_keypair(
        id=uri.id or secrets.token_bytes(_KEY_ID_BYTES),
        label=uri.label,
        store=True,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template={Attribute.EXTRACTABLE: False},
    )
    return public, private


def _asks_always(key: objects.Object) -> bool:
    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except pkcs11.AttributeTypeInvalid:
        return False  # older than this attribute
