"""Nobody cheats: what every fraud is compared with."""

from __future__ import annotations

from sealkit_simulator.frauds.parts.scheme import Scheme


class Honest(Scheme):
    pass
