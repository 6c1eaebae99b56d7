"""The rig's process: `python -m sealkit_conformance.bench.processes.rig_side DIR`.

It answers at DIR/rig.tty and hands each request to the seal's or the meter's process.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Final

from sealkit.errors import SealkitError
from sealkit.transport import Deadline, Transport, open_transport
from sealkit_conformance.bench.backend import Capability
from sealkit_conformance.bench.processes.words import LINE_MAX, Lines
from sealkit_simulator.lines import PtyLine, Server

_ANSWER_S: Final = 25.0


class RigSide(Lines):
    """Hands requests on; whoever asks waits for each."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._sides: dict[str, Transport] = {
            name: open_transport(f"serial:{directory / f'{name}-rig.tty'}")
            for name in ("seal", "meter")
        }

    def _answer(self, line: bytes) -> bytes:
        word = line.strip()
        if word == b"CAPABILITIES":
            names = " ".join(one.name for one in Capability)
            return f"OK {names}\n".encode()
        if word == b"REST":
            self._ask("meter", line)
        return self._ask("meter" if word.startswith(b"METER ") else "seal", line)

    def _ask(self, side: str, line: bytes) -> bytes:
        deadline = Deadline.after(_ANSWER_S)
        transport = self._sides[side]
        transport.write(line + b"\n", deadline)
        answered = b""
        while not answered.endswith(b"\n") and len(answered) <= LINE_MAX:
            answered += transport.read(LINE_MAX, deadline)
        return answered


def main(directory: Path) -> None:
    side = RigSide(directory)
    with Server() as server:
        server.add(PtyLine(directory / "rig.tty"), side.receive)
        signal.signal(signal.SIGTERM, lambda *_: server.stop())
        server.run()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except SealkitError as error:
        sys.exit(str(error))
