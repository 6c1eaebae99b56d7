"""messages.json: a request and an answer of every command, and what does not fit its layout."""

from typing import Any

from vectors import layouts as layout
from vectors.crypto import Suite
from vectors.family import MAKER, SERIALS, Family
from vectors.history import FIRMWARE_VERSION, History
from vectors.layouts import Fields, jsonable
from vectors.parameters import DEVICE, PLATE, SOFTWARE, fare, group_digest, parameter_root
from vectors.story import story

COMMANDS = {
    "ping": 0x01,
    "info": 0x02,
    "status": 0x03,
    "challenge": 0x04,
    "evidence": 0x05,
    "order": 0x06,
    "read_log": 0x07,
    "read_record": 0x08,
    "read_parameters": 0x09,
    "read_group": 0x0A,
    "read_credential": 0x0B,
    "read_trust": 0x0C,
    "read_checkpoint": 0x0D,
    "read_observation": 0x0E,
    "install_credential": 0x0F,
    "set_baud": 0x10,
}
OK, ALREADY_APPLIED, WORKING, NOT_FOUND = 0x00, 0x01, 0x02, 0x15
SEQUENCE = 0xFFFE


# fmt: off
def make(family: Family) -> dict[str, Any]:
    suite = family.suite
    messages: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    seal = story(family, "adjusted")
    sealing = seal.order("confirm", seal.parameters(["calibration"]), ["station"])

    def request(command: str, body_fields: Fields, body: bytes) -> None:
        header = {"version": 1, "command": COMMANDS[command], "sequence": SEQUENCE}
        _add("request", command, header, layout.header_request(header), body_fields, body)

    def answer(command: str, body_fields: Fields, body: bytes, status: int = OK) -> None:
        header = {"version": 1, "command": COMMANDS[command] | 0x80, "sequence": SEQUENCE,
            "status": status}
        _add("response", command, header, layout.header_response(header), body_fields, body)

    def _add(
        direction: str, command: str, header: Fields, head: bytes, fields: Fields, body: bytes
    ) -> None:
        messages.append({"command": command, "direction": direction, "header": header,
            "fields": jsonable(fields), "payload": (head + body).hex()})

    def both(command: str, asked: bytes, asked_fields: Fields, fields: Fields, body: bytes) -> None:
        request(command, asked_fields, asked)
        answer(command, fields, body)

    both("ping", b"", {"data": b""}, {"data": b""}, b"")
    both("ping", bytes(1024), {"data": bytes(1024)}, {"data": bytes(1024)}, bytes(1024))
    info = info_fields(suite)
    both("info", b"", {}, info, layout.info(info))
    status = status_fields(seal)
    both("status", b"", {}, status, layout.status(status))
    challenge = {"challenge": suite.derived("a challenge", 16), "life_ms": 600_000}
    both("challenge", b"", {}, challenge, layout.challenge(challenge))
    nonce = suite.derived("a nonce", 32)
    evidence_fields, evidence = seal.evidence(nonce)
    both("evidence", nonce, {"nonce": nonce}, evidence_fields, evidence)
    request_fields = {"order": sealing.bytes, "credentials": sealing.credentials}
    confirmed = story(family, "adjusted").apply(sealing)
    response = {"sequence": confirmed["sequence"], "digest": confirmed["digest"], "stored": 0}
    both("order", sealing.request, request_fields, response, layout.order_response(response))
    answer("order", response, layout.order_response(response), ALREADY_APPLIED)
    records = [record["bytes"] for record in seal.records[5:8]]
    asked = {"chain": 3, "from_sequence": 6, "limit": 600}
    read_log = {"records": records}
    both("read_log", layout.read_log_request(asked), asked, read_log,
        layout.read_log_response(read_log))
    answer("read_log", {"records": []}, b"\x00")
    asked = {"sequence": 5, "offset": 100, "length": 200}
    part = {"total": len(seal.records[4]["bytes"]), "data": seal.records[4]["bytes"][100:300]}
    both("read_record", layout.read_record_request(asked), asked, part,
        layout.read_record_response(part))
    past = {"total": part["total"], "data": b""}
    answer("read_record", past, layout.read_record_response(past))
    groups = {"groups": [{"number": number, "digest": group_digest(suite, number, data)} for number,
        data in sorted(seal.groups.items())]}
    both("read_parameters", b"", {}, groups, layout.parameter_digests(groups))
    answer("read_parameters", {"groups": []}, b"\x00")
    both("read_group", b"\x03", {"number": 3}, {"data": seal.groups[3]}, seal.groups[3])
    own = family.bytes["seal"]
    own_fields = {**family.fields["seal"], "signature": own[-64:]}
    both("read_credential", b"\x01", {"choice": 1}, own_fields, own)
    statement_fields, statement = family.statement(3, ["technician 2"], {"registry": 2})
    both("read_trust", b"", {}, statement_fields, statement)
    checkpoint_fields, checkpoint = seal.checkpoint()
    both("read_checkpoint", b"", {}, checkpoint_fields, checkpoint)
    observation: Fields = {"seen": 1, "age_ms": 800, "device": DEVICE, "hardware_version": 2,
        "software": SOFTWARE, "plate": PLATE, "fare": fare()}
    both("read_observation", b"", {}, observation, layout.observation(observation))
    never: Fields = {"seen": 0, "age_ms": 0, "device": bytes(5), "hardware_version": 0,
        "software": bytes(2), "plate": "", "fare": bytes(127)}
    answer("read_observation", never, layout.observation(never))
    both("install_credential", own, own_fields, {}, b"")
    both("set_baud", (115_200).to_bytes(4, "big"), {"baud": 115_200}, {}, b"")
    answer("order", {}, b"", WORKING)
    answer("read_group", {}, b"", NOT_FOUND)
    answer("order", {}, b"", 0x21)

    def refuse(command: int, direction: str, what: str, body: bytes, expect: str) -> None:
        head = bytes([1, command]) + SEQUENCE.to_bytes(2, "big")
        if direction == "response":
            head = bytes([1, command | 0x80]) + SEQUENCE.to_bytes(2, "big") + bytes([OK])
        bad.append({"command": next((n for n, c in COMMANDS.items() if c == command), None),
            "direction": direction, "what": what, "payload": (head + body).hex(), "expect": expect})

    fixed = ("evidence", "read_log", "read_record", "read_group", "read_credential", "set_baud")
    good_requests = {m["command"]: m for m in reversed(messages) if m["direction"] == "request"}
    for command in fixed:
        body = bytes.fromhex(good_requests[command]["payload"])[4:]
        refuse(COMMANDS[command], "request", "a byte too few", body[:-1], "malformed")
        refuse(COMMANDS[command], "request", "a byte too many", body + b"\x00", "malformed")
    for command in ("info", "status", "challenge", "read_parameters", "read_trust",
                    "read_checkpoint", "read_observation"):  # fmt: skip
        refuse(COMMANDS[command], "request", "a body where none is due", b"\x00", "malformed")
    refuse(0x01, "request", "more than 1,024 bytes", bytes(1025), "malformed")
    refuse(0x06, "request", "no body", b"", "malformed")
    refuse(0x06, "request", "a byte too many", sealing.request + b"\x00", "malformed")
    refuse(0x06, "request", "a byte too few", sealing.request[:-1], "malformed")
    five = layout.order_request({"order": sealing.bytes, "credentials": [b"\x01"] * 5})
    refuse(0x06, "request", "five credentials", five, "malformed")
    refuse(0x07, "request", "a chain that is not in the table", bytes.fromhex("04000000010100"),
        "malformed")
    refuse(0x0B, "request", "a choice that is not in the table", b"\x03", "malformed")
    refuse(0x00, "request", "command 00", b"", "unknown_command")
    refuse(0x11, "request", "the command after the last", b"", "unknown_command")
    refuse(0x7F, "request", "command 7F", b"\x00", "unknown_command")
    refuse(0x83, "request", "bit 7 in a request", b"", "dropped")
    for what, payload, expect in (("version 2", "0203fffe", "wrong_version"), ("version 0",
        "0003fffe", "wrong_version"), ("version 2 and an unknown command", "027ffffe",
        "wrong_version"), ("shorter than a header", "0103ff", "dropped"), ("one byte", "01",
        "dropped")):
        bad.append({"command": None, "direction": "request", "what": what, "payload": payload,
            "expect": expect})

    good_answers: dict[str, bytes] = {}
    for message in messages:
        if message["direction"] == "response" and message["header"]["status"] == OK:
            good_answers.setdefault(message["command"], bytes.fromhex(message["payload"])[5:])
    for command in ("info", "status", "challenge", "evidence", "order", "read_log",
                    "read_parameters", "read_credential", "read_trust", "read_checkpoint",
                    "read_observation"):  # fmt: skip
        body = good_answers[command]
        refuse(COMMANDS[command], "response", "a byte too few", body[:-1], "malformed")
        refuse(COMMANDS[command], "response", "a byte too many", body + b"\x00", "malformed")
    observed = good_answers["read_observation"]
    refuse(0x0E, "response", "a character after a 00 in plate", observed[:13]
        + b"A\x00B\x00\x00\x00" + observed[19:], "malformed")
    refuse(0x0E, "response", "a byte above 7E in plate", observed[:13] + b"A\x7f\x00\x00\x00\x00"
        + observed[19:], "malformed")
    refuse(0x0E, "response", "a seen that is not in the table", b"\x03" + observed[1:], "malformed")
    shown = good_answers["info"]
    refuse(0x02, "response", "a model that is not UTF-8", shown[:125] + b"\x02\xc3\x28",
        "malformed")
    refuse(0x02, "response", "a model longer than 32 bytes", shown[:125] + b"\x21" + b"M" * 33,
        "malformed")
    refuse(0x02, "response", "a model cut short", shown[:125] + b"\x05M", "malformed")
    state = good_answers["status"]
    refuse(0x03, "response", "a state that is not in the table", state[:24] + b"\x06" + state[25:],
        "malformed")
    refuse(0x03, "response", "a clock quality that is not in the table", state[:47] + b"\x03"
        + state[48:], "malformed")
    many = layout.parameter_digests({"groups": groups["groups"][:1] * 17})
    refuse(0x09, "response", "17 groups", many, "malformed")
    refuse(0x0F, "response", "a body where none is due", b"\x00", "malformed")
    return {"messages": messages, "bad": bad}


# fmt: on
def info_fields(suite: Suite) -> Fields:
    return {
        "maker": MAKER,
        "serial": SERIALS["seal"],
        "suite": suite.number,
        "protocol": 1,
        "hardware_version": 3,
        "firmware_version": FIRMWARE_VERSION,
        "firmware_digest": suite.digest(b"firmware"),
        "frame_max": 2048,
        "order_max": 1300,
        "control_capacity": 262_144,
        "journal_capacity": 65_536,
        "public_key": suite.public_key("seal"),
        "model": "示例 seal",
    }


def status_fields(seal: History) -> Fields:
    fields = seal.evidence_fields(bytes(32))
    fields["parameter_root"] = parameter_root(seal.suite, seal.groups)
    for name in list(fields):
        if name.startswith(("pruned", "refused", "meter", "firmware", "k_", "motion", "trips")):
            del fields[name]
    for name in ("base_digest", "pulses", "pulse_rate_max_hz", "standing_m", "nonce"):
        del fields[name]
    return fields | {"control_free": 120, "journal_free": 60_000}
