"""Collecting what a verifier needs, while the seal goes on living."""

from __future__ import annotations

import pytest
from support.client_bench import ScriptedBench

from sealkit.errors import UndeterminedError
from sealkit.rules.parameters import parameter_root
from sealkit.seal.collecting import collect, export_bytes
from sealkit.wire.export import parse_export
from sealkit.wire.orders import ReasonBody
from sealkit.wire.records import RECORD, BootRecord
from sealkit.wire.registry import BootCause, Cause, Command, OrderKind, Reason, RecordKind

BOOT = BootRecord(BootCause.POWER, 1)


def judge(bench: ScriptedBench, **options: object) -> None:
    """Collects, and checks that all of it fits together."""
    collected = collect(bench.client, **options)  # type: ignore[arg-type]
    digest = bench.seal.suite.digest
    evidence = collected.evidence
    assert digest(collected.control[-1]) == evidence.control_digest
    assert RECORD.parse(collected.control[-1]).sequence == evidence.control_sequence
    assert parameter_root(bench.seal.suite, collected.groups) == evidence.parameter_root
    if collected.journal is not None and evidence.journal_sequence:
        assert digest(collected.journal[-1]) == evidence.journal_digest
    read = parse_export(export_bytes(collected))
    assert read.evidence == evidence.raw
    assert read.control == tuple(bench.seal.control)[: len(read.control)]
    assert dict(read.groups) == collected.groups
    assert read.seal_credential is not None


def test_a_quiet_seal(sealed: ScriptedBench) -> None:
    for _ in range(50):
        sealed.seal.append(RecordKind.BOOT, BOOT)
    judge(sealed)
    assert len(collect(sealed.client).journal or ()) == 50
    assert collect(sealed.client, journal=False).journal is None
    assert collect(sealed.client, nonce=b"n" * 32).evidence.nonce == b"n" * 32


def test_a_seal_in_the_factory(bench: ScriptedBench) -> None:
    judge(bench)


@pytest.mark.parametrize(
    "moment",
    [Command.STATUS, Command.READ_LOG, Command.READ_PARAMETERS, Command.READ_CHECKPOINT],
)
def test_a_log_that_grows_while_it_is_read(sealed: ScriptedBench, moment: Command) -> None:
    happenings = [Cause.CASE_OPENED, Cause.METER_SILENT]

    def grow(command: Command) -> None:
        if command is moment and happenings:
            sealed.seal.append(RecordKind.BOOT, BOOT)
            sealed.seal.tamper(happenings.pop())
            sealed.seal.append(RecordKind.BOOT, BOOT)

    sealed.seal.before_answer = grow
    judge(sealed)
    assert not happenings


def test_a_journal_that_never_rests_does_not_matter(sealed: ScriptedBench) -> None:
    sealed.seal.before_answer = lambda command: _append(sealed)
    judge(sealed)
    judge(sealed, journal=False)


def _append(bench: ScriptedBench) -> None:
    bench.seal.append(RecordKind.BOOT, BOOT)


def test_a_history_that_never_rests_is_told(sealed: ScriptedBench) -> None:
    causes = list(Cause)

    def break_on(command: Command) -> None:
        if command is Command.READ_CHECKPOINT and causes:
            sealed.seal.tamper(causes.pop())

    sealed.seal.before_answer = break_on
    with pytest.raises(UndeterminedError) as caught:
        collect(sealed.client)
    assert caught.value.code == "LOG_RESTLESS"


def test_a_seal_that_withholds_its_last_record_is_for_the_verifier(sealed: ScriptedBench) -> None:
    withheld = sealed.seal.control.pop()
    collected = collect(sealed.client)
    assert withheld not in collected.control
    assert collected.evidence.control_sequence == 3


@pytest.mark.requirement("O-34")
def test_a_retired_seal(sealed: ScriptedBench) -> None:
    why = ReasonBody(Reason.SEAL_REPLACED, "worn out")
    sealed.give(OrderKind.UNSEAL, why, *sealed.both)
    sealed.give(OrderKind.RETIRE, why, sealed.people.sent(["station"]))
    collected = collect(sealed.client)
    assert collected.evidence.nonce in sealed.shown.history.orders
    assert collected.checkpoint is None
    judge(sealed)


@pytest.mark.requirement("J-2")
def test_pruned_records_are_left_out(sealed: ScriptedBench) -> None:
    for _ in range(5):
        sealed.seal.append(RecordKind.BOOT, BOOT)
    sealed.seal.base_sequence = 5
    collected = collect(sealed.client)
    assert [RECORD.parse(raw).sequence for raw in collected.journal or ()] == [6, 7, 8]
