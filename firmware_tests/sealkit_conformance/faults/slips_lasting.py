"""Slips of the pen in what lasts and in what is watched: a count in a byte, a register that is not
stored, a threshold that is a little off (chapters 7 to 11)."""

from __future__ import annotations

from functools import partial
from typing import Final

from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import slip

FAULTS: Final[list[Fault]] = []
_slip = partial(slip, FAULTS)
_APPLYING: Final = "sealkit_simulator.applying:"
_STARTING: Final = "sealkit_simulator.starting:"
_RECORDING: Final = "sealkit_simulator.recording:"
_EVIDENCE: Final = "sealkit_simulator.evidence:"
_SUPERVISION: Final = "sealkit_simulator.supervision:"
_DEVICE: Final = "sealkit_simulator.device:Device."
_JOURNAL: Final = "sealkit_simulator.journal:Journal."
_WATCH: Final = "sealkit_simulator.meter_watch:MeterWatch."
_K: Final = "sealkit_simulator.watching.distance_constant:DistanceConstant."
_TRIPS: Final = "sealkit_simulator.watching.trips:Trips."

# Records.

_slip(
    "counts-its-boots-from-zero",
    "R-4",
    "The start at which it is born has number 0.",
    _STARTING + "start",
    "device.registers.boot += 1",
    "device.registers.boot += device.history.genesis is not None",
)
_slip(
    "has-nothing-attached",
    "R20",
    "The inventory in genesis is left at zero.",
    _STARTING + "_be_born",
    "attachments=sum(Attachment)",
    "attachments=0",
)
_slip(
    "takes-a-power-cut-for-a-reset",
    "R56",
    "The cause of every boot is told as a reset.",
    _STARTING + "start",
    "device.boot_cause",
    "BootCause.RESET",
    also=("R-4",),
)
_slip(
    "measures-a-gap-from-the-last-record",
    "R56",
    "The gap of a boot begins with the last record, not when the power went.",
    _STARTING + "_gap",
    "device.registers.last_seen_ms",
    "device.clock.floor * 1000",
    also=("R-4",),
)
_slip(
    "measures-a-gap-without-a-sign",
    "R56",
    "The gap of a clock that went back is a great number.",
    _STARTING + "_gap",
    "max(0, device.clock.now_ms - device.registers.last_seen_ms) // 1000",
    "(device.clock.now_ms - device.registers.last_seen_ms) // 1000 & 0xFFFFFFFF",
    also=("R-4",),
)
_slip(
    "tells-all-pulses-as-driven-open",
    "R-4",
    "What was driven while OPEN is told from the first pulse of the seal's life.",
    _APPLYING + "_note_driven",
    "DrivenRecord(told, device.registers.pulses)",
    "DrivenRecord(0, device.registers.pulses)",
)
_slip(
    "tells-that-nothing-was-driven",
    "R-4",
    "A record of what was driven is written when nothing was.",
    _APPLYING + "_note_driven",
    "if device.registers.pulses > told:",
    "if True:",
)
_slip(
    "tells-what-was-driven-at-seal-alone",
    "R-4",
    "RETIRE ends OPEN without a record of what was driven.",
    _APPLYING + "_carry_out",
    "if before is State.OPEN and after is not State.OPEN:",
    "if before is State.OPEN and after is State.SEALED:",
)
_slip(
    "tells-what-was-driven-in-tampered",
    "R-4",
    "CLEAR has what was driven in TAMPERED told as driven while OPEN.",
    _APPLYING + "_carry_out",
    "if before is State.OPEN and after is not State.OPEN:",
    "if before in (State.OPEN, State.TAMPERED) and after is not before:",
)
_slip(
    "records-what-was-driven-behind-its-head",
    "R-3",
    "SEAL names the journal's head as it was before what was driven was told.",
    _APPLYING + "_carry_out",
    "OrderRecord(journal.sequence, journal.digest,",
    "OrderRecord(*((journal.sequence - 1, NO_DIGEST) if closes else "
    "(journal.sequence, journal.digest)),",
)
_slip(
    "names-the-base-for-the-journals-head",
    "R-3",
    "Once the journal was pruned, control records name its base for its head.",
    _APPLYING + "_carry_out",
    "journal = device.storage.journal_head",
    "journal = device.storage.base\n"
    "    if not journal.sequence:\n        journal = device.storage.journal_head",
)
_slip(
    "records-flags-that-others-tell",
    "R-4",
    "A case or a meter's silence is told by a record of flags as well.",
    _RECORDING + "note_flags",
    "flags_of(device) & ~TOLD_ELSEWHERE",
    "flags_of(device)",
)
_slip(
    "does-not-record-an-expiry",
    "R-4",
    "That its own credential has expired is a flag without a record.",
    _RECORDING + "note_flags",
    "if before != after:",
    "if before | 64 != after | 64:",
    also=("K-6",),
)
_slip(
    "warns-of-the-counters-end-a-little-late",
    "R-8",
    "The warning of the counter's end comes three numbers late.",
    "sealkit.rules.chain:counter_nearly_ended",
    "- COUNTER_WARNING",
    "- COUNTER_WARNING + 3",
)

# The journal.

_slip(
    "takes-an-acknowledgement-back",
    "J-2",
    "An older record named later is the last that may go.",
    "sealkit.rules.history:History._apply",
    "if body.sequence > self.acknowledged.sequence:",
    "if body.sequence:",
    also=("O-32",),
)
_slip(
    "counts-gone-records-in-a-byte",
    "J-2",
    "How many records of a kind are gone is counted in a byte.",
    _JOURNAL + "_enter",
    "values.pruned[place.kind - FIRST_KIND] += 1",
    "values.pruned[place.kind - FIRST_KIND] += 1\n"
    "            values.pruned[place.kind - FIRST_KIND] &= 0xFF",
)
_slip(
    "counts-coalesced-records-in-a-byte",
    "J-3",
    "What a full journal cannot write is counted in a byte.",
    _RECORDING + "note",
    "min(values.coalesced[place] + 1, _COUNT_MAX)",
    "values.coalesced[place] + 1 & 0xFF",
)
_slip(
    "coalesces-the-commoner-kinds-alone",
    "J-3",
    "A coalesced record tells boots, flags and the meter, and forgets the rest.",
    _RECORDING + "tell_coalesced",
    "enumerate(counts) if n)",
    "enumerate(counts[:3]) if n)",
)
_slip(
    "counts-coalesced-records-in-ram",
    "J-3",
    "What a full journal cannot write is counted, and stored at leisure.",
    _RECORDING + "note",
    "    device.store_registers()",
    "    pass",
)

# The clock and its registers.

_slip(
    "leaves-the-clock-behind-its-record",
    "O-16",
    "After a power cut the record of an order stands, and the clock is the old one.",
    _DEVICE + "_adopt_pending_clock",
    "!= NO_DIGEST:",
    "== NO_DIGEST:",
    also=("J-4", "O-29", "O-30", "O-20", "R-4"),
)
_slip(
    "sets-the-clock-and-stores-it-later",
    "O-16",
    "That a record sets the clock is stored when there is time for it.",
    _APPLYING + "_commit_with_clock",
    "    device.store_registers()\n",
    "",
    also=("J-4", "O-29", "O-30", "O-20", "R-4"),
)
_slip(
    "stores-its-ticks-with-records-alone",
    "N-4",
    "A boot takes the ticks back to those of the last record.",
    _DEVICE + "store_registers",
    "values.tick_ms = clock.tick_ms",
    "pass",
)
_slip(
    "raises-the-floor-with-the-clock",
    "E-3",
    "The floor that is told is the clock, whether or not anything was accepted.",
    _EVIDENCE + "seal_status",
    "clock_floor=clock.floor",
    "clock_floor=max(clock.floor, clock.now)",
    also=("C-3",),
)
_slip(
    "latches-no-lost-clock-in-tampered",
    "Z-3",
    "A boot without a clock is no further cause for a seal that is broken already.",
    _STARTING + "start",
    "if device.clock.lost:",
    "if device.clock.lost and device.state is State.SEALED:",
    also=("Z-1",),
)

# Evidence.

_slip(
    "hides-an-open-case-in-evidence",
    "E-1",
    "Evidence leaves out the flags that have no record of flags.",
    _EVIDENCE + "_evidence_fields",
    "**shared,",
    '**{**shared, "flags": shared["flags"] & ~0x280},',
)
_slip(
    "tells-no-live-causes-in-evidence",
    "E-1",
    "Evidence tells live causes only once they are latched.",
    _EVIDENCE + "_evidence_fields",
    "**shared,",
    '**{**shared, "live_causes": shared["live_causes"] & shared["latched_causes"]},',
)
_slip(
    "tells-pulses-by-two-bytes",
    "E-1",
    "Of the pulses the two low bytes are signed.",
    _EVIDENCE + "_evidence_fields",
    '"pulses": values.pulses',
    '"pulses": values.pulses & 0xFFFF',
)
_slip(
    "counts-no-pulses-in-factory",
    "E-1",
    "Before it is enrolled it counts no pulses.",
    _SUPERVISION + "count_pulses",
    "values.pulses + count,",
    "values.pulses + count * (device.state is not State.FACTORY),",
)
_slip(
    "tells-an-age-of-a-minute-at-most",
    "E-2",
    "The age of a look is kept in two bytes, and stops there.",
    _EVIDENCE + "_age",
    "AGE_MAX)",
    "0xFFFF)",
    also=("C-11",),
)
_slip(
    "tells-a-meter-never-seen-as-just-seen",
    "E-2",
    "The age of what was never seen is told as nothing.",
    _EVIDENCE + "_evidence_fields",
    "AGE_MAX if look is None",
    "0 if look is None",
)
_slip(
    "counts-trips-in-a-byte",
    "E-5",
    "The trips seen are counted in a byte.",
    _K + "end_trip",
    "min(self.trips + 1, U32_MAX)",
    "self.trips + 1 & 0xFF",
)

# Looks.

_slip(
    "waits-for-a-fourth-look",
    "W-2",
    "The meter is silent after four looks without an answer.",
    _WATCH + "poll",
    "self._failures >= _SILENT_AFTER",
    "self._failures > _SILENT_AFTER",
)
_slip(
    "believes-any-device-on-the-line",
    "W-2",
    "Of an answer the command is compared, whose it is is not.",
    _WATCH + "receive",
    "(frame.device_type, frame.command) != (TAXIMETER, asked.command)",
    "frame.command != asked.command",
)
_slip(
    "counts-silence-from-its-birth",
    "W-2",
    "After a boot a meter that does not answer at once has been silent ever since.",
    _WATCH + "__init__",
    "self.looked_at = tick_ms",
    "self.looked_at = 0",
)
_slip(
    "keeps-the-silence-limit-in-two-bytes",
    "W-2",
    "A limit of more than 65,535 ms is kept as 65,535.",
    _SUPERVISION + "_differences",
    "limit = sealed.limits.silence_limit_ms",
    "limit = min(sealed.limits.silence_limit_ms, 0xFFFF)",
    also=("P-11",),
)

# What is gathered.

_slip(
    "starts-anew-at-confirm",
    "W-5",
    "CONFIRM has the checks start anew, like SEAL.",
    _APPLYING + "_carry_out",
    "(OrderKind.SEAL, OrderKind.CLEAR)",
    "(OrderKind.SEAL, OrderKind.CLEAR, OrderKind.CONFIRM)",
)
_slip(
    "finds-an-excess-of-just-the-limit",
    "W-6",
    "An excess that reaches the limit is found, though it does not exceed it.",
    _K + "_judge",
    "if more.value > limit:",
    "if more.value >= limit:",
    also=("W-7",),
)
_slip(
    "judges-k-without-a-window",
    "W-7",
    "A window of zero does not switch K's check off.",
    _K + "_judge",
    "if not self.tolerance_ppm or not self.window_m:",
    "if not self.tolerance_ppm:",
    also=("P-11",),
)
_slip(
    "judges-a-trip-across-a-gap",
    "W-7",
    "The trip behind one that was never told is judged by all pulses since the last end.",
    "sealkit_simulator.watching.detectors:Detectors._end_trip",
    "self.k.begin_anew()",
    "pass",
    also=("W-15",),
)
_slip(
    "judges-k-over-trips-that-it-did-not-hear",
    "W-7",
    "A trip behind one whose bytes were lost is judged by the pulses of both.",
    _TRIPS + "_see",
    "number == self.newest + 1",
    "number > self.newest",
)
_slip(
    "judges-k-in-t6-below-nine-thousand",
    "W-9",
    "K of four digits is compared with T6 only below 9,000.",
    _K + "tell_k",
    "self.k <= _TOLD_K_MAX",
    "self.k < 9_000",
)
_slip(
    "counts-trips-of-the-meter-in-two-bytes",
    "W-15",
    "After trip 65,535 the meter's total seems to fall.",
    _TRIPS + "count",
    "if not self.total_known or",
    "total &= 0xFFFF\n    if not self.total_known or",
)
_slip(
    "remembers-the-last-trip-alone",
    "W-16",
    "A trip is compared with the last one only, when it is told again.",
    _TRIPS + "_see",
    "for kept, before in self.records:",
    "for kept, before in self.records[-1:]:",
)
