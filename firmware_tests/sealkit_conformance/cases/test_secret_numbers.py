"""Each signature of a seal has a secret number of its own: two with one give its key away (S-1)."""

from __future__ import annotations

from typing import Final

from sealkit.crypto import Suite
from sealkit.crypto.sm2 import signer_digest
from sealkit.wire.evidence import Checkpoint, Evidence
from sealkit.wire.registry import OrderKind
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause
from sealkit_conformance.subject.seal import SealUnderTest

SIGNATURES: Final = 6
SM2_ORDER_ABOVE: Final = 2
"""The curve's order is so much above the greatest private key of SM2."""


def shown_of_number(suite: Suite, public_key: bytes, signed: Evidence | Checkpoint) -> int:
    """What a signature shows of its secret number: the same for two with the same number."""
    r = int.from_bytes(signed.signature[:32], "big")
    if suite.name != "sm2":
        return r
    digest = suite.digest(signer_digest(public_key) + signed.signed_bytes)
    return (r - int.from_bytes(digest, "big")) % (suite.largest_scalar + SM2_ORDER_ABOVE)


@clause("S-1", "T-4", "R26")
def test_no_two_signatures_have_one_secret_number(sealed: SealUnderTest, bench: Backend) -> None:
    """Of evidence and of checkpoints, before a boot and after it."""
    suite, public_key = sealed.suite, sealed.info().public_key
    signed: list[Evidence | Checkpoint] = []
    for _ in range(2):
        signed += [sealed.evidence() for _ in range(SIGNATURES)]
        sealed.take(sealed.good(OrderKind.TRUST))
        signed.append(sealed.checkpoint())
        if Capability.POWER in bench.capabilities:
            sealed.restart()
    numbers = {shown_of_number(suite, public_key, one) for one in signed}
    expect.equal("S-1", len(signed), len(numbers), "secret numbers of as many signatures")
