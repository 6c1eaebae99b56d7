"""The world of the demo: people with keys, and a seal and a taximeter in a process of their own."""

from __future__ import annotations

import json
import os
import secrets
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sealkit.appraisal import Material, Policy, TrustBundle, Verdict, appraise
from sealkit.crypto import PrivateKey, Suite, get_suite
from sealkit.errors import TimedOutError
from sealkit.keys.credentialfile import write_credentials
from sealkit.keys.issuing import issue_credential
from sealkit.wire.credentials import Credential
from sealkit.wire.registry import Role
from sealkit_tools.devices.control import tell
from sealkit_tools.words.language import say

REGION: Final = 310000
MAKER: Final = 500
_DAY_S: Final = 24 * 3600
_START_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a key; the demo keeps keys in memory only."""

    key: PrivateKey
    credential: Credential
    issuers: tuple[Credential, ...] = ()

    @property
    def chain(self) -> tuple[bytes, ...]:
        return (self.credential.raw, *(issuer.raw for issuer in self.issuers))


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who plays a part, and the verifier's trust."""

    suite: Suite
    authority: Member
    manufacturer: Member
    endorsement: Credential
    station: Member
    registry: Member
    technician: Member
    expired_technician: Member
    trust: TrustBundle


def make_cast(suite_name: str, now: int) -> Cast:
    """Keys and credentials for the whole story."""
    suite = get_suite(suite_name)

    def member(
        role: Role,
        name: str,
        issuer: Member | None,
        *,
        scope: int = REGION,
        days: tuple[int, int] = (-1, 3650),
    ) -> Member:
        key = suite.generate()
        credential = issue_credential(
            key if issuer is None else issuer.key,
            None if issuer is None else issuer.credential,
            role=role,
            scope=scope,
            serial=secrets.randbits(32),
            generation=1,
            not_before=now + days[0] * _DAY_S,
            not_after=now + days[1] * _DAY_S,
            public_key=key.public_key,
            name=name,
        )
        self_made = issuer is None or issuer.credential.role is Role.AUTHORITY
        return Member(key, credential, () if self_made or issuer is None else (issuer.credential,))

    authority = member(Role.AUTHORITY, say("Shanghai metrology"), None)
    manufacturer = member(Role.MANUFACTURER, say("Seal maker"), None, scope=MAKER)
    registry = member(Role.REGISTRY, say("Technicians' registry"), authority)
    endorsement = issue_credential(
        manufacturer.key,
        manufacturer.credential,
        role=Role.AUTHORITY,
        scope=REGION,
        serial=secrets.randbits(32),
        generation=1,
        not_before=now - _DAY_S,
        not_after=now + 3650 * _DAY_S,
        public_key=authority.credential.public_key,
        name=authority.credential.name,
    )
    return Cast(
        suite,
        authority,
        manufacturer,
        endorsement,
        member(Role.STATION, say("Pudong station"), authority),
        registry,
        member(Role.TECHNICIAN, say("Zhang Wei"), registry, days=(-1, 365)),
        member(Role.TECHNICIAN, say("Li Na (card expired)"), registry, days=(-400, -30)),
        TrustBundle(suite, authority.credential, (manufacturer.credential,), None),
    )


@dataclass(frozen=True, slots=True)
class Devices:
    """The spec strings of a running simulation."""

    seal: str
    meter: str
    control: str

    def happen(self, action: str, **values: object) -> dict[str, object]:
        """Something happens to the devices."""
        return tell(self.control, action, **values)


@contextmanager
def running_devices(suite: str, directory: Path, manufacturer: Credential) -> Iterator[Devices]:
    """Starts `sealkit sim start` as a process of its own, and ends it."""
    anchor = directory / "manufacturer.cred"
    write_credentials(anchor, [manufacturer.raw])
    command = [
        *(sys.executable, "-m", "sealkit_tools.main", "sim", "start"),
        *("--dir", str(directory / "devices"), "--suite", suite, "--number", f"{MAKER}-23"),
        *("--manufacturer", str(anchor)),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        endpoints = json.loads(_first_line(process))
        yield Devices(endpoints["seal"], endpoints["meter"], endpoints["control"])
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    """The line that tells the spec strings, or an error when none comes in time."""
    assert process.stdout is not None
    line, ends = b"", time.monotonic() + _START_S
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, ends - time.monotonic())):
                break
            part = os.read(process.stdout.fileno(), 4096)
            if not part:
                break
            line += part
    if not line.endswith(b"\n"):
        raise TimedOutError(
            "SIMULATION_DID_NOT_START",
            "The simulated devices did not start.",
            "Start them by hand to see why: `sealkit sim start --dir DIR`.",
        )
    return line


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """Where the devices keep their state during the demo."""
    with tempfile.TemporaryDirectory(prefix="sealkit-demo-") as name:
        yield Path(name)


def judge(cast: Cast, material: Material) -> Verdict:
    """The verdict of `sealkit verify`."""
    return appraise(material, cast.trust, Policy(), now=int(time.time()))
