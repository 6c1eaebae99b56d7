"""What the benchmarks measure on: a cast with keys, and a sealed taximeter in virtual time."""

from __future__ import annotations

import secrets
from typing import Final

from sealkit.appraisal import Material
from sealkit.keys.issuing import issue_credential
from sealkit.rules.supervision import MeterLook
from sealkit.seal import SealClient
from sealkit.seal.drafting import draft_order
from sealkit.seal.exchange import Exchange
from sealkit.seal.history import Shown, read_history
from sealkit.seal.job import TEMPLATE, calibration_of_job, groups_of_job, read_job
from sealkit.seal.ordering import Applied, give_order
from sealkit.transport import Deadline
from sealkit.wire.numbers import SealNumber
from sealkit.wire.orders import EnrolBody, GroupItem, OrderBody, ParametersBody
from sealkit.wire.registry import Group, OrderKind, Role
from sealkit_simulator.clock import VirtualTime
from sealkit_simulator.crypto_core import make_core
from sealkit_simulator.storage import FlashPlan
from sealkit_simulator.taximeter import Taximeter
from sealkit_simulator.vehicle import Vehicle
from sealkit_tools.sim.world import MAKER, Cast, Member, make_cast
from sealkit_tools.verify.command import material_of_seal

NOW: Final = 1_795_000_000


class InProcess:
    """A transport straight into a simulated seal: nothing between client and device."""

    spec = "in process"

    def __init__(self, vehicle: Vehicle) -> None:
        self._vehicle = vehicle
        self._received = b""

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._received += self._vehicle.receive(data)

    def read(self, limit: int, deadline: Deadline) -> bytes:
        data, self._received = self._received[:limit], self._received[limit:]
        return data

    def discard_input(self) -> None:
        self._received = b""

    def set_baud(self, rate: int) -> None:
        return

    def close(self) -> None:
        return


class World:
    """A provisioned seal with a taximeter on its line, in virtual time, and who may order it."""

    def __init__(self, suite: str) -> None:
        self.cast: Cast = make_cast(suite, NOW)
        self.time = VirtualTime(NOW * 1000)
        plan = FlashPlan()
        key = self.cast.suite.generate()
        number = SealNumber(MAKER, 23)
        core = make_core(key, number, self.cast.manufacturer.credential.raw)
        self.vehicle = Vehicle(plan.flash(), core, self.time, plan=plan, taximeter=Taximeter())
        self.vehicle.restore_power()
        self.client = SealClient(Exchange(InProcess(self.vehicle)))
        self.client.install_credential(
            issue_credential(
                self.cast.manufacturer.key,
                self.cast.manufacturer.credential,
                role=Role.SEAL,
                scope=MAKER,
                serial=number.serial,
                generation=1,
                not_before=NOW - 300,
                not_after=NOW + 3650 * 86_400,
                public_key=key.public_key,
                name=f"seal {number}",
            ).raw
        )
        self.pass_time(6_000)

    def pass_time(self, ms: int) -> None:
        """Time passes, in steps in which seal and meter can talk."""
        for _ in range(ms // 500):
            self.time.advance(500)
            self.vehicle.step()

    def look(self) -> MeterLook:
        seen = self.client.observation()
        return MeterLook(seen.device, seen.hardware_version, seen.software, seen.plate, seen.fare)

    def sealing(self) -> ParametersBody:
        """The parameter set of a first sealing."""
        groups = groups_of_job(
            read_job(TEMPLATE.encode()), self.look(), {}, now=NOW, salt=secrets.token_bytes
        )
        return ParametersBody(tuple(GroupItem(n, data) for n, data in groups.items()))

    def confirmation(self) -> ParametersBody:
        data = calibration_of_job(read_job(TEMPLATE.encode()), now=NOW, salt=secrets.token_bytes)
        return ParametersBody((GroupItem(Group.CALIBRATION, data),))

    def give(self, kind: OrderKind, body: OrderBody, members: list[Member]) -> Applied:
        shown: Shown = read_history(self.client)
        draft = draft_order(self.client, shown, kind, body, [m.chain for m in members])
        for member in members:
            draft = draft.sign(member.key)
        return give_order(self.client, shown, draft)

    def seal(self) -> None:
        """Enrolled and sealed."""
        self.give(OrderKind.ENROL, EnrolBody(NOW, self.cast.endorsement.raw), [self.cast.station])
        two = [self.cast.technician, self.cast.station]
        self.give(OrderKind.SEAL, self.sealing(), two)

    def material(self) -> Material:
        """What a verifier gets."""
        return material_of_seal(self.client)
