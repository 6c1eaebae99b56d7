"""A station takes a seal's evidence into a ledger of some entries, and makes a bundle of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from support.tree import KeptTree

from appraisal.builder import NOW, Log, World, judged
from sealkit.appraisal.bundle import from_bundle
from sealkit.appraisal.material import Material
from sealkit.appraisal.station_verdict import build_station_verdict
from sealkit.appraisal.verdict import Verdict, conclude
from sealkit.station.proof.bundles import make_bundle
from sealkit.station.tree.leaves import leaf_bytes
from sealkit.station.tree.merkle import consistency_proof, inclusion_proof
from sealkit.station.tree.tree_heads import sign_attestation, sign_tree_head
from sealkit.wire.evidence import EVIDENCE, Evidence
from sealkit.wire.registry import RecordedConclusion
from sealkit.wire.witness import LEDGER_LEAF, Attestation, LedgerLeaf, TreeHead


@dataclass
class Ledger:
    """A station's tree; others' entries are any bytes."""

    world: World
    tree: KeptTree = field(init=False)

    def __post_init__(self) -> None:
        self.tree = KeptTree(self.world.suite.digest)

    def add(self, leaf: bytes) -> int:
        """Takes a leaf; its index."""
        return self.tree.add(leaf)

    def head(self, time: int = NOW) -> TreeHead:
        station = self.world.station
        root = self.tree.frontier.root(self.world.suite.digest)
        return sign_tree_head(
            station.key, station.credential, size=self.tree.frontier.size, root=root, time=time
        )

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        return inclusion_proof(
            self.world.suite.digest, index, self.tree.frontier.size, self.tree.hashes
        )

    def consistency(self, first: int) -> tuple[bytes, ...]:
        return consistency_proof(
            self.world.suite.digest, first, self.tree.frontier.size, self.tree.hashes
        )


def exported(log: Log) -> Material:
    """What a station holds of a seal: without the nonce, as in a file."""
    return log.material()._replace(nonce=None, as_of=True)


def evidence_of(material: Material) -> Evidence:
    assert material.evidence is not None
    return EVIDENCE.parse(material.evidence)


def leaf_of(
    world: World,
    material: Material,
    conclusion: RecordedConclusion = RecordedConclusion.NOT_JUDGED,
    verdict: bytes | None = None,
) -> LedgerLeaf:
    """The leaf of the evidence in it."""
    evidence, suite = evidence_of(material), world.suite
    raw = leaf_bytes(
        suite,
        evidence,
        suite.digest(evidence.raw),
        received_at=NOW,
        conclusion=conclusion,
        verdict=verdict,
    )
    return LEDGER_LEAF.parse(raw)


def taken(world: World, material: Material) -> tuple[bytes, LedgerLeaf]:
    """The station's verdict on it, and the leaf."""
    verdict = judged(material, world.trust)
    told = build_station_verdict(verdict, world.trust, NOW)
    return told, leaf_of(world, material, RecordedConclusion[verdict.conclusion.name], told)


def bundle(world: World, material: Material, **changes: Any) -> bytes:
    """The bundle of this material, entry 3 of 6 in the ledger; `changes` as `make_bundle` takes."""
    told, leaf = taken(world, changes.pop("judged_material", material))
    told = changes.get("verdict", told)
    ledger = Ledger(world)
    for number in range(3):
        ledger.add(b"before %d" % number)
    index = ledger.add((changes.get("leaf") or leaf).raw)
    for number in range(2):
        ledger.add(b"after %d" % number)
    parts: dict[str, Any] = {
        "credentials": (world.station.credential.raw,),
        "verdict": told,
        "leaf": leaf,
        "index": index,
        "path": ledger.inclusion(index),
        "tree_head": ledger.head(),
        **changes,
    }
    return make_bundle(world.suite, material, **parts)


def verdict_of(world: World, data: bytes) -> Verdict:
    return judged(from_bundle(data), world.trust)


def attested(world: World, material: Material, **changes: Any) -> Attestation:
    values: dict[str, Any] = {
        "plate": "沪A12345",
        "leaf_index": 3,
        "issued_at": NOW,
        "valid_until": NOW + 86_400,
        **changes,
    }
    station = world.station
    return sign_attestation(station.key, station.credential, evidence_of(material), **values)


def verdict_with(found: list[Any]) -> Verdict:
    """A verdict of these findings alone."""
    conclusion, layers = conclude(tuple(found))
    return Verdict(conclusion, layers, tuple(found), None, None, None, None, None, None, True)
