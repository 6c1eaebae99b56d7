"""What of a submission is a seal's own word (SPEC.md 17): pure, so that any core can do it.

Evidence has to verify, with the seal's credential, under the trust in use. A record is kept when it
hangs on a head that the evidence signs, link by link; any other is nobody's word, and is left out.
So two histories in the ledger are two that one key signed, never one that somebody made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from sealkit.appraisal.evidence import check_evidence, check_seal_credential, read_seal_credential
from sealkit.appraisal.material import Material, from_export
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Finding
from sealkit.crypto.suite import Suite
from sealkit.errors import IntegrityError, MalformedError, RefusedError
from sealkit.rules.credentials import parse_credential
from sealkit.rules.merkle import leaf_hash
from sealkit.rules.parameters import group_digest, parameter_root
from sealkit.station.history.entry import entry_leaf
from sealkit.station.history.visits import Visit
from sealkit.wire.evidence import EVIDENCE, Evidence
from sealkit.wire.numbers import SealNumber
from sealkit.wire.orders import ORDER, Order, ParametersBody, ReasonBody, parse_body
from sealkit.wire.parameters import DistanceGroup, MeterGroup, VehicleGroup, parse_group
from sealkit.wire.records import (
    FIRST_JOURNAL_KIND,
    ORDER_RECORD,
    RECORD_HEADER,
    OrderRecord,
)
from sealkit.wire.registry import RECORD_MAX, RecordKind

_SEQUENCE, _KIND, _CLOCK, _PREVIOUS = 3, 4, 9, 11
"""Fields of RECORD_HEADER."""
NUMBER_MAX: Final = (1 << 63) - 1
"""The largest number that a database can hold; a faulty seal may tell a later time."""

BINDINGS_MAX: Final = 16_384
"""How many credentials are remembered as judged: half a kilobyte each."""


ControlRow = tuple[int, bytes, bytes, int, bytes]
"""A control record, by the columns of its table without the seal and the evidence: sequence,
digest, previous, kind, content. Plain, since there may be millions on their way between processes,
which takes five times as long of named ones."""

JournalRow = tuple[int, bytes, bytes, bytes]
"""A journal record, likewise: sequence, digest, previous, content."""


class OrderRow(NamedTuple):
    """What a control record says that holds an order, by the columns of `orders`."""

    sequence: int
    digest: bytes
    kind: int
    time: int
    reason: int | None
    first_signer: bytes
    second_signer: bytes
    plate: str | None
    vin: str | None
    meter: str | None
    k_pulses_per_km: int | None


class CredentialRow(NamedTuple):
    """A credential, by the columns of its table."""

    digest: bytes
    key_id: bytes
    issuer: bytes
    serial: int
    role: int
    scope: int
    name: str
    content: bytes


class Examined(NamedTuple):
    """What the ledger takes from one submission. facts: the columns of `evidence` from tick_ms on;
    received: when it came, one of them.
    leaf_hash: of its leaf in the tree, 32 bytes. left_out: how many records no signed head leads
    to."""

    maker: int
    serial: int
    tick_ms: int
    digest: bytes
    received: int
    leaf_hash: bytes
    facts: tuple[object, ...]
    credentials: tuple[CredentialRow, ...]
    control: tuple[ControlRow, ...]
    journal: tuple[JournalRow, ...]
    orders: tuple[OrderRow, ...]
    groups: tuple[tuple[bytes, int, bytes], ...]
    left_out: int

    @property
    def number(self) -> SealNumber:
        return SealNumber(self.maker, self.serial)


class Examiner:
    """Examines what comes, under one trust; a credential that many evidences come with is judged
    once. secret: the ledger's, for the salts of places."""

    def __init__(self, trust: TrustBundle, secret: bytes) -> None:
        self._trust = trust
        self._secret = secret
        self._bound: set[tuple[bytes, int, int, bytes]] = set()

    def examine_export(self, data: bytes, visit: Visit) -> Examined:
        """What the ledger takes from an export file. Errors: as `examine`."""
        return self.examine(from_export(data), visit)

    def examine(self, material: Material, visit: Visit) -> Examined:
        """What the ledger takes from what a seal gave.

        Errors: `IntegrityError` EVIDENCE_REFUSED, SUBMISSION_OTHER_SEAL; of a file,
        `MalformedError` EXPORT_TRUNCATED, EXPORT_ALTERED, SUITE_UNKNOWN.
        """
        for found in material.found:
            raise MalformedError(found.code, found.message(), found.remedy())
        suite = self._trust.suite
        evidence, seal_credential = self._verified(material)
        if visit.seal is not None and visit.seal != evidence.number:
            raise IntegrityError(
                "SUBMISSION_OTHER_SEAL",
                f"It was handed in as of seal {visit.seal}, and is of seal {evidence.number}.",
                "Find out which of the two it is; the files may have been mixed up.",
            )
        brought = len(material.control) + len(material.journal or ())
        control: tuple[ControlRow, ...] = ()
        journal: tuple[JournalRow, ...] = ()
        orders: tuple[OrderRow, ...] = ()
        credentials: tuple[CredentialRow, ...] = ()
        if brought:
            control, orders, credentials = _control(suite, evidence, material.control)
            journal = _journal(suite, evidence, material.journal or ())
        digest = suite.digest(evidence.raw)
        place = visit.place
        leaf = entry_leaf(suite, self._secret, evidence, digest, visit.received, place)
        entry = leaf_hash(suite.digest, leaf)
        own = _own_credential(suite, seal_credential)
        tick = min(evidence.tick_ms, NUMBER_MAX)
        return Examined(
            maker=evidence.maker,
            serial=evidence.serial,
            tick_ms=tick,
            digest=digest,
            received=visit.received,
            leaf_hash=entry,
            facts=(
                tick,
                digest,
                entry,
                evidence.raw,
                visit.received,
                clean(visit.submitter),
                None if place is None else place.latitude,
                None if place is None else place.longitude,
                None if visit.plate_seen is None else clean(visit.plate_seen),
                material.nonce is not None,
                own[0].digest,
                material.checkpoint,
            ),
            credentials=own + credentials,
            control=control,
            journal=journal,
            orders=orders,
            groups=_groups(suite, evidence, material),
            left_out=brought - len(control) - len(journal),
        )

    def _verified(self, material: Material) -> tuple[Evidence, bytes]:
        """Evidence that a seal signed, and the bytes of its credential."""
        raw, trust = material.seal_credential, self._trust
        if material.evidence is None:
            raise refused("There is no evidence in it.")
        credential, found = read_seal_credential(trust, raw)
        if raw is None or credential is None:
            raise _refused_for(found)
        evidence, found = check_evidence(
            trust.suite, material.evidence, public_key=credential.public_key, nonce=material.nonce
        )
        if evidence is not None:
            binding = raw, evidence.maker, evidence.serial, evidence.seal_key
            if binding not in self._bound:
                unbound = check_seal_credential(trust, credential, evidence)
                if not unbound:
                    self._remember(binding)
                found += unbound
        if evidence is None or found:
            raise _refused_for(found)
        return evidence, raw

    def _remember(self, binding: tuple[bytes, int, int, bytes]) -> None:
        if len(self._bound) >= BINDINGS_MAX:
            self._bound.clear()
        self._bound.add(binding)


def refused(why: str) -> IntegrityError:
    """The error of evidence that the ledger does not take."""
    return IntegrityError(
        "EVIDENCE_REFUSED",
        f"The ledger does not take this evidence: {why}",
        "Read the seal again; if it happens again, see what `sealkit verify` says of it.",
    )


def _refused_for(found: Sequence[Finding]) -> IntegrityError:
    return refused(" ".join(f"{one.code}: {one.message()}" for one in found))


def _control(
    suite: Suite, evidence: Evidence, records: Sequence[bytes]
) -> tuple[tuple[ControlRow, ...], tuple[OrderRow, ...], tuple[CredentialRow, ...]]:
    rows, orders, credentials = [], [], []
    for digest, raw in hanging(suite, evidence.control_digest, records, control=True):
        header = RECORD_HEADER.unpack_from(raw)
        sequence, kind = header[_SEQUENCE], header[_KIND]
        rows.append((sequence, digest, header[_PREVIOUS], kind, raw))
        stored = order_of(raw) if kind == RecordKind.ORDER else None
        if stored is None:
            continue
        order, body = stored
        time = min(header[_CLOCK], NUMBER_MAX)
        orders.append(_order_row(sequence, digest, time, order))
        for content in body.credentials:
            try:
                credentials.append(_credential_row(suite, content))
            except RefusedError:
                continue
    return tuple(reversed(rows)), tuple(reversed(orders)), tuple(credentials)


def _journal(suite: Suite, evidence: Evidence, records: Sequence[bytes]) -> tuple[JournalRow, ...]:
    unpack = RECORD_HEADER.unpack_from
    rows = [
        ((header := unpack(raw))[_SEQUENCE], digest, header[_PREVIOUS], raw)
        for digest, raw in hanging(suite, evidence.journal_digest, records, control=False)
    ]
    rows.reverse()
    return tuple(rows)


def hanging(
    suite: Suite, head: bytes, records: Sequence[bytes], *, control: bool
) -> Iterator[tuple[bytes, bytes]]:
    """Digest and bytes of the records that hang on a head (a digest), the last first."""
    digest_of, unpack, shortest = suite.digest, RECORD_HEADER.unpack_from, RECORD_HEADER.size
    expected, above = head, 1 << 32
    for raw in reversed(records):
        digest = digest_of(raw)
        if digest != expected or not shortest <= len(raw) <= RECORD_MAX:
            continue
        header = unpack(raw)
        if (header[_KIND] < FIRST_JOURNAL_KIND) is not control or header[_SEQUENCE] >= above:
            continue
        yield digest, raw
        expected, above = header[_PREVIOUS], header[_SEQUENCE]


def order_of(raw: bytes) -> tuple[Order, OrderRecord] | None:
    """The order in a control record's bytes, with what is stored beside it; None without one."""
    try:
        stored = ORDER_RECORD.parse(raw[RECORD_HEADER.size :])
        return ORDER.parse(stored.order), stored
    except MalformedError:
        return None


def _order_row(sequence: int, digest: bytes, time: int, order: Order) -> OrderRow:
    reason = plate = vin = meter = k = None
    try:
        body = parse_body(order)
        if isinstance(body, ReasonBody):
            reason = body.reason
        for item in body.groups if isinstance(body, ParametersBody) else ():
            match parse_group(item.number, item.data):
                case VehicleGroup(plate=told, vin=number):
                    plate, vin = clean(told), clean(number)
                case MeterGroup(device=device):
                    meter = device.hex()
                case DistanceGroup(k_pulses_per_km=pulses):
                    k = pulses
                case _:
                    pass
    except MalformedError:
        pass  # A seal that applied this has a fault, which its verdict tells.
    signers = order.first_signer, order.second_signer
    return OrderRow(sequence, digest, int(order.kind), time, reason, *signers, plate, vin, meter, k)


@lru_cache(maxsize=1024)
def _own_credential(suite: Suite, raw: bytes) -> tuple[CredentialRow]:
    # One object for all evidences of a seal, so that it goes only once to another process.
    return (_credential_row(suite, raw),)


@lru_cache(maxsize=1024)
def _credential_row(suite: Suite, raw: bytes) -> CredentialRow:
    credential = parse_credential(suite, raw)
    return CredentialRow(
        suite.digest(raw),
        suite.key_id(credential.public_key),
        credential.issuer,
        credential.serial,
        int(credential.role),
        credential.scope,
        clean(credential.name),
        raw,
    )


def _groups(
    suite: Suite, evidence: Evidence, material: Material
) -> tuple[tuple[bytes, int, bytes], ...]:
    """The groups beside the evidence, if it signs them."""
    if not material.groups:
        return ()
    groups = dict(material.groups)
    if len(groups) != len(material.groups):
        return ()
    if parameter_root(suite, groups) != evidence.parameter_root:
        return ()
    return tuple(
        (group_digest(suite, number, data), number, data) for number, data in groups.items()
    )


def number_told(raw: bytes | None) -> SealNumber | None:
    """The seal that evidence claims to be of; nothing about it is checked."""
    try:
        return None if raw is None else EVIDENCE.parse(raw).number
    except MalformedError:
        return None


def clean(text: str) -> str:
    """A text that any database takes: PostgreSQL knows no zero in one."""
    return text.replace("\0", "\ufffd")
