"""What the taximeter's frames say, as values (the tables T1 to T8 and the small bodies).

Integers only, in the unit that the field's name ends in: fen (0.01 yuan), metres, seconds,
minutes. Times are the meter's local time and carry no zone; None is a time of zeros, which meters
send for "never". Texts are ASCII, without the zeros that pad them. Bytes that the standard
reserves, or leaves to vendor or city, are kept as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True, slots=True)
class Empty:
    """A body without bytes: the request for fare parameters; the reply "no such trip"."""


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time to the second (7 bytes): the terminal's clock, or when a trip started."""

    time: datetime | None


@dataclass(frozen=True, slots=True)
class Result:
    """The general result (1 byte): 90 done, FF error."""

    result: int


@dataclass(frozen=True, slots=True)
class MeterStatus:
    """T1 (55 bytes): who the meter is and how it is."""

    # Ten digits: vendor 2, type 2, serial 6.
    device_number: str
    hardware_version: int
    software_main: int
    software_minor: int
    # Bits: 01 trip count limited, 02 date limited, 04 trip store full, 08 sign-on store full.
    device_state: int
    # 00 signed on, 01 signed off, 10 forced on, 11 forced off.
    work_state: int
    plate: str
    company_licence: str
    driver_certificate: str
    total_trips: int

    @property
    def software_version(self) -> str:
        return f"{self.software_main}.{self.software_minor}"


@dataclass(frozen=True, slots=True)
class FareParameters:
    """T2 (127 bytes): the tariff in the meter."""

    # From when it holds, to the hour.
    enable_time: datetime | None
    day_round_trip_price_fen_per_km: int
    night_round_trip_price_fen_per_km: int
    day_one_way_price_fen_per_km: int
    night_one_way_price_fen_per_km: int
    day_second_empty_price_fen_per_km: int
    night_second_empty_price_fen_per_km: int
    day_flag_fall_fen: int
    night_flag_fall_fen: int
    continuation_distance_m: int
    flag_fall_distance_m: int
    one_way_distance_m: int
    second_empty_distance_m: int
    day_waiting_price_fen: int
    night_waiting_price_fen: int
    free_waiting_s: int
    price_increment_time_s: int
    night_start: time
    night_end: time
    # 22 bytes. One city keeps a surcharge in the first two.
    reserved: bytes
    # 64 bytes.
    vendor_area: bytes


@dataclass(frozen=True, slots=True)
class FareSetReply:
    """What the meter did with new fare parameters (6 bytes).

    result: 00 done, 01 check failed, 02 same version, FF unsupported (by one source only).
    """

    result: int
    enable_time: datetime | None


@dataclass(frozen=True, slots=True)
class TripRequest:
    """Which trip record is asked for (4 bytes)."""

    trip_number: int


@dataclass(frozen=True, slots=True)
class TripRecord:
    """T3 (66 bytes, then the city card's data): one trip and what was charged for it."""

    plate: str
    company_licence: str
    driver_certificate: str
    # To the minute, in the years 2000 to 2099.
    on_time: datetime | None
    # The record has no day for it: the first such time at or after on_time.
    off_time: time
    metered_distance_m: int
    empty_distance_m: int
    surcharge_fen: int
    waiting_minutes: int
    amount_fen: int
    trip_number: int
    # 00 cash, 01 M1 card, 03 CPU card, 09 other.
    payment: int
    # At most 958 bytes.
    city_data: bytes = b""


@dataclass(frozen=True, slots=True)
class SignRequest:
    """The driver wants to sign on or off (1 byte, 90)."""

    flag: int


@dataclass(frozen=True, slots=True)
class SignReply:
    """T4 (57 bytes): the terminal's answer to a driver who signs on or off."""

    company_licence: str
    driver_certificate: str
    plate: str
    card_time: datetime | None
    terminal_state: int
    # Until when the meter may work, to the hour.
    time_limit: datetime | None
    count_limit: int
    result: int


@dataclass(frozen=True, slots=True)
class SignedOn:
    """T5 (52 bytes): the driver has signed on."""

    company_licence: str
    driver_certificate: str
    plate: str
    on_time: datetime | None
    total_trips: int
    result: int


@dataclass(frozen=True, slots=True)
class SignedOff:
    """T6 (90 bytes): the shift's and the meter's totals; the only standard body that tells K."""

    company_licence: str
    driver_certificate: str
    plate: str
    k_pulses_per_km: int
    shift_on_time: datetime | None
    shift_off_time: datetime | None
    shift_distance_m: int
    hired_distance_m: int
    trips: int
    timed_s: int
    total_amount_fen: int
    card_amount_fen: int
    card_trips: int
    distance_between_shifts_m: int
    lifetime_distance_m: int
    lifetime_hired_distance_m: int
    unit_price_fen_per_km: int
    lifetime_trips: int


Record = TripRecord | SignedOff
"""What a meter keeps, and sends again, until the terminal has acknowledged it."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """T7 (36 bytes), sent by the meter every 5 s.

    state bits: 0 hired, 1 signed on, 2 forced on, 3 forced off.
    """

    state: int
    company_licence: str
    driver_certificate: str


@dataclass(frozen=True, slots=True)
class HeartbeatReply:
    """T8: 10 bytes as we send it; 9 and 11 are met, so reserved has 1 to 3 bytes."""

    terminal_state: int
    time_limit: datetime | None
    count_limit: int
    reserved: bytes = bytes(2)


@dataclass(frozen=True, slots=True)
class UpgradeRequest:
    """Firmware for this vendor, hardware and version follows by XMODEM-CRC (4 bytes)."""

    vendor: int
    hardware_version: int
    software_main: int
    software_minor: int
