"""Checks every signature and link of an exported log with hashlib and `openssl` alone.

    python tools/maintain/check_export.py EXPORT

Nothing of the library takes part, so it is a second opinion on the library: what a court's own
expert could write from SPEC.md. It checks that all bytes hang together under the keys that stand
in the file; whether those keys are to be trusted is for `sealkit verify`.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from vectors.crypto import CURVES, Suite

EVIDENCE, SEAL_CREDENTIAL, CONTROL, JOURNAL, GROUP, CHECKPOINT, END = 1, 2, 3, 4, 5, 6, 255
ENROL = 1
HEADER = struct.Struct(">10sIIIBBHIQQB32sH")
ORDER = struct.Struct(">10sBII16sI32sQQ16s32s32sH")


class Fault(Exception):
    """What does not hang together."""


def items(data: bytes, suite: Suite) -> list[tuple[int, bytes]]:
    """The file's items, its closing digest checked (SPEC.md 12)."""
    found = []
    position = 10
    while data[position] != END:
        kind, length = struct.unpack_from(">BH", data, position)
        found.append((kind, data[position + 3 : position + 3 + length]))
        position += 3 + length
    count, closing = struct.unpack_from(">I32s", data, position + 1)
    if count != len(found) or suite.digest(data[: position + 5]) != closing:
        raise Fault("the file's closing item does not match")
    return found


def public_key_of(credential: bytes) -> bytes:
    return credential[53:118]


def issuer_of(credential: bytes) -> bytes:
    return credential[10:26]


def check(data: bytes) -> str:
    """Checks a whole export and tells what was checked. Errors: `Fault`."""
    name = next(name for name, curve in CURVES.items() if curve.number == data[9])
    suite = Suite(name)
    found = items(data, suite)
    control = [item for kind, item in found if kind == CONTROL]
    journal = [item for kind, item in found if kind == JOURNAL]
    evidence = next(item for kind, item in found if kind == EVIDENCE)
    seal_key = control[0][HEADER.size + 36 : HEADER.size + 36 + 65]

    # Evidence and checkpoint, under the key that the genesis record tells.
    for kind, item in found:
        if kind in (EVIDENCE, CHECKPOINT):
            suite.expect(seal_key, item[:-64], item[-64:], True)

    # Both chains; the heads are those that the evidence signs (offsets of SPEC.md 9).
    control_sequence, control_digest, journal_sequence, journal_digest, base_sequence, base = (
        struct.unpack_from(">I32sI32sI32s", evidence, 66)
    )
    walk(suite, control, 0, bytes(32), control_sequence, control_digest)
    if journal or journal_sequence == base_sequence:
        walk(suite, journal, base_sequence, base, journal_sequence, journal_digest)

    # Every credential under its issuer, every order under its signers.
    credentials: dict[bytes, bytes] = {}
    keys: dict[bytes, bytes] = {}
    orders = 0
    for record in control:
        body = record[HEADER.size :]
        if HEADER.unpack_from(record)[4] != 2:
            continue
        length = struct.unpack_from(">H", body, 36)[0]
        order = body[38 : 38 + length]
        position = 39 + length
        for _ in range(body[38 + length]):
            size = struct.unpack_from(">H", body, position)[0]
            credential = body[position + 2 : position + 2 + size]
            credentials[suite.digest(credential)] = credential
            keys[suite.key_id(public_key_of(credential))] = public_key_of(credential)
            position += 2 + size
        fields = ORDER.unpack_from(order)
        if fields[1] == ENROL:
            authority = order[ORDER.size + 10 : ORDER.size + fields[-1]]
            keys[suite.key_id(public_key_of(authority))] = public_key_of(authority)
        unsigned = order[: ORDER.size + fields[-1]]
        signatures = order[len(unsigned) :]
        signers = [digest for digest in fields[10:12] if digest != bytes(32)]
        for place, digest in enumerate(signers):
            signer = public_key_of(credentials[digest])
            signature = signatures[64 * place : 64 * place + 64]
            suite.expect(signer, unsigned, signature, True)
        orders += 1
    for credential in credentials.values():
        issuer = keys[issuer_of(credential)]
        suite.expect(issuer, credential[:-64], credential[-64:], True)
    faults = suite.judge_all()
    if faults:
        raise Fault("; ".join(faults))
    return (
        f"{name}: {len(control)} control records, {len(journal)} journal records, {orders} orders, "
        f"{len(suite.to_judge)} signatures: all hold by hashlib and openssl"
    )


def walk(
    suite: Suite,
    records: list[bytes],
    sequence: int,
    previous: bytes,
    last_sequence: int,
    last_digest: bytes,
) -> None:
    """Each record carries the digest of the one before; the last is the head."""
    for record in records:
        fields = HEADER.unpack_from(record)
        if fields[3] <= sequence or fields[11] != previous:
            raise Fault(f"record {fields[3]} does not follow on record {sequence}")
        sequence, previous = fields[3], suite.digest(record)
    if (sequence, previous) != (last_sequence, last_digest):
        raise Fault(f"the chain ends at record {sequence}, the evidence says {last_sequence}")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    try:
        print(check(Path(sys.argv[1]).read_bytes()))
    except (Fault, struct.error, IndexError, KeyError, StopIteration) as error:
        print(f"does not hold: {type(error).__name__} {error}")
        return 7
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
