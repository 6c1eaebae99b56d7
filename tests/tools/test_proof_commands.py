"""`sealkit station bundle, certificate, head, proofs`, and `sealkit verify` on what they wrote."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from station.fleet import NOW, cloned, handed_in, people, taxi, visit
from support.command import PASSPHRASE, Command
from support.databases import Databases
from support.softhsm import PIN, SoftHsm, needs_softhsm

from sealkit.keys.credentialfile import write_credentials
from sealkit.keys.store import save_key
from sealkit.station.ledger import Ledger
from sealkit_tools.main import run


class Home(Command):
    """The command in a directory. where: the ledger; own: it, and the station's key."""

    def __init__(self, home: Path, url: str, where: tuple[str, str]) -> None:
        super().__init__(home)
        self.url, self.where = url, where
        self.own = (*where, "--key", "wang")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, shared_url: str) -> Path:
    """A ledger with a seal and its clone, the station's key, and the trust file."""
    tmp_path = tmp_path_factory.mktemp("made")
    (tmp_path / "trust.json").write_bytes(people().trust.to_json())
    wang = people().station
    save_key(tmp_path / "wang.pem", wang.key, PASSPHRASE.encode())
    write_credentials(tmp_path / "wang.cred", [wang.credential.raw])
    log = taxi(1)
    copy = cloned(log)
    log.acknowledge()
    copy.boot()
    copy.acknowledge()
    with Ledger(shared_url) as ledger:
        ledger.use_trust(people().trust, NOW)
        for number, one in enumerate((log, copy)):
            data = handed_in(one, NOW + number)
            ledger.ingest_export(data, visit(NOW + number))
            (tmp_path / f"{number}.seal").write_bytes(data)
    return tmp_path


@pytest.fixture
def home(made: Path, tmp_path: Path, shared_url: str, databases: Databases) -> Iterator[Home]:
    """A copy of it for each test."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    with databases.copy(shared_url) as url:
        yield Home(tmp_path, url, databases.options(url))


def test_a_bundle_is_written_and_judged(home: Home) -> None:
    told = home.told("station", "bundle", "500-1", *home.own)
    assert (told["file"], told["seal"]) == ("500-1.sealbundle", "500-1")
    verdict = home.told("verify", "500-1.sealbundle", "--trust", "trust.json", status=7)
    assert "HISTORY_FORKED" in {found["code"] for found in verdict["findings"]}
    home.refused("station", "bundle", "500-1", *home.own, status=2, code="FILE_EXISTS")
    shown = home.run("station", "bundle", "500-1", *home.own, "--leaf", "0", "--out", "old")
    assert "old" in shown.out


def test_a_bundle_is_earlier_evidence_like_an_export(home: Home) -> None:
    first = ("station", "bundle", "500-1", *home.own, "--leaf", "0", "--out", "first.sealbundle")
    home.told(*first)
    for earlier in ("first.sealbundle", "0.seal"):
        verdict = ("verify", "1.seal", "--trust", "trust.json", "--earlier", earlier)
        told = home.told(*verdict, status=7)
        assert "HISTORY_FORKED" in {found["code"] for found in told["findings"]}
    data = (home.home / "first.sealbundle").read_bytes()
    (home.home / "cut.sealbundle").write_bytes(data[:-9])
    cut = ("verify", "1.seal", "--trust", "trust.json", "--earlier", "cut.sealbundle")
    assert home.run(*cut, "--json").told["error"]["code"] == "BUNDLE_TRUNCATED"


def test_heads_and_the_proof_between_them(home: Home) -> None:
    told = home.told("station", "head", *home.own)
    assert told["size"] == 2
    assert home.told("station", "verify", "500-1", *home.where, status=7)
    later = home.told("station", "head", *home.own)
    assert later["size"] == 3
    proof = home.told("station", "proofs", "2", "3", *home.where)
    assert proof["roots"] == [told["root"], later["root"]]
    home.refused("station", "proofs", "3", "2", *home.where, status=2, code="TREE_TOO_SMALL")
    chinese = home.run("station", "head", *home.own, environment={"SEALKIT_LANG": "zh"})
    assert "树的大小" in chinese.out


@pytest.mark.requirement("G-5")
def test_a_witness_sees_whether_the_past_was_rewritten(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # In this process, where it is the time of the people whose credentials are judged.
    monkeypatch.chdir(home.home)
    monkeypatch.setenv("SEALKIT_PASSPHRASE", PASSPHRASE)
    for module in ("commands", "options", "proof_commands"):
        monkeypatch.setattr(f"sealkit_tools.station.{module}.now", lambda: NOW + 60)

    def told(*words: str, status: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert run([*words, "--json"]) == status
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    def kept(name: str, *words: str) -> None:
        (home.home / name).write_text(json.dumps(told("station", *words)))

    def judged(*words: str, status: int) -> list[str]:
        answer = told("witness", *words, "--trust", "trust.json", status=status)
        return [found["code"] for found in answer["findings"]]

    kept("old.json", "head", *home.own)
    told("station", "verify", "500-1", *home.where, status=7)
    kept("new.json", "head", *home.own)
    kept("proof.json", "proofs", "2", "3", *home.where)
    told("station", "bundle", "500-1", *home.own, "--out", "new.sealbundle")
    for later in ("new.json", "new.sealbundle"):
        assert judged("old.json", later, "--proof", "proof.json", status=0) == []
    assert judged("old.json", "old.json", status=0) == []
    assert judged("old.json", "new.json", status=9) == ["LEDGER_UNPROVEN"]
    proof = json.loads((home.home / "proof.json").read_text())
    (home.home / "other.json").write_text(json.dumps({"path": [*proof["path"], "00" * 32]}))
    assert judged("old.json", "new.json", "--proof", "other.json", status=7) == ["LEDGER_FORKED"]
    # What the service answers has no credential beside it; the station's is at hand.
    head = json.loads((home.home / "old.json").read_text())
    del head["credentials"]
    (home.home / "bare.json").write_text(json.dumps(head))
    assert judged("bare.json", "bare.json", "--station", "wang.cred", status=0) == []
    assert judged("bare.json", "bare.json", status=9) != []
    forged = head["head"][:-2] + ("00" if head["head"][-2:] != "00" else "11")
    (home.home / "bare.json").write_text(json.dumps({**head, "head": forged}))
    judged("bare.json", "old.json", status=7)
    assert run(["witness", "old.json", "new.json", "--trust", "trust.json"]) == 9
    assert "tree of 2 entries" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ("station bundle 500-1 LEDGER", 2, "USAGE"),
        ("station bundle 500-1 LEDGER --key nobody", 2, "FILE_NOT_FOUND"),
        ("station bundle 500-9 LEDGER --key wang", 2, "SEAL_UNKNOWN"),
        ("station bundle one LEDGER --key wang", 2, "SEAL_NUMBER_MALFORMED"),
        ("station bundle 500-1 LEDGER --key wang --show fare", 2, "GROUP_UNKNOWN"),
        ("station bundle 500-1 LEDGER --key wang --leaf 7", 2, "EVIDENCE_UNKNOWN"),
        ("station bundle 500-1 LEDGER --key pkcs11:object=x", 2, "KEY_WITHOUT_CREDENTIAL"),
        ("station certificate 500-1 LEDGER --key wang", 9, "NOT_INTACT"),
        ("witness trust.json trust.json --trust trust.json", 2, "TREE_HEAD_MISSING"),
        ("witness 1.seal 1.seal --trust trust.json", 2, "TREE_HEAD_MISSING"),
        ("witness nowhere 1.seal --trust trust.json", 2, "FILE_NOT_FOUND"),
        ("verify --trust trust.json", 2, "VERIFY_WHAT"),
        ("verify 1.seal --qr x --trust trust.json", 2, "VERIFY_WHAT"),
        ("verify 1.seal --plate x --trust trust.json", 2, "VERIFY_WHAT"),
        ("verify --qr x --earlier 1.seal --trust trust.json", 2, "VERIFY_WHAT"),
    ],
)
def test_bad_use_is_explained(
    home: Home,
    words: str,
    status: int,
    code: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(home.home)
    monkeypatch.setenv("SEALKIT_PASSPHRASE", PASSPHRASE)
    words = words.replace("LEDGER", " ".join(home.where))
    assert run([*words.split(), "--json"]) == status
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == code
    assert error["message"]
    assert error["remedy"]


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("", "FILE_FOREIGN", 2),
        ("SEALKIT1:", None, 7),
        ("SEALKIT1:" + "A" * 100_000, "FILE_TOO_LARGE", 2),
    ],
)
def test_a_file_with_a_bad_code(home: Home, text: str, code: str | None, status: int) -> None:
    (home.home / "code.txt").write_text(text)
    done = home.run("verify", "code.txt", "--trust", "trust.json", "--json")
    assert (done.told.get("error", {}).get("code"), done.status) == (code, status)


@needs_softhsm
def test_a_station_whose_key_is_in_a_token(home: Home) -> None:
    """It signs; without its PIN, and pulled out, it does not, and says why."""
    hsm = SoftHsm(home.home)
    hsm.add_token("Wang")
    (home.home / "pin").write_text(PIN + "\n")
    home.told("keys", "new", "authority", "auth", "--name", "Shanghai")
    uri = f"pkcs11:token=Wang;object=sign?pin-source={home.home / 'pin'}"
    new = ("keys", "new", "station", "tok", "--name", "Wang", "--issuer", "auth", "--key", uri)
    home.told(*new, environment=hsm.environment)
    head = ("station", "head", *home.where, "--key", "tok")
    assert home.told(*head, environment=hsm.environment)["size"] == 2
    named = (home.home / "tok.pkcs11").read_text()
    (home.home / "tok.pkcs11").write_text(named.split("?")[0] + "\n")
    home.refused(*head, status=2, code="TOKEN_PIN_MISSING", environment=hsm.environment)
    (home.home / "tok.pkcs11").write_text(named)
    hsm.pull_out()
    error = home.run(*head, "--json", environment=hsm.environment).told["error"]
    assert error["code"].startswith("TOKEN_")
    assert error["remedy"]
    with Ledger(home.url) as ledger:
        assert len(ledger.tree_heads()) == 1
