"""A whole city through a ledger: made, imported, verified, and held against what was planted.

    python tools/maintain/city.py [--seals 2000] [--seed 1] [--suite p256] [--dir DIR] [--write]

Prints how many of each kind of fault the ledger found, how many honest seals it accused, and how
many leads were right; --write puts the tables into docs/city.md. With --dir the city and the ledger
stay there; if the city is there already it is used.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from sealkit.appraisal import Conclusion, TrustBundle
from sealkit.station.bulk.importing import import_all
from sealkit.station.bulk.submissions import sources_in
from sealkit.station.bulk.verifying import verify_all
from sealkit.station.history.leads import Lead, LeadKind
from sealkit.station.ledger import Ledger
from sealkit.station.storage.judgements import Judgement
from sealkit_simulator.city.making import ANSWERS
from sealkit_simulator.city.plan import CityPlan
from sealkit_tools.sim.city_command import TRUST_FILE, make

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "city.md"
_LEADS: Final = {
    LeadKind.TECHNICIAN_BREAKS: ("technicians", "technicians whose seals break often"),
    LeadKind.K_UNUSUAL: ("k", "K unlike others of the model"),
    LeadKind.TARIFF_UNUSUAL: ("tariff", "tariff unlike others of the model"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, columns, rows."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]

    def markdown(self) -> str:
        """As it stands in docs/city.md."""
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        told = "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
        return f"## {self.title}\n\n{told}\n"


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it: the tables, what was missed, and who was accused without reason."""

    tables: list[Table]
    missed: list[str]
    accused: list[str]


def compare(
    answers: Mapping[str, Any], verdicts: Mapping[str, Judgement], leads: Sequence[Lead]
) -> Compared:
    """Holds the ledger's verdicts, by seal number, and its leads against the answers.

    A fault is found if a seal of it is not intact for a reason that names it. Any other seal that
    is not intact is accused without reason.
    """
    missed: list[str] = []
    by_kind: dict[str, list[bool]] = defaultdict(list)
    codes: dict[str, set[str]] = defaultdict(set)
    for fault in answers["faults"]:
        named = {code for seal in fault["seals"] for code in _against(verdicts[seal])}
        hit = named & set(fault["expected"])
        by_kind[fault["kind"]].append(bool(hit))
        codes[fault["kind"]] |= hit
        if not hit:
            missed.append(f"{fault['kind']} {', '.join(fault['seals'])}")
    guilty = {seal for fault in answers["faults"] for seal in fault["seals"]}
    decoys = {seal for decoy in answers["decoys"] for seal in decoy["seals"]}
    innocent = verdicts.keys() - guilty
    accused = {seal for seal in innocent if verdicts[seal].conclusion is not Conclusion.INTACT}
    faults = Table(
        "Planted faults",
        ("kind", "planted", "found", "findings"),
        [
            (kind, len(found), sum(found), ", ".join(sorted(codes[kind])) or "-")
            for kind, found in sorted(by_kind.items())
        ],
    )
    honest = Table(
        "Honest seals",
        ("seals", "judged", "accused"),
        [
            ("honest", len(innocent - decoys), len(accused - decoys)),
            ("honest, but look like a fault", len(innocent & decoys), len(accused & decoys)),
        ],
    )
    told = [f"{seal}: {', '.join(sorted(_against(verdicts[seal])))}" for seal in sorted(accused)]
    return Compared([faults, honest, _leads_table(answers["leads"], leads)], missed, told)


def _against(judgement: Judgement) -> set[str]:
    """The codes that keep a verdict from being intact."""
    bad = ("broken", "undetermined")
    return {found.code for found in judgement.findings if found.severity.value in bad}


def _leads_table(planted: Mapping[str, list[str]], leads: Sequence[Lead]) -> Table:
    rows: list[tuple[object, ...]] = []
    for kind, (name, words) in _LEADS.items():
        told = {lead.subject for lead in leads if lead.kind is kind}
        there = set(planted[name])
        rows.append((words, len(there), len(told & there), len(told - there)))
    return Table("Leads", ("lead", "planted", "hits", "false leads"), rows)


def size_table(ledger: Ledger) -> Table:
    """How much the ledger holds of each seal."""
    from sqlalchemy import Connection, func, select
    from sqlalchemy import Table as Rows

    from sealkit.station.storage import schema

    def count(tables: tuple[Rows, ...], connection: Connection) -> list[int]:
        counts: dict[int, int] = defaultdict(int)
        for table in tables:
            query = select(table.c.seal, func.count()).group_by(table.c.seal)
            for seal, number in connection.execute(query):
                counts[seal] += number
        return list(counts.values())

    what = {
        "records": (schema.control_records, schema.journal_records),
        "orders": (schema.orders,),
        "evidences": (schema.evidence,),
    }
    rows: list[tuple[object, ...]] = []
    for name, tables in what.items():
        counts = ledger.database.read(partial(count, tables))
        total = sum(counts)
        rows.append((name, f"{total:,}", min(counts), round(total / len(counts), 1), max(counts)))
    columns = ("what", "in the ledger", "fewest of a seal", "on average", "most of a seal")
    return Table("Size", columns, rows)


def judge_city(directory: Path, ledger_directory: Path, now: int) -> tuple[Compared, Table]:
    """Imports and verifies a city, as of `now`; what came of it, and how long it took."""
    took: dict[str, tuple[int, float]] = {}
    trust = TrustBundle.from_json((directory / TRUST_FILE).read_bytes())
    answers = json.loads((directory / ANSWERS).read_bytes())
    with Ledger.in_directory(ledger_directory) as ledger:
        ledger.use_trust(trust, now)
        sources = sources_in(directory, received=now, submitter="-")
        with _timed(took, "exports imported", len(sources)):
            report = import_all(ledger, sources)
        for failed in report.failed:
            print(f"not taken: {failed.name}: {failed.code}")
        with _timed(took, "seals verified", ledger.overview(now).seals):
            for _ in verify_all(ledger, ledger.bench(), now):
                pass
        verdicts = _last_verdicts(ledger)
        with _timed(took, "leads looked for", len(verdicts)):
            leads = ledger.leads()
        size = size_table(ledger)
    rows: list[tuple[object, ...]] = [
        (name, count, f"{seconds:.0f}") for name, (count, seconds) in took.items()
    ]
    compared = compare(answers, verdicts, leads)
    compared.tables.insert(0, size)
    return compared, Table("Time", ("work", "how many", "s"), rows)


def _last_verdicts(ledger: Ledger) -> dict[str, Judgement]:
    from sealkit.station.storage.fleet import PAGE_MAX, FleetQuery

    verdicts = {}
    after = None
    while page := ledger.seals(FleetQuery(after=after, limit=PAGE_MAX)):
        for summary in page:
            verdicts[str(summary.number)] = ledger.judgements(summary.number, limit=1)[0]
        after = page[-1].number
    return verdicts


@contextmanager
def _timed(took: dict[str, tuple[int, float]], name: str, count: int) -> Iterator[None]:
    begin = time.monotonic()
    yield
    took[name] = count, time.monotonic() - begin


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seals", type=int, default=2_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--suite", choices=("p256", "sm2"), default="p256")
    arguments.add_argument("--dir", type=Path)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="sealkit-city-") as temporary:
        home = given.dir or Path(temporary)
        city = home / "city"
        if not (city / ANSWERS).exists():
            begin = time.monotonic()
            plan = CityPlan(given.seals, given.seed, int(time.time()), suite=given.suite)
            made = make(city, plan)
            print(f"made {made.records} records in {time.monotonic() - begin:.0f} s")
        plan_told = json.loads((city / ANSWERS).read_bytes())["plan"]
        compared, times = judge_city(city, home / "ledger", plan_told["until"])
    shown = {name: plan_told[name] for name in ("seals", "seed", "records", "suite")}
    head = (
        "# A city through the ledger\n\n"
        f"`python tools/maintain/city.py --seals {shown['seals']} --seed {shown['seed']}"
        f" --suite {shown['suite']} --write`: a year of each seal, with at least"
        f" {shown['records']} records; an order is what people sign: installation, tariffs, tyres,"
        " verification, acknowledgement, trust. The faults are of every kind that only a ledger"
        " finds: two histories, one set back, one with a gap; a seal on two vehicles, a vehicle"
        " with two seals, a seal in two places at once; an order by somebody who was revoked, or"
        " of another region; a verification that is overdue. Two seals share the year where one"
        " took the other's place.\n"
    )
    text = "\n".join([head, *(table.markdown() for table in compared.tables)])
    print(text + "\n" + times.markdown())
    for line in [*(f"missed: {one}" for one in compared.missed), *compared.accused]:
        print(line)
    if given.write:
        DOCUMENT.write_text(text, encoding="utf-8")
    return 1 if compared.missed or compared.accused else 0


if __name__ == "__main__":
    raise SystemExit(main())
