"""What click says of a mistake on the command line, in Chinese.

click hands out whole English sentences; they are known by their form, and one may hold another.
"""

from __future__ import annotations

import re
from typing import Final

_SENTENCES: Final = {
    "Missing command.": "缺少命令。",
    "Missing argument {name}.": "缺少参数 {name}。",
    "Missing argument {name}. Choose from:{choices}": "缺少参数 {name}。可选：{choices}",
    "Missing option {name}.": "缺少选项 {name}。",
    "Missing option {name}. Choose from:{choices}": "缺少选项 {name}。可选：{choices}",
    "No such command {name}. Did you mean {other}?": "没有命令 {name}。是否指 {other}？",
    "No such command {name}. (Did you mean one of: {other}?)": "没有命令 {name}。是否指 {other}？",
    "No such command {name}.": "没有命令 {name}。",
    "No such option {name}. Did you mean {other}?": "没有选项 {name}。是否指 {other}？",
    "No such option {name}. (Did you mean one of: {other}?)": "没有选项 {name}。是否指 {other}？",
    "No such option {name}.": "没有选项 {name}。",
    "Option {name} requires an argument.": "选项 {name} 须带一个值。",
    "Option {name} requires {count} arguments.": "选项 {name} 须带 {count} 个值。",
    "Option {name} does not take a value.": "选项 {name} 不带值。",
    "Argument {name} takes {count} values.": "参数 {name} 须有 {count} 个值。",
    "Got unexpected extra argument ({values})": "多余的参数：{values}",
    "Got unexpected extra arguments ({values})": "多余的参数：{values}",
    "Invalid value for {name}: {sentence}": "{name} 的值无效：{sentence}",
    "{value} is not one of {choices}.": "{value} 不是以下之一：{choices}。",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 内。",
    "{value} is not a valid {kind}.": "{value} 不是{kind}。",
    "{kind} {value} does not exist.": "{kind} {value} 不存在。",
    "{kind} {value} is a directory.": "{value} 是目录，不是文件。",
    "{kind} {value} is a file.": "{value} 是文件，不是目录。",
    "{kind} {value} is not readable.": "{kind} {value} 无法读取。",
    "{kind} {value} is not writable.": "{kind} {value} 无法写入。",
}
_KINDS: Final = {
    "integer": "整数",
    "integer range": "整数",
    "float": "数值",
    "float range": "数值",
    "File": "文件",
    "Directory": "目录",
    "Path": "路径",
}


def click_text(english: str) -> str:
    """The Chinese of what click says; the English where its form is not known."""
    for sentence, chinese in _SENTENCES.items():
        if found := re.fullmatch(_form(sentence), english, re.DOTALL):
            parts = found.groupdict()
            if "sentence" in parts:
                parts["sentence"] = click_text(parts["sentence"])
            if "kind" in parts:
                parts["kind"] = _KINDS.get(parts["kind"], parts["kind"])
            return chinese.format(**parts)
    return english


def _form(sentence: str) -> str:
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(sentence))
