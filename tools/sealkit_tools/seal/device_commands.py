"""`sealkit ports`, `info`, `limits` and `provision`: what is there, and how it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sealkit.errors import UsageError
from sealkit_tools.keys.validity import validity
from sealkit_tools.terminal.options import json_option, prefix_option
from sealkit_tools.terminal.output import print_facts, print_json, print_table
from sealkit_tools.words.bilingual import Command
from sealkit_tools.words.language import say

_SEAL_CREDENTIAL_DAYS = 3650


@click.command(cls=Command)
@json_option
def ports(as_json: bool) -> None:
    """List the serial ports, with the names that survive replugging."""
    from sealkit.transport import list_ports

    found = list_ports()
    if as_json:
        rows = [
            {
                "device": port.device,
                "by_id": port.by_id,
                "description": port.description,
                "spec": f"serial:{port.by_id or port.device}",
            }
            for port in found
        ]
        print_json("sealkit.ports/1", ports=rows)
        return
    print_table(
        "Serial ports",
        ["Port", "Name that stays", "Description"],
        [(port.device, port.by_id or "-", port.description or "-") for port in found],
    )


@click.command(cls=Command)
@click.argument("spec")
@json_option
def info(spec: str, as_json: bool) -> None:
    """Show number, firmware, state, clock, heads and counters of the seal at SPEC.

    What is shown here is not signed; `sealkit verify` judges what is.
    """
    from sealkit.seal import open_seal

    with open_seal(spec) as seal:
        facts = _facts(seal.info(), seal.status(), seal.observation())
    if as_json:
        print_json("sealkit.info/1", **facts)
    else:
        print_facts(say("Seal {}").format(facts["seal"]), facts.items())


def _facts(info: Any, status: Any, observation: Any) -> dict[str, Any]:
    from sealkit.crypto import get_suite
    from sealkit.rules.history import cause_bit
    from sealkit.seal.words import time_words
    from sealkit.wire.registry import Cause, Flag

    def causes(bits: int) -> list[str]:
        return [cause.name.lower() for cause in Cause if bits & cause_bit(cause)]

    def version(number: int) -> str:
        return f"{number >> 16}.{number >> 8 & 0xFF}.{number & 0xFF}"

    return {
        "seal": str(info.number),
        "model": info.model,
        "suite": get_suite(info.suite).name,
        "protocol": info.protocol,
        "firmware": version(info.firmware_version),
        "firmware_digest": info.firmware_digest.hex(),
        "state": status.state.name.lower(),
        "flags": [flag.name.lower() for flag in Flag if flag.name and status.flags & flag],
        "latched_causes": causes(status.latched_causes),
        "live_causes": causes(status.live_causes),
        "clock": time_words(status.clock),
        "clock_quality": status.clock_quality.name.lower(),
        "boots": status.boot,
        "tick_ms": status.tick_ms,
        "control_head": {
            "sequence": status.control_sequence,
            "digest": status.control_digest.hex(),
        },
        "journal_head": {
            "sequence": status.journal_sequence,
            "digest": status.journal_digest.hex(),
        },
        "trust_version": status.trust_version,
        "calibration_counter": f"{status.calibration_counter % 1000:03d}",
        "configuration_counter": f"{status.configuration_counter % 1000:03d}",
        "meter_seen": observation.seen.name.lower(),
        "meter_device": observation.device.hex(),
        "meter_software": f"{observation.software[0]:02x}.{observation.software[1]:02x}",
        "order_max": info.order_max,
        "frame_max": info.frame_max,
        "orders_that_fit": status.control_free,
        "journal_free": status.journal_free,
    }


@click.command(cls=Command)
@json_option
def limits(as_json: bool) -> None:
    """Show the buffers that a seal must hold in memory, and their sum (SPEC.md M-1)."""
    from sealkit.wire.registry import BUFFERS

    total = sum(size for size, _ in BUFFERS.values())
    bound = 16 * 1024
    if as_json:
        buffers = {name: size for name, (size, _) in BUFFERS.items()}
        print_json("sealkit.limits/1", buffers=buffers, total=total, bound=bound)
        return
    rows = [(name, f"{size:,}", why) for name, (size, why) in BUFFERS.items()]
    print_table(
        "Memory of a seal",
        ["Buffer", "Bytes", "What for"],
        [*rows, (say("together"), f"{total:,}", say("to stay under {}").format(f"{bound:,}"))],
    )


@click.command(cls=Command)
@click.argument("spec")
@prefix_option("--manufacturer", required=True, help="The manufacturer's key and credential.")
@click.option(
    "--days", type=click.IntRange(1, 36500), default=_SEAL_CREDENTIAL_DAYS, show_default=True
)
@json_option
def provision(spec: str, manufacturer: Path, days: int, as_json: bool) -> None:
    """As its maker, bind a seal's number to its key: issue its credential and install it."""
    from sealkit.keys.issuing import issue_credential
    from sealkit.seal import open_seal
    from sealkit.wire.registry import Role
    from sealkit_tools.keys.people import load_person

    person = load_person(manufacturer)
    with open_seal(spec) as seal:
        info = seal.info()
        if info.suite != person.credential.suite:
            raise UsageError(
                "SUITE_DIFFERS",
                "The seal and the manufacturer's key are of different suites.",
                "Use the manufacturer's key of the seal's suite.",
            )
        not_before, not_after = validity(days)
        credential = issue_credential(
            person.key(),
            person.credential,
            role=Role.SEAL,
            scope=info.maker,
            serial=info.serial,
            generation=1,
            not_before=not_before,
            not_after=not_after,
            public_key=info.public_key,
            name=f"seal {info.number}",
        )
        seal.install_credential(credential.raw)
    if as_json:
        print_json("sealkit.provision/1", seal=str(info.number), credential=credential.raw.hex())
    else:
        print_facts(
            "Credential installed", [("Seal", info.number), ("Maker", person.credential.name)]
        )
