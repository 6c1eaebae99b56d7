"""What the ledger's tree commits to of an evidence that was taken, or judged (SPEC.md 16)."""

from __future__ import annotations

from sealkit.crypto.suite import Suite
from sealkit.station.history.visits import Place
from sealkit.station.tree.leaves import PLACE_SALT_BYTES, leaf_bytes, place_digest
from sealkit.wire.evidence import Evidence
from sealkit.wire.registry import RecordedConclusion
from sealkit.wire.witness import NO_PLACE


def entry_leaf(
    suite: Suite,
    secret: bytes,
    evidence: Evidence,
    evidence_digest: bytes,
    received: int,
    place: Place | None,
    conclusion: RecordedConclusion = RecordedConclusion.NOT_JUDGED,
    verdict: bytes | None = None,
) -> bytes:
    """The bytes of a leaf (G-2), out of what the ledger holds. secret: the ledger's, 32 bytes."""
    return leaf_bytes(
        suite,
        evidence,
        evidence_digest,
        received_at=received,
        conclusion=conclusion,
        verdict=verdict,
        place_digest=_noted_place(suite, secret, evidence_digest, place),
    )


def place_salt(suite: Suite, secret: bytes, evidence_digest: bytes) -> bytes:
    """The salt of a place in a leaf, 16 bytes: nobody guesses it without the ledger's secret."""
    return suite.digest(secret + evidence_digest)[:PLACE_SALT_BYTES]


def place_text(place: Place) -> str:
    """A place as its digest covers it: degrees, to about a metre."""
    return f"{place.latitude:.5f},{place.longitude:.5f}"


def _noted_place(suite: Suite, secret: bytes, evidence_digest: bytes, place: Place | None) -> bytes:
    """What the leaf tells of the place where the evidence was taken (G-3)."""
    if place is None:
        return NO_PLACE
    return place_digest(suite, place_salt(suite, secret, evidence_digest), place_text(place))
