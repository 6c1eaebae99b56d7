"""Every finding of the registry can be provoked, and honest material provokes none that counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from appraisal.builder import (
    DEVICE,
    FARE,
    LOOK,
    NOW,
    SERIAL,
    World,
    calibration,
    codes,
    enrolled,
    flip,
    groups,
    judged,
    sealed,
)
from appraisal.bundled import (
    Ledger,
    attested,
    bundle,
    exported,
    taken,
    verdict_of,
    verdict_with,
)
from sealkit.appraisal.bundle import from_bundle
from sealkit.appraisal.material import from_export
from sealkit.appraisal.station import judge_attestation, judge_tree_heads
from sealkit.appraisal.tampering import difference_detail
from sealkit.appraisal.verdict import Conclusion, Verdict
from sealkit.wire.orders import GroupItem, ParametersBody, RestoreClockBody
from sealkit.wire.registry import (
    FINDINGS,
    Cause,
    ClockQuality,
    Flag,
    Group,
    MeterSeen,
    OrderKind,
    Role,
    Severity,
    State,
)

# Nothing but a memory of the fleet finds these: tests/station/test_findings.py provokes them.
OF_A_LEDGER = {
    "HISTORY_GAP",
    "SEAL_TWO_VEHICLES",
    "VEHICLE_TWO_SEALS",
    "SEAL_TWO_PLACES",
    "ORDER_AFTER_REVOCATION",
}
Case = Callable[[World], Verdict]
_CASES: dict[str, Case] = {}


def provokes(code: str) -> Callable[[Case], Case]:
    def take(case: Case) -> Case:
        _CASES[code] = case
        return case

    return take


@pytest.mark.requirement("V-1")
@pytest.mark.parametrize("code", [code for code in FINDINGS if code not in OF_A_LEDGER])
def test_every_finding_is_provoked_and_decides_as_the_registry_says(
    world: World, code: str
) -> None:
    verdict = _CASES[code](world)
    assert code in codes(verdict)
    severity = FINDINGS[code].severity
    if severity is Severity.BROKEN:
        assert verdict.conclusion is Conclusion.BROKEN
    elif severity is Severity.UNDETERMINED:
        assert verdict.conclusion is not Conclusion.INTACT
    else:
        assert verdict.conclusion is Conclusion.INTACT
    for found in verdict.findings:
        for language in ("en", "zh"):
            assert found.message(language)
            assert found.remedy(language)


def test_there_is_a_case_for_every_finding_and_no_other() -> None:
    assert set(_CASES) == set(FINDINGS) - OF_A_LEDGER


@pytest.mark.requirement("V-6")
def test_an_honest_seal_is_intact_and_nothing_is_said(world: World) -> None:
    verdict = judged(sealed(world).material(), world.trust)
    assert verdict.conclusion is Conclusion.INTACT
    assert verdict.findings == ()
    assert set(verdict.layers.values()) == {Conclusion.INTACT}


@pytest.mark.requirement("V-4")
def test_an_honest_life_is_intact_whenever_it_is_sealed(world: World) -> None:
    """Every kind of order, a break, a lost clock, a pruned journal, a renewed registry."""
    trust = world.trust_with(version=2)
    log = sealed(world)

    def seen() -> Verdict:
        return judged(log.material(), trust)

    def is_intact() -> bool:
        return seen().conclusion is Conclusion.INTACT

    log.trust(version=1)
    log.trust(version=2)
    log.adjust(-20, world.inspector)
    new = groups(calibration=calibration(NOW + 5))[Group.CALIBRATION]
    log.order(
        OrderKind.CONFIRM,
        ParametersBody((GroupItem(Group.CALIBRATION, new),)),
        world.inspector,
    )
    assert is_intact()
    log.boot()
    log.acknowledge()
    log.prune(2)
    assert is_intact()
    log.tamper(Cause.UNSUPERVISED)
    log.tamper(Cause.CASE_OPENED)
    assert seen().conclusion is Conclusion.BROKEN
    log.quality = ClockQuality.RESTORED
    log.order(
        OrderKind.RESTORE_CLOCK,
        RestoreClockBody(log.clock + 1),
        world.technician,
        world.station,
    )
    log.clear()
    assert seen().conclusion is Conclusion.UNDETERMINED
    log.seal(groups(calibration=calibration(NOW + 9)))
    verdict = seen()
    assert verdict.conclusion is Conclusion.INTACT
    assert codes(verdict).count("BROKEN_BEFORE") == 2
    assert (verdict.calibration_counter, verdict.configuration_counter) == (1, 1)


@provokes("EXPORT_TRUNCATED")
def _(world: World) -> Verdict:
    return judged(from_export(sealed(world).export()[:-50]), world.trust)


@provokes("EXPORT_ALTERED")
def _(world: World) -> Verdict:
    return judged(from_export(flip(sealed(world).export(), -1)), world.trust)


@provokes("EVIDENCE_MISSING")
def _(world: World) -> Verdict:
    return judged(sealed(world).material()._replace(evidence=None), world.trust)


@provokes("EVIDENCE_MALFORMED")
def _(world: World) -> Verdict:
    log = sealed(world)
    return judged(log.material()._replace(evidence=log.evidence()[:-1]), world.trust)


@provokes("EVIDENCE_SIGNATURE")
def _(world: World) -> Verdict:
    log = sealed(world)
    return judged(log.material()._replace(evidence=flip(log.evidence(), -1)), world.trust)


@provokes("EVIDENCE_NONCE")
def _(world: World) -> Verdict:
    return judged(sealed(world).material()._replace(nonce=bytes(32)), world.trust)


@provokes("SUITE_UNKNOWN")
def _(world: World) -> Verdict:
    log = sealed(world)
    return judged(log.material()._replace(evidence=flip(log.evidence(), 7, 8)), world.trust)


@provokes("SEAL_CREDENTIAL_MISSING")
def _(world: World) -> Verdict:
    return judged(sealed(world).material(seal_credential=None), world.trust)


@provokes("SEAL_CREDENTIAL_UNTRUSTED")
def _(world: World) -> Verdict:
    other = world.person(None, Role.MANUFACTURER, scope=501)
    trust = replace(world.trust, manufacturers=(other.credential,))
    return judged(sealed(world).material(), trust)


@provokes("SEAL_CREDENTIAL_INVALID")
def _(world: World) -> Verdict:
    other = world.issue(world.maker, Role.SEAL, world.seal_key, scope=500, serial=SERIAL + 1)
    return judged(sealed(world).material(seal_credential=other.raw), world.trust)


@provokes("SEAL_CREDENTIAL_REVOKED")
def _(world: World) -> Verdict:
    return judged(sealed(world).material(), world.trust_with(world.seal_credential))


@provokes("SEAL_CREDENTIAL_EXPIRED")
def _(world: World) -> Verdict:
    old = world.issue(
        world.maker, Role.SEAL, world.seal_key, scope=500, serial=SERIAL, not_after=NOW - 1
    )
    return judged(sealed(world).material(seal_credential=old.raw), world.trust)


@provokes("LOG_MISSING")
def _(world: World) -> Verdict:
    return judged(sealed(world).material(control=()), world.trust)


@provokes("RECORD_MALFORMED")
def _(world: World) -> Verdict:
    log = sealed(world)
    log.control[1] = log.control[1][:-1]
    return judged(log.material(), world.trust)


@provokes("RECORD_UNKNOWN")
def _(world: World) -> Verdict:
    log = sealed(world)
    head = log.journal_head
    body = head.sequence.to_bytes(4, "big") + head.digest
    log.control_record(0x70, body, State.SEALED)
    return judged(log.material(), world.trust)


@provokes("RECORD_OTHER_SEAL")
def _(world: World) -> Verdict:
    log = sealed(world)
    log.journal_record(0x90, b"", serial=SERIAL + 1)
    return judged(log.material(), world.trust)


@provokes("CHAIN_BROKEN")
def _(world: World) -> Verdict:
    log = sealed(world)
    log.journal[1] = flip(log.journal[1], 30)
    return judged(log.material(), world.trust)


@provokes("RECORD_MISSING")
def _(world: World) -> Verdict:
    log = sealed(world)
    del log.journal[1]
    return judged(log.material(), world.trust)


@provokes("RECORD_ORDER")
def _(world: World) -> Verdict:
    log = sealed(world)
    log.journal[1:3] = reversed(log.journal[1:3])
    return judged(log.material(), world.trust)


@provokes("HEAD_MISMATCH")
def _(world: World) -> Verdict:
    log = sealed(world)
    del log.journal[-1]
    return judged(log.material(), world.trust)


@provokes("CHECKPOINT_INVALID")
def _(world: World) -> Verdict:
    log = sealed(world)
    return judged(log.material(checkpoint=log.checkpoint(state=State.OPEN)), world.trust)


@provokes("PARAMETERS_ALTERED")
def _(world: World) -> Verdict:
    log = sealed(world)
    return judged(
        log.material(groups=tuple(groups(calibration=calibration(NOW)).items())), (world.trust)
    )


@provokes("ORDER_SIGNATURE")
def _(world: World) -> Verdict:
    log = enrolled(world)
    log.seal(signatures=bytes([1]) * 128)
    return judged(log.material(), world.trust)


@provokes("ORDER_CREDENTIAL")
def _(world: World) -> Verdict:
    log = enrolled(world)
    expired = world.person(world.registry, Role.TECHNICIAN, not_after=log.clock - 1)
    log.seal(signers=(expired, world.station))
    return judged(log.material(), world.trust)


@provokes("OTHER_AUTHORITY")
def _(world: World) -> Verdict:
    other = world.person(None, Role.AUTHORITY)
    return judged(sealed(world).material(), replace(world.trust, authority=other.credential))


@provokes("STATE_CONTRADICTS_LOG")
def _(world: World) -> Verdict:
    return judged(sealed(world).material({"calibration_counter": 7}), world.trust)


@provokes("ORDER_NOT_ALLOWED")
def _(world: World) -> Verdict:
    log = enrolled(world)
    log.seal(signers=(world.technician,))
    return judged(log.material(), world.trust)


def _tampered(world: World, cause: Cause, before: bytes = b"", after: bytes = b"") -> Verdict:
    log = sealed(world)
    log.tamper(cause, before, after)
    return judged(log.material(), world.trust)


@provokes("STATE_TAMPERED")
@provokes("CASE_OPENED")
def _(world: World) -> Verdict:
    return _tampered(world, Cause.CASE_OPENED)


@provokes("FARE_PARAMETERS_CHANGED")
def _(world: World) -> Verdict:
    verdict = _tampered(world, Cause.FARE_PARAMETERS_CHANGED, FARE, flip(flip(FARE, 6), 100))
    told = verdict.findings[1].message()
    assert "day_round_trip_price_fen_per_km 240 → 241, at 2023-11-14 21:13:28Z" in told
    assert "vendor_area" not in told
    return verdict


@provokes("METER_IDENTITY_CHANGED")
def _(world: World) -> Verdict:
    return _tampered(world, Cause.METER_IDENTITY_CHANGED, DEVICE + b"\1", DEVICE + b"\2")


@provokes("METER_SOFTWARE_CHANGED")
def _(world: World) -> Verdict:
    verdict = _tampered(world, Cause.METER_SOFTWARE_CHANGED, b"\1\2", b"\1\3")
    assert "1.2 → 1.3" in verdict.findings[1].message("zh")
    return verdict


@provokes("METER_SILENT_TOO_LONG")
def _(world: World) -> Verdict:
    return _tampered(world, Cause.METER_SILENT)


@provokes("UNSUPERVISED")
def _(world: World) -> Verdict:
    return _tampered(world, Cause.UNSUPERVISED)


@pytest.mark.requirement("W-5")
def test_what_a_check_found_is_told_in_words() -> None:
    four = [n.to_bytes(4, "big") for n in (1_000_000, 980_250, 45_800, 9, 0)]
    moment = [n.to_bytes(8, "big") for n in (NOW, NOW + 3_600)]
    record = bytes(41) + bytes.fromhex("26010407420837") + bytes(16) + b"\x01\0"
    cases = {
        Cause.K_MISMATCH: (four[0], four[1] + four[2], "1000.000", "980.250", "45.8 km"),
        Cause.PULSE_RATE: (b"\0\x46\0\0", b"\0\x72\xff\xff", "114", "70", "any number"),
        Cause.STANDING_MOTION: (four[2], four[1], "980250 m", "45800 m"),
        Cause.MOTION_DISAGREES: (four[2], four[1], "980250 m", "45800 m"),
        Cause.METER_CLOCK: (*moment, "the meter told", "the seal's clock"),
        Cause.TRIPS_MISSING: (four[3], four[4], "trip 9 is not to be had"),
        Cause.TRIP_ALTERED: (
            record,
            record[:50] + b"\x09" + record[51:],
            "metered_distance_m 0 → 900",
        ),
    }
    for cause, (before, after, *words) in cases.items():
        assert isinstance(before, bytes)
        assert isinstance(after, bytes)
        detail = difference_detail(cause, before, after, {})
        for word in words:
            assert str(word) in detail.en, (cause, detail)
        assert detail.zh
        assert detail.zh != detail.en
        # Of another size, it is told as it is.
        assert difference_detail(cause, before, after[:-1], {}).en.endswith(after[:-1].hex())
    told = difference_detail(Cause.K_MISMATCH, four[0], four[1] + bytes(4), {})
    assert "the meter told 980.250" in told.en


@provokes("K_MISMATCH")
def _(world: World) -> Verdict:
    return _tampered(world, Cause.K_MISMATCH)


@provokes("PULSE_RATE")
def _(world: World) -> Verdict:
    return _tampered(world, Cause.PULSE_RATE)


@provokes("STANDING_MOTION")
def _(world: World) -> Verdict:
    return _tampered(world, Cause.STANDING_MOTION)


@provokes("MOTION_DISAGREES")
def _(world: World) -> Verdict:
    return _tampered(world, Cause.MOTION_DISAGREES)


@provokes("METER_CLOCK_WRONG")
def _(world: World) -> Verdict:
    return _tampered(world, Cause.METER_CLOCK)


@provokes("TRIPS_MISSING")
def _(world: World) -> Verdict:
    return _tampered(world, Cause.TRIPS_MISSING)


@provokes("TRIP_ALTERED")
def _(world: World) -> Verdict:
    return _tampered(world, Cause.TRIP_ALTERED)


@provokes("NEVER_SEALED")
@provokes("STATE_OPEN")
def _(world: World) -> Verdict:
    return judged(enrolled(world).material(), world.trust)


@provokes("STATE_RETIRED")
def _(world: World) -> Verdict:
    log = enrolled(world)
    log.retire()
    order_id = list(log.history.orders)[-1]
    last = log.evidence(nonce=order_id)
    verdict = judged(log.material(checkpoint=last)._replace(evidence=last, nonce=None), world.trust)
    assert codes(verdict) == ["STATE_RETIRED", "AS_OF"]
    return verdict


@provokes("METER_NOT_SEEN")
def _(world: World) -> Verdict:
    never = judged(sealed(world).material({"meter_seen": MeterSeen.NEVER}), world.trust)
    assert "METER_NOT_SEEN" in codes(never)
    return judged(sealed(world).material({"meter_age_ms": 15_001}), world.trust)


@provokes("METER_DIFFERS")
def _(world: World) -> Verdict:
    look = replace(LOOK, fare=flip(FARE, 6))
    return judged(sealed(world).material(meter_asked=True, meter_look=look), world.trust)


@provokes("METER_NOT_ASKED")
def _(world: World) -> Verdict:
    asked = judged(sealed(world).material(meter_asked=True, meter_look=LOOK), world.trust)
    assert asked.findings == ()
    return judged(sealed(world).material(meter_asked=True), world.trust)


@provokes("BROKEN_BEFORE")
def _(world: World) -> Verdict:
    log = sealed(world)
    log.tamper(Cause.CASE_OPENED)
    log.clear()
    log.seal()
    return judged(log.material(), world.trust)


@provokes("CLOCK_LOST")
def _(world: World) -> Verdict:
    return judged(sealed(world).material({"clock_quality": ClockQuality.LOST}), world.trust)


@provokes("CLOCK_RESTORED")
def _(world: World) -> Verdict:
    return judged(sealed(world).material({"clock_quality": ClockQuality.RESTORED}), world.trust)


@provokes("CLOCK_DIFFERS")
def _(world: World) -> Verdict:
    within = judged(sealed(world).material(), world.trust, NOW + 3)
    assert within.findings == ()
    return judged(sealed(world).material(), world.trust, NOW - 4)


@provokes("ORDER_SIGNER_REVOKED")
def _(world: World) -> Verdict:
    return judged(sealed(world).material(), world.trust_with(world.technician.credential))


@provokes("TRUST_BEHIND")
def _(world: World) -> Verdict:
    return judged(sealed(world).material(), world.trust_with())


@provokes("TRUST_AHEAD")
def _(world: World) -> Verdict:
    log = sealed(world)
    log.trust()
    return judged(log.material(), world.trust)


@provokes("VERIFICATION_OVERDUE")
def _(world: World) -> Verdict:
    log = enrolled(world)
    log.seal(groups(calibration=calibration(NOW - 1)))
    return judged(log.material(), world.trust)


@provokes("STORAGE_NEARLY_FULL")
def _(world: World) -> Verdict:
    return judged(sealed(world).material({"flags": Flag.JOURNAL_FULL}), world.trust)


@provokes("BATTERY_LOW")
def _(world: World) -> Verdict:
    return judged(sealed(world).material({"flags": Flag.BATTERY_LOW}), world.trust)


@provokes("DRIVEN_WHILE_OPEN")
def _(world: World) -> Verdict:
    return judged(sealed(world).material({"flags": Flag.DRIVEN_WHILE_OPEN}), world.trust)


@provokes("JOURNAL_MISSING")
def _(world: World) -> Verdict:
    return judged(sealed(world).material(journal=None), world.trust)


@provokes("JOURNAL_PRUNED")
def _(world: World) -> Verdict:
    log = sealed(world)
    log.acknowledge()
    log.prune(3)
    return judged(log.material(), world.trust)


@provokes("AS_OF")
def _(world: World) -> Verdict:
    return judged(from_export(sealed(world).export()), world.trust, NOW + 86_400)


@provokes("HISTORY_ROLLED_BACK")
def _(world: World) -> Verdict:
    log = sealed(world)
    before = log.material()
    log.boot()
    return judged(before._replace(earlier=(log.evidence(),)), world.trust)


@provokes("HISTORY_FORKED")
def _(world: World) -> Verdict:
    # Signatures are random, so two lives that look alike have other records.
    log, copy = sealed(world), sealed(world)
    log.acknowledge()
    return judged(log.material()._replace(earlier=(copy.evidence(),)), world.trust)


@provokes("EARLIER_UNUSABLE")
def _(world: World) -> Verdict:
    log = sealed(world)
    return judged(log.material()._replace(earlier=(flip(log.evidence(), 100),)), world.trust)


@provokes("BUNDLE_TRUNCATED")
def _(world: World) -> Verdict:
    return verdict_of(world, bundle(world, exported(sealed(world)))[:-1])


@provokes("BUNDLE_ALTERED")
def _(world: World) -> Verdict:
    return verdict_of(world, flip(bundle(world, exported(sealed(world))), 400))


@provokes("LOG_WITHHELD")
def _(world: World) -> Verdict:
    return verdict_of(world, bundle(world, exported(sealed(world)), shown={Group.DISTANCE}))


@provokes("LEDGER_ENTRY_MISSING")
def _(world: World) -> Verdict:
    return verdict_of(world, bundle(world, exported(sealed(world)), leaf=None))


@provokes("LEDGER_ENTRY_INVALID")
def _(world: World) -> Verdict:
    log = sealed(world)
    _told, other = taken(world, exported(log))
    log.boot()
    return verdict_of(world, bundle(world, exported(log), leaf=other))


@provokes("INCLUSION_INVALID")
def _(world: World) -> Verdict:
    return verdict_of(world, bundle(world, exported(sealed(world)), index=4))


@provokes("TREE_HEAD_INVALID")
def _(world: World) -> Verdict:
    head = Ledger(world).head()
    forged = replace(head, raw=flip(head.raw, -1))
    return verdict_of(world, bundle(world, exported(sealed(world)), tree_head=forged))


@provokes("STATION_UNTRUSTED")
def _(world: World) -> Verdict:
    return verdict_of(world, bundle(world, exported(sealed(world)), credentials=()))


@provokes("STATION_VERDICT_INVALID")
def _(world: World) -> Verdict:
    return verdict_of(world, bundle(world, exported(sealed(world)), verdict=b"[]"))


@provokes("STATION_VERDICT_DIFFERS")
def _(world: World) -> Verdict:
    log = sealed(world)
    told = exported(log)._replace(control=())
    return verdict_of(world, bundle(world, exported(log), judged_material=told))


@provokes("STATION_OTHER_TRUST")
def _(world: World) -> Verdict:
    data = bundle(world, exported(sealed(world)))
    return judged(from_bundle(data), world.trust_with())


@provokes("LEDGER_FORKED")
def _(world: World) -> Verdict:
    one, other = Ledger(world), Ledger(world)
    one.add(b"a")
    other.add(b"b")
    credentials = (world.station.credential.raw,)
    found = judge_tree_heads(world.trust, one.head(), other.head(), None, credentials)
    return verdict_with(found)


@provokes("LEDGER_UNPROVEN")
def _(world: World) -> Verdict:
    ledger = Ledger(world)
    ledger.add(b"a")
    first = ledger.head()
    ledger.add(b"b")
    credentials = (world.station.credential.raw,)
    return verdict_with(judge_tree_heads(world.trust, first, ledger.head(), None, credentials))


def _attestation(
    world: World, now: int = NOW, place: int | None = None, plate: str = ""
) -> Verdict:
    raw = attested(world, exported(sealed(world))).raw
    raw = raw if place is None else flip(raw, place)
    credentials = (world.station.credential.raw,)
    return verdict_with(judge_attestation(world.trust, raw, credentials, now, plate or None)[1])


@provokes("ATTESTATION_INVALID")
def _(world: World) -> Verdict:
    return _attestation(world, place=-1)


@provokes("ATTESTATION_EXPIRED")
def _(world: World) -> Verdict:
    return _attestation(world, now=NOW + 86_401)


@provokes("ATTESTATION_OTHER_PLATE")
def _(world: World) -> Verdict:
    return _attestation(world, plate="沪B54321")
