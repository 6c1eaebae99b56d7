"""frames.json: link frames (L-1 to L-3), good and bad, and streams with garbage between them."""

import struct
import zlib
from typing import Any

PAYLOAD_MAX = 2032
FRAME_MAX = 2048


def cobs(data: bytes) -> bytes:
    """COBS as L-1 tells it. After FF no zero follows, so a zero (or the rest) needs a run of its
    own; only at the very end of the data nothing is left to say."""
    coded = bytearray()
    parts = data.split(b"\x00")
    for index, part in enumerate(parts):
        rest = part
        while len(rest) >= 254:
            coded += b"\xff" + rest[:254]
            rest = rest[254:]
        nothing_left = index == len(parts) - 1 and part and not rest
        if not nothing_left:
            coded += bytes([len(rest) + 1]) + rest
    return bytes(coded)


def uncobs(coded: bytes) -> bytes:
    data = bytearray()
    at = 0
    while at < len(coded):
        run = coded[at]
        data += coded[at + 1 : at + run]
        at += run
        if run < 255 and at < len(coded):
            data.append(0)
    return bytes(data)


def framed(payload: bytes, crc: int | None = None) -> bytes:
    check = zlib.crc32(payload) if crc is None else crc
    return b"\x00" + cobs(payload + struct.pack(">I", check)) + b"\x00"


def payload_with_tail(size: int) -> bytes:
    """A payload without a zero byte whose CRC has none either, so that its run is size + 4 long."""
    for start in range(1, 255):
        payload = bytes((start + i) % 255 + 1 for i in range(size))
        if 0 not in struct.pack(">I", zlib.crc32(payload)):
            return payload
    raise ValueError("no such payload")


def frames() -> list[dict[str, str]]:
    chosen = {
        "one zero": b"\x00",
        "one byte": b"\x01",
        "a ping": bytes.fromhex("0101002a"),
        "zeros at both ends": b"\x00\x00\x11\x00\x00",
        "only zeros": bytes(64),
        "two runs": b"\x11\x22\x00\x33",
        "all byte values": bytes(range(256)),
        "the greatest payload, counting": bytes(i % 251 for i in range(PAYLOAD_MAX)),
        "the greatest payload, no zero in it": payload_with_tail(PAYLOAD_MAX),
        "the greatest payload, all zero": bytes(PAYLOAD_MAX),
    }
    for run in (253, 254, 255, 508, 509):
        chosen[f"payload and CRC are one run of {run}"] = payload_with_tail(run - 4)
    for run in (253, 254, 255):
        chosen[f"a run of {run}, then a zero"] = bytes([0x55]) * run + b"\x00"
        chosen[f"a zero, then a run of {run}"] = b"\x00" + payload_with_tail(run)
    return [
        {"what": what, "payload": payload.hex(), "frame": framed(payload).hex()}
        for what, payload in chosen.items()
    ]


def bad_frames() -> list[dict[str, str]]:
    ping = bytes.fromhex("0101002a")
    good = framed(ping)
    too_long = payload_with_tail(PAYLOAD_MAX + 8)
    flipped = bytearray(good)
    flipped[3] ^= 0x10
    cases = [
        ("a wrong CRC", framed(ping, zlib.crc32(ping) ^ 1)),
        ("a CRC of the other byte order", framed(ping, struct.unpack("<I", struct.pack(
            ">I", zlib.crc32(ping)))[0])),
        ("a flipped bit", bytes(flipped)),
        ("a run that is longer than the frame", b"\x00\x09\x01\x02\x03\x00"),
        ("a CRC and no payload", framed(b"")),
        ("shorter than a CRC", b"\x00\x04\x01\x02\x03\x00"),
        ("one byte", b"\x00\x01\x00"),
        ("a payload of 2,040 bytes, more than the limit", framed(too_long)),
        ("3,000 bytes without a zero", b"\x00" + b"\x55" * 3000 + b"\x00"),
    ]  # fmt: skip
    return [{"what": what, "frame": frame.hex()} for what, frame in cases]


def streams() -> list[dict[str, Any]]:
    first, second = bytes.fromhex("0101000161"), bytes.fromhex("0102000200")
    third = payload_with_tail(300)
    long_noise = b"\x55" * 5000
    cases = [
        ("two frames", framed(first) + framed(second), [first, second]),
        ("one zero between two frames", framed(first) + framed(second)[1:], [first, second]),
        ("zeros between frames", bytes(9) + framed(first) + bytes(5) + framed(second),
         [first, second]),
        ("garbage first", b"\x13\x37\xff" + framed(first), [first]),
        ("more garbage than a frame may have", long_noise + framed(first), [first]),
        ("garbage between", framed(first) + b"\xff\x01" + framed(third), [first, third]),
        ("a frame cut short, then a good one", framed(third)[:40] + framed(first), [first]),
        ("a frame with a wrong CRC, then a good one",
         framed(second, 0x12345678) + framed(first), [first]),
        ("an over-long frame, then a good one",
         b"\x00" + b"\x02" * 2100 + b"\x00" + framed(second), [second]),
        ("no zero yet at the end", framed(first) + framed(second)[:-1], [first]),
        ("the same frame twice", framed(first) * 2, [first, first]),
        ("only garbage", b"\x01\x02\x03\x04\x00\xff\xff", []),
    ]  # fmt: skip
    return [
        {"what": what, "stream": stream.hex(), "payloads": [payload.hex() for payload in payloads]}
        for what, stream, payloads in cases
    ]


def make() -> dict[str, Any]:
    made = {"frames": frames(), "bad_frames": bad_frames(), "streams": streams()}
    for case in made["frames"]:
        frame, payload = bytes.fromhex(case["frame"]), bytes.fromhex(case["payload"])
        if len(frame) > FRAME_MAX or 0 in frame[1:-1] or uncobs(frame[1:-1])[:-4] != payload:
            raise ValueError(f"{case['what']}: not a frame of L-1")
    return made
