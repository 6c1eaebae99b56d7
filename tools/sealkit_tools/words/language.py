"""English or Chinese: what the technician's environment, or --lang, asks for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal, get_args

from sealkit.errors import RefusedError, SealkitError

Language = Literal["en", "zh"]


def language() -> Language:
    """The language of messages."""
    wanted = os.environ.get("SEALKIT_LANG") or next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)),
        "",
    )
    return "zh" if wanted.lower().startswith("zh") else "en"


def heed_language(arguments: Sequence[str]) -> None:
    """Takes --lang from what stands before the command, so that it also counts for a --help or a
    mistake that click comes upon before it. A wrong one is left for click to refuse.
    """
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            return
        name, _, value = word.partition("=")
        if name == "--lang":
            wanted = value or next(words, "")
            if wanted in get_args(Language):
                os.environ["SEALKIT_LANG"] = wanted


def say(english: str) -> str:
    """A fixed text in the user's language; English where there is no Chinese yet."""
    return english if language() == "en" else chinese_text(english)


def chinese_text(english: str) -> str:
    """The Chinese of a fixed text; the text itself where there is none yet."""
    from sealkit_tools.words.chinese_texts import TEXTS

    return TEXTS.get(english, english)


def say_usage(english: str) -> str:
    """What click says of a mistake on the command line, in the user's language."""
    if language() == "en":
        return english
    from sealkit_tools.words.chinese_click import click_text

    return click_text(english)


def error_text(error: SealkitError, wanted: Language | None = None) -> tuple[str, str]:
    """Message and remedy of an error in a language, by default the user's.

    The Chinese of an error is that of its code; what is particular to the case follows it.
    """
    if (wanted or language()) == "en":
        return error.message, error.remedy
    from sealkit.wire.registry import STATUS_TEXTS, Status
    from sealkit_tools.words.chinese_errors import ERRORS

    of_seal = isinstance(error, RefusedError) and error.code in Status.__members__
    if of_seal or error.code not in ERRORS:
        if error.code not in Status.__members__:
            return error.message, error.remedy
        text = STATUS_TEXTS[Status[error.code]]
        particulars = _detail(error.message) if of_seal else _in_parentheses(error.message)
        return text.message_zh + particulars, text.remedy_zh
    message, remedy = ERRORS[error.code]
    return message + _in_parentheses(error.message), remedy


def _in_parentheses(message: str) -> str:
    """What is particular to the case; a whole page does not fit into parentheses."""
    return f"：\n{message}" if "\n" in message else f"（{message.rstrip('.。')}）"


def _detail(message: str) -> str:
    """What a refusal says in parentheses about its case."""
    start = message.find(" (")
    return "" if start < 0 else f"（{message[start + 2 :].rstrip(')')}）"
