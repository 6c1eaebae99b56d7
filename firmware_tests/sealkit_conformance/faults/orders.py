"""Faults of chapter 6: which orders are carried out, and how."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import Any, Final

import pytest

from sealkit.errors import RefusedError
from sealkit.rules.refusals import status_of
from sealkit.wire.registry import OrderKind, State, Status
from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around, gather

FAULTS: Final[list[Fault]] = []
fault = gather(FAULTS)
_RULES: Final = "sealkit.rules.orders"


def _without(patch: pytest.MonkeyPatch, target: str, *statuses: Status) -> None:
    """A judgement without result goes on where it would refuse with one of these."""

    def faulty(original: Any, *args: Any, **named: Any) -> None:
        try:
            original(*args, **named)
        except RefusedError as error:
            if status_of(error) not in statuses:
                raise

    around(patch, f"{_RULES}:{target}", faulty)


def _seen_as(patch: pytest.MonkeyPatch, target: str, **values: Any) -> None:
    """A judgement is made as if the seal's view held these values."""
    around(
        patch,
        f"{_RULES}:{target}",
        lambda original, view, *args: original(replace(view, **values), *args),
    )


@fault("O-1", "Signatures that are one too few are not counted.")
def does_not_count_signatures(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, view: Any, raw: bytes, sent: Any) -> Any:
        try:
            return original(view, raw, sent)
        except RefusedError as error:
            if status_of(error) is Status.SIGNATURES_MISSING:
                return original(view, raw + raw[-64:], sent)
            raise

    around(patch, "sealkit_simulator.applying:judge_order", faulty)


@fault("O-1", "Refused orders are not counted.")
def does_not_count_refusals(patch: pytest.MonkeyPatch) -> None:
    around(
        patch, "sealkit_simulator.seal:SimulatedSeal._count_refusal", lambda original, *args: None
    )


@fault("O-3", "Which orders were applied is kept in RAM and lost at a boot.")
def forgets_applied_orders_at_a_boot(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, *args: Any) -> None:
        original(device, *args)
        if device.state is not State.RETIRED:
            device.history.orders.clear()

    around(patch, "sealkit_simulator.device:Device.__init__", faulty)


@fault("O-3", "An order that was applied gets done instead of already_applied.")
def calls_an_applied_order_done(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        "sealkit_simulator.commands:apply_order",
        lambda original, *args: (Status.OK, original(*args)[1]),
    )


@fault("O-4", "An order for another seal of the same maker is carried out.")
def carries_out_the_order_of_another_seal(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, view: Any, order: Any) -> None:
        original(replace(view, serial=order.serial, seal_key=order.seal_key), order)

    around(patch, f"{_RULES}:judge_standing", faulty)


@fault("O-5", "CONFIRM is taken in any state.")
def confirms_in_any_state(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, view: Any, order: Any) -> None:
        try:
            original(view, order)
        except RefusedError as error:
            if order.kind is not OrderKind.CONFIRM or status_of(error) is not Status.WRONG_STATE:
                raise

    around(patch, f"{_RULES}:judge_standing", faulty)


@fault("O-6", "A lost clock is not looked at when an order comes.")
def takes_orders_without_a_clock(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "judge_standing", Status.TIME_NOT_SET)


@fault("O-6", "A clock that runs can be restored all the same.")
def restores_a_running_clock(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "judge_standing", Status.CLOCK_RUNNING)


@fault("O-7", "The head that an order was made against is not compared.")
def accepts_a_stale_head(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "judge_standing", Status.STALE_HEAD)


@fault("O-7", "The digest of the head is compared by its first four bytes.")
def compares_digests_by_prefix(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, view: Any, order: Any) -> None:
        head = view.history.head
        same = order.head_digest[:4] == head.digest[:4]
        original(view, replace(order, head_digest=head.digest) if same else order)

    around(patch, f"{_RULES}:judge_standing", faulty)


@fault("O-7", "The digest of the head is compared, its number not.")
def does_not_compare_the_heads_number(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, view: Any, order: Any) -> None:
        original(view, replace(order, head_sequence=view.history.head.sequence))

    around(patch, f"{_RULES}:judge_standing", faulty)


@fault("O-7", "Until the first order after a boot the head is not compared.")
def accepts_a_stale_head_after_a_boot(patch: pytest.MonkeyPatch) -> None:
    fresh: set[int] = set()

    def begin(original: Any, device: Any) -> None:
        original(device)
        if device.registers.boot > 1:
            fresh.add(device.registers.boot)

    def judge(original: Any, view: Any, order: Any) -> None:
        with suppress(RefusedError) if fresh else nullcontext():
            original(view, order)
        fresh.clear()

    around(patch, "sealkit_simulator.seal:start", begin)
    around(patch, f"{_RULES}:judge_standing", judge)


@fault("O-8", "Any challenge will do as long as one is outstanding.")
def accepts_another_challenge(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "judge_challenge", Status.CHALLENGE_WRONG)


@fault("O-8", "A challenge never grows too old.")
def accepts_an_old_challenge(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "judge_challenge", Status.CHALLENGE_EXPIRED)


@fault("O-16", "A challenge that was used may be used again.")
def does_not_spend_the_challenge(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, judgement: Any) -> None:
        challenge = device.challenge
        original(device, judgement)
        device.challenge = challenge

    around(patch, "sealkit_simulator.applying:_carry_out", faulty)


@fault("O-9", "The end of an order's window is not looked at.")
def accepts_an_expired_order(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "judge_window", Status.EXPIRED)


@fault("O-9", "The beginning of an order's window is not looked at.")
def accepts_an_order_of_the_future(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "judge_window", Status.NOT_YET_VALID)


@fault("O-9", "An order may be valid for years.")
def accepts_a_window_of_years(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_RULES}.ORDER_WINDOW_MAX_S", 1 << 60)


@fault("O-10", "A credential that no signer needs is not even parsed.")
def ignores_malformed_credentials(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, order: Any, sent: Any) -> Any:
        return original(suite, order, [c for c in sent if len(c) > 180 and c[:7] == b"SEALKIT"])

    around(patch, f"{_RULES}:_read_credentials", faulty)


@fault("O-11", "The signer's role is not looked at.")
def lets_any_role_sign(patch: pytest.MonkeyPatch) -> None:
    from sealkit.wire.registry import Role

    def faulty(original: Any, *args: Any) -> Any:
        return tuple(tuple(Role) for _ in original(*args))

    around(patch, f"{_RULES}:signing_places", faulty)


@fault("O-11", "One signature is enough where two are asked for.")
def accepts_one_signature_of_two(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, state: Any, order: Any, body: Any) -> Any:
        places = original(state, order, body)
        return places[: len(order.signers)] if order.signers else places

    around(patch, f"{_RULES}:signing_places", faulty)


@fault("O-11", "Whether a signer's region covers the seal's is not asked.")
def lets_signers_of_any_region_sign(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, *args: Any, **named: Any) -> Any:
        return original(*args, **{**named, "region": None})

    around(patch, f"{_RULES}:judge_signers", faulty)


@fault("O-12", "The same person may sign twice.")
def lets_one_person_sign_twice(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, order: Any, **named: Any) -> Any:
        try:
            return original(suite, order, **named)
        except RefusedError as error:
            if status_of(error) is not Status.SAME_SIGNER:
                raise
        by_digest = {suite.digest(credential.raw): credential for credential in named["pool"]}
        return [by_digest[digest] for digest in order.signers]

    around(patch, f"{_RULES}:judge_signers", faulty)


@fault("O-13", "Of two signatures only the first is verified.")
def verifies_only_the_first_signature(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        f"{_RULES}:judge_signatures",
        lambda original, suite, order, signers: original(suite, order, signers[:1]),
    )


@fault("O-13", "Signatures are not verified.")
def verifies_no_signature(patch: pytest.MonkeyPatch) -> None:
    around(patch, f"{_RULES}:judge_signatures", lambda original, *args: None)


@fault("O-15", "Whether there is room for the record is not asked before.")
def does_not_keep_a_reserve(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_judge_room", Status.LOG_FULL)


@fault("O-15", "The last numbers of the record counter are given to orders.")
def uses_up_the_record_counter(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_judge_room", Status.COUNTER_ENDED)


@fault("O-20", "ENROL brings any authority, endorsed by nobody.")
def enrols_under_any_authority(patch: pytest.MonkeyPatch) -> None:
    from sealkit.rules.credentials import parse_credential

    around(
        patch,
        f"{_RULES}:judge_enrolment",
        lambda original, suite, body, *args: parse_credential(suite, body.authority),
    )


@fault("O-24", "A SEAL that changes nothing is carried out.")
def seals_without_a_change(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_judge_parameters", Status.NOTHING_CHANGED)


@fault("O-23", "A seal is closed without a calibration group.")
def seals_without_calibration(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_judge_parameters", Status.PARAMETERS_INCOMPLETE)


@fault("O-25", "SEAL does not mind a cause of tamper that is live.")
def seals_with_a_live_cause(patch: pytest.MonkeyPatch) -> None:
    _seen_as(patch, "_judge_meter", live_causes=0)


@fault("O-25", "SEAL does not compare the meter with the new set.")
def seals_another_meter(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_judge_meter", Status.METER_MISMATCH)


@fault("O-25", "SEAL is content with a meter that was seen long ago.")
def seals_a_meter_not_seen(patch: pytest.MonkeyPatch) -> None:
    _seen_as(patch, "_judge_meter", look_age_ms=0)


@fault("O-26", "CONFIRM takes any group.")
def confirms_any_group(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, history: Any, order: Any, body: Any) -> None:
        if order.kind is not OrderKind.CONFIRM:
            original(history, order, body)

    around(patch, f"{_RULES}:_judge_parameters", faulty)


@fault("O-27", "A reason without a text will do.")
def needs_no_text_for_a_reason(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_RULES}.REASON_TEXT_MIN", 0)


@fault("O-29", "Each ADJUST_CLOCK may move 120 s, however many there were.")
def forgets_earlier_adjustments(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_RULES}.CLOCK_ADJUST_PERIOD_MS", 0)


@fault("O-29", "The clock moves further than the limit.")
def moves_the_clock_over_the_limit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(f"{_RULES}.CLOCK_ADJUST_MAX_S", 100_000)


@fault("O-29", "The clock is adjusted while the vehicle drives.")
def adjusts_the_clock_while_driving(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "judge_adjustment", Status.VEHICLE_MOVING)


@fault("O-30", "The clock is restored to any time.")
def restores_the_clock_below_the_floor(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_judge_circumstances", Status.BELOW_FLOOR)


@fault("O-31", "A statement of another authority is taken if its version is higher.")
def takes_the_statement_of_another_authority(patch: pytest.MonkeyPatch) -> None:
    from sealkit.wire.credentials import TRUST_STATEMENT

    around(
        patch,
        f"{_RULES}:judge_statement",
        lambda original, suite, raw, **named: TRUST_STATEMENT.parse(raw),
    )


@fault("O-32", "ACKNOWLEDGE names a record by its number; its digest is not compared.")
def acknowledges_any_digest(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_judge_circumstances", Status.ACKNOWLEDGE_INVALID)


@fault("O-34", "The key lives on after RETIRE.")
def keeps_its_key_after_retire(patch: pytest.MonkeyPatch) -> None:
    around(patch, "sealkit_simulator.crypto_core:CryptoCore.destroy", lambda original, core: None)
    patch.setattr("sealkit_simulator.commands._alive", lambda device: None)


@fault("O-34", "RETIRE leaves a checkpoint where its last evidence belongs.", also=("C-10",))
def leaves_no_last_evidence(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any) -> None:
        from sealkit_simulator.recording import attest

        attest(device)
        device.core.destroy()

    around(patch, "sealkit_simulator.applying:finish_retirement", faulty)


@fault("O-8", "An order that is refused spends the challenge.")
def spends_the_challenge_on_a_refused_order(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, device: Any, *args: Any) -> Any:
        try:
            return original(device, *args)
        except RefusedError:
            device.challenge = None
            raise

    around(patch, "sealkit_simulator.commands:apply_order", faulty)
