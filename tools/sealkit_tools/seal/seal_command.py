"""`sealkit seal`: the technician's main job."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sealkit.errors import UndeterminedError, UsageError
from sealkit_tools.seal.giving import give, giving, giving_options
from sealkit_tools.terminal.clock import now
from sealkit_tools.terminal.options import FILE
from sealkit_tools.words.bilingual import Command

if TYPE_CHECKING:
    from sealkit.rules.supervision import MeterLook
    from sealkit.seal import SealClient
    from sealkit.wire.messages import Observation

_ROLES = ("technician", "station")
_LOOK_PATIENCE_S: Final = 65.0
"""A seal looks at the meter every 60 seconds at the least (P-11)."""
_LOOK_PAUSE_S: Final = 0.25


@click.command("seal", cls=Command)
@click.argument("spec", required=False)
@click.option(
    "--job",
    type=FILE,
    help="What is sealed besides what the meter tells: see --template.",
)
@click.option("--meter", help="SPEC of the meter's own line, to read it directly.")
@click.option("--template", is_flag=True, help="Print a job file to fill in.")
@giving_options(*_ROLES)
def seal(
    spec: str | None, job: Path | None, meter: str | None, template: bool, **options: Any
) -> None:
    """Seal the parameters of the taximeter that the seal at SPEC watches.

    Tariff and identity are read from the meter: through the seal, and with --meter directly as
    well. Everything is shown, old beside new, before anybody signs. A change of the tariff alone
    may be signed by the station alone.
    """
    from sealkit.keys.files import read_bounded
    from sealkit.seal import open_seal
    from sealkit.seal.history import read_history
    from sealkit.seal.job import JOB_MAX, TEMPLATE, groups_of_job, read_job
    from sealkit.wire.orders import GroupItem, ParametersBody
    from sealkit.wire.registry import Group, OrderKind, State

    if template:
        click.echo(TEMPLATE, nl=False)
        return
    if spec is None:
        raise UsageError(
            "USAGE", "No seal is named.", "Give its SPEC, such as serial:/dev/ttyUSB0."
        )
    how = giving(options, _ROLES)
    values = read_job(read_bounded(job, JOB_MAX)) if job else {}
    with open_seal(spec) as client:
        shown = read_history(client)
        look = _look(client, meter)
        groups = groups_of_job(
            values,
            look,
            shown.history.groups,
            now=now(),
            salt=secrets.token_bytes,
        )
        if shown.history.state is not State.SEALED and Group.CALIBRATION not in groups:
            raise UsageError(
                "JOB_INCOMPLETE",
                "A seal that is open is sealed with a calibration, and the job says nothing of it.",
                "Give a job file with a [calibration] table: `sealkit seal --template`.",
            )
        body = ParametersBody(tuple(GroupItem(number, data) for number, data in groups.items()))
        give(client, shown, OrderKind.SEAL, body, how)


def _look(client: SealClient, meter: str | None) -> MeterLook:
    """The meter as the seal sees it; with its own line, only if both see the same."""
    from sealkit.rules.supervision import MeterLook
    from sealkit.wire.registry import MeterSeen

    seen = _observation(client)
    if seen.seen is not MeterSeen.ANSWERS:
        raise UndeterminedError(
            "METER_NOT_SEEN",
            "The seal has never seen the meter answer."
            if seen.seen is MeterSeen.NEVER
            else "The meter does not answer the seal.",
            "Check the line between seal and meter, and that the meter is on.",
        )
    look = MeterLook(seen.device, seen.hardware_version, seen.software, seen.plate, seen.fare)
    if meter is not None:
        from sealkit_tools.devices.meter_look import read_look

        direct = read_look(meter)
        if direct != look:
            raise UndeterminedError(
                "METER_LOOKS_DIFFER",
                "The meter, asked directly, tells other parameters than the seal sees.",
                "Wait for the seal's next look; if they still differ, follow the cable.",
            )
    return look


def _observation(client: SealClient) -> Observation:
    """A look of the seal's at the meter from after now.

    What it saw before may have been changed since, and would be sealed only to be found broken.
    """
    from sealkit.wire.registry import MeterSeen

    began = time.monotonic()
    while True:
        waited_s = time.monotonic() - began
        seen = client.observation()
        if seen.seen is not MeterSeen.ANSWERS or seen.age_ms <= waited_s * 1000:
            return seen
        if waited_s > _LOOK_PATIENCE_S:
            raise UndeterminedError(
                "METER_NOT_SEEN",
                f"The seal has not looked at the meter for {seen.age_ms // 1000} s.",
                "Check the line between seal and meter, and that the meter is on.",
            )
        time.sleep(_LOOK_PAUSE_S)
