"""What lists of the fleet tell where not all of it was judged."""

from __future__ import annotations

from appraisal.builder import MAKER, Log, groups
from station.fleet import NOW, handed_in, people, plate, taxi, vehicle, visit

from sealkit.station.ledger import Ledger
from sealkit.station.storage.fleet import plates_now
from sealkit.wire.numbers import SealNumber


def take(ledger: Ledger, log: Log, at: int = NOW) -> None:
    ledger.ingest_export(handed_in(log, at), visit(at))


def plates(ledger: Ledger) -> dict[int, str]:
    """Plates by the seals' serial numbers."""
    told = ledger.database.read(plates_now)
    return {number.serial: found for number, found in told.items()}


def test_a_seal_that_was_not_judged_has_the_plate_of_its_last_order(ledger: Ledger) -> None:
    log = taxi(1)
    log.seal(groups(vehicle=vehicle(7)))
    log.tamper(1)
    log.clear()  # An order that brings no plate takes none away.
    never_sealed = Log(people().with_seal(2))
    never_sealed.genesis()
    never_sealed.boot()
    for one in (log, never_sealed, taxi(3)):
        take(ledger, one)
    assert plates(ledger) == {1: plate(7), 3: plate(3)}


def test_a_seal_that_was_judged_has_the_plate_of_its_verdict(ledger: Ledger) -> None:
    log = taxi(1)
    take(ledger, log)
    ledger.judge(SealNumber(MAKER, 1), NOW)
    log.seal(groups(vehicle=vehicle(7)))
    take(ledger, log, NOW + 60)
    assert plates(ledger) == {1: plate(1)}
    ledger.judge(SealNumber(MAKER, 1), NOW + 60)
    assert plates(ledger) == {1: plate(7)}
