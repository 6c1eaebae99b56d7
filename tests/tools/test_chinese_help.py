"""Help and mistakes on the command line are in the user's language, every text of them."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from sealkit_tools.main import cli, run
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.chinese_help import HELP
from sealkit_tools.words.wide_text import columns, wrap

CHINESE = re.compile("[\u4e00-\u9fff]")
TWO_ENGLISH_WORDS = re.compile("[a-z]+[,;:.]? [a-z]+")
EXAMPLE = re.compile("(\b\n)?sealkit ")


def walk(
    command: click.Command, name: str, parent: click.Context | None
) -> Iterator[click.Context]:
    context = command.context_class(
        command, info_name=name, parent=parent, terminal_width=80, **command.context_settings
    )
    yield context
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from walk(found, child, context)


CONTEXTS = list(walk(cli, "sealkit", None))
every_command = pytest.mark.parametrize("context", CONTEXTS, ids=lambda one: one.command_path)


def texts(context: click.Context) -> set[str]:
    """The paragraphs of a command's help but for examples, and the help of its options."""
    paragraphs = inspect.cleandoc(context.command.help or "").split("\n\n")
    options = [one for one in context.command.get_params(context) if isinstance(one, click.Option)]
    wanted = [text for text in paragraphs if not EXAMPLE.match(text)]
    wanted += [option.help for option in options if option.help]
    return {" ".join(text.removeprefix("\b\n").split()) for text in wanted}


@every_command
def test_every_text_has_its_chinese(context: click.Context) -> None:
    assert isinstance(context.command, Command)
    assert context.command.help
    assert not texts(context) - set(HELP)


def test_no_chinese_has_lost_its_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEALKIT_LANG", "en")
    listed = " ".join(CONTEXTS[0].get_help().split())
    used = {text for context in CONTEXTS for text in texts(context)}
    assert not {text for text in set(HELP) - used if text not in listed}


def test_chinese_help_is_chinese() -> None:
    assert not [english for english, chinese in HELP.items() if not CHINESE.search(chinese)]


@every_command
def test_no_english_is_left_on_a_page(
    context: click.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEALKIT_LANG", "zh")
    page = context.get_help()
    usage, *lines = page.splitlines()
    assert usage.startswith(f"用法：{context.command_path} [选项]")
    told = " ".join(" ".join(line for line in lines if not EXAMPLE.match(line.strip())).split())
    assert not TWO_ENGLISH_WORDS.search(re.sub("`[^`]*`", "", told))
    assert not re.search("default|required|INTEGER|TEXT", told)
    assert max(map(columns, page.splitlines())) <= 80


@every_command
def test_english_is_as_click_writes_it(
    context: click.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEALKIT_LANG", "en")
    page = click.HelpFormatter(width=80)
    context.command.format_help(context, page)
    assert context.get_help() == page.getvalue().rstrip("\n")
    assert page.getvalue().startswith("Usage: ")
    assert not CHINESE.search(page.getvalue())


@pytest.mark.parametrize(
    "arguments",
    [
        "--lang zh --help",
        "--help --lang zh",
        "--lang=zh --help",
        "--lang en --lang zh -h",
        "--lang zh sim --help",
        "--lang zh keys new -h",
    ],
)
def test_lang_counts_for_help(
    arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEALKIT_LANG", "en")
    assert run(arguments.split()) == 0
    assert capsys.readouterr().out.startswith("用法：sealkit ")


def test_only_lang_before_the_command_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEALKIT_LANG", "en")
    assert run(["info", "--lang", "zh"]) == 2
    assert "No such option '--lang'" in capsys.readouterr().err
    assert run(["--lang", "nowhere", "info"]) == 2
    assert "'nowhere' is not one of 'en', 'zh'" in capsys.readouterr().err


def test_the_locale_chooses_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SEALKIT_LANG", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert run(["verify", "--help"]) == 0
    assert "退出状态：0 完好" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--lang zh", "（缺少命令）"),
        ("--lang zh --halp", "（没有选项 '--halp'。是否指 '--help'？）"),
        ("--lang", "（选项 '--lang' 须带一个值）"),
        ("nosuch", "（没有命令 'nosuch'）"),
        ("keys generat", "（没有命令 'generat'。是否指 'generate'？）"),
        ("station token lis", "（没有命令 'lis'。是否指 'list'？）"),
        ("info", "（缺少参数 'SPEC'）"),
        ("info one two three", "（多余的参数：two three）"),
        ("info integer File", "（多余的参数：File）"),
        ("info --nonsense x", "（没有选项 '--nonsense'）"),
        ("provision x", "（缺少选项 '--manufacturer'）"),
        ("demo --suite x", "（'--suite' 的值无效：'x' 不是以下之一：'p256', 'sm2'）"),
        ("demo --json=1", "（选项 '--json' 不带值）"),
        ("sim drive --shifts 0", "（'--shifts' 的值无效：0 不在范围 1<=x<=1000 内）"),
        ("sim drive --shifts x", "（'--shifts' 的值无效：'x' 不是整数）"),
        ("sim drive --percent x", "（'--percent' 的值无效：'x' 不是数值）"),
        ("keys statement --minimum x", "（选项 '--minimum' 须带 2 个值）"),
        ("keys new", "：\n缺少参数 'ROLE'。可选："),
        ("conformance run --keys {file}", "是文件，不是目录）"),
        ("conformance run --keys {file}s", "不存在）"),
    ],
)
def test_what_click_says_of_a_mistake(
    arguments: str,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SEALKIT_LANG", "zh")
    assert run(arguments.format(file=__file__).split()) == 2
    said = capsys.readouterr().err
    assert said.startswith("USAGE: 命令用法有误")
    assert expected in said


def test_a_group_without_a_command_shows_its_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEALKIT_LANG", "zh")
    assert run(["keys"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("用法：sealkit keys [选项] 命令 [参数]...\n")


def test_the_list_of_commands_imports_none_of_them() -> None:
    script = (
        "import sys; from sealkit_tools.main import run; run(['--lang', 'zh', '--help']);"
        "rooms = {name.split('.')[1] for name in sys.modules if name.startswith('sealkit_tools.')};"
        "sys.exit(', '.join(rooms - {'main', 'terminal', 'words'}) or 0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_a_chinese_character_takes_two_columns() -> None:
    assert columns("封印（ab）") == 10


def test_wrapping_keeps_words_and_punctuation_together() -> None:
    text = "封印（SPEC）的现状；用 `sealkit verify` 核验，退出状态：0 完好。  [默认：10；1<=x<=20]"
    for width in range(20, 90):
        lines = wrap(text, width)
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert max(map(columns, lines)) <= width
        assert not [line for line in lines if line[0] in "，。；：、）" or line[-1] in "（["]
        assert any("[默认：10；1<=x<=20]" in line for line in lines)
    assert wrap("", 10) == [""]
    assert wrap("加封计价器ab", 5) == ["加封", "计价", "器ab"]
    assert wrap("一/longer/than/the/line 二", 10) == ["一", "/longer/than/the/line", "二"]
