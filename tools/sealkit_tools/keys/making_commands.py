"""`sealkit keys new`, `generate`, `issue` and `endorse`: keys, and credentials for them."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealkit.errors import UsageError
from sealkit_tools.keys.facts import credential_facts
from sealkit_tools.keys.validity import validity
from sealkit_tools.terminal.options import (
    FILE,
    json_option,
    new_key_option,
    prefix_option,
    together,
)
from sealkit_tools.terminal.output import print_facts, print_json
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from sealkit.crypto import Signer
    from sealkit.wire.credentials import Credential

_ROLES = ("authority", "manufacturer", "station", "registry", "technician", "inspector")
_DAYS = {"technician": 365, "inspector": 365}
_DAYS_OTHERS = 3650
_U32 = click.IntRange(0, 0xFFFFFFFF)
_DAYS_RANGE = click.IntRange(1, 36500)
_SUITES = click.Choice(["p256", "sm2"])


_issue_options = together(
    click.option("--name", required=True, help="Who it is, as it will stand in the log."),
    click.option("--scope", type=_U32, default=0, help="Region (GB/T 2260), 0: everywhere."),
    click.option("--maker", type=_U32, help="For a manufacturer: its number."),
    click.option("--serial", type=_U32, help="Number of the credential; drawn if not given."),
    click.option(
        "--generation",
        type=click.IntRange(0, 0xFFFF),
        default=1,
        show_default=True,
        help="Rises when a holder gets a new key; a statement can refuse the older ones.",
    ),
    click.option(
        "--days",
        type=_DAYS_RANGE,
        help=f"Validity: {_DAYS_OTHERS}; technician and inspector {_DAYS['technician']}.",
    ),
    prefix_option("--issuer", help="Who issues: its key and credential."),
)


@click.command("new", cls=Command)
@click.argument("role", type=click.Choice(_ROLES), metavar="ROLE")
@click.argument("prefix", type=FILE)
@click.option("--suite", type=_SUITES, help="By default the issuer's; without an issuer p256.")
@new_key_option
@_issue_options
@json_option
def new(
    role: str,
    prefix: Path,
    suite: str | None,
    token_key: str | None,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Make a key and its credential: PREFIX.pem and PREFIX.cred.

    With --key the key is made in a token, and PREFIX.pkcs11 says in which.

    \b
    ROLE is authority, manufacturer (both sign their own), or, with an --issuer,
    station, registry, inspector (issued by the authority) or technician (by a registry).
    """
    from sealkit.crypto import get_suite
    from sealkit.keys import save_key
    from sealkit_tools.keys.new_files import judge_new
    from sealkit_tools.keys.people import (
        credential_path,
        key_path,
        load_person,
        passphrase,
        token_path,
    )

    judge_new(key_path(prefix), token_path(prefix), credential_path(prefix))
    issuer = wanted["issuer"]
    key_suite = get_suite(
        suite or ("p256" if issuer is None else load_person(issuer).credential.suite)
    )
    if token_key is not None:
        from sealkit.keys.token.uri import parse_token_uri
        from sealkit_tools.keys.tokens import make_token_key, write_token_file

        uri = parse_token_uri(token_key)
        with make_token_key(uri, key_suite.name) as made:
            credentials = _issue(role, key_suite.id, made.public_key, made, **wanted)
            write_token_file(token_path(prefix), uri)
    else:
        key = key_suite.generate()
        credentials = _issue(role, key_suite.id, key.public_key, key, **wanted)
        word = passphrase(say("New passphrase for {}").format(key_path(prefix)), confirm=True)
        save_key(key_path(prefix), key, word)
    _write(prefix, credentials, as_json)


@click.command("generate", cls=Command)
@click.argument("prefix", type=FILE)
@click.option("--suite", type=_SUITES, default="p256", show_default=True)
@new_key_option
@json_option
def generate(prefix: Path, suite: str, token_key: str | None, as_json: bool) -> None:
    """Make a key alone: PREFIX.pem, and PREFIX.pub to send to whoever issues the credential.

    With --key the key is made in a token, and PREFIX.pkcs11 says in which.
    """
    from sealkit.crypto import get_suite
    from sealkit.keys import save_key
    from sealkit_tools.keys.new_files import judge_new, write_public_key
    from sealkit_tools.keys.people import key_path, passphrase, public_path, token_path

    public, place = public_path(prefix), key_path(prefix)
    judge_new(place, token_path(prefix), public)
    if token_key is not None:
        from sealkit.keys.token.uri import parse_token_uri
        from sealkit_tools.keys.tokens import make_token_key, write_token_file

        uri, place = parse_token_uri(token_key), token_path(prefix)
        with make_token_key(uri, suite) as made:
            public_key = made.public_key
            write_token_file(place, uri)
    else:
        key = get_suite(suite).generate()
        public_key = key.public_key
        word = passphrase(say("New passphrase for {}").format(place), confirm=True)
        save_key(place, key, word)
    write_public_key(public, suite, public_key)
    if as_json:
        print_json("sealkit.keys.generate/1", key=str(place), public=str(public))
    else:
        print_facts("Key made", [("Key", place), ("Public key", public)])


@click.command("issue", cls=Command)
@click.argument("role", type=click.Choice(_ROLES[2:]), metavar="ROLE")
@click.argument("prefix", type=FILE)
@click.option("--public", "public_file", type=FILE, required=True, help="The holder's .pub file.")
@_issue_options
@json_option
def issue(role: str, prefix: Path, public_file: Path, as_json: bool, **wanted: Any) -> None:
    """Issue PREFIX.cred for a public key that its holder made with `keys generate`.

    ROLE is station, registry, technician or inspector.
    """
    from sealkit_tools.keys.new_files import judge_new, read_public_key
    from sealkit_tools.keys.people import credential_path

    judge_new(credential_path(prefix))
    suite, public_key = read_public_key(public_file)
    _write(prefix, _issue(role, suite.id, public_key, None, **wanted), as_json)


@click.command("endorse", cls=Command)
@click.argument("authority", type=FILE)
@click.argument("output", type=FILE, metavar="OUTPUT.cred")
@prefix_option("--manufacturer", required=True, help="The manufacturer's key and credential.")
@click.option("--days", type=_DAYS_RANGE, default=_DAYS_OTHERS, show_default=True)
@json_option
def endorse(authority: Path, output: Path, manufacturer: Path, days: int, as_json: bool) -> None:
    """As a manufacturer, endorse an AUTHORITY.cred: what `sealkit enrol` brings to its seals."""
    from sealkit.keys.issuing import issue_credential
    from sealkit.wire.registry import Role
    from sealkit_tools.keys.people import load_person

    person, endorsed = load_person(manufacturer), load_person(authority).credential
    not_before, not_after = validity(days)
    credential = issue_credential(
        person.key(),
        person.credential,
        role=Role.AUTHORITY,
        scope=endorsed.scope,
        serial=secrets.randbits(32),
        generation=endorsed.generation,
        not_before=not_before,
        not_after=not_after,
        public_key=endorsed.public_key,
        name=endorsed.name,
    )
    _write(output.with_suffix("") if output.suffix == ".cred" else output, [credential], as_json)


def _issue(
    role: str,
    suite: int,
    public_key: bytes,
    own_key: Signer | None,
    *,
    name: str,
    scope: int,
    maker: int | None,
    serial: int | None,
    generation: int,
    days: int | None,
    issuer: Path | None,
) -> list[Credential]:
    """The credential and its issuers, up to but without the anchor."""
    from sealkit.keys.issuing import issue_credential
    from sealkit.wire.registry import Role
    from sealkit_tools.keys.people import load_person

    number = Role[role.upper()]
    self_signed = number in (Role.AUTHORITY, Role.MANUFACTURER)
    if self_signed != (issuer is None):
        raise UsageError(
            "ISSUER_MISSING" if issuer is None else "ISSUER_NOT_WANTED",
            f"A credential of role {role} "
            + ("needs an issuer." if issuer is None else "signs itself."),
            "See `sealkit keys --help` for who issues whom.",
        )
    if number is Role.MANUFACTURER and maker is None:
        raise UsageError("MAKER_MISSING", "A manufacturer has a number.", "Give it: --maker N.")
    person = None if issuer is None else load_person(issuer)
    if person is not None and person.credential.suite != suite:
        raise UsageError(
            "SUITE_DIFFERS",
            "The key is of another suite than its issuer's.",
            "Holder and issuer need keys of one suite.",
        )
    signer = own_key if person is None else person.key()
    if signer is None:
        raise UsageError("ISSUER_MISSING", "Nobody signs.", "Name the issuer: --issuer PREFIX.")
    not_before, not_after = validity(days or _DAYS.get(role, _DAYS_OTHERS))
    credential = issue_credential(
        signer,
        None if person is None else person.credential,
        role=number,
        scope=maker if number is Role.MANUFACTURER and maker is not None else scope,
        serial=serial if serial is not None else secrets.randbits(32),
        generation=generation,
        not_before=not_before,
        not_after=not_after,
        public_key=public_key,
        name=name,
    )
    if person is None or person.credential.role in (Role.AUTHORITY, Role.MANUFACTURER):
        return [credential]
    return [credential, person.credential, *person.issuers]


def _write(prefix: Path, credentials: list[Credential], as_json: bool) -> None:
    from sealkit.keys.credentialfile import write_credentials
    from sealkit_tools.keys.people import credential_path

    path = credential_path(prefix)
    write_credentials(path, [credential.raw for credential in credentials])
    if as_json:
        print_json(
            "sealkit.keys.credential/1", file=str(path), credential=credential_facts(credentials[0])
        )
    else:
        print_facts(
            say("Credential written to {}").format(path), credential_facts(credentials[0]).items()
        )
