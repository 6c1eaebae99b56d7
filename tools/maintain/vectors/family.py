"""credentials.json and trust.json: a whole family of credentials, and how K-1 to K-7 judge them."""

from typing import Any

from vectors import layouts as layout
from vectors.crypto import Suite
from vectors.layouts import ROLES, Fields, jsonable

DAY = 86_400
NEW_YEAR = 1_767_225_600  # 2026-01-01T00:00:00Z
NOW = NEW_YEAR + 90 * DAY
MAKER = 4711
SERIALS = {"seal": 1001, "other seal": 1002}

# The days of 2026 between which a credential of a role is valid, if nothing else is said.
VALIDITY = {
    "manufacturer": (-3650, 7300),
    "authority": (-365, 3650),
    "station": (-30, 1825),
    "registry": (-30, 1825),
    "technician": (-30, 335),
    "inspector": (-30, 1825),
    "seal": (-200, 3650),
}

# name: (key, role, issuer's key, issuer's serial, generation, scope)
FAMILY = {
    "manufacturer": ("manufacturer", "manufacturer", "manufacturer", 1, 1, MAKER),
    "authority": ("authority", "authority", "authority", 1, 1, 310000),
    "authority endorsed": ("authority", "authority", "manufacturer", 7, 1, 310000),
    "station": ("station", "station", "authority", 10, 2, 310100),
    "station 2": ("station 2", "station", "authority", 11, 2, 310000),
    "registry": ("registry", "registry", "authority", 20, 2, 310000),
    "technician": ("technician", "technician", "registry", 1, 2, 310100),
    "technician 2": ("technician 2", "technician", "registry", 2, 2, 310000),
    "technician old generation": ("technician 3", "technician", "registry", 3, 1, 310100),
    "technician elsewhere": ("technician 4", "technician", "registry", 4, 2, 310200),
    "technician expired": ("technician 5", "technician", "registry", 5, 2, 310100),
    "technician of tomorrow": ("technician 6", "technician", "registry", 6, 2, 310100),
    "technician with the station's key": ("station", "technician", "registry", 8, 2, 310100),
    "inspector": ("inspector", "inspector", "authority", 30, 2, 310000),
    "seal": ("seal", "seal", "manufacturer", SERIALS["seal"], 1, MAKER),
    "other seal": ("other seal", "seal", "manufacturer", SERIALS["other seal"], 1, MAKER),
    # A station that is its own registry: O-12 forbids to sign beside whom one has issued.
    "registry with the station's key": ("station", "registry", "authority", 21, 2, 310000),
    "technician of the station's registry": ("technician 7", "technician", "station", 1, 2, 310100),
    # Another authority's family, endorsed by the same manufacturer.
    "other authority": ("other authority", "authority", "other authority", 1, 1, 320000),
    "other authority endorsed": ("other authority", "authority", "manufacturer", 8, 1, 320000),
    "other station": ("other station", "station", "other authority", 10, 1, 320100),
    "other registry": ("other registry", "registry", "other authority", 20, 1, 320000),
    "other technician": ("other technician", "technician", "other registry", 1, 1, 320100),
    # Another manufacturer.
    "other manufacturer": ("other manufacturer", "manufacturer", "other manufacturer", 1, 1, 4712),
    "authority endorsed elsewhere": ("authority", "authority", "other manufacturer", 1, 1, 310000),
    # What nobody may issue, or what cannot hold.
    "technician by the station": ("technician 8", "technician", "station", 2, 2, 310100),
    "technician by the authority": ("technician 9", "technician", "authority", 40, 2, 310100),
    "technician by a technician": ("technician 10", "technician", "technician", 1, 2, 310100),
    "technician by itself": ("technician 11", "technician", "technician 11", 1, 2, 310100),
    "station by the manufacturer": ("station 3", "station", "manufacturer", 50, 1, 310100),
    "station by the registry": ("station 4", "station", "registry", 50, 2, 310100),
    "seal by the authority": ("seal", "seal", "authority", SERIALS["seal"], 1, MAKER),
    "seal of another maker": ("seal", "seal", "manufacturer", SERIALS["seal"], 1, MAKER + 1),
    "registry by the registry": ("registry 2", "registry", "registry", 51, 2, 310000),
    "technician four steps away": ("technician 12", "technician", "registry 2", 1, 2, 310100),
    "station beyond its scope": ("station 5", "station", "authority", 52, 2, 320100),
    "registry expired": ("registry 3", "registry", "authority", 22, 2, 310000),
    "technician of the expired registry": (
        "technician 13",
        "technician",
        "registry 3",
        1,
        2,
        310100,
    ),
    "authority expired": ("authority 2", "authority", "authority 2", 1, 1, 310000),
    "station of the expired authority": ("station 6", "station", "authority 2", 1, 1, 310100),
}
# Those that are valid at other times.
OTHER_VALIDITY = {
    "technician expired": (-30, 60),
    "technician of tomorrow": (91, 335),
    "registry expired": (-30, 60),
    "authority expired": (-365, 60),
    "technician of the expired registry": (91, 335),
}


class Family:
    """Every credential by its name: fields, bytes, digest."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.fields = {name: self._fields(name) for name in FAMILY}
        self.bytes = {name: self.signed(name, f) for name, f in self.fields.items()}

    def _fields(self, name: str) -> Fields:
        key, role, issuer, serial, generation, scope = FAMILY[name]
        first, last = OTHER_VALIDITY.get(name, VALIDITY[role])
        return {
            "issuer": self.suite.key_id(self.suite.public_key(issuer)),
            "serial": serial,
            "generation": generation,
            "role": ROLES[role],
            "scope": scope,
            "not_before": NEW_YEAR + first * DAY,
            "not_after": NEW_YEAR + last * DAY,
            "public_key": self.suite.public_key(key),
            "name": f"{name} 测试",
        }

    def signed(self, name: str, f: Fields) -> bytes:
        unsigned = layout.credential(self.suite.number, f)
        return unsigned + self.suite.sign(FAMILY[name][2], unsigned)

    def key_name(self, name: str) -> str:
        return FAMILY[name][0]

    def digest(self, name: str) -> bytes:
        return self.suite.digest(self.bytes[name])

    def key_id(self, name: str) -> bytes:
        return self.suite.key_id(self.fields[name]["public_key"])

    def statement(
        self,
        version: int,
        revoked: list[str],
        minimums: dict[str, int],
        authority: str = "authority",
        issued_at: int = NOW,
    ) -> tuple[Fields, bytes]:
        """A trust statement with its signature: revoked credentials and generations by name."""
        f: Fields = {
            "authority": self.key_id(authority),
            "version": version,
            "issued_at": issued_at,
            "minimums": [
                {"issuer": self.key_id(name), "generation": generation}
                for name, generation in minimums.items()
            ],
            "revoked": [
                {"issuer": self.fields[name]["issuer"], "serial": self.fields[name]["serial"]}
                for name in revoked
            ],
        }
        unsigned = layout.trust_statement(self.suite.number, f)
        signature = self.suite.sign(authority, unsigned)
        return {**f, "signature": signature}, unsigned + signature

    def listed(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "key": self.key_name(name),
                "scalar": self.suite.scalar(self.key_name(name)).hex(),
                "key_id": self.key_id(name).hex(),
                "digest": self.digest(name).hex(),
                "fields": jsonable({**f, "signature": self.bytes[name][-64:]}),
                "bytes": self.bytes[name].hex(),
            }
            for name, f in self.fields.items()
        ]


def flip(data: bytes, bit: int) -> bytes:
    """One bit changed; a negative bit counts from the end."""
    changed = bytearray(data)
    position = bit % (8 * len(data))
    changed[position // 8] ^= 0x80 >> position % 8
    return bytes(changed)


def other_family_bytes(suite: Suite, data: bytes) -> bytes:
    """The same object with the other suite's number in its tag."""
    return data[:7] + bytes([3 - suite.number]) + data[8:]


def with_byte(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + bytes([value]) + data[at + 1 :]


# fmt: off
def judgements(family: Family) -> list[dict[str, Any]]:
    suite = family.suite
    cases: list[dict[str, Any]] = []

    def case(
        rule: str,
        what: str,
        credential: str | bytes,
        expect: str,
        pool: tuple[str | bytes, ...] = ("registry",),
        anchor: str = "authority",
        statement: bytes | None = None,
        at: int = NOW,
    ) -> None:
        cases.append({"id": f"credential-{len(cases) + 1:02}", "rule": rule, "what": what,
            "credential": jsonable(credential), "pool": jsonable(pool), "anchor": anchor,
            "statement": jsonable(statement), "at": at, "expect": expect})

    empty = family.statement(1, [], {})[1]
    case("K-5", "a station, one step", "station", "ok", ())
    case("K-5", "a registry, one step", "registry", "ok", ())
    case("K-5", "an inspector, one step", "inspector", "ok", ())
    case("K-5", "a technician, two steps", "technician", "ok")
    case("K-5", "a technician, three steps to the manufacturer", "technician", "ok", ("registry",
        "authority endorsed"), "manufacturer")
    case("K-3", "an endorsed authority", "authority endorsed", "ok", (), "manufacturer")
    case("K-2", "a seal", "seal", "ok", (), "manufacturer")
    case("K-5", "others in the pool do no harm", "technician", "ok", ("station", "other registry",
        "registry", "inspector"))
    case("K-7", "a statement that revokes nobody", "technician", "ok", statement=empty)

    case("K-5", "the issuer is not at hand", "technician", "credential_missing", ("station",))
    case("K-5", "the issuer's issuer is not at hand", "technician", "credential_missing",
        ("registry",), "manufacturer")
    case("N-3", "a byte too many", family.bytes["technician"] + b"\x00", "credential_invalid")
    case("N-3", "a byte too few", family.bytes["technician"][:-1], "credential_invalid")
    case("N-3", "a role that is not in the table", with_byte(family.bytes["technician"], 32, 9),
        "credential_invalid")
    case("N-3", "a name longer than its bytes", with_byte(family.bytes["technician"], 118, 49),
        "credential_invalid")
    case("N-2", "a name that is not UTF-8", with_byte(family.bytes["technician"], 119, 0xFF),
        "credential_invalid")
    case("T-2", "another suite's tag", other_family_bytes(suite, family.bytes["technician"]),
        "wrong_suite")
    case("T-2", "another version's tag", with_byte(family.bytes["technician"], 9, 2),
        "wrong_version")

    for name in ("technician by the station", "technician by a technician"):
        issuer = name.rsplit(" ", 1)[1]
        case("K-3", name, name, "credential_untrusted", (issuer, "registry"))
    case("K-3", "a technician by the authority", "technician by the authority",
        "credential_untrusted")
    case("K-3", "a technician that issued itself", "technician by itself",
        "credential_untrusted", ("technician by itself", "registry"))
    case("K-3", "a station by the registry", "station by the registry", "credential_untrusted")
    case("K-3", "a station by the manufacturer", "station by the manufacturer",
        "credential_untrusted", (), "manufacturer")
    case("K-3", "a seal issued by an authority", "seal by the authority", "credential_untrusted",
        ())
    case("K-5", "a chain of four steps, a registry issued by a registry",
        "technician four steps away", "credential_untrusted", ("registry by the registry",
        "registry", "authority endorsed"), "manufacturer")
    case("K-4", "another authority's technician", "other technician", "credential_untrusted",
        ("other registry", "other authority"))
    case("K-4", "a self-signed authority that is not the anchor", "other authority",
        "credential_untrusted", ("other authority",))
    case("K-4", "a self-signed manufacturer that is not the anchor", "other manufacturer",
        "credential_untrusted", ("other manufacturer",), "manufacturer")
    case("K-3", "a scope that the issuer's does not cover", "station beyond its scope",
        "credential_untrusted", ())
    case("K-3", "a seal that bears another maker's number", "seal of another maker",
        "credential_untrusted", (), "manufacturer")

    technician, registry = family.bytes["technician"], family.bytes["registry"]
    case("K-5", "a flipped bit in the signature", flip(technician, -1), "credential_invalid")
    case("K-5", "a flipped bit in the scope", flip(technician, 36 * 8 + 7), "credential_invalid")
    case("K-5", "a flipped bit in not_after", flip(technician, 50 * 8), "credential_invalid")
    case("K-5", "a flipped bit in the key", flip(technician, 60 * 8), "credential_invalid")
    case("K-5", "a flipped bit in the issuer's signature", "technician", "credential_invalid",
        (flip(registry, -1),))
    case("K-5", "signed by another registry than it names", technician[:-64]
        + suite.sign("other registry", technician[:-64]), "credential_invalid")

    not_before = family.fields["technician"]["not_before"]
    not_after = family.fields["technician"]["not_after"]
    case("K-5", "the first second", "technician", "ok", at=not_before)
    case("K-5", "a second before", "technician", "credential_not_yet_valid", at=not_before - 1)
    case("K-5", "the last second", "technician", "ok", at=not_after)
    case("K-6", "a second after", "technician", "credential_expired", at=not_after + 1)
    case("K-5", "the issuer has expired", "technician of the expired registry",
        "credential_expired", ("registry expired",), at=NEW_YEAR + 100 * DAY)
    case("K-5", "the anchor has expired, which is not asked", "station of the expired authority",
        "ok", (), "authority expired")

    revoking = family.statement(2, ["technician"], {})[1]
    revoking_registry = family.statement(2, ["registry"], {})[1]
    minimum = family.statement(2, [], {"registry": 2})[1]
    both = family.statement(2, ["technician expired"], {"registry": 2, "authority": 3})[1]
    case("K-5", "revoked", "technician", "credential_revoked", statement=revoking)
    case("K-5", "another serial of that issuer is revoked", "technician 2", "ok",
        statement=revoking)
    case("K-5", "the same serial of another issuer is revoked", "technician", "ok",
        statement=family.statement(2, ["technician of the station's registry"], {})[1])
    case("K-5", "the issuer is revoked", "technician", "credential_revoked",
        statement=revoking_registry)
    case("K-5", "below the minimum generation", "technician old generation", "credential_revoked",
        statement=minimum)
    case("K-5", "at the minimum generation", "technician", "ok", statement=minimum)
    case("K-5", "the issuer is below its issuer's minimum generation", "technician",
        "credential_revoked", statement=both)
    case("K-5", "the anchor itself is revoked in its own statement", "station", "ok", (),
        statement=family.statement(2, ["authority"], {})[1])

    case("K-5", "expired and revoked: the time comes first", "technician expired",
        "credential_expired", statement=both)
    case("K-5", "expired and altered: the signature comes first",
        flip(family.bytes["technician expired"], -1), "credential_invalid")
    case("K-5", "altered and of a role its issuer may not issue: the role comes first",
        flip(family.bytes["station by the registry"], -1), "credential_untrusted")
    case("K-5", "expired, and the issuer is not at hand: the issuer comes first",
        "technician expired", "credential_missing", ())
    case("K-5", "expired, and the issuer's signature is wrong: signatures come first",
        "technician expired", "credential_invalid", (flip(registry, -1),))
    case("K-5", "not yet valid, and the issuer has expired: judged upwards",
        "technician of the expired registry", "credential_not_yet_valid", ("registry expired",))
    return cases


# fmt: on
def scope_cases() -> list[dict[str, Any]]:
    covers = [
        (0, 310115, True), (0, 0, True), (310115, 310115, True), (310100, 310115, True),
        (310000, 310115, True), (310000, 310000, True), (310000, 310100, True),
        (310115, 310116, False), (310115, 310100, False), (310100, 310000, False),
        (310100, 310215, False), (310000, 320115, False), (310000, 0, False),
        (310110, 310115, False), (310010, 310015, False), (100000, 110000, False),
    ]  # fmt: skip
    return [{"scope": a, "region": b, "covers": expect} for a, b, expect in covers]


def make_credentials(family: Family) -> dict[str, Any]:
    return {
        "credentials": family.listed(),
        "covers": scope_cases(),
        "judgements": judgements(family),
    }


# fmt: off
def make_trust(family: Family) -> dict[str, Any]:
    suite = family.suite
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []

    def take(what: str, statement: tuple[Fields, bytes], held: int) -> None:
        fields, data = statement
        good.append({"what": what, "held_version": held, "fields": jsonable(fields),
            "bytes": data.hex(), "digest": suite.digest(data).hex()})

    def refuse(what: str, rule: str, data: bytes, expect: str, held: int = 0) -> None:
        bad.append({"what": what, "rule": rule, "held_version": held, "bytes": data.hex(),
            "expect": expect})

    statement = family.statement(3, ["technician 2", "technician"], {"registry": 2, "authority": 2})
    everything = family.statement(9, ["technician"], {"registry": 2})[0]
    full = {**everything, "minimums": everything["minimums"] * 16,
        "revoked": [{**everything["revoked"][0], "serial": i} for i in range(24)]}
    del full["signature"]

    def signed(fields: Fields, key: str = "authority") -> bytes:
        unsigned = layout.trust_statement(suite.number, fields)
        return unsigned + suite.sign(key, unsigned)

    full_bytes = signed(full)
    take("the first, empty", family.statement(1, [], {}), 0)
    take("two revoked, two minimums", statement, 2)
    take("versions may leap", family.statement(4_294_967_295, [], {}), 3)
    take("as many as fit", ({**full, "signature": full_bytes[-64:]}, full_bytes), 8)

    data = statement[1]
    refuse("the version that is held", "K-7", data, "trust_version", 3)
    refuse("a lower version", "K-7", data, "trust_version", 4)
    refuse("another authority's", "O-31", family.statement(3, [], {}, "other authority")[1],
        "trust_invalid")
    refuse("names the authority, signed by another", "O-31", data[:-64]
        + suite.sign("other authority", data[:-64]), "trust_invalid")
    refuse("names another authority, signed by ours", "O-31", signed({**statement[0],
        "authority": family.key_id("other authority")}), "trust_invalid")
    refuse("a flipped bit in the signature", "O-31", flip(data, -1), "trust_invalid")
    refuse("a flipped bit in the version", "O-31", flip(data, 29 * 8 + 5), "trust_invalid")
    refuse("a flipped bit in a revoked serial", "O-31", flip(data, -(64 * 8 + 1)), "trust_invalid")
    refuse("wrong signature and an old version: the signature comes first", "O-31", flip(data, -1),
        "trust_invalid", 9)
    refuse("a byte too many", "N-3", data + b"\x00", "malformed")
    refuse("a byte too few", "N-3", data[:-1], "malformed")
    refuse("17 minimums", "N-3", signed({**full, "minimums": full["minimums"][:1] * 17}),
        "malformed")
    refuse("25 revoked", "N-3", signed({**full, "revoked": full["revoked"][:1] * 25}), "malformed")
    refuse("another type's tag", "T-2", with_byte(data, 8, 1), "malformed")
    refuse("another suite's tag", "T-2", other_family_bytes(suite, data), "wrong_suite")
    refuse("another version's tag", "T-2", with_byte(data, 9, 2), "wrong_version")
    refuse("another prefix", "T-2", with_byte(data, 0, 0x73), "malformed")
    return {"good": good, "bad": bad}
