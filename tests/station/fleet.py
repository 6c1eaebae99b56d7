"""Seals of a small fleet, and what they hand in."""

from __future__ import annotations

from copy import copy
from functools import cache
from typing import Any

from appraisal.builder import NOW, YEAR, Log, World, groups
from sqlalchemy import Connection, text

from sealkit.appraisal.material import Material, from_export
from sealkit.crypto import get_suite
from sealkit.station.history.visits import Place, Visit
from sealkit.station.ledger import Ledger
from sealkit.wire.export import build_export
from sealkit.wire.parameters import VehicleGroup

HERE = Place(31.23, 121.47)
FAR = Place(39.9, 116.4)
DAY = 86_400
__all__ = ["DAY", "FAR", "HERE", "NOW", "YEAR", "Log", "World"]


@cache
def people() -> World:
    """The same people in all tests of a process."""
    return World(get_suite("p256"))


def plate(serial: int) -> str:
    return f"沪A{serial:05}"


def vehicle(serial: int) -> VehicleGroup:
    return VehicleGroup(plate(serial), f"A{serial:05}", f"LSVAA4187C2{serial:06}")


def taxi(serial: int, world: World | None = None, **contents: Any) -> Log:
    """The log of a seal that is sealed to a vehicle of its own."""
    log = Log((world or people()).with_seal(serial))
    log.genesis()
    log.boot()
    log.enrol()
    log.boot()
    log.seal(groups(**{"vehicle": vehicle(serial), **contents}))
    log.boot()
    return log


def cloned(log: Log) -> Log:
    """A copy of the seal, with its key; what it writes from now on, it writes a little later."""
    other = copy(log)
    other.clock += 1
    other.control, other.journal = list(log.control), list(log.journal)
    history = copy(log.history)
    history.groups = dict(history.groups)
    history.orders = dict(history.orders)
    history.credentials = dict(history.credentials)
    other.history = history
    return other


def handed_in(log: Log, at: int = NOW, *, journal: bool = True, **evidence: Any) -> bytes:
    """An export, as made at a time by the seal's clock."""
    told = {"clock": at, "clock_floor": min(at, log.clock), **evidence}
    return build_export(
        log.suite.id,
        log.suite.digest,
        evidence=log.evidence(**told),
        seal_credential=log.world.seal_credential.raw,
        checkpoint=log.checkpoint(),
        groups=tuple(sorted(log.history.groups.items())),
        control=tuple(log.control),
        journal=tuple(log.journal) if journal else (),
    )


def answered(log: Log, at: int, nonce: bytes = bytes(32), **evidence: Any) -> Material:
    """What a seal gives to a station that asks with a nonce."""
    return from_export(handed_in(log, at, nonce=nonce, **evidence))._replace(nonce=nonce)


def visit(at: int = NOW, submitter: str = "Pudong", place: Place | None = None) -> Visit:
    return Visit(at, submitter, place)


def filled(url: str, *serials: int) -> Ledger:
    """A ledger with trust, and with one export of each of these seals."""
    ledger = Ledger(url)
    ledger.use_trust(people().trust, NOW)
    for serial in serials:
        ledger.ingest_export(handed_in(taxi(serial)), visit())
    return ledger


def alter_by_force(ledger: Ledger, table: str, change: str) -> None:
    """Changes all rows of a table, as whoever owns the database can: without its triggers."""
    trigger = (
        f"{table}_no_update" if ledger.database.is_sqlite else f"{table}_append_only ON {table}"
    )

    def alter(connection: Connection) -> None:
        connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(text(f"UPDATE {table} SET {change}"))

    ledger.database.write(alter)
