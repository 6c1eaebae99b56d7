"""The life of a seal that the vectors tell of, stage by stage, and states it seldom gets to."""

from typing import Any

from vectors.family import DAY, NOW, Family
from vectors.history import CASE_OPEN, COUNTER_NEARLY_ENDED, DRIVEN, History
from vectors.layouts import Fields
from vectors.parameters import calibration, fare

UNKNOWN_GAP = 0xFFFFFFFF
REASON_PERIODIC = {"reason": 1, "text": "周期检定 periodic"}
REASON_TAMPER = {"reason": 7, "text": "fare changed, meter reset"}
REASON_REPLACED = {"reason": 8, "text": "seal replaced"}
BOTH = ["technician", "station"]


def enrol_body(history: History, authority: str | bytes = "authority endorsed") -> Fields:
    data = authority if isinstance(authority, bytes) else history.family.bytes[authority]
    return {"time": history.clock if history.quality else NOW, "authority": data}


# What a story can do without and still be one.
A_BREAK = frozenset({"tampered", "cleared", "sealed again", "confirmed"})


def story(
    family: Family, until: str, without: frozenset[str] = frozenset(), **start: Any
) -> History:
    """The life of a seal, told up to the stage of this name."""
    seal = History(family, **start)
    stages = {
        "born": _born,
        "enrolled": _enrolled,
        "sealed": _sealed,
        "tampered": _tampered,
        "cleared": _cleared,
        "sealed again": _sealed_again,
        "confirmed": _confirmed,
        "trusted": _trusted,
        "adjusted": _adjusted,
        "unsealed": _unsealed,
        "retired": _retired,
    }
    for name, stage in stages.items():
        if name not in without:
            stage(seal)
            seal.wait(60)
        if name == until:
            return seal
    raise ValueError(f"no stage {until}")


def _born(seal: History) -> None:
    seal.genesis()
    seal.wait(10)
    if seal.quality:
        seal.start(gap_s=60 * DAY - 11)
    else:
        seal.start(gap_s=0xFFFFFFFF)
    seal.wait(30)
    seal.ask_challenge()


def _enrolled(seal: History) -> None:
    changes = {} if seal.quality else {"not_before": NOW - 60, "not_after": NOW + DAY}
    seal.apply(seal.order("enrol", enrol_body(seal), ["station"], **changes))
    seal.wait(20)
    seal.write("meter", {"event": 1})


def _sealed(seal: History) -> None:
    seal.apply(seal.order("seal", seal.parameters(), BOTH))
    seal.wait(600)
    seal.start(gap_s=7200)
    seal.flags |= 1 << 4
    seal.write("flags", {"before": 0, "after": seal.flags})


def _tampered(seal: History) -> None:
    seal.wait(5)
    seal.meter_fare = fare("0290")
    seal.tamper("fare_parameters_changed", fare(), seal.meter_fare)
    seal.wait(5)
    seal.flags |= CASE_OPEN
    seal.tamper("case_opened")


def _cleared(seal: History) -> None:
    seal.live = 0
    seal.flags &= ~CASE_OPEN
    seal.meter_fare = fare()
    seal.ask_challenge()
    seal.apply(seal.order("clear", REASON_TAMPER, BOTH))
    seal.wait(300)
    seal.pulses = 1500
    seal.flags |= DRIVEN
    seal.write("flags", {"before": seal.flags & ~DRIVEN, "after": seal.flags})


def _sealed_again(seal: History) -> None:
    body = seal.parameters(
        ["distance", "tyre", "calibration"],
        distance={"k_pulses_per_km": 1013, "source": 3},
        calibration=calibration(4, seal.clock),
    )
    order = seal.order("seal", body, BOTH)
    seal.write("driven", {"from_pulses": 0, "to_pulses": 1500})
    seal.apply(order)


def _confirmed(seal: History) -> None:
    seal.wait(DAY)
    body = seal.parameters(["calibration"], calibration=calibration(6, seal.clock))
    seal.apply(seal.order("confirm", body, ["inspector"]))


def _trusted(seal: History) -> None:
    statement = seal.family.statement(3, ["technician 2"], {"registry": 2})[1]
    seal.apply(seal.order("trust", {"statement": statement}, ["registry"]))


def _adjusted(seal: History) -> None:
    seal.apply(seal.order("adjust_clock", {"change_s": -100}, ["technician"]))
    sequence, digest = seal.journal_head
    body = {"sequence": sequence, "digest": digest, "receipt": seal.suite.derived("receipt", 32)}
    seal.wait(60)
    seal.apply(seal.order("acknowledge", body, ["station"]))


def _unsealed(seal: History) -> None:
    seal.ask_challenge()
    seal.apply(seal.order("unseal", REASON_PERIODIC, BOTH))


def _retired(seal: History) -> None:
    seal.ask_challenge()
    seal.apply(seal.order("retire", REASON_REPLACED, ["station"]))


def with_lost_clock(seal: History) -> History:
    """The battery failed while the vehicle's power was off."""
    seal.lose_clock()
    seal.start(gap_s=UNKNOWN_GAP)
    seal.write("flags", {"before": seal.flags & ~1, "after": seal.flags})
    if seal.state == "sealed":
        seal.tamper("unsupervised")
        seal.live = 0
    seal.wait(60)
    return seal


def near_the_end(seal: History, last_digits: int) -> History:
    """The next record is number 4,294,967,000 + last_digits; all older journal records but one
    were acknowledged and pruned."""
    sequence = 4_294_967_000 + last_digits
    seal.records = [record for record in seal.records if record["chain"] == "control"]
    seal.base = (sequence - 2, seal.suite.derived("the last pruned record", 32))
    seal.journal_head, seal.next_sequence = seal.base, sequence - 1
    before = seal.flags
    seal.flags |= COUNTER_NEARLY_ENDED
    seal.write("flags", {"before": before, "after": seal.flags})
    return seal
