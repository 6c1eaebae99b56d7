"""The material in an evidence bundle (SPEC.md 17)."""

from __future__ import annotations

from sealkit.appraisal.material import Material, Vouched
from sealkit.appraisal.verdict import finding
from sealkit.appraisal.words import same
from sealkit.crypto import get_suite
from sealkit.errors import MalformedError, UsageError
from sealkit.wire.bundle import parse_bundle


def from_bundle(data: bytes) -> Material:
    """The material in a bundle; what is wrong with the file is among its findings.

    Nothing that the station says in it is believed: `appraise` judges the bytes and compares.
    """
    try:
        bundle = parse_bundle(data, lambda suite: get_suite(suite).digest)
    except UsageError as error:
        return Material(as_of=True, found=(finding("SUITE_UNKNOWN", same(error.message)),))
    except MalformedError as error:
        code = error.code if error.code.startswith("BUNDLE_") else "SUITE_UNKNOWN"
        return Material(as_of=True, found=(finding(code, same(error.message)),))
    return Material(
        evidence=bundle.evidence,
        seal_credential=bundle.seal_credential,
        checkpoint=bundle.checkpoint,
        groups=bundle.groups,
        control=bundle.control,
        journal=bundle.journal or None,
        as_of=True,
        group_digests=bundle.group_digests,
        vouched=Vouched(
            bundle.earlier,
            bundle.credentials,
            bundle.verdict,
            bundle.leaf,
            bundle.inclusion,
            bundle.tree_head,
        ),
    )
