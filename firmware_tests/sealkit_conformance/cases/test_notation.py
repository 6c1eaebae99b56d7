"""How numbers stand on the line (chapter 1)."""

from __future__ import annotations

from sealkit.wire.registry import Command
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend
from sealkit_conformance.marks import clause
from sealkit_conformance.subject.seal import SealUnderTest

TICK = slice(31, 39)
"""tick_ms in the status (C-3)."""
PASSED_MS = 3_000
SLACK_MS = 5_000


@clause("N-1", "N-4", "C-3")
def test_numbers_are_big_endian(sealed: SealUnderTest, bench: Backend) -> None:
    """Time that passes steps the last bytes of a number, not the first."""
    before = sealed.done(Command.STATUS)[TICK]
    bench.pass_time(PASSED_MS)
    after = sealed.done(Command.STATUS)[TICK]

    def passed(order: str) -> int:
        big = order == "big"
        one, other = (raw if big else raw[::-1] for raw in (before, after))
        return int.from_bytes(other, "big") - int.from_bytes(one, "big")

    due = range(PASSED_MS - 100, PASSED_MS + SLACK_MS)
    expect.true("N-1", passed("little") not in due, "the ticks are little-endian")
    expect.true("N-4", passed("big") in due, f"{passed('big')} ticks in {PASSED_MS} ms")
