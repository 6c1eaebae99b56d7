"""The seals that orders are tried on, and each order as it is usually given."""

from typing import Any

from vectors import layouts as layout
from vectors.family import DAY, NOW, Family
from vectors.history import History, Order
from vectors.layouts import Fields
from vectors.parameters import calibration, fare
from vectors.story import (
    A_BREAK,
    BOTH,
    REASON_PERIODIC,
    REASON_REPLACED,
    REASON_TAMPER,
    enrol_body,
    near_the_end,
    story,
    with_lost_clock,
)

LOST = "tampered, clock lost"


def seals_of(family: Family) -> dict[str, History]:
    """The states that orders are tried in, by name; each with a challenge outstanding."""
    seals = {
        "factory": story(family, "born"),
        "factory, clock lost": story(family, "born", quality=0, flags=1),
        "open": story(family, "enrolled"),
        "open, clock lost": with_lost_clock(story(family, "enrolled")),
        "sealed": story(family, "sealed"),
        "tampered": story(family, "tampered"),
        LOST: with_lost_clock(story(family, "sealed")),
        "cleared": story(family, "cleared"),
        "trusted": story(family, "trusted", A_BREAK),
        "adjusted": story(family, "adjusted", A_BREAK | {"trusted"}),
        "reopened": story(family, "unsealed", A_BREAK | {"trusted", "adjusted"}),
        "retired": story(family, "retired", A_BREAK | {"trusted", "adjusted"}),
        "sealed, log full": story(family, "sealed", control_capacity=2_600),
        "tampered, one number left for orders": near_the_end(story(family, "tampered"), 279),
        "tampered, no number left for orders": near_the_end(story(family, "tampered"), 280),
    }
    for seal in seals.values():
        if seal.state != "retired":
            seal.ask_challenge()
    return seals


class UsualOrders:
    """Orders against the heads of these seals, good unless something is changed in them."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.suite = family.suite
        self.seals = seals_of(family)

    def enrol(self, seal: str = "factory", **more: Any) -> Order:
        history = self.seals[seal]
        body = more.pop("body", None) or enrol_body(history)
        window = {} if history.quality else {"not_before": NOW - 60, "not_after": NOW + DAY}
        signers = more.pop("signers", ["station"])
        return history.order("enrol", body, signers, **{**window, **more})

    def sealing(
        self, seal: str = "open", names: list[str] | None = None, signers: list[str] = BOTH,
        groups: dict[str, Fields] | None = None, **more: Any,
    ) -> Order:  # fmt: skip
        history = self.seals[seal]
        body = more.pop("body", None) or history.parameters(names, **(groups or {}))
        return history.order("seal", body, signers, **more)

    def confirm(self, seal: str = "sealed", **more: Any) -> Order:
        history = self.seals[seal]
        names = more.pop("names", ["calibration"])
        body = history.parameters(names, calibration=calibration(6, history.clock))
        return history.order("confirm", body, more.pop("signers", ["station"]), **more)

    def unseal(self, seal: str = "sealed", **more: Any) -> Order:
        body, signers = more.pop("body", REASON_PERIODIC), more.pop("signers", BOTH)
        return self.seals[seal].order("unseal", body, signers, **more)

    def clear(self, seal: str = "tampered", **more: Any) -> Order:
        body, signers = more.pop("body", REASON_TAMPER), more.pop("signers", BOTH)
        return self.seals[seal].order("clear", body, signers, **more)

    def adjust(self, change_s: int, seal: str = "sealed", **more: Any) -> Order:
        signers = more.pop("signers", ["technician"])
        return self.seals[seal].order("adjust_clock", {"change_s": change_s}, signers, **more)

    def restore(self, seal: str = LOST, **more: Any) -> Order:
        time = more.pop("time", self.seals[seal].floor + DAY)
        window = {"not_before": time - 60, "not_after": time + DAY}
        body = more.pop("body", {"time": time})
        return self.seals[seal].order("restore_clock", body, BOTH, **{**window, **more})

    def trust(self, seal: str = "sealed", **more: Any) -> Order:
        statement = more.pop("statement", None) or self.family.statement(3, [], {})[1]
        signers = more.pop("signers", ["station"])
        return self.seals[seal].order("trust", {"statement": statement}, signers, **more)

    def acknowledge(self, seal: str = "sealed", **more: Any) -> Order:
        head = self.seals[seal].journal_head
        body = {
            "sequence": more.pop("sequence", head[0]),
            "digest": more.pop("digest", head[1]),
            "receipt": self.suite.derived("receipt", 32),
        }
        return self.seals[seal].order("acknowledge", body, more.pop("signers", ["station"]), **more)

    def retire(self, seal: str = "open", **more: Any) -> Order:
        body, signers = more.pop("body", REASON_REPLACED), more.pop("signers", ["station"])
        return self.seals[seal].order("retire", body, signers, **more)

    def pending(self) -> dict[str, Fields]:
        item = {"valid_from": NOW + 3 * DAY, "valid_until": NOW + 9 * DAY, "fare": fare("0260")}
        return {"tariff": {"pending": [item]}}

    def requests(self, order: bytes, names: list[str]) -> bytes:
        credentials = [self.family.bytes[name] for name in names]
        return layout.order_request({"order": order, "credentials": credentials})
