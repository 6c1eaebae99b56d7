"""Real tokens, in software: SoftHSM2 with a directory of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from support import needs

needs_softhsm = needs.program("softhsm2-util", package="softhsm2")

PIN = "1234"
_SO_PIN = "87654321"


class SoftHsm:
    """Tokens in a directory. environment: what makes a program see them, and no others."""

    def __init__(self, home: Path) -> None:
        self._tokens = home / "tokens"
        self._tokens.mkdir()
        configuration = home / "softhsm2.conf"
        configuration.write_text(
            f"directories.tokendir = {self._tokens}\nobjectstore.backend = file\n"
        )
        self.environment = {"SOFTHSM2_CONF": str(configuration)}

    def add_token(self, label: str, pin: str = PIN) -> None:
        self.run("--init-token", "--free", "--label", label, "--so-pin", _SO_PIN, "--pin", pin)

    def run(self, *arguments: str) -> None:
        """softhsm2-util as it is typed."""
        subprocess.run(
            ["softhsm2-util", *arguments], env=self.environment, check=True, capture_output=True
        )

    def pull_out(self) -> None:
        """All tokens are gone."""
        shutil.rmtree(self._tokens)
