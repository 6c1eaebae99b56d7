"""Faults of chapters 7 and 8: records, and where they are kept."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import pytest

from sealkit.rules.chain import Head
from sealkit.wire.registry import Flag, RecordKind
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around, gather

FAULTS: Final[list[Fault]] = []
fault = gather(FAULTS)
_RECORDING: Final = "sealkit_simulator.recording"


def _in_record(patch: pytest.MonkeyPatch, change: Any) -> None:
    """Records are built with fields that `change(device, fields)` has altered."""

    def faulty(original: Any, device: Any, kind: Any, content: bytes, **fields: Any) -> Any:
        return original(device, kind, content, **change(device, kind, fields))

    around(patch, f"{_RECORDING}:_build", faulty)


@fault("R-1", "Each chain counts its own records.")
def counts_each_chain_by_itself(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, storage: Any) -> Any:
        last = storage.control.places[-1].sequence if storage.control.places else 0
        return max(last + 1, original(storage) - 1) if storage.journal.places else original(storage)

    around(patch, "sealkit_simulator.storage:Storage.next_sequence", faulty)


@fault("R-1", "The counter is stepped before the write, and again after it.")
def steps_the_counter_before_the_write(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        "sealkit_simulator.storage:Storage.next_sequence",
        lambda original, storage: original(storage) + (1 if storage.control.places else 0),
    )


@fault("R-2", "A journal record names the digest of the control chain's head.")
def links_the_journal_to_the_other_chain(patch: pytest.MonkeyPatch) -> None:
    def change(device: Any, kind: Any, fields: Any) -> Any:
        journal = kind >= 0x80
        return {**fields, "previous": device.history.head.digest} if journal else fields

    _in_record(patch, change)


@fault("R-3", "A control record does not name the journal's head.")
def leaves_out_the_journals_head(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, kind: Any, body: Any, **named: Any) -> Any:
        empty = replace(body, journal_sequence=0, journal_digest=bytes(32))
        return original(device, kind, empty, **named)

    around(patch, "sealkit_simulator.applying:build_control", faulty)


@fault("R-4", "A record tells the state before it, not the one after it.")
def tells_the_state_before(patch: pytest.MonkeyPatch) -> None:
    _in_record(patch, lambda device, kind, fields: {**fields, "state": device.state})


@fault("R-4", "The flags of a record are left at zero.")
def tells_no_flags_in_records(patch: pytest.MonkeyPatch) -> None:
    _in_record(patch, lambda device, kind, fields: {**fields, "flags": Flag(0)})


@fault("R-4", "Boots are not counted.")
def does_not_count_boots(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> None:
        device.registers.boot = min(device.registers.boot, 0)
        original(device)

    around(patch, "sealkit_simulator.seal:start", faulty)


@fault("R-6", "A record counts as soon as its header is there, with or without its mark.")
def counts_records_without_their_mark(patch: pytest.MonkeyPatch) -> None:
    from sealkit_simulator import entries

    def faulty(original: Any, flash: Any, start: int, end: int) -> Any:
        places, at = original(flash, start, end)
        known = {place.address for place in places}
        look = start
        while look < at:
            header = flash.read(look, 16)
            length = entries._HEADER.unpack(header)[1]
            if header == entries._header(length):
                if look + 16 not in known and length > 81:
                    places.append(entries._place(flash.read(look + 16, length), look + 16))
                look += entries.entry_bytes(length)
            else:
                look += 16
        return sorted(places, key=lambda place: place.address), at

    around(patch, "sealkit_simulator.control_log:scan", faulty)


@fault("R-7", "The checkpoint is that of genesis for ever.")
def does_not_renew_the_checkpoint(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.applying.attest", lambda device: device.store_registers())


@fault("R-7", "Latching a cause signs no checkpoint.")
def signs_no_checkpoint_of_a_tamper(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_RECORDING}.attest", lambda device: device.store_registers())
    patch.setattr("sealkit_simulator.starting._has_checkpoint", lambda device: True)


@fault("R-8", "Nothing is raised when the record counter nears its end.")
def does_not_warn_of_the_counters_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.flags.counter_nearly_ended", lambda following: False)


@fault("R20", "Genesis holds zeros where its random bytes belong.", also=("R-1",))
def is_born_without_randomness(patch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    patch.setattr("sealkit_simulator.starting.secrets", SimpleNamespace(token_bytes=bytes))


@fault("R56", "A boot leaves no record.", also=("R-1", "R-4"))
def does_not_record_boots(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, kind: Any, body: Any) -> None:
        if kind is not RecordKind.BOOT:
            original(device, kind, body)

    around(patch, "sealkit_simulator.starting:note", faulty)


@fault("J-1", "Nothing is raised when the memory is nearly full.")
def does_not_warn_of_full_memory(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.flags.CONTROL_RESERVE_ORDERS", 0)


@fault("J-2", "The journal is a plain ring: the oldest goes, acknowledged or not.")
def prunes_what_nobody_acknowledged(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        "sealkit_simulator.journal:Journal._may_prune",
        lambda original, journal, sector, acknowledged: True,
    )


@fault("J-2", "What an ACKNOWLEDGE names is never pruned.")
def never_prunes(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, journal: Any, sector: int, acknowledged: int) -> Any:
        return original(journal, sector, 0)

    around(patch, "sealkit_simulator.journal:Journal._may_prune", faulty)


@fault("J-2", "The base is told without its digest.")
def tells_no_digest_of_the_base(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        "sealkit_simulator.storage:Storage.base",
        lambda original, storage: Head(original(storage).sequence, bytes(32)),
    )


@fault("J-3", "What a full journal cannot write is not counted.")
def forgets_what_does_not_fit(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> None:
        device.registers.coalesced = [0] * len(device.registers.coalesced)
        original(device)

    around(patch, "sealkit_simulator.supervision:tell_coalesced", faulty)


@fault("J-3", "A full journal is not told by its flag.")
def does_not_tell_a_full_journal(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, *args: Any, **named: Any) -> Any:
        return original(*args, **named) & ~Flag.JOURNAL_FULL

    around(patch, "sealkit_simulator.evidence:flags_of", faulty)


@fault("J-4", "The last record is kept in a buffer that a power cut empties.")
def loses_the_last_record_at_a_power_cut(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, *args: Any) -> None:
        flash = args[0]
        with suppress(AttributeError, IndexError):
            original(device, *args)
            places = device.storage.control.places
            if len(places) > 2:
                place = places[-1]
                data = bytearray(flash._cells)
                end = place.address + (place.length + 15) // 16 * 16
                data[end : end + 16] = bytes(16)
                flash._cells[:] = data
        original(device, *args)

    around(patch, "sealkit_simulator.device:Device.__init__", faulty)
