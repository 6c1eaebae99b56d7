"""The meter's process: `python -m sealkit_conformance.bench.processes.meter_side DIR`.

The seal looks at it at DIR/watch.tty; its terminal's line is DIR/meter.tty; the rig steers it over
DIR/meter-rig.tty.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from sealkit.errors import SealkitError
from sealkit.meter import layouts
from sealkit_conformance.bench.meter_port import NOISE
from sealkit_conformance.bench.processes.words import Action, LineServer, NotDone, octets
from sealkit_simulator.lines import PtyLine, Server
from sealkit_simulator.taximeter import Taximeter


class MeterSide:
    """A taximeter, and what the rig can do to it."""

    def __init__(self) -> None:
        self.taximeter = Taximeter()
        self._elsewhere = False

    def join(self, watch: PtyLine, port: PtyLine) -> None:
        """The seal's line, and the port at which the suite may answer it instead of the meter."""
        self._watch, self._port = watch, port

    def watched(self, data: bytes) -> bytes:
        """The answers on the seal's line."""
        if self._elsewhere:
            self._port.send(data)
            return b""
        return self.taximeter.seal_line.receive(data) or NOISE

    def answered(self, data: bytes) -> bytes:
        """What comes at the port goes to the seal."""
        if self._elsewhere:
            self._watch.send(data)
        return b""

    def terminal(self, data: bytes) -> bytes:
        """The answers on the terminal's line."""
        return self.taximeter.terminal_line.receive(data)

    def actions(self) -> dict[str, Action]:
        """The rig's requests that concern the meter."""
        return {
            "REST": self._rest,
            "METER FARE": self._fare,
            "METER IDENTITY": self._identity,
            "METER SILENT": lambda _: self._silent(True),
            "METER SPEAKS": lambda _: self._silent(False),
            "METER PORT": lambda _: self._switch(True),
            "METER ITSELF": lambda _: self._switch(False),
        }

    def _rest(self, _: list[str]) -> str:
        fresh = Taximeter()
        self.taximeter.fare, self.taximeter.status = fresh.fare, fresh.status
        self._elsewhere = False
        return self._silent(False)

    def _switch(self, elsewhere: bool) -> str:
        self._elsewhere = elsewhere
        return ""

    def _fare(self, words: list[str]) -> str:
        self.taximeter.fare = layouts.FARE_PARAMETERS.parse(octets("".join(words), 127))
        return ""

    def _identity(self, words: list[str]) -> str:
        if len(words) != 3 or not words[1].isdigit():
            raise NotDone("VALUE", "device number, hardware version, software version")
        software = octets(words[2], 2)
        self.taximeter.replace(octets(words[0], 5).hex())
        self.taximeter.set_parameter("hardware_version", words[1])
        self.taximeter.set_parameter("software_version", f"{software[0]}.{software[1]}")
        return ""

    def _silent(self, silent: bool) -> str:
        self.taximeter.set_silent(silent)
        return ""


def main(directory: Path) -> None:
    side = MeterSide()
    with Server() as server:
        watch, port = (PtyLine(directory / f"{name}.tty") for name in ("watch", "meter-port"))
        side.join(watch, port)
        server.add(watch, side.watched)
        server.add(port, side.answered)
        server.add(PtyLine(directory / "meter.tty"), side.terminal)
        server.add(PtyLine(directory / "meter-rig.tty"), LineServer(side.actions()).receive)
        signal.signal(signal.SIGTERM, lambda *_: server.stop())
        server.run()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except SealkitError as error:
        sys.exit(str(error))
