"""Commands whose help is in the user's language."""

from __future__ import annotations

import click

from sealkit_tools.words.language import language


class _Context(click.Context):
    def make_formatter(self) -> click.HelpFormatter:
        if language() == "en":
            return super().make_formatter()
        from sealkit_tools.words.chinese_page import ChinesePage

        return ChinesePage(width=self.terminal_width, max_width=self.max_content_width)


class Command(click.Command):
    """A command whose help is in the user's language."""

    context_class = _Context

    def get_short_help_str(self, limit: int = 45) -> str:
        if language() == "en":
            return super().get_short_help_str(limit)
        from sealkit_tools.words.chinese_page import first_sentence

        return first_sentence(self.help or "")


class Group(Command, click.Group):
    """A group of such commands."""

    command_class = Command
    group_class = type
