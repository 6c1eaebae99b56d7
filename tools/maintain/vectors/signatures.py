"""signatures.json: what S-1 and S-2 say of keys and signatures, case by case."""

from typing import Any

from vectors.crypto import Suite

MESSAGE = b"the message of the sealkit signature vectors"


def two(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def halves(signature: bytes) -> tuple[int, int]:
    return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")


def small_point(suite: Suite) -> tuple[int, int]:
    """A point of the curve whose x is so small that x + p still fits 32 bytes."""
    curve = suite.curve
    for x in range(1, 100):
        square = (x**3 + curve.a * x + curve.b) % curve.p
        y = pow(square, (curve.p + 1) // 4, curve.p)
        if y * y % curve.p == square:
            return x, y
    raise ValueError("no such point")


def key_for_small_s(suite: Suite, s: int) -> tuple[bytes, bytes]:
    """A key (chosen last) under which MESSAGE has a valid ECDSA signature with this small s.

    Only so can s + n, which fits 32 bytes as well, be shown to be refused for its size alone.
    """
    n = suite.curve.n
    k = int.from_bytes(suite.scalar("nonce for a small s"), "big")
    r = int.from_bytes(suite.public_key("nonce for a small s")[1:33], "big") % n
    e = int.from_bytes(suite.digest(MESSAGE), "big")
    scalar = (s * k - e) * pow(r, -1, n) % n
    public_key = suite.add_key("small s", scalar.to_bytes(32, "big"))[1]
    return public_key, two(r, s)


def make(suite: Suite) -> dict[str, Any]:
    n, p = suite.curve.n, suite.curve.p
    key = suite.public_key("signer")
    other = suite.public_key("another signer")
    messages = [b"", b"\x00", MESSAGE, bytes(range(256)) * 4]
    cases: list[tuple[str, bytes, bytes, bytes, bool]] = []
    for message in messages:
        signature = suite.sign("signer", message)
        cases.append((f"{len(message)} bytes", key, message, signature, True))
    good = suite.sign("signer", MESSAGE)
    r, s = halves(good)

    def bad(what: str, public_key: bytes, signature: bytes, message: bytes = MESSAGE) -> None:
        cases.append((what, public_key, message, signature, False))

    if suite.name == "p256":
        cases.append(("s replaced by n - s", key, MESSAGE, two(r, n - s), True))
        small_key, small = key_for_small_s(suite, 5)
        cases.append(("a very small s", small_key, MESSAGE, small, True))
        cases.append(("a very high s", small_key, MESSAGE, two(halves(small)[0], n - 5), True))
        bad("a very small s, plus n", small_key, two(halves(small)[0], n + 5))
    else:
        bad("s replaced by n - s", key, two(r, n - s))
        bad("r + s = n, which makes t zero", key, two(r, n - r))
        bad("r + s = n with r = 1", key, two(1, n - 1))
    bad("another message", key, good, MESSAGE + b".")
    bad("a byte missing from the message", key, good, MESSAGE[:-1])
    bad("another key", other, good)
    bad("r and s exchanged", key, two(s, r))
    for bit in (0, 255, 256, 511):
        flipped = bytearray(good)
        flipped[bit // 8] ^= 0x80 >> bit % 8
        bad(f"bit {bit} flipped", key, bytes(flipped))
    for what, value in (
        ("zero", 0), ("n", n), ("n + 1", n + 1), ("p", p), ("2^256 - 1", 2**256 - 1)
    ):  # fmt: skip
        bad(f"r is {what}", key, two(value, s))
        bad(f"s is {what}", key, two(r, value))
        bad(f"r and s are {what}", key, two(value, value))
    bad("r is 1", key, two(1, s))
    bad("s is 1", key, two(r, 1))
    bad("r and s are 1", key, two(1, 1))
    bad("r and s are n - 1", key, two(n - 1, n - 1))
    bad("one byte short", key, good[:-1])
    bad("one byte long", key, good + b"\x00")
    bad("empty", key, b"")

    x, y = halves(key[1:])
    small_x, small_y = small_point(suite)
    on_curve = b"\x04" + two(small_x, small_y)
    bad("a point of the curve, another's signature", on_curve, good)
    bad("that point with x not below the prime", b"\x04" + two(small_x + p, small_y), good)
    bad("a point off the curve", b"\x04" + two(x, y ^ 1), good)
    bad("x is the prime", b"\x04" + two(p, y), good)
    bad("y is the prime", b"\x04" + two(x, p), good)
    bad("x and y exchanged", b"\x04" + two(y, x), good)
    bad("x and y zero", b"\x04" + bytes(64), good)
    bad("the negative of the key", b"\x04" + two(x, p - y), good)
    bad("infinity as one byte", b"\x00", good)
    bad("infinity as 65 zeros", bytes(65), good)
    bad("compressed form", bytes([2 + y % 2]) + key[1:33], good)
    bad("hybrid form", bytes([6 + y % 2]) + key[1:], good)
    bad("no leading 04", key[1:], good)
    bad("one byte short", key[:-1], good)
    bad("one byte long", key + b"\x00", good)
    bad("empty key", b"", good)

    for _, public_key, message, signature, valid in cases:
        # openssl would also take the other forms of a point, which S-1 does not have.
        if public_key[:1] == b"\x04":
            suite.expect(public_key, message, signature, valid)
    return {
        "cases": [
            {
                "what": what,
                "public_key": public_key.hex(),
                "message": message.hex(),
                "signature": signature.hex(),
                "valid": valid,
            }
            for what, public_key, message, signature, valid in cases
        ]
    }
