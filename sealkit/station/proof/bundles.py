"""Evidence bundles out of what a station holds (SPEC.md 17). Pure."""

from __future__ import annotations

from collections.abc import Container, Sequence

from sealkit.appraisal.material import Material
from sealkit.crypto import Suite
from sealkit.errors import UsageError
from sealkit.rules.parameters import group_digest
from sealkit.wire.bundle import INCLUSION, Bundle, Inclusion, build_bundle
from sealkit.wire.registry import SuiteNumber
from sealkit.wire.witness import LedgerLeaf, TreeHead


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
