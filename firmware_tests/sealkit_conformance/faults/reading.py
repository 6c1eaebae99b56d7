"""Faults of chapter 3: commands."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Final

import pytest

from sealkit.rules.refusals import refusal
from sealkit.wire.messages import READ_LOG_REQUEST
from sealkit.wire.registry import Command, Status
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around, command, gather

FAULTS: Final[list[Fault]] = []
fault = gather(FAULTS)


@fault("C-1", "A ping is cut at 255 bytes.")
def cuts_a_ping(patch: pytest.MonkeyPatch) -> None:
    command(patch, Command.PING, lambda original, device, body: original(device, body[:255]))


@fault("C-2", "It announces a longer order than it takes.")
def announces_more_than_it_takes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.commands.ORDER_MAX", 1400)


@fault("C-3", "The status leaves the digest of the journal's head at zeros.")
def tells_no_digest_of_the_journals_head(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> Any:
        return replace(original(device), journal_digest=bytes(32))

    around(patch, "sealkit_simulator.commands:seal_status", faulty)


@fault("C-4", "The same challenge is given out again and again.")
def gives_the_same_challenge(patch: pytest.MonkeyPatch) -> None:
    same = SimpleNamespace(token_bytes=lambda length: b"\x5a" * length)
    patch.setattr("sealkit_simulator.commands.secrets", same)


@fault("C-4", "The challenge lies in a register that a boot does not clear.")
def keeps_the_challenge_across_a_boot(patch: pytest.MonkeyPatch) -> None:
    kept: dict[bytes, Any] = {}

    def give(original: Any, device: Any, body: bytes) -> Any:
        answer = original(device, body)
        kept[device.core.public_key] = device.challenge
        return answer

    def begin(original: Any, device: Any, *args: Any) -> None:
        original(device, *args)
        device.challenge = kept.get(device.core.public_key)

    command(patch, Command.CHALLENGE, give)
    around(patch, "sealkit_simulator.device:Device.__init__", begin)


@fault("C-7", "The log is read from behind the number that was asked for.")
def reads_the_log_from_the_next_record(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, body: bytes) -> Any:
        asked = READ_LOG_REQUEST.parse(body)
        later = replace(asked, from_sequence=min(asked.from_sequence + 1, 0xFFFFFFFF))
        return original(device, READ_LOG_REQUEST.build(later))

    command(patch, Command.READ_LOG, faulty)


@fault("C-7", "The limit of bytes in a request for the log is not kept.")
def ignores_the_limit_of_bytes(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, body: bytes) -> Any:
        READ_LOG_REQUEST.parse(body)
        return original(device, body[:5] + b"\xff\xff")

    command(patch, Command.READ_LOG, faulty)


@fault("C-8", "A read at a record's end is refused instead of giving nothing.")
def refuses_to_read_at_the_end(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, body: bytes) -> Any:
        status, answer = original(device, body)
        if len(answer) == 2:
            raise refusal(Status.NOT_FOUND)
        return status, answer

    command(patch, Command.READ_RECORD, faulty)


@fault("C-9", "A group that is not there is given as an empty one.")
def gives_an_empty_group(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, body: bytes) -> Any:
        known = not body or len(body) > 1 or body[0] in device.history.groups
        return original(device, body) if known else (Status.OK, b"")

    command(patch, Command.READ_GROUP, faulty)


@fault("C-10", "Before there is an authority, its maker's anchor is given in its place.")
def gives_its_maker_as_authority(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, body: bytes) -> Any:
        if body == b"\x02" and device.history.authority is None:
            return Status.OK, device.core.manufacturer.raw
        return original(device, body)

    command(patch, Command.READ_CREDENTIAL, faulty)


@fault("C-11", "The age of what was seen of the meter is always told as nothing.")
def tells_every_look_as_new(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        "sealkit_simulator.commands:observation",
        lambda original, device: replace(original(device), age_ms=0),
    )


@fault("C-12", "A seal's credential is stored without a look at whom it is for.")
def installs_any_credential(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sealkit_simulator.commands.judge_seal_credential", lambda *args, **named: None)
