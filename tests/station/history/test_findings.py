"""What only a memory of the fleet finds is found, and nothing is found on the honest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from appraisal.builder import MAKER, Log, World, calibration
from station.fleet import (
    DAY,
    FAR,
    HERE,
    NOW,
    answered,
    cloned,
    handed_in,
    people,
    plate,
    taxi,
    vehicle,
    visit,
)

from sealkit.appraisal import Conclusion, Policy, appraise, from_export
from sealkit.appraisal.bundle import from_bundle
from sealkit.station.history.dossier import HeldEvidence
from sealkit.station.history.visits import Place, Visit
from sealkit.station.ledger import Ledger
from sealkit.station.proof.bundles import make_bundle
from sealkit.station.storage.judgements import Judgement
from sealkit.wire.numbers import SealNumber
from sealkit.wire.orders import GroupItem, ParametersBody, ReasonBody
from sealkit.wire.parameters import build_group
from sealkit.wire.registry import Cause, Group, OrderKind, Purpose, Reason, Severity


def number(serial: int = 1) -> SealNumber:
    return SealNumber(MAKER, serial)


def judged(ledger: Ledger, now: int = NOW, serial: int = 1) -> Judgement:
    return ledger.judge(number(serial), now)


def codes(judgement: Judgement) -> list[str]:
    return [found.code for found in judgement.findings if found.severity is not Severity.NOTE]


def take(ledger: Ledger, log: Log, at: int = NOW, place: Place | None = None, **more: Any) -> None:
    ledger.ingest_export(handed_in(log, at, **more), visit(at, place=place))


def unseal(log: Log, reason: Reason) -> None:
    body = ReasonBody(reason, "a reason")
    log.order(OrderKind.UNSEAL, body, log.world.technician, log.world.station)


def seal_again(log: Log, **contents: Any) -> None:
    """Seals the open seal with these groups, calibration among them."""
    told = {"calibration": calibration(), **contents}
    items = {
        Group[name.upper()]: build_group(Group[name.upper()], bytes(16), content)
        for name, content in told.items()
    }
    body = ParametersBody(tuple(GroupItem(n, items[n]) for n in sorted(items)))
    log.order(OrderKind.SEAL, body, log.world.technician, log.world.station)


def after_repair() -> Any:
    return replace(calibration(), purpose=Purpose.AFTER_REPAIR)


@pytest.mark.requirement("H-2")
def test_a_clone_is_found_at_the_next_visit_and_both_branches_are_shown(ledger: Ledger) -> None:
    log = taxi(1)
    take(ledger, log)
    clone = cloned(log)
    log.boot()
    clone.boot()
    take(ledger, log, NOW + 60)
    assert codes(judged(ledger)) == []
    take(ledger, clone, NOW + 120)
    found = judged(ledger)
    assert found.conclusion is Conclusion.BROKEN
    assert codes(found) == ["HISTORY_FORKED"]
    dossier = ledger.dossier(number())
    (fork,) = dossier.forks
    assert {branch.digest for branch in fork.branches} == {
        log.journal_head.digest,
        clone.journal_head.digest,
    }
    assert all(branch.digest in dossier.contents for branch in fork.branches)


@pytest.mark.requirement("B-5")
@pytest.mark.parametrize("copied", [True, False])
def test_the_bundle_that_proves_it_is_judged_offline(ledger: Ledger, copied: bool) -> None:
    """A clone, or a backup put back: with nothing but the trust file."""
    log = taxi(1)
    other = cloned(log)
    log.boot()
    take(ledger, log)
    if copied:
        other.boot()
    take(ledger, other, NOW + DAY)
    dossier = ledger.dossier(number())
    (earlier,) = dossier.contradicting()
    data = make_bundle(
        dossier.suite, dossier.material(), earlier=[earlier.evidence.raw], credentials=()
    )
    verdict = appraise(from_bundle(data), people().trust, Policy(), NOW)
    assert verdict.conclusion is Conclusion.BROKEN
    expected = "HISTORY_FORKED" if copied else "HISTORY_ROLLED_BACK"
    assert expected in [found.code for found in verdict.findings]
    assert len(dossier.signed_groups()) == 8


@pytest.mark.requirement("H-2")
def test_evidences_of_one_life_do_not_contradict_each_other(ledger: Ledger) -> None:
    log = taxi(1)
    for day in range(3):
        take(ledger, log, NOW + day * DAY)
        log.boot()
    assert ledger.dossier(number()).contradicting() == ()


@pytest.mark.requirement("H-2")
def test_a_clone_is_found_by_its_control_chain_too(ledger: Ledger) -> None:
    log = taxi(1)
    clone = cloned(log)
    log.tamper(Cause.CASE_OPENED)
    clone.trust(version=1)
    take(ledger, log)
    take(ledger, clone, NOW + 60)
    assert "HISTORY_FORKED" in codes(judged(ledger))


@pytest.mark.requirement("H-2")
def test_two_keys_under_one_number_are_a_fork(ledger: Ledger) -> None:
    take(ledger, taxi(1))
    take(ledger, taxi(1), NOW + 60)
    assert "HISTORY_FORKED" in codes(judged(ledger))


@pytest.mark.requirement("H-2")
def test_evidence_alone_contradicts_a_history(ledger: Ledger) -> None:
    """The clone's log is never seen: its evidence names a head between two neighbours."""
    log = taxi(1)
    clone = cloned(log)
    clone.boot()
    for _ in range(3):
        log.boot()
    take(ledger, log, NOW + 60)
    material = from_export(handed_in(clone, NOW + 30))
    ledger.ingest(material._replace(control=(), journal=None), visit())
    assert "HISTORY_FORKED" in codes(judged(ledger))


@pytest.mark.requirement("H-3")
def test_a_backup_put_back_is_found_whatever_is_handed_in_first(ledger: Ledger) -> None:
    log = taxi(1)
    backup = cloned(log)
    log.boot()
    later = handed_in(log, NOW + 60)
    restored = handed_in(backup, NOW + DAY)
    for data in (restored, later):
        ledger.ingest_export(data, visit(NOW + DAY))
    found = judged(ledger, NOW + DAY)
    assert set(codes(found)) == {"HISTORY_ROLLED_BACK"}
    assert found.conclusion is Conclusion.BROKEN


@pytest.mark.requirement("H-3")
def test_a_backup_whose_clock_was_set_back_too_is_found_when_it_is_asked(ledger: Ledger) -> None:
    log = taxi(1)
    backup = cloned(log)
    log.boot()
    ledger.ingest(answered(log, NOW + 60), visit(NOW + 60))
    ledger.ingest(answered(backup, NOW, bytes([1]) * 32), visit(NOW + DAY))
    assert "HISTORY_ROLLED_BACK" in codes(judged(ledger, NOW + DAY))


@pytest.mark.requirement("H-3")
def test_exports_in_any_order_are_no_rollback(ledger: Ledger) -> None:
    log = taxi(1)
    exports = []
    for day in range(6):
        exports.append(handed_in(log, NOW + day * DAY, pulses=day * 1000))
        log.boot()
    for place in (3, 0, 5, 1, 4, 2):
        ledger.ingest_export(exports[place], visit(NOW + 9 * DAY))
    assert judged(ledger, NOW + 9 * DAY).conclusion is Conclusion.INTACT


@pytest.mark.requirement("H-3")
def test_a_clock_that_was_adjusted_is_no_rollback(ledger: Ledger) -> None:
    log = taxi(1)
    take(ledger, log, NOW)
    take(ledger, log, NOW - 100)
    assert codes(judged(ledger)) == []
    take(ledger, log, NOW - 300, pulses=1)
    assert codes(judged(ledger)) == ["HISTORY_ROLLED_BACK"]


@pytest.mark.requirement("H-4")
def test_control_records_that_were_cut_out_are_a_gap(ledger: Ledger) -> None:
    log = taxi(1)
    take(ledger, log)
    unseal(log, Reason.REPAIR)
    hidden = log.control[-1]
    seal_again(log)
    log.trust(version=1)
    material = from_export(handed_in(log, NOW + DAY))
    cut = tuple(raw for raw in material.control if raw != hidden)
    ledger.ingest(material._replace(control=cut), visit(NOW + DAY))
    found = judged(ledger, NOW + DAY)
    assert "HISTORY_GAP" in codes(found)
    assert found.conclusion is Conclusion.UNDETERMINED
    assert found.plate == plate(1)
    ledger.ingest(material, visit(NOW + DAY))
    assert codes(judged(ledger, NOW + DAY)) == ["TRUST_AHEAD"]


@pytest.mark.requirement("H-4")
def test_evidence_of_a_chain_that_went_on_is_a_gap_until_the_log_comes(ledger: Ledger) -> None:
    log = taxi(1)
    take(ledger, log)
    log.tamper(Cause.CASE_OPENED)
    material = from_export(handed_in(log, NOW + DAY))
    ledger.ingest(material._replace(control=(), journal=None), visit())
    found = judged(ledger)
    assert "HISTORY_GAP" in codes(found)
    assert found.conclusion is Conclusion.BROKEN  # The evidence itself says so.


@pytest.mark.requirement("H-5")
@pytest.mark.parametrize(
    ("reason", "purpose", "silently"),
    [
        (Reason.TYRE_CHANGE, Purpose.AFTER_REPAIR, True),
        (Reason.VEHICLE_REPLACED, Purpose.AFTER_REPAIR, False),
        (Reason.OTHER, Purpose.INSTALLATION, False),
    ],
)
def test_a_seal_that_moves_to_another_vehicle(
    ledger: Ledger, reason: Reason, purpose: Purpose, silently: bool
) -> None:
    log = taxi(1)
    unseal(log, reason)
    verified = replace(calibration(), purpose=purpose)
    seal_again(log, vehicle=vehicle(2), calibration=verified)
    take(ledger, log)
    assert ("SEAL_TWO_VEHICLES" in codes(judged(ledger))) is silently


@pytest.mark.requirement("H-5")
def test_a_vehicle_that_changes_under_the_closed_seal_is_a_move(ledger: Ledger) -> None:
    log = taxi(1)
    seal_again(log, vehicle=vehicle(2), calibration=after_repair())
    take(ledger, log)
    found = judged(ledger)
    assert (codes(found), found.plate) == (["SEAL_TWO_VEHICLES"], plate(2))
    first, second = ledger.dossier(number()).biography().sealings
    assert first.until == second.since


@pytest.mark.requirement("H-5")
def test_a_new_plate_on_the_same_vehicle_is_no_move(ledger: Ledger) -> None:
    log = taxi(1)
    unseal(log, Reason.OTHER)
    renamed = replace(vehicle(1), plate="沪A99999")
    seal_again(log, vehicle=renamed, calibration=after_repair())
    take(ledger, log)
    found = judged(ledger)
    assert (codes(found), found.plate) == ([], "沪A99999")
    assert ledger.find_plate("沪A00001")


@pytest.mark.requirement("H-5")
@pytest.mark.parametrize(
    ("seen", "other"), [("沪A·00001", False), ("沪a 00001", False), ("沪A00002", True)]
)
def test_the_plate_on_the_vehicle_is_compared(ledger: Ledger, seen: str, other: bool) -> None:
    ledger.ingest_export(handed_in(taxi(1)), Visit(NOW, "Pudong", None, seen))
    assert ("SEAL_TWO_VEHICLES" in codes(judged(ledger))) is other


@pytest.mark.requirement("H-5")
def test_a_clone_on_a_second_vehicle_is_named(ledger: Ledger) -> None:
    log = taxi(1)
    clone = cloned(log)
    unseal(clone, Reason.VEHICLE_REPLACED)
    seal_again(clone, vehicle=vehicle(2), calibration=after_repair())
    log.trust(version=1)
    take(ledger, log)
    take(ledger, clone, NOW + 60)
    assert {"HISTORY_FORKED", "SEAL_TWO_VEHICLES"} <= set(codes(judged(ledger)))


@pytest.mark.requirement("H-6")
def test_two_seals_on_one_vehicle(ledger: Ledger) -> None:
    take(ledger, taxi(1))
    take(ledger, taxi(2, vehicle=vehicle(1)))
    for serial in (1, 2):
        assert codes(judged(ledger, serial=serial)) == ["VEHICLE_TWO_SEALS"]
    assert ledger.neighbours(number(1)) == [number(2)]


@pytest.mark.requirement("H-6")
def test_a_seal_that_was_opened_leaves_its_vehicle_to_another(ledger: Ledger) -> None:
    first, second = taxi(1), Log(people().with_seal(2))
    unseal(first, Reason.SEAL_REPLACED)
    second.clock = first.clock
    take(ledger, first)
    take(ledger, _sealed_later(second, vehicle(1)))
    assert codes(judged(ledger, serial=2)) == []


@pytest.mark.requirement("H-6")
@pytest.mark.parametrize("named", [True, False])
def test_a_dead_seal_is_followed_by_the_one_that_names_it(ledger: Ledger, named: bool) -> None:
    first, second = taxi(1), Log(people().with_seal(2))
    second.clock = first.clock + 100
    verified = replace(
        calibration(),
        predecessor_maker=MAKER if named else 0,
        predecessor_serial=1 if named else 0,
    )
    take(ledger, first)
    take(ledger, _sealed_later(second, vehicle(1), calibration=verified))
    for serial in (1, 2):
        found = codes(judged(ledger, serial=serial))
        assert found == ([] if named else ["VEHICLE_TWO_SEALS"])


def _sealed_later(log: Log, car: Any, **contents: Any) -> Log:
    from appraisal.builder import groups

    log.genesis()
    log.enrol()
    log.seal(groups(vehicle=car, **contents))
    return log


@pytest.mark.requirement("H-7")
@pytest.mark.parametrize(
    ("place", "seconds", "found"),
    [
        (FAR, 4 * 3600, True),
        (FAR, 10 * 3600, False),
        (HERE, 1, False),
        (Place(31.26, 121.5), 1, False),
        (None, 1, False),
    ],
)
def test_places_too_far_apart(
    ledger: Ledger, place: Place | None, seconds: int, found: bool
) -> None:
    log = taxi(1)
    take(ledger, log, NOW, HERE)
    take(ledger, log, NOW + seconds, place)
    judgement = judged(ledger, NOW + DAY)
    assert codes(judgement) == (["SEAL_TWO_PLACES"] if found else [])
    assert judgement.conclusion is (Conclusion.UNDETERMINED if found else Conclusion.INTACT)


@pytest.mark.requirement("H-7")
def test_an_export_handed_in_elsewhere_later_is_of_the_time_it_was_made(ledger: Ledger) -> None:
    log = taxi(1)
    ledger.ingest_export(handed_in(log, NOW), Visit(NOW + DAY, "Pudong", HERE))
    ledger.ingest_export(handed_in(log, NOW + DAY), Visit(NOW + DAY, "Beijing", FAR))
    assert codes(judged(ledger, NOW + DAY)) == []


@pytest.mark.requirement("H-7")
def test_an_answer_is_of_the_time_it_was_received_whatever_the_clock_says(ledger: Ledger) -> None:
    log = taxi(1)
    ledger.ingest(answered(log, NOW), Visit(NOW, "Pudong", HERE))
    later = answered(log, NOW + 100 * DAY, bytes([1]) * 32)
    ledger.ingest(later, Visit(NOW + 600, "Beijing", FAR))
    assert "SEAL_TWO_PLACES" in codes(judged(ledger))


@pytest.mark.requirement("H-8")
def test_an_order_after_the_revocation_of_its_signer(ledger: Ledger) -> None:
    """Revoked at NOW, as the statements of these people are; the record is later."""
    log = taxi(1)
    log.clock = NOW + 60
    unseal(log, Reason.REPAIR)
    seal_again(log)
    take(ledger, log, NOW + 3600)
    ledger.use_trust(people().trust_with(people().technician.credential), NOW + DAY)
    found = judged(ledger, NOW + DAY)
    assert "ORDER_AFTER_REVOCATION" in codes(found)
    assert found.conclusion is Conclusion.BROKEN


@pytest.mark.requirement("H-8")
@pytest.mark.parametrize("received", [NOW - 60, NOW + 60])
def test_an_order_that_was_here_before_its_signer_was_revoked(
    ledger: Ledger, received: int
) -> None:
    """With the evidence received in time, nobody can have made the order with a stolen key."""
    ledger.ingest_export(handed_in(taxi(1), NOW - 600), visit(received))
    ledger.use_trust(people().trust_with(people().technician.credential), NOW + DAY)
    found = judged(ledger, NOW + DAY)
    in_time = received < NOW
    assert ("ORDER_SIGNER_REVOKED" in codes(found)) is not in_time
    expected = Conclusion.INTACT if in_time else Conclusion.UNDETERMINED
    assert found.conclusion is expected


@pytest.mark.requirement("R08")
def test_a_verification_that_ended_since_the_last_visit(ledger: Ledger) -> None:
    take(ledger, taxi(1, calibration=calibration(NOW + 10 * DAY)))
    assert codes(judged(ledger, NOW + 9 * DAY)) == []
    found = judged(ledger, NOW + 11 * DAY)
    assert codes(found) == ["VERIFICATION_OVERDUE"]
    assert found.valid_until == NOW + 10 * DAY


def test_the_latest_evidence_is_the_last_by_time(ledger: Ledger) -> None:
    log = taxi(1)
    take(ledger, log, NOW + DAY)
    ledger.ingest(answered(log, NOW + 3, bytes([3]) * 32), visit(NOW + 2 * DAY))
    latest: HeldEvidence = ledger.dossier(number()).latest
    assert latest.fresh
    assert latest.moment == NOW + 2 * DAY


def test_an_evil_world_is_not_ours(ledger: Ledger) -> None:
    """Evidence under another maker is refused, so it accuses nobody."""
    with pytest.raises(Exception, match="SEAL_CREDENTIAL_UNTRUSTED"):
        take(ledger, taxi(1, World(people().suite)))
