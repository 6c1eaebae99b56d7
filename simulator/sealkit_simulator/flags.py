"""The flags beside the state (SPEC.md chapter 9)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sealkit.rules.chain import counter_nearly_ended
from sealkit.wire.credentials import CREDENTIAL
from sealkit.wire.registry import CONTROL_RESERVE_ORDERS, ClockQuality, Flag
from sealkit_simulator.device import Device

TOLD_ELSEWHERE: Final = int(Flag.CASE_OPEN | Flag.METER_SILENT)
"""Flags whose changes other records tell: no flags record is written for them."""


def flags_of(
    device: Device,
    *,
    clock: int | None = None,
    quality: ClockQuality | None = None,
    restored: bool | None = None,
    driven: bool | None = None,
    appended: int = 0,
) -> int:
    """The flags' bits now; or after a record that leaves other facts, and is a control record of
    `appended` bytes."""
    now = device.clock.now if clock is None else clock
    quality = device.clock.quality if quality is None else quality
    restored = device.clock_restored if restored is None else restored
    driven = bool(device.registers.driven_while_open) if driven is None else driven
    following = device.storage.next_sequence + (1 if appended else 0)
    raised = {
        Flag.CLOCK_LOST: quality is ClockQuality.LOST,
        Flag.CLOCK_RESTORED: restored,
        Flag.STORAGE_NEARLY_FULL: (
            device.storage.control.orders_left(appended) < CONTROL_RESERVE_ORDERS
        ),
        Flag.JOURNAL_FULL: device.journal_full,
        Flag.BATTERY_LOW: device.attachments.battery_low,
        Flag.DRIVEN_WHILE_OPEN: driven,
        Flag.CERTIFICATE_EXPIRED: _expired(device.registers.credential, now),
        Flag.METER_SILENT: device.watch.silent,
        Flag.COUNTER_NEARLY_ENDED: counter_nearly_ended(following),
        Flag.CASE_OPEN: device.attachments.case_open,
    }
    return sum(flag for flag, is_raised in raised.items() if is_raised)


def _expired(credential: bytes, now: int) -> bool:
    return bool(credential) and now > _not_after(credential)


@lru_cache(maxsize=8)
def _not_after(credential: bytes) -> int:
    """The end of its validity. Flags are asked for far more often than a credential changes."""
    return CREDENTIAL.parse(credential).not_after
