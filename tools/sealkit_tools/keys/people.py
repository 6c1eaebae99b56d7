"""Who signs: a key and a credential side by side, PREFIX.pem and PREFIX.cred.

A key in a token has a file PREFIX.pkcs11 instead of PREFIX.pem, with its URI.

Passphrases are asked for, or come from SEALKIT_PASSPHRASE or a file; never from the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from sealkit.crypto import Signer, get_suite
from sealkit.errors import UsageError
from sealkit.keys import load_key
from sealkit.keys.credentialfile import read_credentials
from sealkit.keys.passphrase import find_passphrase
from sealkit.keys.token.uri import TokenUri, is_token_uri, parse_token_uri
from sealkit.wire.credentials import CREDENTIAL, Credential
from sealkit_tools.keys.tokens import (
    judge_token_suite,
    open_token_key,
    read_token_file,
    token_public_key,
)
from sealkit_tools.words.language import say


@dataclass(frozen=True, slots=True)
class Person:
    """A credential with its issuers, and the key if it is at hand.

    token: the key in a token that was named beside the files.
    """

    prefix: Path
    credential: Credential
    issuers: tuple[Credential, ...]
    token: TokenUri | None = None

    @property
    def has_key(self) -> bool:
        return (
            self.token is not None
            or key_path(self.prefix).exists()
            or token_path(self.prefix).exists()
        )

    def key(self) -> Signer:
        """The private key, unlocked. Errors: those of `unlock`; KEY_DOES_NOT_FIT, TOKEN_SUITE."""
        place = _key_place(self.prefix) if self.token is None else self.token
        if isinstance(place, TokenUri):
            judge_token_suite(get_suite(self.credential.suite).name)
        key = _unlock(place)
        if key.public_key != self.credential.public_key:
            raise UsageError(
                "KEY_DOES_NOT_FIT",
                f"{place} is not the key of {credential_path(self.prefix)}.",
                "Put the key and the credential that belong together side by side.",
            )
        return key


def key_path(prefix: Path) -> Path:
    """Where a person's key is."""
    return prefix.with_name(prefix.name + ".pem")


def token_path(prefix: Path) -> Path:
    """Where it is written which token a person's key is in."""
    return prefix.with_name(prefix.name + ".pkcs11")


def public_path(prefix: Path) -> Path:
    """Where a public key is that waits for its credential."""
    return prefix.with_name(prefix.name + ".pub")


def credential_path(prefix: Path) -> Path:
    """Where a person's credential is."""
    return prefix.with_name(prefix.name + ".cred")


def load_person(prefix: Path) -> Person:
    """A person by the prefix of the two files; the files' own names are understood too.

    Errors: KEY_WITHOUT_CREDENTIAL for the URI of a token; those of reading credentials.
    """
    if is_token_uri(str(prefix)):
        raise UsageError(
            "KEY_WITHOUT_CREDENTIAL",
            f"{prefix} names a key in a token, and here it takes a credential as well.",
            "Name the credential, and put the URI beside it once: `sealkit keys token PREFIX URI`.",
        )
    prefix = _without_suffix(prefix)
    credentials = [CREDENTIAL.parse(raw) for raw in read_credentials(credential_path(prefix))]
    return Person(prefix, credentials[0], tuple(credentials[1:]))


def with_token_keys(people: Sequence[Person], uris: Sequence[str]) -> tuple[Person, ...]:
    """The people, each key in a token given to whose credential it fits.

    Errors: KEY_DOES_NOT_FIT; those of `parse_token_uri` and `token_public_key`.
    """
    equipped = list(people)
    for uri in map(parse_token_uri, uris):
        public_key = token_public_key(uri)
        places = [
            place
            for place, person in enumerate(equipped)
            if person.credential.public_key == public_key
        ]
        if not places:
            raise UsageError(
                "KEY_DOES_NOT_FIT",
                f"{uri} is the key of nobody who signs.",
                "Name the credential that belongs to the key, or the key that belongs to it.",
            )
        for place in places:
            equipped[place] = replace(equipped[place], token=uri)
    return tuple(equipped)


def unlock(where: str) -> Signer:
    """The private key of a prefix, or the one that a URI names; passphrase or PIN asked for.

    Errors: KEY_NOT_FOUND, KEY_TWICE; those of `load_key`, `parse_token_uri`, `open_token_key`.
    """
    return _unlock(parse_token_uri(where) if is_token_uri(where) else _key_place(Path(where)))


def _key_place(prefix: Path) -> Path | TokenUri:
    """The key file, or what the token file says."""
    prefix = _without_suffix(prefix)
    file, token = key_path(prefix), token_path(prefix)
    if file.exists() and token.exists():
        raise UsageError(
            "KEY_TWICE",
            f"There are {file} and {token}, and one person has one key.",
            "Remove the one that is not used.",
        )
    if token.exists():
        return read_token_file(token)
    if not file.exists():
        raise UsageError(
            "KEY_NOT_FOUND",
            f"There is no key file {file}, and no {token} either.",
            "Check the PREFIX of the key.",
        )
    return file


def _unlock(place: Path | TokenUri) -> Signer:
    if isinstance(place, TokenUri):
        return open_token_key(place)
    return load_key(place, passphrase(say("Passphrase of {}").format(place), confirm=False))


def _without_suffix(prefix: Path) -> Path:
    return prefix.with_suffix("") if prefix.suffix in (".pem", ".pkcs11", ".cred") else prefix


def passphrase(prompt: str, *, confirm: bool) -> bytes:
    """A passphrase from the environment, or asked for at the terminal."""

    def ask() -> str:
        answer: str = click.prompt(
            prompt,
            hide_input=True,
            confirmation_prompt=confirm and say("Repeat for confirmation"),
            err=True,
        )
        return answer

    return find_passphrase(ask)
