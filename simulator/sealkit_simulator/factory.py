"""Where seals are made: a key is born, a number given, genesis written."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sealkit.crypto import PrivateKey, Suite
from sealkit.wire.numbers import SealNumber
from sealkit_simulator.attachments import Attachments
from sealkit_simulator.clock import TimeSource
from sealkit_simulator.crypto_core import load_core, make_core
from sealkit_simulator.seal import SimulatedSeal
from sealkit_simulator.storage import FlashPlan

FLASH_FILE: Final = "flash.bin"


def make_seal(
    suite: Suite,
    number: SealNumber,
    manufacturer: bytes,
    source: TimeSource,
    *,
    directory: Path | None = None,
    key: PrivateKey | None = None,
    attachments: Attachments | None = None,
    plan: FlashPlan | None = None,
) -> SimulatedSeal:
    """A new seal, in FACTORY, kept in `directory` or in memory; its clock is the source's.

    manufacturer: the maker's self-signed credential. key: None for one that is born now.
    Raises RefusedError: that is no maker's anchor; AccessError: the directory cannot be written.
    """
    plan = plan or FlashPlan()
    core = make_core(key or suite.generate(), number, manufacturer, directory)
    flash = plan.flash(None if directory is None else directory / FLASH_FILE)
    return SimulatedSeal.boot(flash, core, source, attachments, plan)


def boot_from(
    directory: Path, source: TimeSource, attachments: Attachments, plan: FlashPlan | None = None
) -> SimulatedSeal:
    """Powers the seal up that is kept in `directory`, however its last process ended.

    Raises what `load_core`, `Flash` and `SimulatedSeal.boot` raise.
    """
    plan = plan or FlashPlan()
    core = load_core(directory)
    return SimulatedSeal.boot(plan.flash(directory / FLASH_FILE), core, source, attachments, plan)
