"""Faults of chapter 1: words, suites, domain tags."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from sealkit.crypto.sm2 import signer_digest
from sealkit.errors import MalformedError
from sealkit.rules.refusals import refusal
from sealkit.wire.credentials import CREDENTIAL
from sealkit.wire.registry import Command, Group, Status, TagType
from sealkit.wire.tags import domain_tag
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around, command, gather

FAULTS: Final[list[Fault]] = []
fault = gather(FAULTS)


@fault("N-1", "Its processor is little-endian, and so are its ticks on the wire.")
def tells_ticks_little_endian(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> Any:
        status = original(device)
        swapped = int.from_bytes(status.tick_ms.to_bytes(8, "big"), "little")
        return replace(status, tick_ms=swapped)

    around(patch, "sealkit_simulator.commands:seal_status", faulty)


@fault("N-3", "Bytes behind the nonce are left over, and nobody looks at them.")
def ignores_bytes_left_over(patch: pytest.MonkeyPatch) -> None:
    command(patch, Command.EVIDENCE, lambda original, device, body: original(device, body[:32]))


@fault("N-4", "Ticks are counted from the boot instead of from the birth.")
def begins_ticks_anew_at_a_boot(patch: pytest.MonkeyPatch) -> None:
    def begin(original: Any, clock: Any, *args: Any) -> None:
        original(clock, *args)
        clock._first_tick = 0

    def not_before(original: Any, clock: Any, tick_ms: int, floor: int) -> None:
        clock.floor = max(clock.floor, floor)

    around(patch, "sealkit_simulator.clock:SealClock.__init__", begin)
    around(patch, "sealkit_simulator.clock:SealClock.not_before", not_before)


@fault("S-2", "Its library takes low s only, as another protocol asks for.")
def refuses_a_high_s(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, order: Any, signers: Any) -> None:
        for at in range(0, len(order.signatures), 64):
            if order.signatures[at + 32] & 0x80:
                raise refusal(Status.SIGNATURE_INVALID)
        original(suite, order, signers)

    around(patch, "sealkit.rules.orders:judge_signatures", faulty)


@fault("S-4", "The key id is taken from the wrong end of the digest.")
def names_its_key_by_the_last_bytes(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        "sealkit_simulator.crypto_core:CryptoCore.key_id",
        lambda original, core: core.suite.digest(core.public_key)[16:],
    )


@fault("S-5", "A credential that says that it is of another suite is taken.")
def does_not_compare_suites(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, raw: bytes) -> Any:
        try:
            return CREDENTIAL.parse(raw)
        except Exception:
            return original(suite, raw)

    around(patch, "sealkit.rules.orders:parse_credential", faulty)


@fault("T-1", "The domain tag is sent but not signed.", also=("T-3",))
def forgets_the_domain_tag(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        "sealkit_simulator.crypto_core:CryptoCore._sign",
        lambda original, core, unsigned: unsigned + core._key.sign(unsigned[10:]),
    )


@fault("T-2", "An order's tag is skipped, not compared.")
def skips_the_tag_of_an_order(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, view: Any, raw: bytes, credentials: Any) -> Any:
        return original(view, domain_tag(view.suite.id, TagType.ORDER) + raw[10:], credentials)

    around(patch, "sealkit_simulator.applying:judge_order", faulty)


@fault("T-3", "Signatures of an order are checked over bytes rebuilt with the seal's own number.")
def checks_rebuilt_bytes(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, view: Any, raw: bytes, credentials: Any) -> Any:
        # What the firmware knows itself it fills in, and what was sent there is never looked at.
        number = view.maker.to_bytes(4, "big") + view.serial.to_bytes(4, "big")
        return original(view, raw[:11] + number + raw[19:], credentials)

    around(patch, "sealkit_simulator.applying:judge_order", faulty)


@fault("T-4", "A nonce of any length is signed, cut to what fits.")
def signs_a_nonce_that_is_too_short(patch: pytest.MonkeyPatch) -> None:
    command(
        patch,
        Command.EVIDENCE,
        lambda original, device, body: original(device, body[:32].ljust(32, b"\0")),
    )


@fault("T-2", "An order of another version and suite is told its version first.")
def judges_a_version_before_a_suite(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, raw: bytes, credentials: Any) -> Any:
        if raw[:7] == b"SEALKIT" and raw[8:9] == b"\3" and raw[9:10] not in (b"", b"\1"):
            raise refusal(Status.WRONG_VERSION)
        return original(suite, raw, credentials)

    around(patch, "sealkit.rules.orders:read_order", faulty)


@fault("T-2", "A tag of another type and suite is told its suite first.")
def judges_a_suite_before_a_type(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, raw: bytes, credentials: Any) -> Any:
        if raw[:7] == b"SEALKIT" and raw[7:8] not in (b"", bytes((suite.id,))):
            raise refusal(Status.WRONG_SUITE)
        return original(suite, raw, credentials)

    around(patch, "sealkit.rules.orders:read_order", faulty)


def _with_better_text(data: bytes, at: int) -> bytes:
    """Where a checker of lead and continuation bits finds nothing, text that is right."""
    length = data[at]
    text = data[at + 1 : at + 1 + length]
    lead = {0x0C: 1, 0x0D: 1, 0x0E: 2, 0x0F: 3}
    place = 0
    while place < len(text):
        more = lead.get(text[place] >> 4, 0 if text[place] < 0x80 else length)
        following = text[place + 1 : place + 1 + more]
        if len(following) < more or any(byte >> 6 != 0b10 for byte in following):
            return data
        place += 1 + more
    return data[: at + 1] + b"?" * length + data[at + 1 + length :]


@fault("N-3", "UTF-8 is checked by its lead and continuation bits alone.", also=("P-10", "O-22"))
def checks_text_by_its_bits(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, number: int, data: bytes) -> Any:
        try:
            return original(number, data)
        except MalformedError:
            if number != Group.VEHICLE:
                raise
            return original(number, _with_better_text(data, 16))

    around(patch, "sealkit.rules.parameters:parse_group", faulty)


@fault("N-2", "The character 7F counts as one that can be printed.", also=("N-3", "O-22"))
def prints_what_cannot_be_printed(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, number: int, data: bytes) -> Any:
        try:
            return original(number, data)
        except MalformedError:
            return original(number, data.replace(b"\x7f", b"~"))

    around(patch, "sealkit.rules.parameters:parse_group", faulty)


@fault("S-1", "Its random generator stands still: all signatures have one secret number.")
def signs_with_one_secret_number(patch: pytest.MonkeyPatch) -> None:
    first: dict[bytes, tuple[int, int]] = {}

    def faulty(original: Any, core: Any, unsigned: bytes) -> bytes:
        good: bytes = original(core, unsigned)
        sm2 = core.suite.name == "sm2"
        order = core.suite.largest_scalar + (2 if sm2 else 1)
        private = int.from_bytes(core._key.scalar, "big")
        r: int
        s: int
        r, s = (int.from_bytes(part, "big") for part in (good[-64:-32], good[-32:]))
        hashed = (signer_digest(core.public_key) if sm2 else b"") + unsigned
        digest = int.from_bytes(core.suite.digest(hashed), "big")
        if sm2:  # from the good signature the number, and x of its point, are worked back
            worked = (s * (1 + private) + r * private) % order, (r - digest) % order
            number, x = first.setdefault(core.public_key, worked)
            r = (digest + x) % order
            s = pow(1 + private, -1, order) * (number - r * private) % order
        else:
            worked = pow(s, -1, order) * (digest + r * private) % order, r
            number, r = first.setdefault(core.public_key, worked)
            s = pow(number, -1, order) * (digest + r * private) % order
        return unsigned + r.to_bytes(32, "big") + s.to_bytes(32, "big")

    around(patch, "sealkit_simulator.crypto_core:CryptoCore._sign", faulty)
