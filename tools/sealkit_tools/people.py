"""Who signs: a key file and a credential file side by side, PREFIX.pem and PREFIX.cred.

Passphrases are asked for, or come from SEALKIT_PASSPHRASE or a file; never from the command line.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from sealkit.crypto import PrivateKey
from sealkit.errors import UsageError
from sealkit.keys import load_key
from sealkit.keys.credentialfile import read_credentials
from sealkit.keys.files import read_bounded
from sealkit.wire.credentials import CREDENTIAL, Credential
from sealkit_tools.language import say

PASSPHRASE_VARIABLE = "SEALKIT_PASSPHRASE"  # noqa: S105  (a name, no secret)
_PASSPHRASE_MAX = 1024


@dataclass(frozen=True, slots=True)
class Person:
    """A credential with its issuers, and the key if it is at hand."""

    prefix: Path
    credential: Credential
    issuers: tuple[Credential, ...]

    @property
    def has_key(self) -> bool:
        return key_path(self.prefix).exists()

    def key(self) -> PrivateKey:
        """The private key, unlocked. Errors: those of `load_key`; KEY_DOES_NOT_FIT."""
        key = unlock(self.prefix)
        if key.public_key != self.credential.public_key:
            raise UsageError(
                "KEY_DOES_NOT_FIT",
                f"{key_path(self.prefix)} is not the key of {credential_path(self.prefix)}.",
                "Put the key and the credential that belong together side by side.",
            )
        return key


def key_path(prefix: Path) -> Path:
    """Where a person's key is."""
    return prefix.with_name(prefix.name + ".pem")


def credential_path(prefix: Path) -> Path:
    """Where a person's credential is."""
    return prefix.with_name(prefix.name + ".cred")


def load_person(prefix: Path) -> Person:
    """A person by the prefix of the two files; the files' own names are understood too."""
    prefix = _without_suffix(prefix)
    credentials = [CREDENTIAL.parse(raw) for raw in read_credentials(credential_path(prefix))]
    return Person(prefix, credentials[0], tuple(credentials[1:]))


def unlock(prefix: Path) -> PrivateKey:
    """The private key of a prefix, its passphrase asked for."""
    path = key_path(_without_suffix(prefix))
    if not path.exists():
        raise UsageError(
            "KEY_NOT_FOUND", f"There is no key file {path}.", "Check the PREFIX of the key."
        )
    return load_key(path, passphrase(say("Passphrase of {}").format(path), confirm=False))


def _without_suffix(prefix: Path) -> Path:
    return prefix.with_suffix("") if prefix.suffix in (".pem", ".cred") else prefix


def passphrase(prompt: str, *, confirm: bool) -> bytes:
    """A passphrase from the environment, or asked for at the terminal."""
    from_environment = os.environ.get(PASSPHRASE_VARIABLE)
    if from_environment is not None:
        return from_environment.encode()
    path = os.environ.get(PASSPHRASE_VARIABLE + "_FILE")
    if path is not None:
        return next(iter(read_bounded(Path(path), _PASSPHRASE_MAX).splitlines()), b"")
    if not sys.stdin.isatty():
        raise UsageError(
            "PASSPHRASE_MISSING",
            "A passphrase is needed and there is no terminal to ask for it.",
            f"Set {PASSPHRASE_VARIABLE} or {PASSPHRASE_VARIABLE}_FILE.",
        )
    answer: str = click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
    return answer.encode()
