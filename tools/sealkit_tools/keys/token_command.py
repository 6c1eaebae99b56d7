"""`sealkit keys token`: a key that is in a token already is put beside its credential."""

from __future__ import annotations

from pathlib import Path

import click

from sealkit.errors import UsageError
from sealkit_tools.terminal.options import FILE, json_option
from sealkit_tools.terminal.output import print_facts, print_json
from sealkit_tools.words.bilingual import Command


@click.command("token", cls=Command)
@click.argument("prefix", type=FILE)
@click.argument("uri")
@json_option
def token(prefix: Path, uri: str, as_json: bool) -> None:
    """Use a key that is in a token already: PREFIX.pkcs11 says where it is from now on.

    Beside PREFIX.cred it must be that credential's key; without one, PREFIX.pub is written, to send
    to whoever issues the credential. No PIN is needed.
    """
    from sealkit.keys.token.uri import parse_token_uri
    from sealkit_tools.keys.new_files import judge_new, write_public_key
    from sealkit_tools.keys.people import (
        credential_path,
        key_path,
        load_person,
        public_path,
        token_path,
    )
    from sealkit_tools.keys.tokens import TOKEN_SUITE, token_public_key, write_token_file

    parsed = parse_token_uri(uri)
    place, public, credential = token_path(prefix), public_path(prefix), credential_path(prefix)
    judge_new(key_path(prefix), place, *(() if credential.exists() else (public,)))
    public_key = token_public_key(parsed)
    if credential.exists():
        if load_person(prefix).credential.public_key != public_key:
            raise UsageError(
                "KEY_DOES_NOT_FIT",
                f"{parsed} is not the key of {credential}.",
                "Name the key that belongs to the credential.",
            )
        beside = credential
    else:
        write_public_key(public, TOKEN_SUITE, public_key)
        beside = public
    write_token_file(place, parsed)
    if as_json:
        print_json("sealkit.keys.token/1", key=str(place), beside=str(beside))
    else:
        print_facts("Key in a token", [("Key", place), ("Beside it", beside)])
