"""Findings add up to layers, layers to a verdict; undetermined is never intact."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from appraisal.builder import (
    FARE,
    LOOK,
    MASK,
    NONCE,
    NOW,
    World,
    codes,
    enrolled,
    flip,
    groups,
    judged,
    sealed,
)
from sealkit.appraisal.appraise import appraise
from sealkit.appraisal.evidence import check_evidence
from sealkit.appraisal.policy import Policy
from sealkit.appraisal.verdict import Conclusion, Finding, conclude, finding
from sealkit.wire.evidence import EVIDENCE
from sealkit.wire.parameters import PendingTariff, SupervisionGroup, TariffGroup
from sealkit.wire.registry import Attachment, Layer, MeterSeen, State

_BROKEN = finding("STATE_TAMPERED")
_OPEN = finding("STATE_OPEN")
_UNKNOWN = finding("LOG_MISSING")
_WARNING = finding("BATTERY_LOW")


@pytest.mark.requirement("V-6")
@pytest.mark.parametrize(
    ("findings", "over_all", "layers"),
    [
        ((), Conclusion.INTACT, "iii"),
        ((_WARNING,), Conclusion.INTACT, "iii"),
        ((_OPEN,), Conclusion.UNDETERMINED, "iui"),
        ((_BROKEN, _OPEN), Conclusion.BROKEN, "ibi"),
        ((_UNKNOWN,), Conclusion.UNDETERMINED, "uuu"),
        ((_UNKNOWN, _BROKEN), Conclusion.BROKEN, "ubu"),
        ((finding("RECORD_MISSING"),), Conclusion.BROKEN, "buu"),
    ],
)
def test_broken_comes_before_undetermined_before_intact(
    findings: tuple[Finding, ...], over_all: Conclusion, layers: str
) -> None:
    conclusion, found = conclude(findings)
    assert conclusion is over_all
    assert "".join(found[layer].value[0] for layer in Layer) == layers


def test_the_verdict_tells_what_the_evidence_tells(world: World) -> None:
    log = sealed(world)
    verdict = judged(log.material(), world.trust)
    told = json.loads(json.dumps(verdict.to_dict("zh")))
    assert told["verdict"] == "intact"
    assert told["seal"] == "500-23"
    assert told["state"] == "sealed"
    assert told["counters"] == {"calibration": 1, "configuration": 1}
    assert told["head"]["sequence"] == 6
    assert told["findings"] == []
    assert told["evidence_time"] == NOW
    assert not told["as_of"]


def test_one_call_verifies_evidence(world: World) -> None:
    log = sealed(world)
    raw, key = log.evidence(), world.seal_key.public_key
    assert check_evidence(world.suite, raw, public_key=key, nonce=NONCE) == (
        EVIDENCE.parse(raw),
        [],
    )
    for changed in (flip(raw, place) for place in range(0, len(raw), 7)):
        assert check_evidence(world.suite, changed, public_key=key, nonce=None)[1]
    assert check_evidence(world.suite, raw, public_key=b"", nonce=NONCE)[1]


def test_without_a_nonce_a_verdict_is_of_the_evidences_time(p256: World) -> None:
    verdict = judged(sealed(p256).material(nonce=None), p256.trust, NOW + 86_400)
    assert verdict.as_of
    assert codes(verdict) == ["AS_OF"]


def test_a_policy_may_demand_the_journal_and_a_better_clock(p256: World) -> None:
    material = sealed(p256).material(journal=None)
    strict = appraise(material, p256.trust, Policy(require_journal=True), NOW)
    assert strict.conclusion is Conclusion.UNDETERMINED
    exact = appraise(material, p256.trust, Policy(max_clock_difference_s=0), NOW + 1)
    assert "CLOCK_DIFFERS" in codes(exact)


def test_a_seal_without_a_journal_lacks_none(p256: World) -> None:
    log = enrolled(p256)
    log.seal()
    assert judged(log.material(journal=None), p256.trust).findings == ()


def test_a_cause_that_is_live_breaks_a_sealed_seal_before_it_is_latched(p256: World) -> None:
    verdict = judged(sealed(p256).material({"live_causes": 1}), p256.trust)
    assert codes(verdict) == ["CASE_OPENED"]
    opened = judged(enrolled(p256).material({"live_causes": 1}), p256.trust)
    assert "CASE_OPENED" not in codes(opened)


def test_a_break_is_told_without_the_log_too(p256: World) -> None:
    evidence = {"state": State.TAMPERED, "latched_causes": 0b10}
    verdict = judged(sealed(p256).material(evidence, control=(), journal=None), p256.trust)
    assert {"STATE_TAMPERED", "FARE_PARAMETERS_CHANGED", "LOG_MISSING"} <= set(codes(verdict))


def test_the_meter_in_the_evidence_is_the_sealed_one(p256: World) -> None:
    log = sealed(p256)
    for field, code in (
        ("meter_device", "METER_IDENTITY_CHANGED"),
        ("meter_software", "METER_SOFTWARE_CHANGED"),
    ):
        assert codes(
            judged(log.material({field: b"\x99" * (5 if "de" in field else 2)}), (p256.trust))
        ) == [code]


def test_a_seal_that_does_not_rely_on_its_own_line_need_not_have_looked(p256: World) -> None:
    log = enrolled(p256)
    switch = int(Attachment.CASE_SWITCH)
    log.seal(groups(supervision=SupervisionGroup(switch, 5_000, 0)))
    verdict = judged(log.material({"meter_seen": MeterSeen.NEVER}), p256.trust)
    assert verdict.findings == ()


def test_a_pending_tariff_may_be_in_the_meter_when_its_time_has_come(p256: World) -> None:
    log = enrolled(p256)
    new = flip(FARE, 6)
    pending = PendingTariff(NOW, NOW + 60, new)
    log.seal(groups(tariff=TariffGroup(FARE, MASK, (pending,))))
    asked = log.material(meter_asked=True, meter_look=replace(LOOK, fare=new))
    assert judged(asked, p256.trust).findings == ()
    assert "METER_DIFFERS" in codes(judged(asked, p256.trust, NOW - 1))


def test_groups_that_are_not_the_signed_ones_are_named(p256: World) -> None:
    log = sealed(p256)
    material = log.material()
    changed = tuple((n, flip(data, -1) if n == 5 else data) for n, data in material.groups)
    verdict = judged(material._replace(groups=changed), p256.trust)
    assert "Groups: 5." in verdict.findings[0].message()
    doubled = (*material.groups, material.groups[0])
    assert "PARAMETERS_ALTERED" in codes(judged(material._replace(groups=doubled), p256.trust))


def test_a_checkpoint_of_another_head_or_key_is_refused(p256: World) -> None:
    log = sealed(p256)
    other = sealed(World(p256.suite))
    for checkpoint in (
        log.checkpoint(control_sequence=5),
        log.checkpoint(serial=24),
        flip(log.checkpoint(), -1),
        other.checkpoint(),
        b"",
    ):
        verdict = judged(log.material(checkpoint=checkpoint), p256.trust)
        assert codes(verdict) == ["CHECKPOINT_INVALID"]


def test_counters_and_root_are_those_of_the_log(p256: World) -> None:
    for change in (
        {"state": State.OPEN},
        {"configuration_counter": 0},
        {"trust_version": 1},
        {"latched_causes": 1},
        {"pruned_meter": 1},
        {"parameter_root": bytes([1]) * 32},
    ):
        verdict = judged(sealed(p256).material(change, groups=()), p256.trust)
        assert "STATE_CONTRADICTS_LOG" in codes(verdict)
        assert next(iter(change)).removesuffix("_meter") in verdict.findings[0].message()


def test_times_beyond_any_calendar_are_told(p256: World) -> None:
    verdict = judged(sealed(p256).material({"clock": (1 << 64) - 1}, nonce=None), p256.trust)
    assert "VERIFICATION_OVERDUE" in codes(verdict)


@pytest.mark.requirement("K-2")
def test_the_evidence_names_the_key_that_signs_it(p256: World) -> None:
    other = judged(sealed(p256).material({"seal_key": bytes(16)}, checkpoint=None), p256.trust)
    assert {"SEAL_CREDENTIAL_INVALID", "RECORD_OTHER_SEAL"} <= set(codes(other))


@pytest.mark.requirement("O-34")
def test_the_last_evidence_answers_the_order_that_retired_the_seal(p256: World) -> None:
    log = enrolled(p256)
    log.retire()
    assert "EVIDENCE_NONCE" in codes(judged(log.material(), p256.trust))
