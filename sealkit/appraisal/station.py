"""What a station signed: tree heads and attestations, judged under the verifier's own trust (G-4
to G-7). Pure; whatever is wrong is a finding, never an exception."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Detail, Finding, finding
from sealkit.appraisal.words import moment_text, refusal_detail, same, same_plate
from sealkit.crypto.suite import Suite
from sealkit.errors import MalformedError, RefusedError
from sealkit.rules.credentials import Moment, covers, judge_credential, parse_credential
from sealkit.rules.merkle import verify_consistency
from sealkit.wire.credentials import Credential
from sealkit.wire.registry import Role
from sealkit.wire.signed import Signed
from sealkit.wire.witness import (
    ATTESTATION,
    TREE_HEAD,
    Attestation,
    TreeHead,
)


def judge_tree_head(
    trust: TrustBundle, raw: bytes, credentials: Sequence[bytes], region: int | None = None
) -> tuple[TreeHead | None, list[Finding]]:
    """A tree head (G-4). Without findings it is good.

    credentials: those at hand, of the station and its issuers, as bytes. region: of the seal that
    the head vouches for, None where it is not known.
    """
    try:
        head = TREE_HEAD.parse(raw)
    except MalformedError as error:
        return None, [finding("TREE_HEAD_INVALID", refusal_detail(error))]
    if head.suite != trust.suite.id:
        return None, [finding("SUITE_UNKNOWN", same(head.suite.name.lower()))]
    station, found = _station(trust, head.station, credentials, head.time, region)
    if station is not None and not _is_signed(trust, station, head):
        found.append(finding("TREE_HEAD_INVALID", same(station.name)))
    return head, found


def judge_tree_heads(
    trust: TrustBundle,
    one: TreeHead,
    other: TreeHead,
    path: Sequence[bytes] | None,
    credentials: Sequence[bytes],
) -> list[Finding]:
    """Whether two tree heads, each judged before, belong to one ledger (G-5).

    path: what the station answered when it was asked for the proof of consistency between their
    sizes; None if it was not asked. Two roots of one size need no proof.
    """
    first, second = sorted((one, other), key=lambda head: head.size)
    sizes = Detail(
        f"Sizes {first.size} and {second.size}.", f"大小为 {first.size} 与 {second.size}。"
    )
    if _key_of(trust, one, credentials) != _key_of(trust, other, credentials):
        what = Detail("They are of two stations.", "两者属于不同检定站。")
        return [finding("LEDGER_UNPROVEN", what)]
    if first.size == second.size:
        return [] if first.root == second.root else [finding("LEDGER_FORKED", sizes)]
    if path is None and first.size:
        return [finding("LEDGER_UNPROVEN", sizes)]
    holds = verify_consistency(
        trust.suite.digest, first.size, second.size, path or (), first.root, second.root
    )
    return [] if holds else [finding("LEDGER_FORKED", sizes)]


def _key_of(trust: TrustBundle, head: TreeHead, credentials: Sequence[bytes]) -> bytes:
    """The key that a head was signed with: a renewed credential has the same; its own digest
    stands for one that is not at hand."""
    raw = credential_named(trust.suite, head.station, credentials)
    if raw is None:
        return head.station
    try:
        return parse_credential(trust.suite, raw).public_key
    except RefusedError:
        return head.station


def judge_attestation(
    trust: TrustBundle,
    raw: bytes,
    credentials: Sequence[bytes],
    now: int,
    plate: str | None = None,
) -> tuple[Attestation | None, list[Finding]]:
    """An attestation (G-6) at the time `now`, in seconds since 1970. Without findings it is good.

    plate: what stands on the vehicle, to be compared.
    """
    try:
        attestation = ATTESTATION.parse(raw)
    except MalformedError as error:
        return None, [finding("ATTESTATION_INVALID", refusal_detail(error))]
    if attestation.suite != trust.suite.id:
        return None, [finding("SUITE_UNKNOWN", same(attestation.suite.name.lower()))]
    station, found = _station(trust, attestation.station, credentials, attestation.issued_at, None)
    if station is not None and not _is_signed(trust, station, attestation):
        found.append(finding("ATTESTATION_INVALID", same(station.name)))
    if not attestation.issued_at <= now <= attestation.valid_until:
        window = f"{moment_text(attestation.issued_at)} – {moment_text(attestation.valid_until)}"
        found.append(finding("ATTESTATION_EXPIRED", same(window)))
    if plate is not None and not same_plate(plate, attestation.plate):
        found.append(finding("ATTESTATION_OTHER_PLATE", same(attestation.plate)))
    return attestation, found


def credential_named(suite: Suite, digest: bytes, at_hand: Iterable[bytes]) -> bytes | None:
    """The bytes of the credential with this digest, as tree heads and attestations name their
    station; None if it is not at hand."""
    return next((raw for raw in at_hand if suite.digest(raw) == digest), None)


def _station(
    trust: TrustBundle,
    digest: bytes,
    credentials: Sequence[bytes],
    time: int,
    region: int | None,
) -> tuple[Credential | None, list[Finding]]:
    """The credential with this digest, and why it does not hold, if it does not."""
    suite = trust.suite
    raw = credential_named(suite, digest, credentials)
    if raw is None:
        return None, [finding("STATION_UNTRUSTED", same(digest.hex()))]
    pool = []
    for one in credentials:
        try:
            pool.append(parse_credential(suite, one))
        except RefusedError as error:
            if one == raw:
                return None, [finding("STATION_UNTRUSTED", refusal_detail(error))]
    station = next(one for one in pool if one.raw == raw)
    if station.role is not Role.STATION:
        what = same(f"{station.name} ({station.role.name.lower()})")
        return station, [finding("STATION_UNTRUSTED", what)]
    try:
        judge_credential(
            trust.credentials_suite,
            station,
            pool=pool,
            anchor=trust.authority,
            statement=trust.statement,
            moment=Moment(time),
        )
    except RefusedError as error:
        return station, [finding("STATION_UNTRUSTED", refusal_detail(error))]
    if region is not None and not covers(station.scope, region):
        return station, [finding("STATION_UNTRUSTED", same(f"{station.scope} ≠ {region}"))]
    return station, []


def _is_signed(trust: TrustBundle, station: Credential, signed: Signed) -> bool:
    return trust.suite.verify(station.public_key, signed.signed_bytes, signed.signature)
