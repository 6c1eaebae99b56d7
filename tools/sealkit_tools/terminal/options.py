"""Options that many commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path, dir_okay=False)


def together(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Several options as one decorator."""

    def decorate(command: Command) -> Command:
        for option in options:
            command = option(command)
        return command

    return decorate


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")

prefix_option = partial(click.option, type=FILE, metavar="PREFIX")
"""An option that names a person: PREFIX.pem or PREFIX.pkcs11, and PREFIX.cred; or such a file."""

token_keys_option = click.option(
    "--key",
    "token_keys",
    multiple=True,
    metavar="URI",
    help="A signer's key in a token, pkcs11:...; not needed where a PREFIX.pkcs11 has it.",
)

new_key_option = click.option(
    "--key", "token_key", metavar="URI", help="Make the key in a token: pkcs11:...;object=NAME."
)

profile_option = partial(
    click.option,
    "--profile",
    "profiles",
    multiple=True,
    type=FILE,
    help="A file in TOML that describes a maker's commands; may be given more than once.",
)

baud_option = click.option(
    "--baud",
    type=click.IntRange(300, 1_000_000),
    help="Rate of the line, whatever SPEC says.",
)


line_options = together(
    baud_option,
    click.option(
        "--retries",
        type=click.IntRange(0, 20),
        default=2,
        show_default=True,
        help="How often to ask again.",
    ),
    click.option(
        "--timeout",
        "timeout_s",
        type=click.FloatRange(0.05, 60),
        default=1.0,
        show_default=True,
        help="Seconds for one attempt.",
    ),
)
"""How a taximeter's line is used: the fields of `LineSettings`."""
