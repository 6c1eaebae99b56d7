"""Leaves and evidence bundles out of what a station holds (SPEC.md 16, 17). Pure."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Final

from sealkit.appraisal.material import Material
from sealkit.crypto import Suite
from sealkit.errors import UsageError
from sealkit.rules.parameters import group_digest
from sealkit.wire.bundle import INCLUSION, Bundle, Inclusion, build_bundle
from sealkit.wire.evidence import Evidence
from sealkit.wire.registry import RecordedConclusion, SuiteNumber, TagType
from sealkit.wire.tags import domain_tag
from sealkit.wire.witness import LEDGER_LEAF, NO_PLACE, NO_VERDICT, LedgerLeaf, TreeHead

PLACE_SALT_BYTES: Final = 16


def make_leaf(
    suite: Suite,
    evidence: Evidence,
    *,
    received_at: int,
    conclusion: RecordedConclusion = RecordedConclusion.NOT_JUDGED,
    verdict: bytes | None = None,
    place_digest: bytes = NO_PLACE,
) -> LedgerLeaf:
    """The leaf of one evidence taken (G-2). received_at: seconds since 1970.

    verdict: the bytes of `build_station_verdict`; None, as long as it is not judged.
    """
    raw = leaf_bytes(
        suite,
        evidence,
        suite.digest(evidence.raw),
        received_at=received_at,
        conclusion=conclusion,
        verdict=verdict,
        place_digest=place_digest,
    )
    return LEDGER_LEAF.parse(raw)


def leaf_bytes(
    suite: Suite,
    evidence: Evidence,
    evidence_digest: bytes,
    *,
    received_at: int,
    conclusion: RecordedConclusion = RecordedConclusion.NOT_JUDGED,
    verdict: bytes | None = None,
    place_digest: bytes = NO_PLACE,
) -> bytes:
    """The bytes of the same leaf; evidence_digest: of the evidence's bytes, 32 bytes."""
    if (verdict is None) != (conclusion is RecordedConclusion.NOT_JUDGED):
        raise ValueError("a conclusion goes with its verdict")
    values = {
        "tag": domain_tag(suite.id, TagType.LEDGER_LEAF),
        "received_at": received_at,
        "maker": evidence.maker,
        "serial": evidence.serial,
        "seal_key": evidence.seal_key,
        "evidence_digest": evidence_digest,
        "control_sequence": evidence.control_sequence,
        "control_digest": evidence.control_digest,
        "journal_sequence": evidence.journal_sequence,
        "journal_digest": evidence.journal_digest,
        "base_sequence": evidence.base_sequence,
        "calibration_counter": evidence.calibration_counter,
        "configuration_counter": evidence.configuration_counter,
        "parameter_root": evidence.parameter_root,
        "conclusion": conclusion,
        "verdict_digest": NO_VERDICT if verdict is None else suite.digest(verdict),
        "place_digest": place_digest,
    }
    return LEDGER_LEAF.assemble(values)


def place_digest(suite: Suite, salt: bytes, place: str) -> bytes:
    """What a leaf tells of the submitter's place (G-3): salt has 16 random bytes, kept aside."""
    if len(salt) != PLACE_SALT_BYTES:
        raise ValueError(f"a salt has {PLACE_SALT_BYTES} bytes")
    return suite.digest(salt + place.encode())


def make_bundle(
    suite: Suite,
    material: Material,
    *,
    shown: Container[int] | None = None,
    earlier: Sequence[bytes] = (),
    credentials: Sequence[bytes] = (),
    verdict: bytes | None = None,
    leaf: LedgerLeaf | None = None,
    index: int = 0,
    path: Sequence[bytes] = (),
    tree_head: TreeHead | None = None,
) -> bytes:
    """The bundle of what was judged, and of what the ledger adds.

    material: the seal's own; its groups are the whole set. shown: numbers of the groups that are
    shown; None: all. Whatever is not shown is there as a digest, and then the log is left out,
    since orders hold their groups in clear (B-3). earlier: evidence of the same number that this
    one contradicts. credentials: of the station and its issuers. index, path: the proof that the
    leaf stands in the tree of the head.

    Errors: `UsageError` NO_EVIDENCE, GROUPS_MISSING (a set that is not at hand cannot be withheld),
    VALUE_OUT_OF_RANGE.
    """
    if material.evidence is None:
        raise UsageError(
            "NO_EVIDENCE", "There is no evidence to make a bundle of.", "Read the seal first."
        )
    if shown is not None and not material.groups:
        raise UsageError(
            "GROUPS_MISSING",
            "The parameter groups are not at hand, so none can be withheld by its digest.",
            "Make a whole bundle, or read the seal's groups too.",
        )
    show = tuple(g for g in material.groups if shown is None or g[0] in shown)
    withheld = tuple(
        (number, group_digest(suite, number, data))
        for number, data in material.groups
        if (number, data) not in show
    )
    proof = Inclusion(index, b"".join(path))
    return build_bundle(
        suite.digest,
        Bundle(
            suite=SuiteNumber(suite.id),
            evidence=material.evidence,
            seal_credential=material.seal_credential,
            checkpoint=None if withheld else material.checkpoint,
            groups=show,
            group_digests=withheld,
            control=() if withheld else material.control,
            journal=() if withheld else material.journal or (),
            earlier=tuple(earlier),
            credentials=tuple(credentials),
            verdict=verdict,
            leaf=None if leaf is None else leaf.raw,
            inclusion=None if leaf is None or tree_head is None else INCLUSION.build(proof),
            tree_head=None if tree_head is None else tree_head.raw,
        ),
    )
