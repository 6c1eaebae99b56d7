"""Options that many commands share."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")

prefix_option = partial(
    click.option, type=click.Path(path_type=Path, dir_okay=False), metavar="PREFIX"
)
"""An option that names a person: PREFIX.pem and PREFIX.cred, or one of these files."""
