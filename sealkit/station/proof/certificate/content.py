"""What stands on the certificate of a verification that passed.

One sheet for people, in Chinese and English, and one code for machines. What the sheet says beside
the code is for reading; only the code proves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from sealkit.appraisal.verdict import Detail
from sealkit.errors import MalformedError
from sealkit.meter.bodies import FareParameters
from sealkit.meter.layouts import FARE_PARAMETERS
from sealkit.station.proof.proving import Attested
from sealkit.wire.parameters import (
    CalibrationGroup,
    DistanceGroup,
    MeterGroup,
    TariffGroup,
    TyreGroup,
    VehicleGroup,
    parse_group,
)
from sealkit.wire.registry import Purpose
from sealkit.wire.witness import Attestation

_BEIJING: Final = timezone(timedelta(hours=8))
_NO_VALUE: Final = Detail("-", "-")
_PURPOSES: Final = {
    Purpose.ACTIVATION: Detail("activation", "启用"),
    Purpose.INSTALLATION: Detail("installation", "安装检定"),
    Purpose.PERIODIC: Detail("periodic", "周期检定"),
    Purpose.AFTER_REPAIR: Detail("after repair", "修后检定"),
    Purpose.TARIFF_CHANGE: Detail("change of tariff", "运价调整"),
    Purpose.CONFIRMATION: Detail("confirmation", "复核确认"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the certificate: what it is, and its value in both languages."""

    label: Detail
    value: Detail


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together, under a heading."""

    heading: Detail
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """All that stands on the sheet. title_number: of the certificate. plate, valid_until: what
    matters most. code: the text of the QR code (SPEC.md G-7)."""

    title_number: str
    plate: str
    valid_until: str
    station: str
    issued: str
    sections: tuple[Section, ...]
    code: str


def certificate_of(attested: Attested) -> Certificate:
    """What a certificate of this attestation says."""
    attestation = attested.attestation
    contents = _contents(attested.dossier.biography().groups)
    return Certificate(
        title_number=f"{attestation.number}/{attestation.leaf_index}",
        plate=attestation.plate,
        valid_until=_date(attestation.valid_until),
        station=attested.station.name,
        issued=_moment(attestation.issued_at),
        sections=(
            Section(Detail("Vehicle and taximeter", "车辆与计价器"), tuple(_taxi(contents))),
            Section(Detail("Tariff sealed", "封定运价"), tuple(_tariff(contents))),
            Section(
                Detail("Electronic seal", "电子封印"),
                tuple(_seal(attested, attestation, contents)),
            ),
        ),
        code=attested.text,
    )


def _contents(groups: Mapping[int, bytes]) -> dict[type, object]:
    """The sealed groups by their classes; one that does not fit its layout says nothing."""
    contents: dict[type, object] = {}
    for number, data in groups.items():
        try:
            content = parse_group(number, data)
        except MalformedError:
            continue
        contents[type(content)] = content
    return contents


def _taxi(contents: Mapping[type, object]) -> Iterator[Row]:
    match contents.get(VehicleGroup):
        case VehicleGroup(plate=plate, vin=vin):
            yield _row("Plate", "车牌号", plate)
            yield _row("VIN", "车辆识别代号", vin)
    match contents.get(MeterGroup):
        case MeterGroup(device=device, model=model, software=software):
            yield _row("Taximeter", "计价器", f"{model}  {device.hex()}".strip())
            yield _row("Software", "软件版本", ".".join(map(str, software)))
    match contents.get(DistanceGroup):
        case DistanceGroup(k_pulses_per_km=k):
            yield Row(Detail("Constant K", "K 值"), Detail(f"{k} pulses/km", f"{k} 脉冲/km"))
    match contents.get(TyreGroup):
        case TyreGroup(size=size, circumference_um=circumference):
            yield _row("Tyre", "轮胎", f"{size}  {circumference / 1000:.1f} mm")


def _tariff(contents: Mapping[type, object]) -> Iterator[Row]:
    match contents.get(TariffGroup):
        case TariffGroup(fare=fare):
            try:
                told = FARE_PARAMETERS.parse(fare)
            except MalformedError:
                return
            yield from _prices(told)


def _prices(fare: FareParameters) -> Iterator[Row]:
    yield _yuan(
        "Flag-fall, day / night",
        "起步价 日/夜",
        fare.day_flag_fall_fen,
        fare.night_flag_fall_fen,
        f" ({fare.flag_fall_distance_m / 1000:g} km)",
    )
    yield _yuan(
        "Per km, day / night",
        "单价 日/夜",
        fare.day_one_way_price_fen_per_km,
        fare.night_one_way_price_fen_per_km,
        "/km",
    )
    yield _yuan(
        "Waiting, day / night",
        "等候价 日/夜",
        fare.day_waiting_price_fen,
        fare.night_waiting_price_fen,
        f" / {fare.price_increment_time_s / 60:g} min",
    )
    yield _row("Night", "夜间", f"{fare.night_start:%H:%M} - {fare.night_end:%H:%M}")


def _yuan(en: str, zh: str, day: int, night: int, unit: str) -> Row:
    prices = f"{day / 100:.2f} / {night / 100:.2f}"
    return Row(Detail(en, zh), Detail(f"{prices} yuan{unit}", f"{prices} 元{unit}"))


def _seal(
    attested: Attested, attestation: Attestation, contents: Mapping[type, object]
) -> Iterator[Row]:
    evidence = attested.evidence
    yield _row("Seal", "封印编号", str(attestation.number))
    yield Row(
        Detail("Counters", "检定/配置计数"),
        Detail(
            *[
                f"{evidence.calibration_counter % 1000:03d} / "
                f"{evidence.configuration_counter % 1000:03d}"
            ]
            * 2
        ),
    )
    match contents.get(CalibrationGroup):
        case CalibrationGroup(purpose=purpose, workshop=workshop, time=time):
            yield Row(Detail("Verification", "检定类别"), _PURPOSES.get(purpose, _NO_VALUE))
            yield _row("Verified by, on", "检定单位及日期", f"{workshop}  {_date(time)}".strip())
    yield _row("Evidence of", "证据时间", _moment(attestation.evidence_time))
    yield _row("Judged", "核验时间", _moment(attested.judgement.judged))
    digest = attestation.evidence_digest.hex().upper()
    yield _row(
        "Evidence digest", "证据摘要", " ".join(digest[at : at + 8] for at in range(0, 64, 8))
    )
    yield _row("Ledger entry", "账本条目", str(attestation.leaf_index))


def _row(en: str, zh: str, value: str) -> Row:
    return Row(Detail(en, zh), Detail(value or "-", value or "-"))


def _date(seconds: int) -> str:
    return _time(seconds, "%Y-%m-%d")


def _moment(seconds: int) -> str:
    return _time(seconds, "%Y-%m-%d %H:%M")


def _time(seconds: int, form: str) -> str:
    """By the clocks of China, which know no summer time; a number where no calendar reaches."""
    try:
        return datetime.fromtimestamp(seconds, _BEIJING).strftime(form)
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s"
