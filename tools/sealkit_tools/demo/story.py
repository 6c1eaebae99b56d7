"""The story of the demo: every step does what it says on real lines, and checks what came of it."""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from rich.cells import cell_len

from sealkit.appraisal import Conclusion, Verdict
from sealkit.errors import RefusedError, SealkitError
from sealkit.keys.files import write_whole
from sealkit.keys.issuing import issue_credential
from sealkit.meter.layouts import FARE_PARAMETERS
from sealkit.seal import SealClient, open_seal
from sealkit.seal.collecting import collect, export_bytes
from sealkit.seal.drafting import Draft, draft_order
from sealkit.seal.history import read_history
from sealkit.seal.job import TEMPLATE, calibration_of_job, groups_of_job, read_job
from sealkit.seal.ordering import Applied, give_order
from sealkit.seal.review import review_order
from sealkit.wire.messages import SealStatus
from sealkit.wire.orders import (
    NO_SIGNER,
    ORDER,
    EnrolBody,
    GroupItem,
    OrderBody,
    ParametersBody,
    ReasonBody,
)
from sealkit.wire.registry import (
    CHALLENGE_LIFE_MS,
    Group,
    MeterSeen,
    OrderKind,
    Reason,
    Role,
)
from sealkit_tools.devices.meter_look import read_look
from sealkit_tools.keys.validity import validity
from sealkit_tools.sim.world import (
    Cast,
    Devices,
    Member,
    judge,
    make_cast,
    running_devices,
    temporary_directory,
)
from sealkit_tools.verify.command import material_of, material_of_seal
from sealkit_tools.words.language import error_text, language, say

_PATIENCE_S: Final = 20.0
_PRICE: Final = "day_one_way_price_fen_per_km"


@dataclass(slots=True)
class Step:
    """One step as it was told: its title, what happened, and whether it came out."""

    title: str
    lines: list[str] = field(default_factory=list)
    ok: bool = False

    def add(self, line: str) -> None:
        self.lines.append(line)


class BrokenOff(Exception):
    """A step that did not come out as told."""


def expect(holds: bool, what: str) -> None:
    """Breaks the story off when something is not as told."""
    if not holds:
        raise BrokenOff(what)


def play(suite: str, tell: Callable[[Step], None]) -> str | None:
    """Plays the story; returns what broke it off, or None if every step came out."""
    try:
        with temporary_directory() as directory:
            cast = make_cast(suite, int(time.time()))
            with running_devices(suite, directory, cast.manufacturer.credential) as devices:
                _Story(cast, devices, str(directory), tell).play()
    except BrokenOff as fault:
        return str(fault)
    except SealkitError as error:
        return str(error)
    return None


class _Story:
    def __init__(
        self, cast: Cast, devices: Devices, directory: str, tell: Callable[[Step], None]
    ) -> None:
        self.cast = cast
        self.devices = devices
        self.directory = directory
        self._tell = tell
        self.first_seal: Draft | None = None

    def play(self) -> None:
        with self._step("Keys are made; seal and taximeter start") as step:
            self._begin(step)
        with open_seal(self.devices.seal) as seal:
            with self._step("The seal is enrolled: from now on it obeys this authority") as step:
                self._enrol(seal, step)
            with self._step("The technician reads the taximeter") as step:
                self._read_meter(seal, step)
            with self._step("Reviewed, signed by technician and station, sealed") as step:
                self._seal(seal, step, "1000")
            with self._step("Verify: intact") as step:
                self._verify_intact(seal, step)
            with self._step("A fraudster raises the day price in the meter") as step:
                self._tamper(seal, step)
            with self._step("Orders that must not work, and the chain that does not move") as step:
                self._refusals(seal, step)
            with self._step("Meter put right; technician and station clear and seal anew") as step:
                self._seal_anew(seal, step)
            with self._step("Power fails in the middle of an order") as step:
                self._power_cut(seal, step)
            with self._step("The log is exported and verified offline") as step:
                self._export(seal, step)

    @contextmanager
    def _step(self, title: str) -> Iterator[Step]:
        step = Step(title)
        try:
            yield step
            step.ok = True
        except (BrokenOff, SealkitError) as fault:
            step.add(
                " → ".join(error_text(fault)) if isinstance(fault, SealkitError) else str(fault)
            )
            raise
        finally:
            self._tell(step)

    def _begin(self, step: Step) -> None:
        for member in (
            self.cast.authority,
            self.cast.manufacturer,
            self.cast.station,
            self.cast.registry,
            self.cast.technician,
            self.cast.expired_technician,
        ):
            credential = member.credential
            step.add(f"{_column(say(credential.role.name.lower()), 14)}{credential.name}")
        step.add(f"{_column(say('seal'), 14)}{self.devices.seal}")
        step.add(f"{_column(say('taximeter'), 14)}{self.devices.meter}")
        with open_seal(self.devices.seal) as seal:
            info = seal.info()
            not_before, not_after = validity(3650)
            credential = issue_credential(
                self.cast.manufacturer.key,
                self.cast.manufacturer.credential,
                role=Role.SEAL,
                scope=info.maker,
                serial=info.serial,
                generation=1,
                not_before=not_before,
                not_after=not_after,
                public_key=info.public_key,
                name=f"seal {info.number}",
            )
            seal.install_credential(credential.raw)
        told = say("the maker binds number {} to the key that was born in the seal")
        step.add(told.format(info.number))

    def _enrol(self, seal: SealClient, step: Step) -> None:
        body = EnrolBody(int(time.time()), self.cast.endorsement.raw)
        applied = self._give(seal, OrderKind.ENROL, body, [self.cast.station])
        step.add(self._told(applied))

    def _read_meter(self, seal: SealClient, step: Step) -> None:
        direct = read_look(self.devices.meter)
        self._wait(
            lambda: seal.observation().seen is MeterSeen.ANSWERS, "the seal never saw the meter"
        )
        seen = seal.observation()
        expect(
            (seen.device, seen.software, seen.fare)
            == (direct.device, direct.software, direct.fare),
            "the seal sees another meter than the technician",
        )
        fare = FARE_PARAMETERS.parse(direct.fare)
        step.add(
            say("device {}, software {}").format(direct.device.hex(), direct.software.hex("."))
        )
        told = say("flag-fall {}, day price {}/km, night {:%H:%M} to {:%H:%M}")
        step.add(
            told.format(
                _yuan(fare.day_flag_fall_fen),
                _yuan(fare.day_one_way_price_fen_per_km),
                fare.night_start,
                fare.night_end,
            )
        )
        step.add(say("the seal's own line shows the same"))

    def _parameters(self, seal: SealClient, k: str) -> ParametersBody:
        job = read_job(TEMPLATE.replace("= 1000 ", f"= {k} ").encode())
        groups = groups_of_job(
            job,
            read_look(self.devices.meter),
            read_history(seal).history.groups,
            now=int(time.time()),
            salt=secrets.token_bytes,
        )
        return ParametersBody(tuple(GroupItem(n, data) for n, data in groups.items()))

    def _seal(self, seal: SealClient, step: Step, k: str) -> None:
        shown = read_history(seal)
        draft = draft_order(
            seal,
            shown,
            OrderKind.SEAL,
            self._parameters(seal, k),
            [self.cast.technician.chain, self.cast.station.chain],
        )
        wanted = (_PRICE, "k_pulses_per_km", "circumference_um", "plate")
        for row in review_order(draft, shown.history):
            if row.field in wanted:
                step.add(f"{say('review')}: {say(row.field)}: {row.old or '-'} → {row.new}")
        for member in (self.cast.technician, self.cast.station):
            draft = draft.sign(member.key)
            step.add(say("signed by {}").format(member.credential.name))
        applied = give_order(seal, shown, draft)
        if self.first_seal is None:
            self.first_seal = draft
        step.add(self._told(applied))

    def _verify_intact(self, seal: SealClient, step: Step) -> None:
        verdict = judge(self.cast, material_of_seal(seal))
        expect(verdict.conclusion is Conclusion.INTACT, f"not intact: {_codes(verdict)}")
        step.add(_summary(verdict))

    def _tamper(self, seal: SealClient, step: Step) -> None:
        before = FARE_PARAMETERS.parse(read_look(self.devices.meter).fare)
        self.devices.happen("set_meter", name=_PRICE, value="505")
        began = time.monotonic()
        told = say("{}: {} → 505, behind the seal's back")
        step.add(told.format(_PRICE, before.day_one_way_price_fen_per_km))
        verdict = self._wait_for(
            seal, lambda verdict: verdict.conclusion is Conclusion.BROKEN, "the seal did not notice"
        )
        step.add(say("noticed after {:.1f} s").format(time.monotonic() - began))
        found = [f for f in verdict.findings if f.code == "FARE_PARAMETERS_CHANGED"]
        expect(len(found) == 1, f"not named: {_codes(verdict)}")
        told = found[0].message(language())
        expect(_PRICE in told and "505" in told, f"parameter and value are not named: {told}")
        step.add(_summary(verdict))
        step.add(told)

    def _refusals(self, seal: SealClient, step: Step) -> None:
        cast = self.cast
        head = seal.status()
        clear = ReasonBody(Reason.TAMPER_INVESTIGATED, "Meter opened and examined")
        two = [cast.technician, cast.station]

        expired = self._draft(seal, OrderKind.CLEAR, clear, [cast.expired_technician, cast.station])
        self._refused(seal, step, say("an expired technician"), expired, "CREDENTIAL_EXPIRED", head)

        alone = self._draft(seal, OrderKind.CLEAR, clear, two)
        unsigned = _unsigned(alone, second_signer=NO_SIGNER)
        alone = Draft(unsigned, alone.chains[:1], (cast.technician.key.sign(unsigned),))
        self._refused(seal, step, say("a technician alone"), alone, "SIGNATURES_MISSING", head)

        expect(self.first_seal is not None, "nothing was sealed")
        assert self.first_seal is not None
        receipt = seal.submit(self.first_seal.raw, self.first_seal.credentials)
        expect(receipt.already_applied, "the replay was applied")
        self._unmoved(seal, head)
        told = say("ALREADY_APPLIED, as record {}").format(receipt.sequence)
        step.add(_column(say("one replayed"), 24) + told)

        late = self._draft(seal, OrderKind.CLEAR, clear, two)
        self.devices.happen("advance", ms=CHALLENGE_LIFE_MS + 1000)
        self._refused(seal, step, say("one kept back too long"), late, "CHALLENGE_EXPIRED", head)

        flipped = self._draft(seal, OrderKind.CLEAR, clear, two)
        bytes_ = bytearray(flipped.unsigned)
        bytes_[-1] ^= 1
        flipped = dataclasses.replace(flipped, unsigned=bytes(bytes_))
        self._refused(seal, step, say("one with a flipped bit"), flipped, "SIGNATURE_INVALID", head)
        step.add(say("control chain unchanged"))

    def _refused(
        self,
        seal: SealClient,
        step: Step,
        who: str,
        draft: Draft,
        code: str,
        head: SealStatus,
    ) -> None:
        try:
            seal.submit(draft.raw, draft.credentials)
        except RefusedError as refusal:
            expect(refusal.code == code, f"{who}: {refusal.code} instead of {code}")
            step.add(f"{_column(who, 24)}{refusal.code}: {error_text(refusal)[0]}")
        else:
            raise BrokenOff(f"{who}: the order was taken")
        self._unmoved(seal, head)

    def _unmoved(self, seal: SealClient, head: SealStatus) -> None:
        status = seal.status()
        expect(
            (status.control_sequence, status.control_digest, status.state)
            == (head.control_sequence, head.control_digest, head.state),
            "the control chain moved",
        )

    def _seal_anew(self, seal: SealClient, step: Step) -> None:
        before = seal.status()
        self.devices.happen("set_meter", name=_PRICE, value="405")
        look = read_look(self.devices.meter)
        self._wait(lambda: seal.observation().fare == look.fare, "the seal does not see it")
        clear = ReasonBody(Reason.TAMPER_INVESTIGATED, "Price put back; meter examined")
        two = [self.cast.technician, self.cast.station]
        step.add(self._told(self._give(seal, OrderKind.CLEAR, clear, two)))
        self._seal(seal, step, "1002")
        after = seal.status()
        expect(
            after.calibration_counter == before.calibration_counter + 1,
            "the calibration counter did not step",
        )
        told = say("calibration counter {:03d} → {:03d}: K was measured anew")
        step.add(told.format(before.calibration_counter, after.calibration_counter))
        self._verify_intact(seal, step)

    def _power_cut(self, seal: SealClient, step: Step) -> None:
        data = calibration_of_job(
            read_job(TEMPLATE.encode()), now=int(time.time()), salt=secrets.token_bytes
        )
        body = ParametersBody((GroupItem(Group.CALIBRATION, data),))
        shown = read_history(seal)
        draft = self._draft(seal, OrderKind.CONFIRM, body, [self.cast.station])
        self.devices.happen("cut_power", after_writes=1, torn=7, gap_s=3)
        try:
            seal.submit(draft.raw, draft.credentials)
        except SealkitError as error:
            step.add(say("no answer to CONFIRM: {}").format(error.code))
        else:
            raise BrokenOff("the seal answered without power")
        self.devices.happen("restore_power")
        self._wait(lambda: seal.status().boot > 0, "the seal did not start again")
        status = seal.status()
        head = (status.control_sequence, status.control_digest)
        before = head == (shown.head.sequence, shown.head.digest)
        if not before:
            history = read_history(seal).history
            expect(draft.order_id in history.orders, "the seal is neither before nor after")
        step.add(
            say("after the restart the seal is before the order")
            if before
            else say("after the restart the seal is after the order")
        )
        applied = give_order(seal, shown, draft)
        step.add(say("the same order again: {}").format(self._told(applied)))
        self._verify_intact(seal, step)

    def _export(self, seal: SealClient, step: Step) -> None:
        path = f"{self.directory}/taxi.seal"
        data = export_bytes(collect(seal))
        write_whole(path, data)
        verdict = judge(self.cast, material_of(path, None, journal=True))
        expect(verdict.conclusion is Conclusion.INTACT, f"not intact: {_codes(verdict)}")
        told = say("{} bytes; {}, as of its evidence")
        step.add(told.format(len(data), _summary(verdict)))
        altered = bytearray(data)
        altered[len(data) // 2] ^= 0x20
        write_whole(path, bytes(altered))
        verdict = judge(self.cast, material_of(path, None, journal=True))
        expect(verdict.conclusion is Conclusion.BROKEN, "an altered file is not broken")
        step.add(say("byte {} altered: {}").format(len(data) // 2, _summary(verdict)))
        for found in verdict.findings[:2]:
            step.add(f"{found.code}: {found.message(language())}")

    def _draft(
        self, seal: SealClient, kind: OrderKind, body: OrderBody, members: Sequence[Member]
    ) -> Draft:
        chains = [member.chain for member in members]
        draft = draft_order(seal, read_history(seal), kind, body, chains)
        for member in members:
            draft = draft.sign(member.key)
        return draft

    def _give(
        self, seal: SealClient, kind: OrderKind, body: OrderBody, members: Sequence[Member]
    ) -> Applied:
        return give_order(seal, read_history(seal), self._draft(seal, kind, body, members))

    def _told(self, applied: Applied) -> str:
        receipt = applied.receipt
        told = (
            say("applied before, as record {}; read back and signed by the seal: {}")
            if receipt.already_applied
            else say("applied as record {}, read back and signed by the seal: {}")
        )
        return told.format(receipt.sequence, say(applied.evidence.state.name.lower()))

    def _wait(self, holds: Callable[[], bool], otherwise: str) -> None:
        ends = time.monotonic() + _PATIENCE_S
        while not holds():
            expect(time.monotonic() < ends, otherwise)

    def _wait_for(
        self, seal: SealClient, holds: Callable[[Verdict], bool], otherwise: str
    ) -> Verdict:
        ends = time.monotonic() + _PATIENCE_S
        while not holds(verdict := judge(self.cast, material_of_seal(seal))):
            expect(time.monotonic() < ends, otherwise)
        return verdict


def _unsigned(draft: Draft, **changes: Any) -> bytes:
    """The bytes of an order with other values in it, for orders that our own client refuses."""
    order = draft.order
    values = {f.name: getattr(order, f.name) for f in dataclasses.fields(order)}
    return ORDER.unsigned(draft.suite.id, {**values, **changes}, until="signatures")


def _yuan(fen: int) -> str:
    return say("{}.{:02d} yuan").format(fen // 100, fen % 100)


def _codes(verdict: Verdict) -> str:
    return ", ".join(found.code for found in verdict.findings)


def _summary(verdict: Verdict) -> str:
    layers = ", ".join(
        f"{say(layer.value)} {say(conclusion.value)}"
        for layer, conclusion in verdict.layers.items()
    )
    return f"{say(verdict.conclusion.value).upper()} ({layers})"


def _column(text: str, cells: int) -> str:
    """The text, filled up to so many cells of a terminal; a Chinese character takes two."""
    return text + " " * max(1, cells - cell_len(text))
