"""Commands that read (chapter 3)."""

from __future__ import annotations

from sealkit.wire.registry import Command
from sealkit_conformance import expect
from sealkit_conformance.marks import clause
from sealkit_conformance.subject.seal import SealUnderTest


@clause("C-1")
def test_ping_gives_back_what_it_was_sent(sealed: SealUnderTest) -> None:
    for body in (b"", b"\0", bytes(range(256)) * 4):
        expect.equal("C-1", body, sealed.done(Command.PING, body), "ping answers other bytes")
