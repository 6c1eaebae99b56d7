"""The layouts of SPEC.md, written out by hand: each function makes bytes out of named fields.

Nothing here reads registry.toml or the library, so that a mistake there shows.
"""

import struct
from collections.abc import Iterable
from typing import Any

Fields = dict[str, Any]

TAGS = {
    "credential": 1,
    "trust": 2,
    "order": 3,
    "evidence": 4,
    "checkpoint": 5,
    "record": 6,
    "group": 7,
    "parameter_set": 8,
    "ledger_leaf": 9,
    "tree_head": 10,
    "attestation": 11,
}
ROLES = {
    "authority": 1,
    "manufacturer": 2,
    "station": 3,
    "registry": 4,
    "technician": 5,
    "inspector": 6,
    "seal": 7,
}
STATES = {"factory": 1, "open": 2, "sealed": 3, "tampered": 4, "retired": 5}
ORDERS = {
    "enrol": 1,
    "seal": 2,
    "confirm": 3,
    "unseal": 4,
    "clear": 5,
    "adjust_clock": 6,
    "restore_clock": 7,
    "trust": 8,
    "acknowledge": 9,
    "retire": 10,
}
CAUSES = {
    "case_opened": 1,
    "fare_parameters_changed": 2,
    "meter_identity_changed": 3,
    "meter_software_changed": 4,
    "meter_silent": 5,
    "unsupervised": 6,
    "k_mismatch": 7,
    "pulse_rate": 8,
    "standing_motion": 9,
    "motion_disagrees": 10,
    "meter_clock": 11,
    "trips_missing": 12,
    "trip_altered": 13,
}
RECORDS = {
    "genesis": 0x01,
    "order": 0x02,
    "tamper": 0x03,
    "boot": 0x81,
    "flags": 0x82,
    "meter": 0x83,
    "tariff": 0x84,
    "driven": 0x85,
    "coalesced": 0x86,
}
GROUPS = {
    "distance": 1,
    "tyre": 2,
    "tariff": 3,
    "meter": 4,
    "sensor": 5,
    "vehicle": 6,
    "supervision": 7,
    "calibration": 8,
}


def jsonable(value: Any) -> Any:
    """Bytes as hex, all else as it is."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    return value


def tag(suite: int, kind: str) -> bytes:
    return b"SEALKIT" + struct.pack(">BBB", suite, TAGS[kind], 1)


def exactly(value: bytes, size: int) -> bytes:
    if len(value) != size:
        raise ValueError(f"{len(value)} bytes where {size} are due")
    return value


def ascii_padded(text: str, size: int) -> bytes:
    return exactly(text.encode("ascii").ljust(size, b"\x00"), size)


def text8(text: str) -> bytes:
    encoded = text.encode("utf-8")
    return struct.pack(">B", len(encoded)) + encoded


def data16(data: bytes) -> bytes:
    return struct.pack(">H", len(data)) + data


def datas8(items: Iterable[bytes]) -> bytes:
    listed = list(items)
    return struct.pack(">B", len(listed)) + b"".join(data16(item) for item in listed)


def list8(items: Iterable[bytes]) -> bytes:
    listed = list(items)
    return struct.pack(">B", len(listed)) + b"".join(listed)


# Chapter 2 and 3: messages.


def header_request(f: Fields) -> bytes:
    return struct.pack(">BBH", f["version"], f["command"], f["sequence"])


def header_response(f: Fields) -> bytes:
    return struct.pack(">BBHB", f["version"], f["command"], f["sequence"], f["status"])


def info(f: Fields) -> bytes:
    head = struct.pack(
        ">IIBBHI", f["maker"], f["serial"], f["suite"], f["protocol"],
        f["hardware_version"], f["firmware_version"],
    )  # fmt: skip
    limits = struct.pack(
        ">HHII", f["frame_max"], f["order_max"], f["control_capacity"], f["journal_capacity"]
    )
    digest, key = exactly(f["firmware_digest"], 32), exactly(f["public_key"], 65)
    return head + digest + limits + key + text8(f["model"])


def status(f: Fields) -> bytes:
    return b"".join(
        (
            struct.pack(">II", f["maker"], f["serial"]),
            exactly(f["seal_key"], 16),
            struct.pack(">BHIQQBQ", f["state"], f["flags"], f["boot"], f["tick_ms"], f["clock"],
                        f["clock_quality"], f["clock_floor"]),
            struct.pack(">I", f["control_sequence"]),
            exactly(f["control_digest"], 32),
            struct.pack(">I", f["journal_sequence"]),
            exactly(f["journal_digest"], 32),
            struct.pack(">II", f["base_sequence"], f["trust_version"]),
            exactly(f["parameter_root"], 32),
            struct.pack(">IIHHII", f["calibration_counter"], f["configuration_counter"],
                        f["latched_causes"], f["live_causes"], f["control_free"],
                        f["journal_free"]),
        )
    )  # fmt: skip


def challenge(f: Fields) -> bytes:
    return exactly(f["challenge"], 16) + struct.pack(">I", f["life_ms"])


def order_request(f: Fields) -> bytes:
    return data16(f["order"]) + datas8(f["credentials"])


def order_response(f: Fields) -> bytes:
    return struct.pack(">I", f["sequence"]) + exactly(f["digest"], 32) + bytes([f["stored"]])


def read_log_request(f: Fields) -> bytes:
    return struct.pack(">BIH", f["chain"], f["from_sequence"], f["limit"])


def read_log_response(f: Fields) -> bytes:
    return datas8(f["records"])


def read_record_request(f: Fields) -> bytes:
    return struct.pack(">IHH", f["sequence"], f["offset"], f["length"])


def read_record_response(f: Fields) -> bytes:
    return struct.pack(">H", f["total"]) + bytes(f["data"])


def parameter_digests(f: Fields) -> bytes:
    return list8(bytes([g["number"]]) + exactly(g["digest"], 32) for g in f["groups"])


def observation(f: Fields) -> bytes:
    return b"".join(
        (
            struct.pack(">BI", f["seen"], f["age_ms"]),
            exactly(f["device"], 5),
            bytes([f["hardware_version"]]),
            exactly(f["software"], 2),
            ascii_padded(f["plate"], 6),
            exactly(f["fare"], 127),
        )
    )


# Chapter 4: credentials and trust.


def credential(suite: int, f: Fields) -> bytes:
    """All but the signature."""
    return b"".join(
        (
            tag(suite, "credential"),
            exactly(f["issuer"], 16),
            struct.pack(">IHBIQQ", f["serial"], f["generation"], f["role"], f["scope"],
                        f["not_before"], f["not_after"]),
            exactly(f["public_key"], 65),
            text8(f["name"]),
        )
    )  # fmt: skip


def trust_statement(suite: int, f: Fields) -> bytes:
    """All but the signature."""
    return b"".join(
        (
            tag(suite, "trust"),
            exactly(f["authority"], 16),
            struct.pack(">IQ", f["version"], f["issued_at"]),
            list8(
                exactly(m["issuer"], 16) + struct.pack(">H", m["generation"]) for m in f["minimums"]
            ),
            list8(exactly(r["issuer"], 16) + struct.pack(">I", r["serial"]) for r in f["revoked"]),
        )
    )


# Chapter 5: groups, without their salt.


def distance_group(f: Fields) -> bytes:
    return struct.pack(">IB", f["k_pulses_per_km"], f["source"])


def tyre_group(f: Fields) -> bytes:
    return ascii_padded(f["size"], 16) + struct.pack(">I", f["circumference_um"])


def pending_tariff(f: Fields) -> bytes:
    return struct.pack(">QQ", f["valid_from"], f["valid_until"]) + exactly(f["fare"], 127)


def tariff_group(f: Fields) -> bytes:
    pending = list8(pending_tariff(item) for item in f["pending"])
    return exactly(f["fare"], 127) + exactly(f["mask"], 16) + pending


def meter_group(f: Fields) -> bytes:
    identity = exactly(f["device"], 5) + bytes([f["hardware_version"]])
    software = exactly(f["software"], 2) + exactly(f["software_digest"], 32)
    return identity + software + ascii_padded(f["model"], 16)


def sensor_group(f: Fields) -> bytes:
    return bytes([f["kind"]]) + ascii_padded(f["sensor_serial"], 16)


def vehicle_group(f: Fields) -> bytes:
    return text8(f["plate"]) + ascii_padded(f["meter_plate"], 6) + ascii_padded(f["vin"], 17)


def supervision_group(f: Fields) -> bytes:
    return struct.pack(">BIIHHIIBHIHH", f["attachments"], f["look_interval_ms"],
                       f["silence_limit_ms"], f["pulse_rate_max_hz"], f["acceleration_max_mm_s2"],
                       f["k_tolerance_ppm"], f["k_window_m"], f["rounding"], f["standing_limit_m"],
                       f["motion_tolerance_ppm"], f["motion_limit_m"],
                       f["meter_clock_tolerance_s"])  # fmt: skip


def calibration_group(f: Fields) -> bytes:
    return b"".join(
        (
            bytes([f["purpose"]]),
            text8(f["workshop"]),
            struct.pack(">QQII", f["time"], f["valid_until"], f["odometer_before_m"],
                        f["odometer_after_m"]),
            exactly(f["result_digest"], 32),
            struct.pack(">IIII", f["predecessor_maker"], f["predecessor_serial"],
                        f["predecessor_calibration"], f["predecessor_configuration"]),
        )
    )  # fmt: skip


GROUP_BUILDERS = {
    "distance": distance_group,
    "tyre": tyre_group,
    "tariff": tariff_group,
    "meter": meter_group,
    "sensor": sensor_group,
    "vehicle": vehicle_group,
    "supervision": supervision_group,
    "calibration": calibration_group,
}


# Chapter 6: orders and their bodies.


def order(suite: int, f: Fields) -> bytes:
    """All but the signatures."""
    return b"".join(
        (
            tag(suite, "order"),
            struct.pack(">BII", f["kind"], f["maker"], f["serial"]),
            exactly(f["seal_key"], 16),
            struct.pack(">I", f["head_sequence"]),
            exactly(f["head_digest"], 32),
            struct.pack(">QQ", f["not_before"], f["not_after"]),
            exactly(f["challenge"], 16),
            exactly(f["first_signer"], 32),
            exactly(f["second_signer"], 32),
            data16(f["body"]),
        )
    )


def enrol_body(f: Fields) -> bytes:
    return struct.pack(">Q", f["time"]) + data16(f["authority"])


def parameters_body(f: Fields) -> bytes:
    return list8(bytes([g["number"]]) + data16(g["data"]) for g in f["groups"])


def reason_body(f: Fields) -> bytes:
    return bytes([f["reason"]]) + text8(f["text"])


def adjust_clock_body(f: Fields) -> bytes:
    return struct.pack(">h", f["change_s"])


def restore_clock_body(f: Fields) -> bytes:
    return struct.pack(">Q", f["time"])


def trust_body(f: Fields) -> bytes:
    return data16(f["statement"])


def acknowledge_body(f: Fields) -> bytes:
    digests = exactly(f["digest"], 32) + exactly(f["receipt"], 32)
    return struct.pack(">I", f["sequence"]) + digests


ORDER_BODIES = {
    "enrol": enrol_body,
    "seal": parameters_body,
    "confirm": parameters_body,
    "unseal": reason_body,
    "clear": reason_body,
    "adjust_clock": adjust_clock_body,
    "restore_clock": restore_clock_body,
    "trust": trust_body,
    "acknowledge": acknowledge_body,
    "retire": reason_body,
}


# Chapter 7: records and their bodies.


def record(suite: int, f: Fields) -> bytes:
    return b"".join(
        (
            tag(suite, "record"),
            struct.pack(">IIIBBHIQQB", f["maker"], f["serial"], f["sequence"], f["kind"],
                        f["state"], f["flags"], f["boot"], f["tick_ms"], f["clock"],
                        f["clock_quality"]),
            exactly(f["previous"], 32),
            data16(f["body"]),
        )
    )  # fmt: skip


def journal_head(f: Fields) -> bytes:
    return struct.pack(">I", f["journal_sequence"]) + exactly(f["journal_digest"], 32)


def genesis_record(f: Fields) -> bytes:
    return b"".join(
        (
            journal_head(f),
            exactly(f["public_key"], 65),
            exactly(f["random"], 32),
            exactly(f["manufacturer"], 16),
            struct.pack(">HI", f["hardware_version"], f["firmware_version"]),
            exactly(f["firmware_digest"], 32),
            struct.pack(">BII", f["attachments"], f["control_capacity"], f["journal_capacity"]),
        )
    )


def order_record(f: Fields) -> bytes:
    return journal_head(f) + data16(f["order"]) + datas8(f["credentials"])


def tamper_record(f: Fields) -> bytes:
    return journal_head(f) + bytes([f["cause"]]) + data16(f["before"]) + data16(f["after"])


def boot_record(f: Fields) -> bytes:
    return struct.pack(">BI", f["cause"], f["gap_s"])


def flags_record(f: Fields) -> bytes:
    return struct.pack(">HH", f["before"], f["after"])


def meter_record(f: Fields) -> bytes:
    return bytes([f["event"]])


def tariff_record(f: Fields) -> bytes:
    return exactly(f["before"], 32) + exactly(f["after"], 32)


def driven_record(f: Fields) -> bytes:
    return struct.pack(">QQ", f["from_pulses"], f["to_pulses"])


def coalesced_record(f: Fields) -> bytes:
    return list8(struct.pack(">BI", item["kind"], item["count"]) for item in f["items"])


RECORD_BODIES = {
    "genesis": genesis_record,
    "order": order_record,
    "tamper": tamper_record,
    "boot": boot_record,
    "flags": flags_record,
    "meter": meter_record,
    "tariff": tariff_record,
    "driven": driven_record,
    "coalesced": coalesced_record,
}


# Chapter 9: evidence and checkpoint, without the signature.


def evidence(suite: int, f: Fields) -> bytes:
    return b"".join(
        (
            tag(suite, "evidence"),
            struct.pack(">II", f["maker"], f["serial"]),
            exactly(f["seal_key"], 16),
            struct.pack(">BHIQQBQ", f["state"], f["flags"], f["boot"], f["tick_ms"], f["clock"],
                        f["clock_quality"], f["clock_floor"]),
            struct.pack(">I", f["control_sequence"]),
            exactly(f["control_digest"], 32),
            struct.pack(">I", f["journal_sequence"]),
            exactly(f["journal_digest"], 32),
            struct.pack(">I", f["base_sequence"]),
            exactly(f["base_digest"], 32),
            struct.pack(">IIIIII", f["pruned_boot"], f["pruned_flags"], f["pruned_meter"],
                        f["pruned_tariff"], f["pruned_driven"], f["pruned_coalesced"]),
            struct.pack(">I", f["trust_version"]),
            exactly(f["parameter_root"], 32),
            struct.pack(">IIHHHHHHQBI", f["calibration_counter"], f["configuration_counter"],
                        f["refused_malformed"], f["refused_stale"], f["refused_authority"],
                        f["refused_state"], f["latched_causes"], f["live_causes"], f["pulses"],
                        f["meter_seen"], f["meter_age_ms"]),
            exactly(f["meter_device"], 5),
            exactly(f["meter_software"], 2),
            exactly(f["meter_fare_digest"], 32),
            struct.pack(">IIHIIII", f["k_inferred_milli"], f["k_basis_m"], f["pulse_rate_max_hz"],
                        f["standing_m"], f["motion_distance_m"], f["motion_pulses_m"],
                        f["trips_seen"]),
            struct.pack(">I", f["firmware_version"]),
            exactly(f["firmware_digest"], 32),
            exactly(f["nonce"], 32),
        )
    )  # fmt: skip


def checkpoint(suite: int, f: Fields) -> bytes:
    return b"".join(
        (
            tag(suite, "checkpoint"),
            struct.pack(">II", f["maker"], f["serial"]),
            exactly(f["seal_key"], 16),
            struct.pack(">I", f["control_sequence"]),
            exactly(f["control_digest"], 32),
            bytes([f["state"]]),
        )
    )


# Chapter 12: the export file.


def export_file(suite: int, items: list[tuple[int, bytes]], digest: Any) -> bytes:
    """The whole file; `digest` is the suite's H."""
    head = b"SEALKITX" + struct.pack(">BB", 1, suite)
    middle = b"".join(bytes([kind]) + data16(data) for kind, data in items)
    file = head + middle + struct.pack(">BI", 255, len(items))
    return file + bytes(digest(file))


# Chapters 16 and 17: the ledger, without signatures, and the bundle.


def ledger_leaf(suite: int, f: Fields) -> bytes:
    return b"".join(
        (
            tag(suite, "ledger_leaf"),
            struct.pack(">QII", f["received_at"], f["maker"], f["serial"]),
            exactly(f["seal_key"], 16),
            exactly(f["evidence_digest"], 32),
            struct.pack(">I", f["control_sequence"]),
            exactly(f["control_digest"], 32),
            struct.pack(">I", f["journal_sequence"]),
            exactly(f["journal_digest"], 32),
            struct.pack(">III", f["base_sequence"], f["calibration_counter"],
                        f["configuration_counter"]),
            exactly(f["parameter_root"], 32),
            bytes([f["conclusion"]]),
            exactly(f["verdict_digest"], 32),
            exactly(f["place_digest"], 32),
        )
    )  # fmt: skip


def tree_head(suite: int, f: Fields) -> bytes:
    return b"".join(
        (
            tag(suite, "tree_head"),
            exactly(f["station"], 32),
            struct.pack(">Q", f["size"]),
            exactly(f["root"], 32),
            struct.pack(">Q", f["time"]),
        )
    )


def attestation(suite: int, f: Fields) -> bytes:
    return b"".join(
        (
            tag(suite, "attestation"),
            struct.pack(">II", f["maker"], f["serial"]),
            text8(f["plate"]),
            struct.pack(">Q", f["evidence_time"]),
            exactly(f["evidence_digest"], 32),
            struct.pack(">IIQQQ", f["calibration_counter"], f["configuration_counter"],
                        f["leaf_index"], f["issued_at"], f["valid_until"]),
            exactly(f["station"], 32),
        )
    )  # fmt: skip


def bundle_file(suite: int, items: list[tuple[int, bytes]], digest: Any) -> bytes:
    """The whole file, which differs from an export in its first bytes."""
    file = b"SEALKITB" + export_file(suite, items, lambda _: b"")[8:]
    return file + bytes(digest(file))
