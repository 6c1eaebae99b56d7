"""Whatever the command says, it says in Chinese too; and every message is a sentence."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import sealkit
import sealkit_conformance
import sealkit_simulator
import sealkit_tools
from sealkit.errors import MalformedError, RefusedError, UsageError
from sealkit.rules.refusals import refusal
from sealkit.wire.registry import FINDINGS, Cause, Group, OrderKind, Role, State, Status
from sealkit_tools.terminal.output import Verbatim, in_words
from sealkit_tools.words.chinese_errors import ERRORS
from sealkit_tools.words.chinese_texts import TEXTS
from sealkit_tools.words.language import error_text, say

PACKAGES = (sealkit, sealkit_simulator, sealkit_tools, sealkit_conformance)
ROOTS = [Path(package.__path__[0]) for package in PACKAGES]
CODE = re.compile("[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|USAGE|UNEXPECTED|STOPPED")
CHINESE = re.compile("[\u4e00-\u9fff]")


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for root in ROOTS:
        for path in sorted(root.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    yield path, node


def literals(node: ast.expr) -> list[str]:
    """The texts that an argument can be."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp():
            return literals(node.body) + literals(node.orelse)
        case ast.List() | ast.Tuple():
            return [text for item in node.elts for text in literals(item)]
        case _:
            return []


def codes() -> set[str]:
    """What stands where an error's code stands, in whatever function makes the error."""
    found = {
        text
        for _, call in calls()
        for argument in call.args
        for text in literals(argument)
        if CODE.fullmatch(text)
    }
    return {code for code in found if not code.startswith("SEALKIT_")}


def test_every_error_has_its_chinese() -> None:
    missing = codes() - set(ERRORS) - set(Status.__members__) - set(FINDINGS)
    assert not missing


def fixed_texts() -> set[str]:
    """What `say` is given, and titles and columns, which it is given by others."""
    texts: set[str] = set()
    for path, call in calls():
        if ROOTS[2] not in path.parents or not isinstance(call.func, ast.Name):
            continue
        if call.func.id == "say":
            texts.update(literals(call.args[0]))
        elif call.func.id == "print_table":
            texts.update(literals(call.args[0]) + literals(call.args[1]))
        elif call.func.id in ("print_facts", "_step"):
            texts.update(literals(call.args[0]))
    return texts


def test_every_fixed_text_has_its_chinese() -> None:
    assert len(fixed_texts()) > 80
    assert fixed_texts() <= set(TEXTS)


def test_words_of_the_protocol_have_their_chinese() -> None:
    words = [
        *(member.name.lower() for kind in (Role, State, Group) for member in kind),
        *(f"order {kind.name.lower().replace('_', ' ')}" for kind in OrderKind),
        *(f"break, {cause.name.lower().replace('_', ' ')}" for cause in Cause),
    ]
    assert set(words) <= set(TEXTS)


def test_chinese_is_chinese_and_has_the_same_places_to_fill() -> None:
    for english, chinese in TEXTS.items():
        assert CHINESE.search(chinese), english
        assert places(chinese) == places(english), english
    for code, (message, remedy) in ERRORS.items():
        assert CHINESE.search(message), code
        assert not message.endswith("。"), code
        assert remedy.endswith("。"), code


def places(text: str) -> list[tuple[str, str | None]]:
    return [(name, form) for _, name, form, _ in string.Formatter().parse(text) if name is not None]


def test_errors_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEALKIT_LANG", "zh")
    assert say("intact") == "完好"
    assert say("no such text") == "no such text"
    message, remedy = error_text(UsageError("FILE_NOT_FOUND", "There is no file x.", "Look."))
    assert (message, remedy) == ("没有该文件（There is no file x）", "请检查文件名。")
    assert error_text(refusal(Status.NOT_FOUND))[0] == "封印中没有所请求的内容。"
    assert error_text(refusal(Status.ROLE_NOT_ALLOWED, "Li"))[0].endswith("（Li）")
    assert "封印" in error_text(MalformedError("WRONG_VERSION", "The export is of version 2."))[0]
    unknown = RefusedError("STATUS_0x99", "Not known.", "Update.")
    assert error_text(unknown) == ("Not known.", "Update.")


def test_what_is_somebodys_own_is_not_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEALKIT_LANG", "zh")
    assert in_words("Pudong station") == say("Pudong station") != "Pudong station"
    assert in_words(Verbatim("Pudong station")) == "Pudong station"


def sentences() -> Iterator[tuple[str, ast.expr]]:
    """Message and remedy of every error that is made from literals."""
    for path, call in calls():
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name.endswith("Error") and len(call.args) > 1 and literals(call.args[0]):
            for argument in call.args[1:3]:
                yield f"{path.name}:{argument.lineno}", argument


def test_messages_and_remedies_are_sentences() -> None:
    """They begin with a capital, unless with a value, and end with a full stop."""
    wrong = [
        f"{place}: {text}"
        for place, node in sentences()
        for text in texts_of(node)
        if text and (text[0].islower() or text[-1] not in ".!?\0")
    ]
    assert not wrong


def texts_of(node: ast.expr) -> list[str]:
    """The literals of an argument, a value in one as \\0."""
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "\0" for part in node.values]
        return ["".join(map(str, parts))]
    if isinstance(node, ast.IfExp):
        return texts_of(node.body) + texts_of(node.orelse)
    return literals(node)
