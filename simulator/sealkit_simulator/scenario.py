"""A seal in the middle of a life that somebody else has told: for vectors, which say what a seal
answers in a given situation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealkit.crypto import Suite
from sealkit.rules.chain import EMPTY_CHAIN, Head
from sealkit.rules.supervision import MeterLook
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import ClockQuality
from sealkit_simulator.attachments import Attachments
from sealkit_simulator.clock import VirtualTime
from sealkit_simulator.crypto_core import make_core
from sealkit_simulator.device import Device, OutstandingChallenge
from sealkit_simulator.seal import SimulatedSeal
from sealkit_simulator.storage import FlashPlan, Storage

_PLAN: Final = FlashPlan(control_sectors=32, journal_sectors=4)


@dataclass(frozen=True, slots=True)
class Scenario:
    """key: the private scalar, 32 bytes. control, journal: records, rising; base: the journal
    record before the first of them. Ages are ticks (ms); look None: the meter was never seen;
    last_pulse_age_ms None: no pulse yet. clock, clock_floor: seconds since 1970."""

    number: SealNumber
    key: bytes
    manufacturer: bytes
    credential: bytes
    control: tuple[bytes, ...]
    journal: tuple[bytes, ...]
    clock: int
    clock_quality: ClockQuality
    clock_floor: int
    tick_ms: int
    boot: int
    base: Head = EMPTY_CHAIN
    challenge: bytes | None = None
    challenge_age_ms: int = 0
    look: MeterLook | None = None
    look_age_ms: int = 0
    live_causes: int = 0
    last_pulse_age_ms: int | None = None


def seal_in(suite: Suite, scenario: Scenario) -> SimulatedSeal:
    """The seal in this situation; it has not just been booted."""
    core = make_core(suite.private_key(scenario.key), scenario.number, scenario.manufacturer)
    flash = _PLAN.flash()
    storage = Storage(flash, suite, _PLAN)
    values = storage.registers.values
    values.boot = scenario.boot
    values.tick_ms = scenario.tick_ms
    values.clock_quality = scenario.clock_quality
    values.base_sequence, values.base_digest = scenario.base.sequence, scenario.base.digest
    values.credential = scenario.credential
    storage.registers.store()
    for record in scenario.control:
        storage.control.append(record)
    for record in scenario.journal:
        storage.journal.append(record, acknowledged=0)

    time = VirtualTime(scenario.clock * 1000)
    device = Device(flash, _PLAN, core, time, Attachments())
    device.clock.floor = scenario.clock_floor
    tick = device.clock.tick_ms
    if scenario.challenge is not None:
        given_at = tick - scenario.challenge_age_ms
        device.challenge = OutstandingChallenge(scenario.challenge, given_at)
    device.watch.look = scenario.look
    device.watch.looked_at = tick - scenario.look_age_ms
    device.live_causes = scenario.live_causes
    if scenario.last_pulse_age_ms is not None:
        device.last_pulse_tick = tick - scenario.last_pulse_age_ms
    return SimulatedSeal(device)
