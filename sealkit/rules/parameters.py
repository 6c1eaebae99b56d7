"""Digests, root, ranges and changes of a parameter set (P-1 to P-4, O-22 to O-25)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sealkit.crypto.suite import Suite
from sealkit.errors import MalformedError
from sealkit.rules.refusals import refusal
from sealkit.wire.parameters import (
    CalibrationGroup,
    DistanceGroup,
    GroupContent,
    MeterGroup,
    SensorGroup,
    SupervisionGroup,
    TariffGroup,
    TyreGroup,
    group_content,
    parse_group,
)
from sealkit.wire.registry import (
    GROUPS,
    K_MAX,
    K_MIN,
    PARAMETER_SET_MAX,
    Attachment,
    Group,
    Status,
    TagType,
)
from sealkit.wire.tags import domain_tag

EMPTY_ROOT: Final = bytes(32)
FIRST_OPTIONAL_GROUP: Final = 128
FARE_BYTES: Final = 127
_CIRCUMFERENCE_UM: Final = range(500_000, 5_000_001)
_LOOK_INTERVAL_MS: Final = range(500, 60_001)
_SENSOR_KINDS: Final = (1, 2)
_KNOWN_ATTACHMENTS: Final = sum(Attachment)
_TOLERANCE_MAX_PPM: Final = 200_000
_K_WINDOW_MAX_M: Final = 1_000_000


def group_digest(suite: Suite, number: int, data: bytes) -> bytes:
    """The salted digest of one group, 32 bytes (P-1)."""
    return suite.digest(domain_tag(suite.id, TagType.GROUP) + bytes((number,)) + data)


def parameter_root(suite: Suite, groups: Mapping[int, bytes]) -> bytes:
    """The digest of a whole set, 32 bytes; zeros for an empty one (P-1)."""
    digests = {number: group_digest(suite, number, data) for number, data in groups.items()}
    return root_of_digests(suite, digests)


def root_of_digests(suite: Suite, digests: Mapping[int, bytes]) -> bytes:
    """The digest of a whole set whose groups are known by their digests (P-1, B-2)."""
    if not digests:
        return EMPTY_ROOT
    leaves = b"".join(bytes((number,)) + digests[number] for number in sorted(digests))
    return suite.digest(domain_tag(suite.id, TagType.PARAMETER_SET) + leaves)


def changed_groups(sealed: Mapping[int, bytes], new: Mapping[int, bytes]) -> frozenset[int]:
    """The groups of `new` whose content differs from the last sealed set (P-3)."""
    return frozenset(
        number
        for number, data in new.items()
        if number not in sealed or group_content(sealed[number]) != group_content(data)
    )


def counter_steps(changed: Iterable[int]) -> tuple[int, int]:
    """By how much the calibration and the configuration counter step: 0 or 1 each (P-4)."""
    counters = {GROUPS[Group(number)].counter for number in changed if number in set(Group)}
    return int("calibration" in counters), int("configuration" in counters)


def missing_groups(groups: Mapping[int, bytes]) -> list[Group]:
    """The mandatory groups that a set lacks."""
    return [group for group, rule in GROUPS.items() if rule.mandatory and group not in groups]


def judge_groups(groups: Mapping[int, bytes]) -> None:
    """Refuses groups that are unknown and must be known, or hold values out of range.

    Errors: `RefusedError` GROUP_UNKNOWN (P-2), BODY_INVALID (chapter 5), TOO_LONG.
    """
    try:
        contents = {number: parse_group(number, data) for number, data in groups.items()}
    except MalformedError as error:
        raise refusal(Status.BODY_INVALID, error.message) from None
    for number, content in contents.items():
        if content is None and number < FIRST_OPTIONAL_GROUP:
            raise refusal(Status.GROUP_UNKNOWN, str(number))
    for content in contents.values():
        fault = "" if content is None else _fault(content)
        if fault:
            raise refusal(Status.BODY_INVALID, fault)
    if sum(map(len, groups.values())) > PARAMETER_SET_MAX:
        raise refusal(Status.TOO_LONG, "the parameter set")


def _fault(content: GroupContent) -> str:
    """What is out of range in a group; empty if nothing is."""
    match content:
        case DistanceGroup(k_pulses_per_km=k) if not K_MIN <= k <= K_MAX:
            return f"K of {k} pulses/km is outside {K_MIN} to {K_MAX}"
        case TyreGroup(circumference_um=um) if um not in _CIRCUMFERENCE_UM:
            return f"a tyre circumference of {um} um"
        case TariffGroup(mask=mask) if mask[-1] & 1:
            return "the last bit of the tariff's mask is not 0"
        case TariffGroup(pending=pending) if any(p.valid_from >= p.valid_until for p in pending):
            return "the window of the pending tariff is empty"
        case SensorGroup(kind=kind) if kind not in _SENSOR_KINDS:
            return f"sensor kind {kind}"
        case SupervisionGroup(attachments=bits) if bits & ~_KNOWN_ATTACHMENTS:
            return f"attachments {bits:#04x} are not known"
        case SupervisionGroup(look_interval_ms=interval) if interval not in _LOOK_INTERVAL_MS:
            return f"a look interval of {interval} ms"
        case SupervisionGroup(k_tolerance_ppm=ppm) if ppm > _TOLERANCE_MAX_PPM:
            return f"a tolerance of K of {ppm} millionths"
        case SupervisionGroup(k_window_m=metres) if metres > _K_WINDOW_MAX_M:
            return f"a window of {metres} m for K"
        case SupervisionGroup(motion_tolerance_ppm=ppm) if ppm > _TOLERANCE_MAX_PPM:
            return f"a tolerance of the second source of {ppm} millionths"
        case CalibrationGroup(time=time, valid_until=until) if until and until <= time:
            return "the verification's validity ends before it begins"
    return ""


def watched_bytes_differ(mask: bytes, sealed: bytes, seen: bytes) -> bool:
    """Whether fare parameters (127 bytes each) differ in a byte that the mask watches."""
    if sealed == seen:
        return False
    bits = int.from_bytes(mask, "big") >> 1
    return any(
        a != b and bits >> (FARE_BYTES - 1 - i) & 1
        for i, (a, b) in enumerate(zip(sealed, seen, strict=True))
    )


def watch_mask(watched: Iterable[bool]) -> bytes:
    """The mask (16 bytes) that watches these of the 127 bytes of the fare parameters."""
    bits = "".join("1" if byte else "0" for byte in watched) + "0"
    return int(bits, 2).to_bytes(16, "big")


def known_content(groups: Mapping[int, bytes], group: Group) -> GroupContent | None:
    """The parsed content of one group of a set; None if the set lacks it."""
    return parse_group(group, groups[group]) if group in groups else None


def tariff_of(groups: Mapping[int, bytes]) -> TariffGroup | None:
    """The sealed tariff, if there is one."""
    content = known_content(groups, Group.TARIFF)
    return content if isinstance(content, TariffGroup) else None


def meter_of(groups: Mapping[int, bytes]) -> MeterGroup | None:
    """The sealed identity of the meter, if there is one."""
    content = known_content(groups, Group.METER)
    return content if isinstance(content, MeterGroup) else None


def supervision_of(groups: Mapping[int, bytes]) -> SupervisionGroup | None:
    """The sealed thresholds of supervision, if there are any."""
    content = known_content(groups, Group.SUPERVISION)
    return content if isinstance(content, SupervisionGroup) else None
