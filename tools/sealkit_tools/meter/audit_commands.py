"""`sealkit audit`: what a taximeter recorded, held to what is sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sealkit.errors import MalformedError, UsageError
from sealkit_tools.meter.trips_commands import TRIP_COLUMNS, csv_option, trip_cells, warn
from sealkit_tools.terminal.options import FILE, json_option
from sealkit_tools.terminal.output import CONCLUSION_STATUS, print_facts, print_json, print_table
from sealkit_tools.verify.kept_files import read_export_file
from sealkit_tools.words.bilingual import Group
from sealkit_tools.words.language import say

if TYPE_CHECKING:
    from sealkit.meter.audit import AuditedTrip, TariffsAt
    from sealkit.meter.resolution import DistanceRounding
    from sealkit.meter.tariff import CityRules
    from sealkit.meter.trip_file import TripFile
    from sealkit.wire.export import Export

_CHINA_S: Final = 8 * 3600


@click.group(cls=Group)
def audit() -> None:
    """Hold what a taximeter recorded against what is sealed."""


@audit.command("trips")
@click.argument("file", type=FILE)
@click.option(
    "--tariff",
    "tariff_text",
    metavar="EXPORT_OR_HEX",
    help="The sealed tariff: a file of `sealkit log export` (verify it first), or the 127 bytes "
    "of fare parameters in hex.",
)
@click.option(
    "--rounding",
    type=click.Choice(("cut", "round")),
    help="What the meter does with less than 0.1 km; without it, what the export says was sealed, "
    "or else both are allowed for.",
)
@click.option(
    "--round-to-fen",
    type=click.IntRange(10, 1000),
    default=10,
    show_default=True,
    help="What the city rounds amounts to.",
)
@click.option(
    "--waiting-below",
    "waiting_below_m_per_h",
    type=click.IntRange(0, 100_000),
    default=12_000,
    show_default=True,
    help="Speed in m/h below which the city charges waiting.",
)
@click.option(
    "--surcharge-fen",
    type=click.IntRange(0, 9999),
    help="The city's surcharge for each trip, if the fare parameters do not tell it.",
)
@csv_option
@json_option
def audit_file(
    file: Path,
    tariff_text: str | None,
    rounding: str | None,
    round_to_fen: int,
    waiting_below_m_per_h: int,
    surcharge_fen: int | None,
    as_csv: bool,
    as_json: bool,
) -> int:
    """Say which trips in FILE cost what the tariff does not allow, overlap or are missing.

    FILE is what `sealkit meter trips --out` wrote, JSON or CSV. Exit status 7 if something lies
    outside; 9 if something could not be determined, or the tariff is only the meter's own word.
    """
    from sealkit.keys.files import read_bounded
    from sealkit.meter.audit import audit_trips
    from sealkit.meter.resolution import DistanceRounding
    from sealkit.meter.tariff import CityRules
    from sealkit.meter.trip_file import FILE_MAX, csv_text, parse_trips

    trip_file = parse_trips(read_bounded(file, FILE_MAX))
    city = CityRules(waiting_below_m_per_h, round_to_fen, surcharge_fen)
    export = _export(tariff_text)
    tariffs_at = (
        _tariffs(tariff_text, trip_file, city)
        if export is None
        else _sealed_tariffs(export, tariff_text, city)
    )
    known = DistanceRounding(rounding) if rounding else _sealed_rounding(export)
    audited = list(audit_trips(trip_file.records, tariffs_at, rounding=known))
    sealed = tariff_text is not None
    verdict = _verdict(audited, sealed)
    if as_json:
        print_json(
            "sealkit.audit.trips/1",
            verdict=verdict,
            tariff_from="given" if sealed else "meter",
            summary=_summary(audited),
            trips=[_audited_row(trip) for trip in audited],
        )
    elif as_csv:
        click.echo(csv_text(_csv_row(trip) for trip in audited), nl=False)
    else:
        _print_audit(audited)
    if not sealed:
        warn("The tariff is what the meter itself told.", say("Give the sealed one by --tariff."))
    return CONCLUSION_STATUS[verdict]


def _export(text: str | None) -> Export | None:
    """The export that is meant, if there is such a file."""
    from sealkit.wire.export import parse_export

    if text is None or not Path(text).is_file():
        return None
    return parse_export(read_export_file(Path(text)))


def _sealed_rounding(export: Export | None) -> DistanceRounding | None:
    """What the station found the meter to do, and sealed; None where nothing is sealed about it."""
    from sealkit.meter.resolution import DistanceRounding
    from sealkit.rules.parameters import supervision_of
    from sealkit.wire.registry import Rounding

    limits = None if export is None else supervision_of(dict(export.groups))
    if limits is None:
        return None
    return DistanceRounding.CUT if limits.rounding is Rounding.CUTS else DistanceRounding.ROUND


def _tariffs(text: str | None, trip_file: TripFile, city: CityRules) -> TariffsAt:
    """By which tariff trips may be charged. One that nobody can charge by is refused here."""
    from sealkit.meter.layouts import FARE_PARAMETERS
    from sealkit.meter.tariff import Tariff

    fare = trip_file.fare
    if text is not None:
        try:
            raw = bytes.fromhex(text)
        except ValueError as error:
            raise UsageError(
                "TARIFF_NOT_FOUND",
                "The tariff is neither a file that is there nor hex.",
                "Give an export of a seal's log, or the 127 bytes of fare parameters in hex.",
            ) from error
        fare = FARE_PARAMETERS.parse(raw)
    if fare is None:
        raise UsageError(
            "TARIFF_NEEDED", "A CSV file does not tell the tariff.", "Give it by --tariff."
        )
    tariff = Tariff.of(fare, city)
    return lambda hired_at: (tariff,)


def _sealed_tariffs(export: Export, name: str | None, city: CityRules) -> TariffsAt:
    from datetime import datetime, timedelta

    from sealkit.meter.layouts import FARE_PARAMETERS
    from sealkit.meter.tariff import Tariff
    from sealkit.rules.parameters import tariff_of
    from sealkit.rules.supervision import accepted_fares

    group = tariff_of(dict(export.groups))
    if group is None:
        raise MalformedError(
            "TARIFF_NOT_SEALED",
            f"No tariff is sealed in {name}.",
            "Export the log of a sealed seal, or give the fare parameters in hex.",
        )
    known = {
        fare: Tariff.of(FARE_PARAMETERS.parse(fare), city)
        for fare in (group.fare, *(pending.fare for pending in group.pending))
    }

    def at(hired_at: datetime) -> Sequence[Tariff]:
        clock = int((hired_at - datetime(1970, 1, 1)) / timedelta(seconds=1)) - _CHINA_S
        return [known[fare] for fare in accepted_fares(group, clock)]

    return at


def _verdict(audited: Iterable[AuditedTrip], sealed: bool) -> str:
    """Broken before undetermined before intact, as everywhere."""
    kinds = {finding.kind for trip in audited for finding in trip.findings}
    if any(not kind.is_undetermined for kind in kinds):
        return "broken"
    return "undetermined" if kinds or not sealed else "intact"


def _summary(audited: Sequence[AuditedTrip]) -> dict[str, Any]:
    kinds = Counter(finding.kind.value for trip in audited for finding in trip.findings)
    over = [
        trip.record.amount_fen - trip.allowed.most_fen
        for trip in audited
        if trip.allowed is not None and trip.record.amount_fen > trip.allowed.most_fen
    ]
    widths = sorted(trip.allowed.width_fen for trip in audited if trip.allowed is not None)
    return {
        "trips": len(audited),
        "trips_with_findings": sum(bool(trip.findings) for trip in audited),
        "findings": dict(kinds),
        "overcharged_fen": sum(over),
        "median_width_fen": widths[len(widths) // 2] if widths else None,
        "greatest_width_fen": widths[-1] if widths else None,
    }


def _print_audit(audited: Sequence[AuditedTrip]) -> None:
    from sealkit.meter.audit import in_yuan, yuan

    def width(fen: int | None) -> str:
        return "-" if fen is None else yuan(fen)

    print_table(
        "Audit of trips",
        [*TRIP_COLUMNS, "Allowed"],
        (
            [*trip_cells(trip.record), "-" if trip.allowed is None else in_yuan(trip.allowed)]
            for trip in audited
        ),
    )
    wrong = [(str(trip.record.trip_number), "\n".join(_said(trip))) for trip in audited]
    if any(said for _, said in wrong):
        print_table(
            "What lies outside", ["Trip", "What is wrong"], [row for row in wrong if row[1]]
        )
    summary = _summary(audited)
    print_facts(
        "Together",
        [
            ("Trips", summary["trips"]),
            ("Trips with findings", summary["trips_with_findings"]),
            ("Overcharged, in yuan", yuan(summary["overcharged_fen"])),
            ("Width of what is allowed, median", width(summary["median_width_fen"])),
            ("Width of what is allowed, greatest", width(summary["greatest_width_fen"])),
        ],
    )


def _said(trip: AuditedTrip) -> list[str]:
    """What is wrong, a line each."""
    lines = [f"{say(f.kind.text)} {f.detail}".rstrip() for f in trip.findings]
    if trip.explained_by_m is not None:
        lines.append(f"{say('As for this distance in km:')} {trip.explained_by_m / 1000:.1f}")
    if trip.explained_by_minutes is not None:
        lines.append(f"{say('As for this waiting in min:')} {trip.explained_by_minutes}")
    return lines


def _audited_row(trip: AuditedTrip) -> dict[str, Any]:
    from sealkit.meter.trip_file import trip_row

    allowed = trip.allowed
    return {
        **trip_row(trip.record),
        "allowed_least_fen": None if allowed is None else allowed.least_fen,
        "allowed_most_fen": None if allowed is None else allowed.most_fen,
        "findings": [
            {
                "code": finding.kind.value,
                "message": say(finding.kind.text),
                "detail": finding.detail,
            }
            for finding in trip.findings
        ],
        "explained_by_distance_m": trip.explained_by_m,
        "explained_by_waiting_minutes": trip.explained_by_minutes,
    }


def _csv_row(trip: AuditedTrip) -> dict[str, Any]:
    row = _audited_row(trip)
    return row | {"findings": " ".join(finding["code"] for finding in row["findings"])}
