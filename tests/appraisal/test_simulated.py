"""The simulated seal, which knows nothing of the appraisal, is judged through its whole life."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.bench import Bench
from support.people import NOW, Family

from sealkit.appraisal.appraise import appraise
from sealkit.appraisal.material import Material
from sealkit.appraisal.policy import DEFAULT_POLICY
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Conclusion, Verdict
from sealkit.wire.evidence import EVIDENCE
from sealkit.wire.messages import PARAMETER_DIGESTS
from sealkit.wire.registry import Chain, Command, Group, Layer, State

_SEAL = b"\x01"
_NONCE = bytes(range(32))


def _trust(people: Family, version: int = 0) -> TrustBundle:
    return TrustBundle(
        people.suite,
        people.credentials["authority"],
        (people.credentials["manufacturer"],),
        people.statement(version) if version else None,
    )


def _material(bench: Bench) -> Material:
    """Everything that a client can read."""
    digests = PARAMETER_DIGESTS.parse(bench.done(Command.READ_PARAMETERS)).groups
    groups = tuple(
        (item.number, bench.done(Command.READ_GROUP, bytes([item.number]))) for item in digests
    )
    retired = bench.state() is State.RETIRED
    checkpoint = bench.done(Command.READ_CHECKPOINT)
    return Material(
        evidence=checkpoint if retired else bench.done(Command.EVIDENCE, _NONCE),
        nonce=None if retired else _NONCE,
        seal_credential=bench.done(Command.READ_CREDENTIAL, _SEAL),
        checkpoint=checkpoint,
        groups=groups,
        control=tuple(record.raw for record in bench.log(Chain.CONTROL)),
        journal=tuple(record.raw for record in bench.log(Chain.JOURNAL)),
    )


def _acknowledge(bench: Bench) -> None:
    last = bench.log(Chain.JOURNAL)[-1]
    bench.apply(bench.orders().acknowledge(last.sequence, bench.core.suite.digest(last.raw)))


def _verdict(bench: Bench, version: int = 0) -> Verdict:
    material = _material(bench)
    assert material.evidence is not None
    now = EVIDENCE.parse(material.evidence).clock
    verdict = appraise(material, _trust(bench.people, version), DEFAULT_POLICY, now)
    assert verdict.layers[Layer.CRYPTOGRAPHIC] is Conclusion.INTACT
    return verdict


def _decisive(verdict: Verdict) -> list[str]:
    return [f.code for f in verdict.findings if f.severity.value in ("broken", "undetermined")]


@pytest.mark.parametrize("suite", ["p256", "sm2"])
def test_a_life_from_factory_to_retirement(suite: str) -> None:
    bench = Bench(suite)
    bench.install_credential()
    assert _decisive(_verdict(bench)) == ["NEVER_SEALED"]
    bench.seal_it()
    assert _verdict(bench).conclusion is Conclusion.INTACT
    bench.apply(bench.orders().confirm())
    bench.apply(bench.orders().trust(3))
    bench.apply(bench.orders().adjust_clock(-7))
    bench.restart()
    bench.vehicle.advance(1_000)
    assert _verdict(bench, 3).conclusion is Conclusion.INTACT
    bench.apply(bench.challenged().unseal())
    assert _decisive(_verdict(bench, 3)) == ["STATE_OPEN"]
    bench.vehicle.pulses(500)
    bench.apply(bench.orders().seal())
    assert _verdict(bench, 3).conclusion is Conclusion.INTACT
    _acknowledge(bench)
    assert _verdict(bench, 3).conclusion is Conclusion.INTACT
    bench.tamper()
    assert _decisive(_verdict(bench, 3)) == ["STATE_TAMPERED", "CASE_OPENED"]
    bench.apply(bench.challenged().clear())
    bench.apply(bench.challenged().retire())
    assert _decisive(_verdict(bench, 3)) == ["STATE_RETIRED"]


def test_a_day_price_that_was_changed_is_told_with_old_new_and_time() -> None:
    bench = Bench()
    bench.install_credential()
    bench.seal_it()
    assert bench.vehicle.taximeter is not None
    bench.vehicle.taximeter.set_parameter("day_round_trip_price_fen_per_km", "999")
    bench.vehicle.advance(5_000)
    verdict = _verdict(bench)
    assert _decisive(verdict) == ["STATE_TAMPERED", "FARE_PARAMETERS_CHANGED"]
    told = verdict.findings[1].message()
    day = datetime.fromtimestamp(NOW, UTC).strftime("%Y-%m-%d")
    assert "day_round_trip_price_fen_per_km" in told
    assert "→ 999" in told
    assert day in told


def test_a_lost_clock_is_undetermined_until_it_is_restored() -> None:
    bench = Bench()
    bench.install_credential()
    bench.enrol()
    bench.vehicle.lose_clock()
    bench.restart()
    assert "CLOCK_LOST" in _decisive(_verdict(bench))
    bench.apply(bench.challenged().restore_clock(NOW + 7_200))
    bench.vehicle.advance(1_000)
    bench.apply(bench.orders().seal())
    verdict = _verdict(bench)
    assert verdict.conclusion is Conclusion.INTACT
    assert "CLOCK_RESTORED" in [found.code for found in verdict.findings]


def test_a_pruned_journal_is_whole_from_its_base() -> None:
    bench = Bench()
    bench.install_credential()
    bench.seal_it()
    while bench.evidence().base_sequence == 0:
        bench.restart(1)
        _acknowledge(bench)
        bench.restart(1)
    bench.vehicle.advance(1_000)
    verdict = _verdict(bench)
    assert verdict.conclusion is Conclusion.INTACT
    assert "JOURNAL_PRUNED" in [found.code for found in verdict.findings]
    assert Group.CALIBRATION in dict(_material(bench).groups)
