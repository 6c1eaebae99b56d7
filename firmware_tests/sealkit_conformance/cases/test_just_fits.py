"""What fits to the byte, or is due to the moment, and what is one beyond it."""

from __future__ import annotations

from sealkit.wire.messages import READ_LOG_REQUEST, ReadLogRequest
from sealkit.wire.registry import Chain, Command
from sealkit_conformance import expect
from sealkit_conformance.marks import clause
from sealkit_conformance.subject.seal import READ_LIMIT, SealUnderTest


@clause("C-7")
def test_a_record_that_just_fits_is_told(tampered: SealUnderTest) -> None:
    """At any place of the log two records are told where there is just room for two."""
    records = tampered.log(Chain.BOTH)
    for one, other in zip(records, records[1:], strict=False):
        size = 1 + 2 + len(one.raw) + 2 + len(other.raw)
        if size > READ_LIMIT:
            continue
        for limit, due in ((size - 1, 1), (size, 2), (size + 1, 2)):
            request = READ_LOG_REQUEST.build(ReadLogRequest(Chain.BOTH, one.sequence, limit))
            told = tampered.done(Command.READ_LOG, request)[0]
            expect.equal("C-7", due, told, f"records of {size} bytes together in {limit}")
