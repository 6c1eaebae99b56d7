"""The seals of orders.json, as the rules see them (`SealView`)."""

from __future__ import annotations

from functools import cache
from typing import Any

from sealkit.crypto import Suite, get_suite
from sealkit.rules.history import History
from sealkit.rules.orders import SealView
from sealkit.rules.supervision import MeterLook
from sealkit.wire.credentials import CREDENTIAL
from sealkit.wire.records import RECORD
from sealkit.wire.registry import ORDER_MAX, TAMPER_RESERVE_RECORDS, ClockQuality, MeterSeen
from support.vectors import load

TAMPER_RECORD_MAX = 81 + 361
RETIRE_RECORD_MAX = 81 + 36 + 2 + ORDER_MAX + 1


@cache
def _history(suite_name: str, name: str) -> tuple[History, dict[int, bytes], int]:
    """The fold of a seal's chain, its journal's digests, and the sizes of its control records."""
    suite, setup = get_suite(suite_name), load(suite_name, "orders")["seals"][name]
    history = History(suite)
    control = [bytes.fromhex(raw) for raw in setup["control"]]
    for raw in control:
        history.add(RECORD.parse(raw))
    journal = {}
    for raw in map(bytes.fromhex, setup["journal"]):
        journal[RECORD.parse(raw).sequence] = suite.digest(raw)
    return history, journal, sum(map(len, control))


def history_of(suite_name: str, name: str) -> History:
    """The fold of the control chain of one of the seals."""
    return _history(suite_name, name)[0]


def view_of(suite_name: str, name: str, change: dict[str, Any]) -> SealView:
    """What a seal of orders.json knows, `change` put in place of the setup's own values."""
    suite: Suite = get_suite(suite_name)
    setup = {**load(suite_name, "orders")["seals"][name], **change}
    history, journal, used = _history(suite_name, name)
    assert history.genesis is not None
    maker, serial = setup["number"]
    seen = setup["observation"]
    challenge = setup["challenge"]
    room = history.genesis.control_capacity - used
    last = max([history.head.sequence, *journal])
    return SealView(
        suite=suite,
        maker=maker,
        serial=serial,
        seal_key=suite.key_id(history.genesis.public_key),
        manufacturer=CREDENTIAL.parse(bytes.fromhex(setup["manufacturer"])),
        history=history,
        clock=setup["clock"],
        clock_quality=ClockQuality(setup["clock_quality"]),
        clock_floor=setup["clock_floor"],
        tick_ms=setup["tick_ms"],
        challenge=None if challenge is None else bytes.fromhex(challenge),
        challenge_age_ms=setup["challenge_age_ms"],
        look=None
        if seen["seen"] == MeterSeen.NEVER
        else MeterLook(
            device=bytes.fromhex(seen["device"]),
            hardware_version=seen["hardware_version"],
            software=bytes.fromhex(seen["software"]),
            plate=seen["plate"],
            fare=bytes.fromhex(seen["fare"]),
        ),
        look_age_ms=seen["age_ms"],
        live_causes=setup["live_causes"],
        pulse_age_ms=setup["last_pulse_age_ms"],
        journal_digest=journal.get,
        next_sequence=last + 1,
        control_room=room - TAMPER_RESERVE_RECORDS * TAMPER_RECORD_MAX - RETIRE_RECORD_MAX,
        retire_room=room,
    )
