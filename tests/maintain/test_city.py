"""A city through the ledger: what was planted is found, nobody else is accused, and it is told."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "maintain"))

from city import judge_city

from sealkit_simulator.city.faults import known_faults
from sealkit_simulator.city.plan import CityPlan
from sealkit_tools.sim.city_command import make

UNTIL = 1_795_500_000


def test_a_small_city_is_seen_through(tmp_path: Path) -> None:
    plan = CityPlan(seals=40, seed=11, until=UNTIL, records=30, planted=18)
    make(tmp_path / "city", plan)
    compared, _ = judge_city(tmp_path / "city", tmp_path / "ledger", UNTIL)
    assert compared.missed == []
    assert compared.accused == []
    _, faults, honest, _ = compared.tables
    assert [row[:3] for row in faults.rows] == [(one.name, 2, 2) for one in known_faults()]
    assert [row[1:] for row in honest.rows] == [(40 - 18 - 2, 0), (0, 0)]
    assert "| fork | 2 | 2 | HISTORY_FORKED |" in faults.markdown()
