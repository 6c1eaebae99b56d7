"""The semantic layer: what the signed facts mean (V-4, V-5)."""

from __future__ import annotations

from collections.abc import Mapping

from sealkit.appraisal.replay import Replay
from sealkit.appraisal.tampering import difference_detail
from sealkit.appraisal.verdict import Detail, Findings, finding
from sealkit.appraisal.words import same
from sealkit.errors import MalformedError
from sealkit.rules.history import cause_bit
from sealkit.rules.orders import LOOK_FRESH_MIN_MS, LOOKS_FRESH
from sealkit.rules.parameters import (
    EMPTY_ROOT,
    known_content,
    meter_of,
    parameter_root,
    supervision_of,
)
from sealkit.rules.supervision import MeterLook, compare
from sealkit.wire.evidence import Evidence
from sealkit.wire.parameters import CalibrationGroup, parse_group
from sealkit.wire.registry import (
    CAUSE_FINDINGS,
    Attachment,
    Cause,
    Group,
    MeterSeen,
    OrderKind,
    State,
)

_STATE_FINDINGS = {
    State.OPEN: "STATE_OPEN",
    State.TAMPERED: "STATE_TAMPERED",
    State.RETIRED: "STATE_RETIRED",
}


def judge_state(evidence: Evidence, replayed: Replay | None, findings: Findings) -> None:
    """V-5: only SEALED can be intact. What is latched is told with its record, if there is one."""
    if evidence.state in _STATE_FINDINGS:
        findings.add(finding(_STATE_FINDINGS[evidence.state]))
    if evidence.parameter_root == EMPTY_ROOT and evidence.state is not State.RETIRED:
        findings.add(finding("NEVER_SEALED"))
    told = set()
    if replayed is not None:
        for found in replayed.breaks:
            findings.add(found)
            told.add(found.code)
        for found in replayed.cleared:
            text = found.message("en"), found.message("zh")
            findings.add(finding("BROKEN_BEFORE", Detail(*text), record=None))
    causes = evidence.latched_causes
    if evidence.state is State.SEALED:
        # A cause that is live in SEALED is about to be latched (Z-1): it breaks all the same.
        causes |= evidence.live_causes
    for cause, code in CAUSE_FINDINGS.items():
        if causes & cause_bit(cause) and code not in told:
            findings.add(finding(code))


def judge_agreement(evidence: Evidence, replayed: Replay, findings: Findings) -> None:
    """V-4: state, counters, trust and parameters are what the log leads to."""
    history = replayed.history
    root = parameter_root(history.suite, history.groups)
    for name, told, found in (
        ("state", evidence.state.name, history.state.name),
        ("calibration_counter", evidence.calibration_counter, history.calibration_counter),
        ("configuration_counter", evidence.configuration_counter, history.configuration_counter),
        ("trust_version", evidence.trust_version, history.trust_version),
        ("latched_causes", f"{evidence.latched_causes:#x}", f"{history.latched_causes:#x}"),
        ("parameter_root", evidence.parameter_root.hex(), root.hex()),
    ):
        if told != found:
            findings.add(finding("STATE_CONTRADICTS_LOG", same(f"{name}: {told} ≠ {found}")))
    if evidence.state is State.RETIRED:
        _judge_last_evidence(evidence, replayed, findings)
    _judge_pruning(evidence, replayed, findings)


def _judge_last_evidence(evidence: Evidence, replayed: Replay, findings: Findings) -> None:
    """O-34: the last evidence answers the order that retired the seal."""
    retired_by = [
        order_id
        for order_id, applied in replayed.history.orders.items()
        if applied.kind is OrderKind.RETIRE
    ]
    if evidence.nonce not in retired_by:
        findings.add(
            finding(
                "EVIDENCE_NONCE",
                Detail("It is not the last evidence of a retired seal.", "并非报废时的最后证据。"),
            )
        )


def _judge_pruning(evidence: Evidence, replayed: Replay, findings: Findings) -> None:
    """J-2: nothing leaves the journal that no station has, and what left it is counted."""
    base = evidence.base_sequence
    if base > replayed.acknowledged:
        what = Detail(
            f"The journal is pruned up to {base}, acknowledged only up to {replayed.acknowledged}.",
            f"流水日志已清理至 {base}，仅确认至 {replayed.acknowledged}。",
        )
        findings.add(finding("RECORD_MISSING", what, record=base))
    told = (
        evidence.pruned_boot
        + evidence.pruned_flags
        + evidence.pruned_meter
        + evidence.pruned_tariff
        + evidence.pruned_driven
        + evidence.pruned_coalesced
    )
    gone = base - sum(number <= base for number in replayed.numbers)
    if told != gone:
        findings.add(finding("STATE_CONTRADICTS_LOG", same(f"pruned: {told} ≠ {gone}")))


def judge_meter(evidence: Evidence, groups: Mapping[int, bytes], findings: Findings) -> None:
    """Whether the seal's own look at the meter can be relied on, and shows the sealed meter."""
    supervision = supervision_of(groups)
    if (
        evidence.state is not State.SEALED
        or supervision is None
        or not supervision.attachments & Attachment.OWN_LINE
    ):
        return
    fresh = max(LOOKS_FRESH * supervision.look_interval_ms, LOOK_FRESH_MIN_MS)
    if evidence.meter_seen is MeterSeen.NEVER or evidence.meter_age_ms > fresh:
        findings.add(finding("METER_NOT_SEEN", same(f"{evidence.meter_age_ms} ms > {fresh} ms")))
        return
    meter = meter_of(groups)
    if meter is None:
        return
    for cause, sealed, seen in (
        (Cause.METER_IDENTITY_CHANGED, meter.device, evidence.meter_device),
        (Cause.METER_SOFTWARE_CHANGED, meter.software, evidence.meter_software),
    ):
        if sealed != seen:
            findings.add(finding(CAUSE_FINDINGS[cause], same(f"{sealed.hex()} → {seen.hex()}")))


def judge_direct_look(
    evidence: Evidence,
    groups: Mapping[int, bytes],
    look: MeterLook | None,
    now: int,
    findings: Findings,
) -> None:
    """What the meter says when the verifier asks it, against what is sealed."""
    if look is None:
        findings.add(finding("METER_NOT_ASKED"))
        return
    if evidence.state not in (State.SEALED, State.TAMPERED):
        return
    for difference in compare(groups, look, now):
        detail = difference_detail(difference.cause, difference.before, difference.after, groups)
        findings.add(finding("METER_DIFFERS", detail))


def readable(groups: Mapping[int, bytes]) -> bool:
    """Whether the groups that are looked into here have their layouts."""
    try:
        for number, data in groups.items():
            parse_group(number, data)
    except MalformedError:
        return False
    return True


def calibration_of(groups: Mapping[int, bytes]) -> CalibrationGroup | None:
    """The last verification that the set tells, if there is one."""
    content = known_content(groups, Group.CALIBRATION)
    return content if isinstance(content, CalibrationGroup) else None
