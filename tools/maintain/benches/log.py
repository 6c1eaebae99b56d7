"""A long life in a log, written as the tests of appraisal write theirs: no device is so quick."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests"))

from appraisal.builder import Log, World, calibration, sealed

from sealkit.crypto import get_suite
from sealkit.wire.orders import GroupItem, ParametersBody
from sealkit.wire.parameters import build_group
from sealkit.wire.records import BootRecord, FlagsRecord, MeterRecord, RecordBody
from sealkit.wire.registry import (
    BootCause,
    Flag,
    Group,
    MeterEvent,
    OrderKind,
    RecordKind,
)

_DAYS: list[tuple[RecordKind, RecordBody]] = [
    (RecordKind.BOOT, BootRecord(BootCause.POWER, 30_000)),
    (RecordKind.METER, MeterRecord(MeterEvent.ANSWERS)),
    (RecordKind.METER, MeterRecord(MeterEvent.SILENT)),
    (RecordKind.FLAGS, FlagsRecord(0, int(Flag.BATTERY_LOW))),
]


def long_log(suite: str, records: int, orders: int) -> Log:
    """A log of so many records with so many orders spread over it; between them the taxi's days:
    ignition on and off, the meter answering and falling silent, the battery low and changed."""
    log = sealed(World(get_suite(suite)))
    every = records // orders
    while log.sequence < records:
        if log.sequence % every == 0:
            data = build_group(Group.CALIBRATION, bytes(16), calibration(log.clock + 86_400))
            body = ParametersBody((GroupItem(Group.CALIBRATION, data),))
            log.order(OrderKind.CONFIRM, body, log.world.station)
        else:
            log.journal_record(*_DAYS[log.sequence % len(_DAYS)])
    return log
