"""What the last sealed set asks the seal to watch. It seldom changes and is asked for all the time,
so it is parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from sealkit.rules.parameters import known_content, meter_of, supervision_of, tariff_of
from sealkit.wire.parameters import DistanceGroup, MeterGroup, SupervisionGroup, TariffGroup
from sealkit.wire.registry import Attachment, Group

_LOOK_INTERVAL_MS: Final = 5_000
"""How often a seal without a set looks at the meter (W-1)."""
_NO_LIMITS: Final = SupervisionGroup(0, _LOOK_INTERVAL_MS, 0)


@dataclass(frozen=True, slots=True)
class SealedSet:
    """k: the sealed pulses per km; 0: none is sealed. tariff, meter: None: not sealed.

    watches_case, watches_meter: by the sealed attachments; without a set the case alone.
    """

    k: int
    tariff: TariffGroup | None
    meter: MeterGroup | None
    limits: SupervisionGroup
    watches_case: bool
    watches_meter: bool

    @classmethod
    def of(cls, groups: Mapping[int, bytes]) -> Self:
        """groups: by number, as the control log adds them up; none: nothing was ever sealed."""
        distance, supervision = known_content(groups, Group.DISTANCE), supervision_of(groups)
        limits = supervision or _NO_LIMITS
        return cls(
            k=distance.k_pulses_per_km if isinstance(distance, DistanceGroup) else 0,
            tariff=tariff_of(groups),
            meter=meter_of(groups),
            limits=limits,
            watches_case=supervision is None or bool(limits.attachments & Attachment.CASE_SWITCH),
            watches_meter=bool(limits.attachments & Attachment.OWN_LINE),
        )
