"""A small city: honest seals are well, planted faults are there as told, and a seed repeats it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from sealkit.appraisal import Conclusion, Policy, TrustBundle, appraise, from_export
from sealkit.errors import UsageError
from sealkit.rules.parameters import known_content
from sealkit.wire.evidence import EVIDENCE, Evidence
from sealkit.wire.export import Export, parse_export
from sealkit.wire.orders import ORDER
from sealkit.wire.parameters import CalibrationGroup, VehicleGroup
from sealkit.wire.records import RECORD, OrderRecord, Record, parse_record_body
from sealkit.wire.registry import Group, RecordKind
from sealkit_simulator.city.casting import cast_parts
from sealkit_simulator.city.decoys import known_decoys
from sealkit_simulator.city.faults import known_faults
from sealkit_simulator.city.manifest import MANIFEST, SCHEMA
from sealkit_simulator.city.plan import CityPlan
from sealkit_simulator.city.plays import Play
from sealkit_simulator.city.scene import Scene
from sealkit_tools.sim.city_command import TRUST_FILE, make

UNTIL = 1_795_500_000
RECORDS = 40
KINDS = [fault.name for fault in known_faults()]


class Made:
    """A city as it lies in its directory."""

    def __init__(self, directory: Path, **plan: Any) -> None:
        self.directory = directory
        values = {"seals": 42, "seed": 5, "until": UNTIL, "records": RECORDS, "planted": 18}
        self.plan = CityPlan(**{**values, **plan})
        self.city = make(directory, self.plan)
        lines = (directory / MANIFEST).read_text().splitlines()
        self.submissions = [json.loads(line) for line in lines]
        self.answers = json.loads((directory / "planted.json").read_text())
        self.trust = TrustBundle.from_json((directory / TRUST_FILE).read_bytes())

    def data(self, submission: dict[str, Any]) -> bytes:
        return (self.directory / submission["file"]).read_bytes()

    def of(self, seal: str) -> list[dict[str, Any]]:
        return [one for one in self.submissions if one["seal"] == seal]

    def exports(self, seal: str) -> list[Export]:
        return [parse_export(self.data(one)) for one in self.of(seal)]

    def faults(self, kind: str) -> list[list[str]]:
        return [one["seals"] for one in self.answers["faults"] if one["kind"] == kind]

    def planted(self) -> set[str]:
        return {seal for one in self.answers["faults"] for seal in one["seals"]}

    def found(self, submission: dict[str, Any]) -> tuple[Conclusion, set[str]]:
        material = from_export(self.data(submission))
        verdict = appraise(material, self.trust, Policy(), UNTIL)
        return verdict.conclusion, {one.code for one in verdict.findings}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("cities") / "city")


def evidence_of(export: Export) -> Evidence:
    assert export.evidence is not None
    return EVIDENCE.parse(export.evidence)


def orders_of(export: Export) -> Iterator[tuple[Record, OrderRecord]]:
    for raw in export.control:
        record = RECORD.parse(raw)
        body = parse_record_body(record)
        if isinstance(body, OrderRecord):
            yield record, body


def vehicle_of(export: Export) -> VehicleGroup:
    content = known_content(dict(export.groups), Group.VEHICLE)
    assert isinstance(content, VehicleGroup)
    return content


def links_of(export: Export) -> dict[int, bytes]:
    return {RECORD.parse(raw).sequence: raw for raw in (*export.control, *export.journal)}


def contradict(one: Export, other: Export) -> bool:
    """Whether two exports have different records of one number."""
    here, there = links_of(one), links_of(other)
    return any(here[number] != there[number] for number in here.keys() & there.keys())


def test_honest_seals_are_intact_at_every_visit(made: Made) -> None:
    honest = [one for one in made.submissions if one["seal"] not in made.planted()]
    assert len(honest) > 50
    assert {made.found(one)[0] for one in honest} == {Conclusion.INTACT}


def test_every_seal_has_its_year(made: Made) -> None:
    seals = {one["seal"] for one in made.submissions}
    assert len(seals) == made.plan.seals
    for seal in seals - made.planted():
        exports = made.exports(seal)
        assert len(exports) >= 3
        assert sum(1 for _ in orders_of(exports[-1])) >= 12
        sizes = [len(one.control) + len(one.journal) for one in exports]
        assert sizes == sorted(sizes)
        assert sizes[-1] >= RECORDS
        kinds = {RECORD.parse(raw).kind for raw in exports[-1].journal}
        assert {RecordKind.BOOT, RecordKind.METER, RecordKind.TARIFF} <= kinds


def test_the_manifest_tells_how_each_file_came(made: Made) -> None:
    assert {one["file"] for one in made.submissions} == {
        str(path.relative_to(made.directory)) for path in made.directory.glob("exports/*")
    }
    times = [one["received"] for one in made.submissions]
    assert times == sorted(times)
    assert times[-1] < UNTIL
    for one in made.submissions:
        assert one["schema"] == SCHEMA
        assert str(evidence_of(parse_export(made.data(one))).number) == one["seal"]


def test_every_kind_of_fault_is_planted(made: Made) -> None:
    assert len(made.answers["faults"]) == made.plan.planted
    assert {one["kind"] for one in made.answers["faults"]} == set(KINDS)
    assert len(KINDS) == 9
    assert all(one["expected"] for one in made.answers["faults"])


def test_forked_seals_have_two_histories_that_are_well_each(made: Made) -> None:
    for (seal,) in made.faults("fork"):
        assert any(contradict(*pair) for pair in combinations(made.exports(seal), 2))
        assert {made.found(one)[0] for one in made.of(seal)} == {Conclusion.INTACT}


def test_rolled_back_seals_say_less_or_otherwise_than_before(made: Made) -> None:
    fell = []
    for (seal,) in made.faults("rollback"):
        exports = made.exports(seal)
        assert any(contradict(*pair) for pair in combinations(exports, 2))
        heads = [evidence_of(one).control_sequence for one in exports]
        fell.append(heads != sorted(heads))
        assert {made.found(one)[0] for one in made.of(seal)} == {Conclusion.INTACT}
    assert any(fell)


def test_gaps_are_cut_out_of_the_last_export(made: Made) -> None:
    for (seal,) in made.faults("gap"):
        *_, last = made.of(seal)
        assert "RECORD_MISSING" in made.found(last)[1]


def test_seals_of_two_vehicles_are_named_or_seen_on_both(made: Made) -> None:
    how = set()
    for (seal,) in made.faults("two-vehicles"):
        vins = {vehicle_of(one).vin for one in made.exports(seal)}
        seen = {one["plate"] for one in made.of(seal)}
        assert len(seen) == 2
        how.add(len(vins))
    assert how == {1, 2}


def test_vehicles_of_two_seals_are_named_by_both(made: Made) -> None:
    for one, other in made.faults("two-seals"):
        assert vehicle_of(made.exports(one)[-1]) == vehicle_of(made.exports(other)[-1])


def test_two_places_are_too_far_apart_for_the_time_between(made: Made) -> None:
    for (seal,) in made.faults("two-places"):
        *_, here, there = made.of(seal)
        degrees = abs(here["latitude"] - there["latitude"]) + abs(
            here["longitude"] - there["longitude"]
        )
        assert degrees > 8  # nearly 900 km
        assert there["received"] - here["received"] < 5 * 3_600


def test_revoked_signers_worked_after_their_revocation(made: Made) -> None:
    statement = made.trust.statement
    assert statement is not None
    for (seal,) in made.faults("revoked-signer"):
        revoked = made.trust.suite.digest(made.city.people.revoked.credential.raw)
        signed = [
            record.clock
            for record, body in orders_of(made.exports(seal)[-1])
            if revoked in ORDER.parse(body.order).signers
        ]
        assert signed
        assert min(signed) > statement.issued_at


def test_foreign_signers_are_outside_their_scope(made: Made) -> None:
    for (seal,) in made.faults("foreign-signer"):
        assert "ORDER_CREDENTIAL" in made.found(made.of(seal)[-1])[1]


def test_overdue_seals_end_before_the_year_does(made: Made) -> None:
    later = set()
    for (seal,) in made.faults("overdue"):
        last = made.exports(seal)[-1]
        told = known_content(dict(last.groups), Group.CALIBRATION)
        assert isinstance(told, CalibrationGroup)
        assert told.valid_until < UNTIL
        later.add(told.valid_until > evidence_of(last).clock)
    assert later == {True, False}


def test_leads_are_unlike_their_fellows(made: Made) -> None:
    leads = made.answers["leads"]
    assert len(leads["technicians"]) == 1
    assert leads["k"]
    assert leads["tariff"]
    assert not made.planted() & {*leads["k"], *leads["tariff"]}


@pytest.mark.parametrize("decoy", known_decoys(), ids=lambda decoy: decoy.name)
def test_decoys_are_honest_and_may_not_look_it(decoy: Play, made: Made) -> None:
    serials = tuple(range(7_001, 7_001 + decoy.seals))
    outcome = decoy.play(Scene(made.plan, made.city.people, 99, serials))
    assert outcome.planted is not None
    assert outcome.planted.kind == decoy.name
    assert not outcome.planted.expected
    last = {one.seal: one.data for one in outcome.brought}
    assert tuple(last) == outcome.planted.seals
    for data in last.values():
        verdict = appraise(from_export(data), made.trust, Policy(), UNTIL)
        if decoy.name == "signed-before-revocation":  # only who remembers knows better
            assert verdict.conclusion is Conclusion.UNDETERMINED
            assert "ORDER_SIGNER_REVOKED" in {one.code for one in verdict.findings}
        else:
            assert verdict.conclusion is Conclusion.INTACT


def test_decoys_are_cast_among_the_others(made: Made) -> None:
    parts = cast_parts(replace(made.plan, seals=300), made.city.people)
    assert sum(part.play.seals for part in parts) == 300
    assert {decoy.name for decoy in known_decoys()} < {part.play.name for part in parts}


def told(made: Made) -> list[list[tuple[int, int, int, int, int]]]:
    """What the records of all exports say, but for signatures and digests over them."""
    return [
        [
            (record.sequence, record.kind, record.state, record.clock, record.tick_ms)
            for record in map(RECORD.parse, (*export.control, *export.journal))
        ]
        for export in (parse_export(made.data(one)) for one in made.submissions)
    ]


def test_a_seed_makes_the_same_city_again(tmp_path: Path) -> None:
    small = {"seals": 12, "records": 30, "planted": 6}
    one, same, other = (
        Made(tmp_path / name, seed=seed, **small) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one.submissions == same.submissions
    assert one.answers == same.answers
    assert told(one) == told(same)
    assert told(one) != told(other)


def test_a_city_of_the_other_suite_is_well(tmp_path: Path) -> None:
    made = Made(tmp_path / "city", seals=3, records=30, planted=0, suite="sm2")
    assert {made.found(one)[0] for one in made.submissions} == {Conclusion.INTACT}


@pytest.mark.parametrize(
    "wrong",
    [{"seals": 0}, {"records": 5}, {"planted": 30}, {"until": 5}, {"until": 1 << 50}],
)
def test_cities_that_cannot_be_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError) as refused:
        CityPlan(**{"seals": 42, "seed": 1, "until": UNTIL, **wrong})
    assert refused.value.code == "CITY_PLAN"


def test_nothing_is_put_beside_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("mine")
    with pytest.raises(UsageError) as refused:
        Made(tmp_path)
    assert refused.value.code == "DIRECTORY_NOT_EMPTY"
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]
