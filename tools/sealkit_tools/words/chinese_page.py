"""A page of help in Chinese: click's own page, with every text looked up and wrapped as Chinese is.

The texts stand in `chinese_help`; click's few words of a page stand here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import click

from sealkit_tools.words.chinese_help import HELP
from sealkit_tools.words.wide_text import columns, wrap

_HEADINGS: Final = {"Options": "选项", "Commands": "命令", "Positional arguments": "参数"}
_USAGE: Final = {"[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]..."}
_METAVARS: Final = {
    "INTEGER RANGE": "整数",
    "FLOAT RANGE": "数值",
    "INTEGER": "整数",
    "TEXT": "文本",
    "FILE": "文件",
    "DIRECTORY": "目录",
    "PREFIX or URI": "PREFIX或URI",
}
_EXTRAS: Final = {"required": "必填", "default: ": "默认：", "env var: ": "环境变量："}
_OPTION: Final = re.compile(r"(?P<help>.*?)(?:(?:^|  )\[(?P<extras>[^\[\]]+)\])?", re.DOTALL)
"""An option's help as click has it: "How many.  [default: 3; required]"."""


class ChinesePage(click.HelpFormatter):
    """Takes what click writes on a page, and writes it in Chinese."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        head = f"用法：{prog} "
        for english, chinese in _USAGE.items():
            args = args.replace(english, chinese)
        self._write_beside(head, wrap(args, self.width - columns(head)), columns(head))

    def write_heading(self, heading: str) -> None:
        self.write(f"{' ' * self.current_indent}{_HEADINGS.get(heading, heading)}：\n")

    def write_text(self, text: str) -> None:
        margin = " " * self.current_indent
        paragraphs = (self._lines(paragraph) for paragraph in text.split("\n\n"))
        self.write("\n\n".join("\n".join(margin + line for line in lines) for lines in paragraphs))
        self.write("\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        chinese = [(_term(first), _explanation(second)) for first, second in rows]
        column = min(max(columns(first) for first, _ in chinese), col_max) + col_spacing
        margin = self.current_indent
        for first, second in chinese:
            head = " " * margin + first
            if second and columns(first) > column - col_spacing:
                self.write(f"{head}\n")
                head = ""
            lines = wrap(second, max(self.width - margin - column, 10))
            self._write_beside(head, lines, margin + column)

    def _lines(self, paragraph: str) -> list[str]:
        r"""A paragraph, wrapped; one that click shall leave alone (\b) stays as it is if it has no
        Chinese: such are examples."""
        text = paragraph.removeprefix("\b\n")
        if text != paragraph and _chinese(text) == text:
            return text.splitlines()
        return wrap(_chinese(text), self.width - self.current_indent)

    def _write_beside(self, head: str, lines: list[str], margin: int) -> None:
        """Lines in a column that begins at the margin, the first of them beside the head."""
        padding = " " * (margin - columns(head))
        self.write(f"{head}{padding}{lines[0]}".rstrip() + "\n")
        for line in lines[1:]:
            self.write(f"{' ' * margin}{line}\n")


def first_sentence(english: str) -> str:
    """What a list of commands says of one: the first sentence of its help, in Chinese."""
    sentence, stop, _ = _chinese(english.split("\n\n")[0]).partition("。")
    return sentence + stop


def _chinese(english: str) -> str:
    """The Chinese of a paragraph, however its lines are broken; itself where there is none yet."""
    return HELP.get(" ".join(english.split()), english)


def _term(english: str) -> str:
    """The left side of a row: an option with its metavar, or a command."""
    for metavar, chinese in _METAVARS.items():
        if english.endswith(f" {metavar}"):
            return english.removesuffix(metavar) + chinese
    return english


def _explanation(english: str) -> str:
    """The right side of a row: an option's help with its default and range, or a command's."""
    found = _OPTION.fullmatch(english)
    if found is None or found["extras"] is None:
        return _chinese(english)
    extras = "；".join(map(_extra, found["extras"].split("; ")))
    return f"{_chinese(found['help'])}  [{extras}]".lstrip()


def _extra(english: str) -> str:
    for start, chinese in _EXTRAS.items():
        if english.startswith(start):
            return chinese + english.removeprefix(start)
    return english
