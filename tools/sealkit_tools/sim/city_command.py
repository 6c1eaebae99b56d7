"""`sealkit sim city`: the exports of a whole city, with faults planted among them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.options import json_option
from sealkit_tools.terminal.output import print_facts, print_json
from sealkit_tools.terminal.progress import reading
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealkit_simulator.city.making import City
    from sealkit_simulator.city.plan import CityPlan

TRUST_FILE: Final = "trust.json"
STATION: Final = "station"
"""The files of one of its stations, so that a ledger of it can sign: STATION.pem and .cred."""


@click.command("city", cls=Command)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--seals", type=int, default=2_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--records", type=int, default=1_000, show_default=True, help="The fewest that a seal has."
)
@click.option("--planted", type=int, default=40, show_default=True, help="Faults, of every kind.")
@click.option("--until", help="End of the year, 2026-11-24 or with a time; by default now (UTC).")
@click.option("--suite", type=click.Choice(["p256", "sm2"]), default="p256", show_default=True)
@json_option
def city(
    directory: Path,
    seals: int,
    seed: int,
    records: int,
    planted: int,
    until: str | None,
    suite: str,
    as_json: bool,
) -> None:
    """Make a year of a whole city's seals in the new directory DIR, on all cores.

    For `sealkit station import DIR --trust DIR/trust.json`: what was submitted in a year, and how
    it came. Among the seals are faults, honest seals that look a little like them, and people and
    meters that are worth a look; DIR/planted.json tells which. All keys are drawn from the seed;
    DIR/station.pem and .cred are those of a station, under the passphrase `simulated`.
    """
    from sealkit_simulator.city.plan import CityPlan

    plan = CityPlan(
        seals=seals,
        seed=seed,
        until=_moment(until),
        records=records,
        planted=planted,
        suite=suite,
    )
    with reading(say("Making the city")) as progress:
        made = make(directory, plan, progress)
    facts = {
        "directory": str(directory),
        "seals": seals,
        "submissions": made.submissions,
        "records": made.records,
        "bytes": made.export_bytes,
        "planted": dict(sorted(Counter(one.kind for one in made.faults).items())),
        "decoys": dict(sorted(Counter(one.kind for one in made.decoys).items())),
    }
    if as_json:
        print_json("sealkit.sim.city/1", **facts, until=plan.until, seed=seed)
    else:
        print_facts("City", facts.items())


def make(
    directory: Path, plan: CityPlan, progress: Callable[[int, int], None] | None = None
) -> City:
    """Makes a city with its trust file and a station's key. Errors: those of `make_city`."""
    from sealkit.appraisal import TrustBundle
    from sealkit.crypto import get_suite
    from sealkit.keys.credentialfile import write_credentials
    from sealkit.keys.files import write_whole
    from sealkit.keys.store import save_key
    from sealkit_simulator.city.making import make_city
    from sealkit_simulator.maker import PASSPHRASE

    made = make_city(directory, plan, progress)
    people, suite = made.people, get_suite(plan.suite)
    station = people.workshops[0].station
    prefix = directory / STATION
    save_key(prefix.with_suffix(".pem"), suite.private_key(station.scalar), PASSPHRASE)
    write_credentials(prefix.with_suffix(".cred"), station.chain)
    trust = TrustBundle(
        suite,
        people.authority.credential,
        (people.maker.credential,),
        people.statements[-1],
    )
    write_whole(directory / TRUST_FILE, trust.to_json())
    return made


def _moment(text: str | None) -> int:
    from sealkit.errors import UsageError

    if text is None:
        return now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            "TIME_MALFORMED", f"{text!r} is no time.", "Write it as 2026-11-24T12:00:00."
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())
