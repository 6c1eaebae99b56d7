"""The command at a terminal: questions and passphrases appear, native noise does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import PASSPHRASE, Command, make_people
from support.terminal import Terminal


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("people")
    make_people(Command(home), "sm2")
    return home


def test_a_passphrase_is_asked_for_twice_and_not_shown(tmp_path: Path) -> None:
    new = ("keys", "new", "authority", "auth", "--name", "Shanghai")
    terminal = Terminal(tmp_path, new)
    terminal.sees("New passphrase for auth.pem")
    terminal.types(PASSPHRASE)
    terminal.sees("Repeat for confirmation")
    terminal.types(PASSPHRASE)
    terminal.sees("Credential written to auth.cred")
    assert terminal.end() == 0
    assert PASSPHRASE not in terminal.seen


def test_the_question_is_on_the_terminal_when_stdout_is_a_file(people: Path) -> None:
    with (people / "out").open("wb") as out:
        endorse = ("keys", "endorse", "auth", "again", "--manufacturer", "maker")
        terminal = Terminal(people, endorse, out.fileno(), SEALKIT_LANG="zh")
        terminal.sees("maker.pem 的口令")
        terminal.types("wrong")
        terminal.sees("PASSPHRASE_WRONG: 口令错误")
    assert terminal.end() == 2
    assert (people / "out").read_bytes() == b""


def test_what_the_libraries_say_by_themselves_is_not_seen(people: Path) -> None:
    """The SM2 library writes a line of its own for every signature that does not verify."""
    trust = json.loads((people / "trust.json").read_text())
    raw = trust["authority"]
    trust["authority"] = raw[:-1] + ("0" if raw[-1] != "0" else "1")
    (people / "altered.json").write_text(json.dumps(trust))
    done = Command(people).run("keys", "show", "altered.json")
    assert done.status == 2
    assert [line.split(":")[0] for line in done.err.splitlines()] == [
        "TRUST_FILE_INVALID",
        "  → Get the trust file again from the authority, by a way that you trust.",
    ]
