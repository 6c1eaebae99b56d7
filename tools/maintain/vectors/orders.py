"""orders.json: what a seal in a certain state says to an order, rule by rule of chapter 6."""

from collections.abc import Callable
from typing import Any

from vectors import layouts as layout
from vectors.family import DAY, NOW, Family, flip, other_family_bytes, with_byte
from vectors.history import DRIVEN, Order
from vectors.layouts import CAUSES, Fields, jsonable
from vectors.parameters import ZERO, fare
from vectors.story import BOTH, REASON_PERIODIC, enrol_body
from vectors.usual import LOST, UsualOrders

TECHNICIAN_CHAIN = ["technician", "registry"]


def credentials_of(request: bytes) -> list[bytes]:
    """The credentials in an order_request."""
    at = 2 + int.from_bytes(request[:2], "big") + 1
    found = []
    while at < len(request):
        size = int.from_bytes(request[at : at + 2], "big")
        found.append(request[at + 2 : at + 2 + size])
        at += 2 + size
    return found


def bits(credentials: list[bytes], among: list[bytes]) -> int:
    """`stored` of an order_response."""
    return sum(1 << bit for bit, data in enumerate(credentials) if data in among)


class Cases(UsualOrders):
    """Collects the cases; each method below `add` adds those of some rules."""

    def __init__(self, family: Family) -> None:
        super().__init__(family)
        self.listed: list[dict[str, Any]] = []

    def add(
        self,
        rule: str,
        what: str,
        seal: str,
        order: Order | bytes,
        status: str,
        state: str | None = None,
        sequence: int | None = None,
        change: Fields | None = None,
    ) -> None:
        history = self.seals[seal]
        expect: Fields = {"status": status, "state": state or history.state}
        if status == "ok" and isinstance(order, Order):
            # A seal that was driven while OPEN writes a record of that before the order's.
            expect["sequence"] = None if history.flags & DRIVEN else history.next_sequence
            fresh = [data for data in order.credentials if data not in history.stored]
            expect["stored"] = bits(order.credentials, fresh)
        elif status == "already_applied" and isinstance(order, bytes):
            held = next(r for r in history.records if r["sequence"] == sequence)
            expect["sequence"] = sequence
            expect["stored"] = bits(credentials_of(order), held["body_fields"]["credentials"])
        self.listed.append(
            {
                "id": f"order-{len(self.listed) + 1:03}",
                "rule": rule,
                "what": what,
                "seal": seal,
                "change": jsonable(change or {}),
                "request": (order if isinstance(order, bytes) else order.request).hex(),
                "expect": expect,
            }
        )

    # fmt: off
    def every_order(self) -> None:
        """Each kind of the table, from each state that it may be given in."""
        add = self.add
        add("O-16", "enrol", "factory", self.enrol(), "ok", "open")
        add("O-20", "enrol sets a lost clock", "factory, clock lost",
            self.enrol("factory, clock lost"), "ok", "open")
        add("O-16", "seal, the first time", "open", self.sealing(), "ok", "sealed")
        add("O-16", "seal after CLEAR, one group and its calibration", "cleared",
            self.sealing("cleared", ["calibration"]), "ok", "sealed")
        add("O-16", "seal after UNSEAL", "reopened", self.sealing("reopened"), "ok", "sealed")
        add("O-24", "seal while sealed: a group of the calibration counter", "sealed",
            self.sealing("sealed", ["tyre", "calibration"],
            groups={"tyre": {"circumference_um": 1_990_000}}), "ok")
        add("O-24", "seal while sealed: a pending tariff, by the station alone", "sealed",
            self.sealing("sealed", ["tariff"], ["station"], self.pending()), "ok")
        add("O-24", "the same, signed by both", "sealed", self.sealing("sealed", ["tariff"], BOTH,
            self.pending()), "ok")
        for signer in ("station", "inspector"):
            add("O-11", f"confirm by a {signer}", "sealed", self.confirm(signers=[signer]), "ok")
        add("O-16", "unseal", "sealed", self.unseal(), "ok", "open")
        add("O-28", "clear", "tampered", self.clear(), "ok", "open")
        for state in ("open", "sealed", "tampered"):
            add("O-29", f"adjust the clock while {state}", state, self.adjust(60, state), "ok")
            add("O-31", f"trust while {state}", state, self.trust(state), "ok")
            add("O-32", f"acknowledge while {state}", state, self.acknowledge(state), "ok")
        for signer in ("station", "inspector"):
            add("O-11", f"adjust the clock by a {signer}", "sealed", self.adjust(-5,
                signers=[signer]), "ok")
        for signer in ("technician", "registry", "inspector"):
            add("O-11", f"trust by a {signer}", "sealed", self.trust(signers=[signer]), "ok")
        for state in ("open, clock lost", LOST):
            add("O-30", f"restore the clock: {state}", state, self.restore(state), "ok")
            add("O-33", f"trust: {state}", state, self.trust(state), "ok")
            add("O-33", f"acknowledge: {state}", state, self.acknowledge(state), "ok")
            add("O-33", f"retire: {state}", state, self.retire(state), "ok", "retired")
        add("O-34", "retire", "open", self.retire(), "ok", "retired")
        add("O-34", "retire while tampered", "tampered", self.retire("tampered"), "ok", "retired")

    def form(self) -> None:
        """O-1: layout, length, tag, kind, number of signatures."""
        good = self.unseal()
        names = [*TECHNICIAN_CHAIN, "station"]

        def bad(what: str, order: bytes, status: str, rule: str = "O-1") -> None:
            self.add(rule, what, "sealed", self.requests(order, names), status)

        data = good.bytes
        bad("an empty order", b"", "malformed")
        bad("only a tag", data[:10], "malformed")
        bad("cut short in the body", data[:180], "malformed")
        bad("half a signature", data[:-32], "malformed")
        bad("a byte after the signatures", data + b"\x00", "malformed")
        bad("another prefix", with_byte(data, 0, 0x73), "malformed", "T-2")
        bad("a credential's tag", with_byte(data, 8, 1), "malformed", "T-2")
        bad("another suite", other_family_bytes(self.suite, data), "wrong_suite", "S-5")
        bad("another version", with_byte(data, 9, 2), "wrong_version", "T-2")
        for kind in (0, 11, 255):
            order = self.seals["sealed"].order("unseal", REASON_PERIODIC, BOTH, kind=kind)
            bad(f"kind {kind}", order.bytes, "malformed")
        bad("no signature", good.unsigned, "signatures_missing")
        bad("one signature of two", data[:-64], "signatures_missing")
        bad("three signatures", data + data[-64:], "signatures_missing")
        one = self.confirm()
        self.add("O-1", "two signatures of one", "sealed", self.requests(one.bytes + one.signatures,
            ["station"]), "signatures_missing")
        long_body = self.seals["sealed"].order("unseal", bytes(950), BOTH)
        bad("1,311 bytes, three signatures", long_body.bytes + data[-64:], "too_long")
        long_order = self.seals["sealed"].order("unseal", bytes(800), BOTH)
        four = [*names, "inspector"]
        self.add("O-1", "with its credentials longer than 1,867 bytes", "sealed",
            self.requests(long_order.bytes, four), "too_long")
        whole = good.request
        self.add("L-7", "a byte after the request", "sealed", whole + b"\x00", "malformed")
        self.add("L-7", "a byte missing", "sealed", whole[:-1], "malformed")

    def again(self) -> None:
        """O-2 and O-3: a retired seal, and an order that was applied before."""
        story_of = self.seals["reopened"]
        applied = [r for r in story_of.records if r["kind"] == "order"]
        for record in applied[:2]:
            order = record["body_fields"]["order"]
            for seal in ("reopened", "retired"):
                self.add("O-3", f"the order of record {record['sequence']} again", seal,
                    self.requests(order, ["station"]), "already_applied",
                    sequence=record["sequence"])
        order = applied[0]["body_fields"]["order"]
        self.add("O-3", "again, without its credentials", "reopened", self.requests(order, []),
            "already_applied", sequence=applied[0]["sequence"])
        self.add("O-3", "again, with another signature: the id is that of the unsigned bytes",
            "reopened", self.requests(flip(order, -1), []), "already_applied",
            sequence=applied[0]["sequence"])
        self.add("O-1", "again, without its signature", "reopened", self.requests(order[:-64], []),
            "signatures_missing")
        self.add("O-2", "retired: any other order", "retired", self.trust("retired"),
            "key_destroyed")
        wrong = self.trust("retired", serial=1)
        self.add("O-2", "retired, and for another seal", "retired", wrong, "key_destroyed")

    def place(self) -> None:
        """O-4 to O-7: this seal, its state, its clock, its head."""
        add = self.add
        add("O-4", "another serial number", "sealed", self.unseal(serial=1002), "wrong_seal")
        add("O-4", "another maker", "sealed", self.unseal(maker=4712), "wrong_seal")
        other = self.family.key_id("other seal")
        add("O-4", "another key", "sealed", self.unseal(seal_key=other), "wrong_seal")
        add("O-4", "another seal, and a wrong state", "open", self.unseal("open", serial=1002),
            "wrong_seal")
        orders: dict[str, Callable[[str], Order]] = {
            "enrol": self.enrol,
            "seal": self.sealing,
            "confirm": self.confirm,
            "unseal": self.unseal,
            "clear": self.clear,
            "adjust_clock": lambda seal: self.adjust(5, seal),
            "restore_clock": self.restore,
            "trust": self.trust,
            "acknowledge": self.acknowledge,
            "retire": self.retire,
        }
        allowed = {
            "factory": ("enrol",),
            "open": ("seal", "adjust_clock", "restore_clock", "trust", "acknowledge", "retire"),
            "sealed": ("seal", "confirm", "unseal", "adjust_clock", "restore_clock", "trust",
                       "acknowledge"),
            "tampered": ("clear", "adjust_clock", "restore_clock", "trust", "acknowledge",
                         "retire"),
        }  # fmt: skip
        for state, may in allowed.items():
            for kind, make_order in orders.items():
                if kind not in may:
                    add("O-5", f"{kind} while {state}", state, make_order(state), "wrong_state")
        add("O-5", "a wrong state, and a stale head", "open", self.unseal("open", head_digest=ZERO),
            "wrong_state")
        for kind in ("seal", "adjust_clock"):
            add("O-6", f"{kind} with a lost clock", "open, clock lost",
                orders[kind]("open, clock lost"), "time_not_set")
        add("O-6", "clear with a lost clock", LOST, self.clear(LOST), "time_not_set")
        add("O-6", "a lost clock, and a stale head", LOST, self.clear(LOST, head_digest=ZERO),
            "time_not_set")
        for state in ("open", "sealed", "tampered"):
            add("O-6", f"restore a running clock while {state}", state, self.restore(state),
                "clock_running")
        head = self.seals["sealed"].control_head
        add("O-7", "the sequence of an older head", "sealed",
            self.unseal(head_sequence=head[0] - 2), "stale_head")
        add("O-7", "another digest", "sealed", self.unseal(head_digest=flip(head[1], 0)),
            "stale_head")
        journal = self.seals["sealed"].journal_head
        add("O-7", "the journal's head", "sealed", self.unseal(head_sequence=journal[0],
            head_digest=journal[1]), "stale_head")
        before_break = {"head_sequence": head[0], "head_digest": head[1]}
        add("O-7", "trust, signed before the break", "tampered", self.trust("tampered",
            **before_break), "stale_head")
        add("O-7", "a stale head, and a wrong challenge", "sealed", self.unseal(head_digest=ZERO,
            challenge=bytes(16)), "stale_head")

    def freshness(self) -> None:
        """O-8 and O-9: the challenge and the window."""
        add = self.add
        kinds: list[tuple[str, Callable[..., Order]]] = [
            ("factory", self.enrol), ("sealed", self.unseal), ("tampered", self.clear),
            (LOST, self.restore), ("open", self.retire),
        ]  # fmt: skip
        for seal, make_order in kinds:
            wrong = make_order(seal, challenge=bytes(16))
            add("O-8", f"{wrong.name} with a challenge of zeros", seal, wrong, "challenge_wrong")
        add("O-8", "no challenge outstanding", "sealed", self.unseal(), "challenge_missing",
            change={"challenge": None})
        add("O-8", "an older challenge", "sealed", self.unseal(), "challenge_wrong",
            change={"challenge": self.suite.derived("a newer challenge", 16)})
        add("O-8", "the last tick of the challenge", "sealed", self.unseal(), "ok", "open",
            change={"challenge_age_ms": 600_000})
        add("O-8", "a tick later", "sealed", self.unseal(), "challenge_expired",
            change={"challenge_age_ms": 600_001})
        add("O-8", "a wrong challenge, and too late", "sealed", self.unseal(challenge=bytes(16)),
            "challenge_wrong", change={"challenge_age_ms": 600_001})
        given = self.seals["sealed"].challenge
        add("O-8", "a challenge where none is due", "sealed", self.confirm(challenge=given),
            "malformed")
        add("O-8", "a wrong challenge, and the window over", "sealed",
            self.unseal(challenge=bytes(16), not_before=NOW - 60, not_after=NOW - 30),
            "challenge_wrong")
        now = self.seals["sealed"].clock

        def window(what: str, first: int, last: int, status: str) -> None:
            order = self.confirm(not_before=now + first, not_after=now + last)
            add("O-9", what, "sealed", order, status)

        window("seven days", 0, 604_800, "ok")
        window("seven days and a second", -1, 604_800, "window_too_long")
        window("an empty window", 0, 0, "window_too_long")
        window("a window that ends before it begins", 60, -60, "window_too_long")
        window("too long, and over", -700_000, -1, "window_too_long")
        window("the first second", 0, 60, "ok")
        window("a second too early", 1, 60, "not_yet_valid")
        window("the last second", -60, 0, "ok")
        window("a second too late", -60, -1, "expired")
        late = self.confirm(not_before=now - 60, not_after=now - 1, sign_with=["inspector"])
        add("O-9", "over, and wrongly signed", "sealed", late, "expired")
        early = self.confirm(not_before=now + 9, not_after=now + 60, credentials=[])
        add("O-9", "too early, and without its credential", "sealed", early, "not_yet_valid")
        lost = self.seals[LOST]
        add("O-9", "lost clock: only not_after counts, against the floor", LOST, self.trust(LOST,
            not_before=lost.floor + DAY, not_after=lost.floor + 2 * DAY), "ok")
        add("O-9", "lost clock: over at the floor", LOST, self.trust(LOST,
            not_before=lost.floor - 60, not_after=lost.floor - 1), "expired")
        add("O-9", "restore: the time in the body is before the window", LOST,
            self.restore(not_before=lost.floor + DAY + 1), "not_yet_valid")
        add("O-9", "restore: the time in the body is after the window", LOST,
            self.restore(not_before=lost.floor, not_after=lost.floor + DAY - 1), "expired")
        add("O-9", "enrol with a lost clock: the time in the body is after the window",
            "factory, clock lost", self.enrol("factory, clock lost", not_before=NOW - 60,
            not_after=NOW - 1), "expired")

    def authority(self) -> None:
        """O-10 to O-13: credentials, roles, scope, two people, signatures."""
        add = self.add
        family = self.family

        def unseal(what: str, status: str, rule: str = "O-10", **more: Any) -> None:
            seal = more.pop("seal", "sealed")
            add(rule, what, seal, self.unseal(seal, **more), status)

        unseal("no credentials at all", "credential_missing", credentials=[])
        unseal("the station's credential missing", "credential_missing",
            credentials=TECHNICIAN_CHAIN)
        unseal("the technician's credential missing", "credential_missing", credentials=["registry",
            "station"])
        add("O-10", "the issuer's credential missing, never seen before", "open",
            self.sealing(credentials=["technician", "station"]), "credential_missing")
        altered = flip(family.bytes["technician"], -1)
        unseal("an altered credential is another one", "credential_missing", credentials=[altered,
            "registry", "station"])
        unseal("an altered credential, named by its digest", "credential_invalid",
            credentials=[altered, "registry", "station"], first_signer=self.suite.digest(altered))
        for name, status in (("technician expired", "credential_expired"),
            ("technician of tomorrow", "credential_not_yet_valid"), ("technician by the station",
            "credential_untrusted"), ("technician by itself", "credential_untrusted")):
            unseal(f"signed by: {name}", status, signers=[name, "station"], credentials=[name,
                "registry", "station"])
        unseal("signed by another authority's technician", "credential_untrusted",
            signers=["other technician", "station"], credentials=["other technician",
            "other registry", "other authority", "station"])
        add("O-10", "confirm by another authority's station", "sealed",
            self.confirm(signers=["other station"], credentials=["other station",
            "other authority"]), "credential_untrusted")
        pair = ["technician 2", "station"]
        add("O-10", "a technician who is not revoked here", "sealed", self.unseal(signers=pair),
            "ok", "open")
        add("O-10", "a revoked technician", "trusted", self.unseal("trusted", signers=pair),
            "credential_revoked")
        add("O-10", "a technician below the minimum generation", "trusted", self.unseal("trusted",
            signers=["technician old generation", "station"]), "credential_revoked")
        add("O-10", "the same before the statement", "sealed",
            self.unseal(signers=["technician old generation", "station"]), "ok", "open")
        revoking = family.statement(4, ["technician 2"], {})[1]
        add("O-10", "trust, signed by whom its statement revokes", "sealed",
            self.trust(statement=revoking, signers=["technician 2"]), "credential_revoked")
        add("O-10", "trust, signed by whom only the older statement revokes", "trusted",
            self.trust("trusted", statement=family.statement(4, [], {})[1],
            signers=["technician 2"]), "ok")
        expired = {"signers": ["technician expired", "station"],
            "credentials": ["technician expired", "registry", "station"]}
        unseal("expired, and a role in the wrong place", "credential_expired", signers=["station",
            "technician expired"], credentials=["station", "technician expired", "registry"])
        unseal("expired, and wrongly signed", "credential_expired", **expired,
            sign_with=["inspector", "inspector"])

        unseal("the places exchanged", "role_not_allowed", "O-11", signers=BOTH[::-1])
        unseal("an inspector in the technician's place", "role_not_allowed", "O-11",
            signers=["inspector", "station"])
        unseal("an inspector in the station's place", "role_not_allowed", "O-11",
            signers=["technician", "inspector"])
        unseal("a registry in the station's place", "role_not_allowed", "O-11",
            signers=["technician", "registry"], credentials=TECHNICIAN_CHAIN)
        unseal("two technicians", "role_not_allowed", "O-11", signers=["technician",
            "technician 2"], credentials=["technician", "technician 2", "registry"])
        unseal("a technician alone", "signatures_missing", "O-11", signers=["technician"])
        unseal("a station alone", "role_not_allowed", "O-11", signers=["station"])
        add("O-11", "clear by a technician alone", "tampered", self.clear(signers=["technician"]),
            "signatures_missing")
        add("O-11", "the first seal by a technician alone", "open",
            self.sealing(signers=["technician"]), "signatures_missing")
        add("O-11", "confirm by a technician", "sealed", self.confirm(signers=["technician"]),
            "role_not_allowed")
        add("O-11", "confirm by a registry", "sealed", self.confirm(signers=["registry"]),
            "role_not_allowed")
        add("O-11", "confirm by two stations", "sealed", self.confirm(signers=["station",
            "station 2"]), "signatures_missing")
        add("O-11", "enrol by an inspector", "factory", self.enrol(signers=["inspector"]),
            "role_not_allowed")
        add("O-11", "retire by an inspector", "open", self.retire(signers=["inspector"]),
            "role_not_allowed")
        add("O-11", "retire by a technician", "open", self.retire(signers=["technician"]),
            "role_not_allowed")
        add("O-11", "acknowledge by an inspector", "sealed",
            self.acknowledge(signers=["inspector"]), "role_not_allowed")
        add("O-11", "adjust the clock by a registry", "sealed", self.adjust(5,
            signers=["registry"]), "role_not_allowed")
        add("O-11", "tariff and another group by a station alone", "sealed", self.sealing("sealed",
            ["tariff", "vehicle", "calibration"], ["station"], {**self.pending(),
            "vehicle": {"plate": "沪BX0001"}}), "role_not_allowed")
        add("O-11", "a tariff by an inspector alone", "sealed", self.sealing("sealed", ["tariff"],
            ["inspector"], self.pending()), "role_not_allowed")
        unseal("a technician of another region", "credential_scope", "O-11",
            signers=["technician elsewhere", "station"])
        unseal("another region, and wrongly signed", "credential_scope", "O-11",
            signers=["technician elsewhere", "station"], sign_with=["station", "station"])
        add("O-11", "a station of the whole province", "sealed", self.unseal(signers=["technician",
            "station 2"]), "ok", "open")
        unseal("one person with two credentials", "same_signer", "O-12",
            signers=["technician with the station's key", "station"])
        unseal("a technician whom the station's own key issued", "same_signer", "O-12",
            signers=["technician of the station's registry", "station"],
            credentials=["technician of the station's registry", "registry with the station's key",
            "station"])
        unseal("one person twice, and wrongly signed", "same_signer", "O-12",
            signers=["technician with the station's key", "station"], sign_with=["inspector",
            "inspector"])
        unseal("the first signature by another key", "signature_invalid", "O-13",
            sign_with=["technician 2", "station"])
        unseal("the second signature by another key", "signature_invalid", "O-13",
            sign_with=["technician", "station 2"])
        unseal("the signatures exchanged", "signature_invalid", "O-13", sign_with=BOTH[::-1])
        good = self.unseal()
        names = [*TECHNICIAN_CHAIN, "station"]
        size = len(good.unsigned)
        for what, bit in (("a bit of the first signature flipped", size * 8 + 5),
            ("a bit of the second signature flipped", -1), ("a bit of the reason's text flipped",
            (size - 1) * 8 + 6), ("a bit of not_after flipped", 86 * 8 + 7)):
            add("O-13", what, "sealed", self.requests(flip(good.bytes, bit), names),
                "signature_invalid")
        zero_r = good.unsigned + good.signatures[:64] + bytes(32) + good.signatures[96:]
        add("S-2", "r zero in the second signature", "sealed", self.requests(zero_r, names),
            "signature_invalid")

    def bodies(self) -> None:
        """Layouts and rules of the bodies but parameters, and room and numbers (O-15)."""
        add = self.add
        reason = layout.reason_body(REASON_PERIODIC)
        for what, body in (("a byte too many", reason + b"\x00"), ("a byte too few", reason[:-1]),
            ("an empty body", b""), ("a text longer than 160 bytes", bytes([1, 161]) + b"x" * 161),
            ("a text that is not UTF-8", b"\x01\x03\xff\xff\xff")):
            add("O-1", f"unseal: {what}", "sealed", self.unseal(body=body), "malformed")
        add("O-1", "a bad body, in the wrong state, and wrongly signed", "open",
            self.unseal("open", body=reason[:-1], sign_with=["inspector", "inspector"]),
            "malformed")
        add("O-1", "adjust: a byte too many", "sealed", self.seals["sealed"].order("adjust_clock",
            b"\x00\x05\x00", ["technician"]), "malformed")
        for what, body in (("a reason that is not in the table", b"\x09\x03abc"), ("reason 0",
            b"\x00\x03abc"), ("a text of two bytes", b"\x01\x02ab"), ("no text", b"\x01\x00")):
            add("O-27", f"unseal: {what}", "sealed", self.unseal(body=body), "body_invalid")
            add("O-27", f"clear: {what}", "tampered", self.clear(body=body), "body_invalid")
            add("O-27", f"retire: {what}", "open", self.retire(body=body), "body_invalid")
        three = {"reason": 255, "text": "abc"}
        add("O-27", "reason other, three bytes", "sealed", self.unseal(body=three), "ok", "open")
        add("O-15", "unseal with a full log", "sealed, log full", self.unseal("sealed, log full"),
            "log_full")
        add("O-15", "a full log, and no reason: the body comes first", "sealed, log full",
            self.unseal("sealed, log full", body=b"\x01\x00"), "body_invalid")
        last, beyond = (f"tampered, {word} number left for orders" for word in ("one", "no"))
        add("O-15", "the last number for orders", last, self.adjust(5, last), "ok")
        add("O-15", "no number left", beyond, self.adjust(5, beyond), "counter_ended")
        add("R-8", "retire takes one that was kept", beyond, self.retire(beyond), "ok", "retired")

        for change in (120, -120, 1):
            add("O-29", f"adjust by {change} s", "sealed", self.adjust(change), "ok")
        add("O-29", "adjust by nothing", "sealed", self.adjust(0), "nothing_changed")
        for change in (121, -121, 32_767, -32_768):
            add("O-29", f"adjust by {change} s", "sealed", self.adjust(change), "clock_limit")
        for change, status in ((20, "ok"), (-20, "ok"), (21, "clock_limit"), (-21, "clock_limit")):
            add("O-29", f"adjust by {change} s after 100 s before", "adjusted", self.adjust(change,
                "adjusted"), status)
        adjusted = self.seals["adjusted"]
        week = adjusted.clock + 604_800
        later = {"clock": week, "tick_ms": adjusted.tick_ms + 604_800_001}
        add("O-29", "adjust by 120 s more than seven days of ticks later", "adjusted",
            self.adjust(120, "adjusted", not_before=week - 60, not_after=week + 60), "ok",
            change=later)
        add("O-29", "adjust a second before the vehicle has been still for long enough", "sealed",
            self.adjust(5), "vehicle_moving", change={"last_pulse_age_ms": 29_000})
        add("O-29", "adjust a second after", "sealed", self.adjust(5), "ok",
            change={"last_pulse_age_ms": 31_000})
        floor = self.seals["sealed"].clock + 50
        add("O-29", "adjust to the floor less 120 s", "sealed", self.adjust(-70), "ok",
            change={"clock_floor": floor})
        add("O-29", "adjust to a second below", "sealed", self.adjust(-71), "below_floor",
            change={"clock_floor": floor})
        lost = self.seals[LOST]
        add("O-30", "restore to the floor", LOST, self.restore(time=lost.floor), "ok")
        add("O-30", "restore to a second below the floor", LOST, self.restore(time=lost.floor - 1),
            "below_floor")
        add("O-20", "enrol with a lost clock and a time below the floor", "factory, clock lost",
            self.enrol("factory, clock lost"), "below_floor", change={"clock_floor": NOW + 1})
        add("O-20", "enrol with a running clock: the time is not used", "factory",
            self.enrol(body={**enrol_body(self.seals["factory"]), "time": 0}), "ok", "open")
        self.enrolments()
        self.statements()

    def enrolments(self) -> None:
        data = self.family.bytes["authority endorsed"]
        for what, authority, status in (
            ("an authority that endorsed itself", "authority", "credential_untrusted"),
            ("an authority whose endorsement was altered", flip(data, -1), "credential_invalid"),
            ("an authority endorsed by another manufacturer", "authority endorsed elsewhere",
             "credential_missing"),
        ):  # fmt: skip
            body = enrol_body(self.seals["factory"], authority)
            order = self.enrol(body=body, credentials=["station", "authority"])
            self.add("O-20", f"enrol: {what}", "factory", order, status)
        self.add("O-20", "enrol: an authority altered, and its station's credential missing",
            "factory", self.enrol(body=enrol_body(self.seals["factory"], flip(data, -1)),
            credentials=[]), "credential_invalid")
        body = enrol_body(self.seals["factory"], "other authority endorsed")
        self.add("O-10", "enrol by the station of another authority than the body's", "factory",
            self.enrol(body=body, credentials=["station", "authority"]), "credential_untrusted")

    def statements(self) -> None:
        family, add = self.family, self.add
        other = family.statement(3, [], {}, "other authority")[1]
        good = family.statement(3, [], {})[1]
        add("O-31", "trust: another authority's", "sealed", self.trust(statement=other),
            "trust_invalid")
        add("O-31", "trust: altered", "sealed", self.trust(statement=flip(good, -1)),
            "trust_invalid")
        for version in (2, 3):
            add("O-31", f"trust: version {version} after version 3", "trusted",
                self.trust("trusted", statement=family.statement(version, [], {})[1]),
                "trust_version")
        add("O-31", "trust: version 4 after version 3", "trusted", self.trust("trusted",
            statement=family.statement(4, [], {})[1]), "ok")
        add("O-31", "trust: altered, and its signer's credential missing", "sealed",
            self.trust(statement=flip(good, -1), credentials=[]), "trust_invalid")
        add("O-31", "trust: an old version, and wrongly signed", "trusted", self.trust("trusted",
            statement=good, sign_with=["inspector"]), "trust_version")
        journal = self.seals["sealed"].journal_head
        add("O-32", "acknowledge: another digest", "sealed",
            self.acknowledge(digest=flip(journal[1], 0)), "acknowledge_invalid")
        head = self.seals["sealed"].control_head
        add("O-32", "acknowledge: a control record", "sealed", self.acknowledge(sequence=head[0],
            digest=head[1]), "acknowledge_invalid")
        add("O-32", "acknowledge: a record to come", "sealed", self.acknowledge(sequence=journal[0]
            + 1), "acknowledge_invalid")
        boot = self.seals["sealed"].records[1]
        add("O-32", "acknowledge: an older record", "sealed",
            self.acknowledge(sequence=boot["sequence"], digest=boot["digest"]), "ok")
        pruned = "tampered, one number left for orders"
        add("O-32", "acknowledge: a pruned record", pruned, self.acknowledge(pruned,
            sequence=boot["sequence"], digest=boot["digest"]), "acknowledge_invalid")

    def parameter_sets(self) -> None:
        """O-21 to O-26: what SEAL and CONFIRM may bring."""
        add = self.add
        first = self.seals["open"]
        items = first.parameters()["groups"]

        def seal(what: str, rule: str, groups: list[Fields], status: str) -> None:
            order = self.sealing(body={"groups": groups})
            add(rule, what, "open", order, status, "sealed" if status == "ok" else None)

        seal("numbers falling", "O-21", items[::-1], "body_invalid")
        seal("a group twice", "O-21", [items[0], *items], "body_invalid")
        seal("no groups", "O-22", [], "parameters_incomplete")
        for index in (0, 1, 2, 4, 7):
            seal(f"group {index + 1} missing", "O-22", items[:index] + items[index + 1 :],
                "parameters_incomplete")
        vendor = {"number": 200, "data": bytes(16) + b"\x01\x02"}
        seal("a vendor's group besides", "P-2", [*items, vendor], "ok")
        seal("group 9 besides", "P-2", [*items, {"number": 9, "data": bytes(20)}], "group_unknown")
        seal("K too small", "O-22", [{"number": 1, "data": bytes(18) + b"\x01\xf3\x01"},
            *items[1:]], "body_invalid")
        large = {"number": 200, "data": bytes(513)}
        seal("a group of 513 bytes", "O-1", [items[7], large], "malformed")
        seal("17 groups", "O-1", [{"number": n + 200, "data": b""} for n in range(17)],
            "malformed")
        big = [{"number": number, "data": bytes(300)} for number in (200, 201)]
        calibrated = first.parameters(["calibration"])["groups"]
        add("O-22", "a set of more than 1,024 bytes", "reopened", self.sealing("reopened",
            body={"groups": [*calibrated, *big]}), "too_long")
        add("O-22", "two larger groups that fit", "reopened", self.sealing("reopened",
            body={"groups": [*calibrated, *big[:1]]}), "ok", "sealed")
        add("O-23", "seal after CLEAR without a calibration", "cleared", self.sealing("cleared",
            ["distance"]), "parameters_incomplete")
        add("O-24", "the same contents under new salts", "sealed", self.sealing("sealed"),
            "nothing_changed")
        add("O-24", "only a calibration", "sealed", self.sealing("sealed", ["calibration"],
            groups={"calibration": {"purpose": 3}}), "nothing_changed")  # fmt: skip
        add("O-24", "the same tariff again", "sealed", self.sealing("sealed", ["tariff"],
            ["station"]), "nothing_changed")
        add("O-24", "a tyre without a calibration", "sealed", self.sealing("sealed", ["tyre"],
            groups={"tyre": {"circumference_um": 1_990_000}}), "parameters_incomplete")
        add("O-24", "a tariff and a tyre without a calibration", "sealed", self.sealing("sealed",
            ["tyre", "tariff"], groups={**self.pending(), "tyre": {"circumference_um": 1_990_000}}),
            "parameters_incomplete")
        add("O-26", "confirm brings two groups", "sealed", self.confirm(names=["distance",
            "calibration"]), "body_invalid")
        add("O-26", "confirm brings another group", "sealed", self.confirm(names=["distance"]),
            "body_invalid")
        add("O-26", "confirm brings nothing", "sealed", self.confirm(names=[]), "body_invalid")
        self.meter()

    def meter(self) -> None:
        """O-25: what the seal sees while it is to be sealed."""
        add = self.add
        observation = self.seals["open"].setup()["observation"]
        order = self.sealing()

        def see(what: str, status: str, order: Order = order, **change: Any) -> None:
            live = change.pop("live", 0)
            state = "sealed" if status == "ok" else None
            add("O-25", what, "open", order, status, state, change={"observation": {**observation,
                **jsonable(change)}, "live_causes": live})

        for cause in ("case_opened", "meter_silent"):
            see(f"live: {cause}", "tamper_live", live=1 << (CAUSES[cause] - 1))
        see("live: fare, which the new set ends", "ok", live=1 << 1)
        see("the meter seen three looks ago", "ok", age_ms=15_000)
        see("a tick longer ago", "meter_not_seen", age_ms=15_001)
        quick = self.sealing(groups={"supervision": {"look_interval_ms": 1000}})
        see("looks each second: seen 10 seconds ago", "ok", quick, age_ms=10_000)
        see("looks each second: a tick longer ago", "meter_not_seen", quick, age_ms=10_001)
        never: Fields = {
            "seen": 0, "age_ms": 0, "device": "00" * 5, "hardware_version": 0,
            "software": "0000", "plate": "", "fare": "00" * 127,
        }  # fmt: skip
        see("the meter never seen", "meter_not_seen", **never)
        alone = self.sealing(groups={"supervision": {"attachments": 6}})
        see("the meter never seen, and no line of the seal's own", "ok", alone, **never)
        see("another price in the meter", "meter_mismatch", fare=fare("0251"))
        see("another byte in the vendor's area, which is not watched", "ok", fare=fare(vendor="11"))
        see("another device", "meter_mismatch", device=bytes.fromhex("4711000816"))
        see("another hardware version", "meter_mismatch", hardware_version=3)
        see("another software version", "meter_mismatch", software=bytes.fromhex("0302"))
        see("a live cause, and the meter never seen", "tamper_live", live=1, **never)
        new_fare = self.sealing("sealed", ["tariff"], ["station"],
            {"tariff": {"fare": fare("0260")}})
        add("O-25", "a new tariff that the meter does not show yet", "sealed", new_fare,
            "meter_mismatch")

    # fmt: on


def make(family: Family) -> dict[str, Any]:
    cases = Cases(family)
    cases.every_order()
    cases.form()
    cases.again()
    cases.place()
    cases.freshness()
    cases.authority()
    cases.bodies()
    cases.parameter_sets()
    return {
        "seals": {name: history.setup() for name, history in cases.seals.items()},
        "cases": cases.listed,
    }
