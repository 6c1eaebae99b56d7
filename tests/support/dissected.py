"""What tshark shows of packets, with the dissectors of protocol/wireshark."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from sealkit_conformance.pcapng import CapturedPacket, capture_head, capture_packet
from support.vectors import ROOT

Shown = tuple[str, str]
"""A field by name: a number in decimal, text, or bytes as 01:fe."""

_MARKS = {"sealkit.malformed", "sealkit.bad_frame", "sealkit.unknown", "jt905.malformed",
          "jt905.bad_frame"}  # fmt: skip
_BESIDE = {"sealkit.crc", "sealkit.answer_to"}
_SEVERITIES = {"8388608": "error", "6291456": "warning", "4194304": "note", "1048576": "comment"}


@dataclass(frozen=True, slots=True)
class Dissected:
    """fields: of our dissectors, from top to bottom. experts: severity and text."""

    fields: list[Shown]
    experts: list[tuple[str, str]]

    @property
    def warnings(self) -> list[str]:
        return [text for severity, text in self.experts if severity == "warning"]

    def seal_fields(self) -> list[Shown]:
        """Without what the dissector shows beside the fields of the layouts: the frame's check,
        the packet that is answered, and the bits that a number is split into."""
        names = {name for name, _ in self.fields}
        return [
            (name, value)
            for name, value in self.fields
            if name not in _BESIDE
            and (name.rpartition(".")[0] not in names or name.endswith(".item"))
        ]


def tshark(*arguments: str | Path) -> str:
    """What it writes; whatever is wrong with our Lua fails the test."""
    command: list[str | Path] = ["tshark"]
    for script in sorted((ROOT / "protocol" / "wireshark").glob("*.lua")):
        command += ["-X", f"lua_script:{script}"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "lua" not in done.stderr.lower()
    errors = [line for line in done.stdout.splitlines() if "Lua Error" in line]
    assert not errors, errors[0]
    return done.stdout


def dissect(packets: Sequence[CapturedPacket], directory: Path) -> list[Dissected]:
    """Each packet as tshark shows it. No dissector may fail on any of them."""
    file = directory / "capture.pcapng"
    file.write_bytes(capture_head("sealkit test") + b"".join(map(capture_packet, packets)))
    told = [_packet(packet) for packet in ElementTree.fromstring(tshark("-r", file, "-T", "pdml"))]
    assert len(told) == len(packets)
    return told


def _packet(packet: ElementTree.Element) -> Dissected:
    names = [proto.get("name") for proto in packet.iter("proto")]
    assert "_ws.malformed" not in names
    assert "_ws.lua.fake" not in names
    fields: list[Shown] = []
    experts: list[tuple[str, str]] = []
    for field in packet.iter("field"):
        name = field.get("name") or ""
        if name == "_ws.expert":
            told = {inner.get("name"): inner.get("show") or "" for inner in field}
            severity = _SEVERITIES[told["_ws.expert.severity"]]
            if severity != "comment":
                experts.append((severity, told["_ws.expert.message"]))
        elif name.startswith(("sealkit.", "jt905.")) and name not in _MARKS:
            fields.append((name, field.get("show") or ""))
    return Dissected(fields, experts)
