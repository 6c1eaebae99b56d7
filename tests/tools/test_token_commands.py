"""The command with keys in tokens: a technician's in one, a station's in another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.command import PASSPHRASE, Command, Done, simulation
from support.softhsm import PIN, SoftHsm, needs_softhsm
from support.terminal import Terminal

pytestmark = needs_softhsm


class Workshop(Command):
    """A command in a directory with a token for Zhang and one for the station."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.hsm = SoftHsm(home)
        for label, pin in (("Zhang", PIN), ("Pudong station", "5678")):
            self.hsm.add_token(label, pin)
            (home / f"{label.split()[0]}.pin").write_text(pin + "\n")

    def run(self, *arguments: str, **options: Any) -> Done:
        environment = {**self.hsm.environment, **options.pop("environment", {})}
        return super().run(*arguments, environment=environment, **options)

    def uri(self, token: str, more: str = "") -> str:
        """The token's URI, its PIN in a file."""
        source = self.home / f"{token.split()[0]}.pin"
        return f"pkcs11:token={token.replace(' ', '%20')}{more}?pin-source={source}"

    def asks_for_its_pin(self, *arguments: str) -> Terminal:
        environment = {**self.hsm.environment, "SEALKIT_PASSPHRASE": PASSPHRASE}
        return Terminal(self.home, arguments, **environment)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Everybody as in a city: authority, maker and registry have key files."""
    workshop = Workshop(tmp_path_factory.mktemp("workshop"))
    zhang = workshop.uri("Zhang", ";object=sign")
    pudong = workshop.uri("Pudong station", ";object=sign;id=%01")
    for words in (
        "keys new authority auth --name Shanghai",
        "keys new manufacturer maker --name Maker --maker 500",
        "keys new registry registry --name Registry --issuer auth",
        f"keys new station pudong --name Pudong --issuer auth --key {pudong}",
        f"keys generate zhang --key {zhang}",
        "keys issue technician zhang --public zhang.pub --issuer registry --name Zhang",
        "keys endorse auth endorsed.cred --manufacturer maker",
        "keys trust trust.json --authority auth --manufacturer maker",
    ):
        workshop.told(*words.split())
    return workshop


def test_a_seal_is_sealed_by_two_tokens(workshop: Workshop) -> None:
    """Files that hold the URIs, an order carried to the other token, and --key beside files."""
    home = workshop.home
    assert not list(home.glob("zhang.pem")) + list(home.glob("pudong.pem"))
    (home / "job.toml").write_text(workshop.run("seal", "--template").out)
    away = home / "away"
    away.mkdir()
    for name in ("zhang.cred", "pudong.cred"):
        (away / name).write_bytes((home / name).read_bytes())
    with simulation(workshop, "--dir", "dev", "--manufacturer", "maker"):
        workshop.told("provision", "sim:dev", "--manufacturer", "maker")
        enrol = ("enrol", "sim:dev", "--authority", "endorsed.cred", "--station", "pudong")
        workshop.told(*enrol, "--yes")
        seal = ("seal", "sim:dev", "--job", "job.toml")
        told = workshop.told(*seal, "--technician", "zhang", "--station", "pudong", "--yes")
        assert told["state"] == "sealed"
        verdict = workshop.told("verify", "sim:dev", "--trust", "trust.json")
        assert verdict["verdict"] == "intact"

        unseal = ("unseal", "sim:dev", "--reason", "tyre", "--yes")
        people = ("--technician", "away/zhang", "--station", "away/pudong")
        keys = ("--key", workshop.uri("Pudong station"), "--key", workshop.uri("Zhang"))
        assert workshop.told(*unseal, *people, *keys)["state"] == "open"

        carried = ("--technician", "zhang", "--station", "away/pudong", "--out", "order.json")
        workshop.told(*seal, *carried, "--yes")
        sign = ("order", "sign", "order.json", "--yes", "--key")
        workshop.refused(*sign, "away/pudong", status=2, code="KEY_NOT_FOUND")
        assert workshop.told(*sign, workshop.uri("Pudong station"))["complete"]
        assert workshop.told("order", "send", "sim:dev", "order.json", "--yes")["state"] == "sealed"


def test_an_issuer_in_a_token(workshop: Workshop) -> None:
    uri = workshop.uri("Pudong station", ";object=authority")
    workshop.told("keys", "new", "authority", "other", "--name", "Other", "--key", uri)
    same = workshop.uri("Pudong station", ";object=registry")
    registry = ("keys", "new", "registry", "theirs", "--name", "Theirs", "--issuer", "other")
    assert workshop.told(*registry, "--key", same)["credential"]["role"] == "registry"


def test_the_pin_is_asked_for_and_not_shown(workshop: Workshop) -> None:
    (workshop.home / "asked.pkcs11").write_text("pkcs11:token=Zhang;object=sign\n")
    (workshop.home / "asked.cred").write_bytes((workshop.home / "zhang.cred").read_bytes())
    for typed, said, status in (
        (PIN, "ISSUING_NOT_ALLOWED", 2),  # the PIN was right
        ("271828", "TOKEN_PIN_WRONG", 2),
        ("", "TOKEN_PIN_MALFORMED", 2),
    ):
        terminal = workshop.asks_for_its_pin(
            "keys", "endorse", "auth", "never", "--manufacturer", "asked"
        )
        terminal.sees("PIN of the token Zhang")
        terminal.types(typed)
        terminal.sees(said)
        assert terminal.end() == status
        assert not typed or typed not in terminal.seen


def test_without_a_terminal_the_pin_stands_in_a_file(workshop: Workshop) -> None:
    (workshop.home / "silent.pkcs11").write_text("pkcs11:token=Zhang\n")
    (workshop.home / "silent.cred").write_bytes((workshop.home / "zhang.cred").read_bytes())
    endorse = ("keys", "endorse", "auth", "never", "--manufacturer", "silent")
    assert "pin-source" in workshop.refused(*endorse, status=2, code="TOKEN_PIN_MISSING")["remedy"]


def test_a_key_that_is_there_is_put_beside_its_credential(workshop: Workshop) -> None:
    home, uri = workshop.home, workshop.uri("Zhang", ";object=sign")
    (home / "new.cred").write_bytes((home / "zhang.cred").read_bytes())
    token = ("keys", "token", "new")
    station = workshop.uri("Pudong station", ";object=sign")
    workshop.refused(*token, station, status=2, code="KEY_DOES_NOT_FIT")
    assert workshop.told(*token, uri)["beside"] == "new.cred"
    assert (home / "new.pkcs11").read_text() == uri + "\n"
    workshop.refused(*token, uri, status=2, code="FILE_EXISTS")
    assert workshop.told("keys", "token", "waiting", uri)["beside"] == "waiting.pub"
    assert (home / "waiting.pub").read_text() == (home / "zhang.pub").read_text()


def test_what_does_not_fit_together(workshop: Workshop) -> None:
    home, uri = workshop.home, workshop.uri("Zhang", ";object=more")
    generate = ("keys", "generate", "more", "--key", uri)
    error = workshop.refused(*generate, "--suite", "sm2", status=2, code="TOKEN_SUITE")
    assert "key file" in error["remedy"]
    workshop.told("keys", "new", "authority", "auth2", "--name", "SM2", "--suite", "sm2")
    (home / "auth2.pem").unlink()
    (home / "auth2.pkcs11").write_text(workshop.uri("Zhang"))
    endorse = ("keys", "endorse", "auth", "never", "--manufacturer")
    workshop.refused(*endorse, "auth2", status=2, code="TOKEN_SUITE")

    (home / "twice.cred").write_bytes((home / "maker.cred").read_bytes())
    (home / "twice.pem").write_bytes((home / "maker.pem").read_bytes())
    (home / "twice.pkcs11").write_text(workshop.uri("Zhang"))
    workshop.refused(*endorse, "twice", status=2, code="KEY_TWICE")
    (home / "twice.pem").unlink()
    workshop.refused(*endorse, "twice.pkcs11", status=2, code="KEY_DOES_NOT_FIT")
    (home / "twice.pkcs11").write_text("")
    workshop.refused(*endorse, "twice", status=2, code="TOKEN_URI_MALFORMED")
    (home / "twice.pkcs11").write_text("pkcs11:" + "x" * 5000)
    workshop.refused(*endorse, "twice", status=2, code="FILE_TOO_LARGE")
    workshop.refused(*endorse, "pkcs11:token=Zhang", status=2, code="KEY_WITHOUT_CREDENTIAL")

    retire = ("retire", "sim:none", "--reason", "x", "--station", "pudong", "--key")
    workshop.refused(*retire, workshop.uri("Zhang"), status=2, code="KEY_DOES_NOT_FIT")
    workshop.refused(*retire, "pkcs11:token=Li", status=3, code="TOKEN_NOT_FOUND")
    for secret in ("?pin-value=271828", "?pin-source=/a&pin-value=271828"):
        error = workshop.refused(*retire, f"pkcs11:{secret}", status=2, code="PIN_IN_URI")
        assert "271828" not in json.dumps(error)


def test_a_key_whose_credential_fails_is_not_left_behind(workshop: Workshop) -> None:
    uri = workshop.uri("Zhang", ";object=orphan")
    new = ("keys", "new", "technician", "orphan", "--name", "Orphan", "--key", uri)
    workshop.refused(*new, "--issuer", "auth", status=2, code="ISSUING_NOT_ALLOWED")
    assert not (workshop.home / "orphan.pkcs11").exists()
    workshop.told(*new, "--issuer", "registry")
    workshop.refused("keys", "generate", "again", "--key", uri, status=2, code="TOKEN_KEY_EXISTS")


def test_tokens_in_chinese(workshop: Workshop) -> None:
    done = workshop.run("--lang", "zh", "keys", "token", "x", "pkcs11:token=Li")
    assert done.status == 3
    assert done.err.startswith("TOKEN_NOT_FOUND: 没有这样的令牌")


def test_without_the_extra(workshop: Workshop) -> None:
    """What is not installed cannot be imported; here it is hidden from the command."""
    hidden = workshop.home / "hidden" / "pkcs11"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('No module named pkcs11')\n")
    error = workshop.refused(
        *("keys", "token", "x", "pkcs11:token=Zhang"),
        status=2,
        code="TOKENS_UNAVAILABLE",
        environment={"PYTHONPATH": str(hidden.parent)},
    )
    assert "sealkit[hsm]" in error["remedy"]
