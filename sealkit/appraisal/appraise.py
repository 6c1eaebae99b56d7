"""Evidence, log, trust and policy become a verdict (SPEC.md 13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sealkit.appraisal.earlier import Now, judge_earlier, judge_other
from sealkit.appraisal.evidence import (
    check_checkpoint,
    check_evidence,
    check_seal_credential,
    of_another_suite,
    read_evidence,
    read_seal_credential,
)
from sealkit.appraisal.log import (
    Journal,
    audit_control,
    audit_journal,
    check_head,
    genesis_of,
    number_of_log,
    numbers_of,
)
from sealkit.appraisal.material import Material
from sealkit.appraisal.meaning import (
    calibration_of,
    judge_agreement,
    judge_direct_look,
    judge_meter,
    judge_state,
    readable,
)
from sealkit.appraisal.policy import Policy, judge_policy
from sealkit.appraisal.replay import Replay
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import (
    Conclusion,
    Detail,
    Findings,
    ProvenEntry,
    Verdict,
    conclude,
    finding,
)
from sealkit.appraisal.vouching import judge_vouched
from sealkit.appraisal.words import same
from sealkit.crypto.suite import Suite
from sealkit.rules.chain import Head
from sealkit.rules.parameters import (
    EMPTY_ROOT,
    group_digest,
    parameter_root,
    root_of_digests,
)
from sealkit.wire.credentials import Credential
from sealkit.wire.evidence import Evidence
from sealkit.wire.registry import Group

_CONTROL = Detail("control chain", "控制链")
_JOURNAL = Detail("journal", "流水日志")


def appraise(material: Material, trust: TrustBundle, policy: Policy, now: int) -> Verdict:
    """The verdict on a seal. now: the verifier's time, in seconds since 1970.

    Whatever is wrong with the material is a finding, never an exception; all of it is told, not
    the first alone.
    """
    findings = Findings()
    for found in material.found:
        findings.add(found)
    judged = _NOTHING
    if _is_judgeable(material, trust.suite, findings):
        judged = _judge(material, trust, policy, now, findings)
    evidence = judged.evidence
    listed = findings.listed()
    conclusion, layers = conclude(listed)
    return Verdict(
        conclusion,
        layers,
        listed,
        seal=None if evidence is None else evidence.number,
        state=None if evidence is None else evidence.state,
        calibration_counter=None if evidence is None else evidence.calibration_counter,
        configuration_counter=None if evidence is None else evidence.configuration_counter,
        head=None if evidence is None else _control_head(evidence),
        evidence_time=None if evidence is None else evidence.clock,
        as_of=material.holds_as_of,
        statistics=None if evidence is None else _statistics(evidence),
        parameters=judged.parameters,
        entry=judged.entry,
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was judged: the evidence, the parameters that it signs if it is genuine, and the entry
    of a ledger."""

    evidence: Evidence | None = None
    parameters: Mapping[int, bytes] = field(default_factory=dict)
    entry: ProvenEntry | None = None


_NOTHING = _Judged()


def _statistics(evidence: Evidence) -> dict[str, int]:
    """What the seal's checks have gathered (E-5), by the names of the evidence."""
    names = (
        "pulses",
        "k_inferred_milli",
        "k_basis_m",
        "pulse_rate_max_hz",
        "standing_m",
        "motion_distance_m",
        "motion_pulses_m",
        "trips_seen",
    )
    return {name: getattr(evidence, name) for name in names}


def _is_judgeable(material: Material, suite: Suite, findings: Findings) -> bool:
    """Whether there is anything to judge here: not in a file that could not be read, which lacks
    everything, and not in another suite, in which everything would look wrong."""
    if material.evidence is None:
        return not material.found
    other = of_another_suite(suite, material.evidence)
    if other is not None:
        findings.add(other)
    return other is None


def _judge(
    material: Material, trust: TrustBundle, policy: Policy, now: int, findings: Findings
) -> _Judged:
    credential, key, evidence = _judge_evidence(material, trust, findings)
    # What a forged evidence claims is not told as if it were sealed.
    genuine = credential is not None and conclude(findings.listed())[0] is Conclusion.INTACT
    journal = _journal(material, evidence)
    replayed = _judge_log(material, trust, evidence, key, journal, findings)
    if evidence is None:
        return _NOTHING
    if key is not None:
        known = Now(evidence, key, material.control, journal)
        for earlier in material.earlier:
            judge_earlier(trust.suite, earlier, known, findings)
        for other in () if material.vouched is None else material.vouched.others:
            judge_other(trust.suite, other, known, findings)
    if replayed is not None:
        judge_agreement(evidence, replayed, findings)
    judge_state(evidence, replayed, findings)
    groups = _sealed_groups(material, trust.suite, evidence, replayed, findings)
    judge_meter(evidence, groups, findings)
    if material.meter_asked:
        judge_direct_look(evidence, groups, material.meter_look, now, findings)
    judge_policy(
        evidence,
        credential,
        calibration_of(groups),
        trust,
        policy,
        journal_read=journal is not None,
        as_of=material.holds_as_of,
        now=now,
        findings=findings,
    )
    entry = None
    if material.vouched is not None:
        region = None if replayed is None else replayed.history.region
        entry = judge_vouched(material.vouched, trust, evidence, region, findings)
    return _Judged(evidence, groups if genuine else {}, entry)


def _names(groups: tuple[tuple[int, bytes], ...]) -> Detail:
    known = {int(group): group.name.lower() for group in Group}
    return same(", ".join(known.get(number, str(number)) for number, _ in groups))


def _judge_evidence(
    material: Material, trust: TrustBundle, findings: Findings
) -> tuple[Credential | None, bytes | None, Evidence | None]:
    """The seal's credential, its key and its evidence, as far as they are at hand. Without a
    credential the key is the one that the log claims, which proves that both belong together."""
    credential, found = read_seal_credential(trust, material.seal_credential)
    genesis = genesis_of(material.control)
    key = genesis.public_key if genesis is not None else None
    key = credential.public_key if credential is not None else key
    if material.evidence is None:
        evidence = None
        found.append(finding("EVIDENCE_MISSING"))
    elif key is None:
        evidence, of_evidence = read_evidence(trust.suite, material.evidence)
        found += of_evidence
    else:
        evidence, of_evidence = check_evidence(
            trust.suite, material.evidence, public_key=key, nonce=material.nonce
        )
        found += of_evidence
        if evidence is not None and credential is not None:
            found += check_seal_credential(trust, credential, evidence)
    for one in found:
        findings.add(one)
    return credential, key, evidence


def _journal(material: Material, evidence: Evidence | None) -> Journal | None:
    """The journal, if it was read; also one that the evidence says has no records."""
    records = material.journal
    if evidence is not None:
        if records is None and evidence.journal_sequence == evidence.base_sequence:
            records = ()
        base = Head(evidence.base_sequence, evidence.base_digest)
        return None if records is None else Journal(records, base)
    return None


def _judge_log(
    material: Material,
    trust: TrustBundle,
    evidence: Evidence | None,
    key: bytes | None,
    journal: Journal | None,
    findings: Findings,
) -> Replay | None:
    """Walks both chains, folds the control chain; None unless the fold is whole and is the one
    that the evidence signs."""
    if not material.control:
        withheld = material.group_digests
        findings.add(
            finding("LOG_WITHHELD", _names(withheld)) if withheld else finding("LOG_MISSING")
        )
    number = evidence.number if evidence is not None else number_of_log(material.control)
    if number is None:
        if material.control:
            findings.add(finding("RECORD_MALFORMED"))
        return None
    records, end = audit_control(trust.suite, number, material.control, journal, findings)
    replayed = Replay(trust, journal, findings)
    replayed.run(records)
    if evidence is None:
        return None
    if journal is not None:
        control_numbers = numbers_of(material.control)
        journal_end = audit_journal(trust.suite, number, journal, control_numbers, findings)
        signed = Head(evidence.journal_sequence, evidence.journal_digest)
        check_head(_JOURNAL, signed, journal_end, findings)
    if not material.control:
        return None
    check_head(_CONTROL, _control_head(evidence), end, findings)
    genesis = replayed.history.genesis
    if genesis is not None and trust.suite.key_id(genesis.public_key) != evidence.seal_key:
        what = Detail("Its key is not the evidence's.", "其密钥与证据不同。")
        findings.add(finding("RECORD_OTHER_SEAL", what, record=1))
    if material.checkpoint is not None and key is not None:
        for found in check_checkpoint(
            trust.suite, material.checkpoint, public_key=key, evidence=evidence, end=end
        ):
            findings.add(found)
    is_whole = replayed.whole and len(records) == len(material.control)
    return replayed if is_whole and end == _control_head(evidence) else None


def _sealed_groups(
    material: Material,
    suite: Suite,
    evidence: Evidence,
    replayed: Replay | None,
    findings: Findings,
) -> Mapping[int, bytes]:
    """The set whose root the evidence signs: from what was read, or else from the log."""
    in_log = {} if replayed is None else replayed.history.groups
    at_hand = dict(material.groups)
    digests = {number: group_digest(suite, number, data) for number, data in at_hand.items()}
    digests.update(material.group_digests)
    fits = root_of_digests(suite, digests) == evidence.parameter_root
    if digests and not (fits and len(at_hand) == len(material.groups)):
        differing = sorted(
            number
            for number in at_hand.keys() | in_log.keys()
            if at_hand.get(number) != in_log.get(number)
        )
        numbers = ", ".join(map(str, differing)) if in_log else ""
        what = Detail(f"Groups: {numbers}.", f"参数组：{numbers}。") if numbers else Detail()
        findings.add(finding("PARAMETERS_ALTERED", what))
        at_hand = {}
    elif material.group_digests:
        return at_hand if readable(at_hand) else {}
    for groups in (at_hand, in_log):
        if parameter_root(suite, groups) == evidence.parameter_root != EMPTY_ROOT:
            return groups if readable(groups) else {}
    return {}


def _control_head(evidence: Evidence) -> Head:
    return Head(evidence.control_sequence, evidence.control_digest)
