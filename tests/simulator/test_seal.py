"""The simulated seal's commands, one after the other, and its line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.bench import Bench, check_chains
from support.people import NOW, NUMBER, YEAR, family, parameters, seal_credential

from sealkit.rules.parameters import group_digest, parameter_root
from sealkit.wire.evidence import CHECKPOINT, EVIDENCE
from sealkit.wire.link import encode_frame
from sealkit.wire.messages import (
    CHALLENGE,
    INFO,
    OBSERVATION,
    PARAMETER_DIGESTS,
    READ_LOG_ANSWER,
    READ_LOG_REQUEST,
    READ_RECORD_ANSWER,
    READ_RECORD_REQUEST,
    SET_BAUD_REQUEST,
    ReadLogRequest,
    ReadRecordRequest,
    Request,
    SetBaudRequest,
)
from sealkit.wire.numbers import SealNumber
from sealkit.wire.orders import ORDER
from sealkit.wire.records import OrderRecord, parse_record_body
from sealkit.wire.registry import (
    Chain,
    ClockQuality,
    Command,
    Flag,
    Group,
    MeterSeen,
    RecordKind,
    State,
    Status,
)

SEAL, AUTHORITY = b"\x01", b"\x02"


@pytest.fixture(params=["p256", "sm2"])
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.param)


@pytest.fixture(scope="module")
def _sealed() -> Bench:
    made = Bench()
    made.seal_it()
    return made


@pytest.fixture
def sealed(_sealed: Bench) -> Bench:
    return _sealed.copy()


def refused(bench: Bench, command: int, body: bytes = b"") -> Status:
    answer = bench.ask(command, body)
    assert answer is not None
    assert answer.body == b""
    return Status(answer.status)


@pytest.mark.requirement("C-1")
def test_ping(bench: Bench) -> None:
    for body in (b"", b"\0" * 1024, bytes(range(256)) * 4):
        assert bench.done(Command.PING, body) == body


@pytest.mark.requirement("R51")
def test_info(bench: Bench) -> None:
    info = INFO.parse(bench.done(Command.INFO))
    assert info.number == NUMBER
    assert info.suite == bench.people.suite.id
    assert info.public_key == bench.core.public_key
    assert info.journal_capacity == 4 * 2048 // 2
    assert (info.frame_max, info.order_max) == (2048, 1300)


@pytest.mark.requirement("R20")
def test_a_life_from_factory_to_retirement(bench: Bench) -> None:
    assert bench.state() is State.FACTORY
    bench.seal_it()
    assert bench.state() is State.SEALED
    bench.apply(bench.orders().confirm())
    bench.apply(bench.orders().trust(3))
    bench.apply(bench.challenged().unseal())
    assert bench.state() is State.OPEN
    bench.apply(bench.orders().seal(parameters(Group.CALIBRATION, salt=1)))
    bench.tamper()
    bench.apply(bench.challenged().clear())
    bench.restart()
    history = check_chains(bench)
    assert (history.calibration_counter, history.configuration_counter) == (1, 1)
    assert history.trust_version == 3
    bench.apply(bench.challenged().retire())
    assert bench.state() is State.RETIRED
    check_chains(bench)


@pytest.mark.requirement("C-5")
def test_evidence_says_what_status_says(sealed: Bench) -> None:
    evidence, status = sealed.evidence(bytes(range(32))), sealed.status()
    assert evidence.nonce == bytes(range(32))
    for name in ("state", "flags", "boot", "clock", "clock_floor", "control_digest"):
        assert getattr(evidence, name) == getattr(status, name), name
    assert evidence.journal_digest == status.journal_digest
    assert evidence.parameter_root == parameter_root(
        sealed.core.suite, {item.number: item.data for item in parameters().groups}
    )
    assert (evidence.meter_seen, evidence.meter_age_ms) == (MeterSeen.ANSWERS, 1_000)
    assert evidence.meter_device.hex() == sealed.vehicle.taximeter.status.device_number


@pytest.mark.requirement("C-4")
def test_a_new_challenge_replaces_the_old(bench: Bench) -> None:
    first = bench.challenged().enrol()
    second = bench.challenged()
    assert bench.send(first) == (Status.CHALLENGE_WRONG, None)
    bench.apply(second.enrol())
    spent = bench.orders(second.head.challenge)
    assert bench.send(spent.retire()) == (Status.CHALLENGE_MISSING, None)


@pytest.mark.requirement("C-4")
def test_a_challenge_dies_of_age_and_of_a_boot(bench: Bench) -> None:
    late = bench.challenged().enrol()
    bench.time.advance(600_001)
    assert bench.send(late) == (Status.CHALLENGE_EXPIRED, None)
    dead = bench.challenged().enrol()
    bench.restart()
    assert bench.send(dead) == (Status.CHALLENGE_MISSING, None)


@pytest.mark.requirement("O-3")
def test_an_order_is_applied_once(bench: Bench) -> None:
    order = bench.challenged().enrol()
    answer = bench.apply(order)
    assert answer.stored == 0b1
    head = bench.status().control_digest
    assert bench.send(order) == (Status.ALREADY_APPLIED, answer)
    bench.restart()
    assert bench.send(order) == (Status.ALREADY_APPLIED, answer)
    assert bench.status().control_digest == head == answer.digest


@pytest.mark.requirement("C-6")
def test_a_credential_is_stored_the_first_time(sealed: Bench) -> None:
    records = [r for r in sealed.log(Chain.CONTROL) if r.kind == RecordKind.ORDER]
    bodies = [body for r in records if isinstance(body := parse_record_body(r), OrderRecord)]
    raw = [sealed.people.credentials[n].raw for n in ("station", "technician", "registry")]
    assert [body.credentials for body in bodies] == [(raw[0],), (raw[1], raw[2])]
    assert sealed.apply(sealed.orders().confirm()).stored == 0b1  # the inspector is new


@pytest.mark.requirement("C-7")
def test_the_log_is_read_in_parts(sealed: Bench) -> None:
    def read(chain: Chain, start: int, limit: int) -> tuple[bytes, ...]:
        body = READ_LOG_REQUEST.build(ReadLogRequest(chain, start, limit))
        answer = sealed.done(Command.READ_LOG, body)
        records = READ_LOG_ANSWER.parse(answer).records
        assert len(answer) <= limit or len(records) <= 1
        return records

    whole = [record.raw for record in sealed.log(Chain.BOTH)]
    assert list(read(Chain.BOTH, 0, 0)) == whole[:1]
    assert list(read(Chain.BOTH, 2, 65_535)) == whole[1 : 1 + len(read(Chain.BOTH, 2, 65_535))]
    assert read(Chain.BOTH, len(whole) + 1, 1_000) == ()
    assert {record.is_control for record in sealed.log(Chain.CONTROL)} == {True}
    assert {record.is_control for record in sealed.log(Chain.JOURNAL)} == {False}


@pytest.mark.requirement("C-8")
def test_a_record_is_read_in_parts(sealed: Bench) -> None:
    def read(sequence: int, offset: int, length: int) -> tuple[int, bytes]:
        body = READ_RECORD_REQUEST.build(ReadRecordRequest(sequence, offset, length))
        answer = READ_RECORD_ANSWER.parse(sealed.done(Command.READ_RECORD, body))
        return answer.total, answer.data

    for record in sealed.log(Chain.BOTH):
        total = len(record.raw)
        assert read(record.sequence, 0, 65_535) == (total, record.raw[:2_025])
        assert read(record.sequence, 10, 71) == (total, record.raw[10:81])
        assert read(record.sequence, total, 5) == (total, b"")
    missing = READ_RECORD_REQUEST.build(ReadRecordRequest(99, 0, 1))
    assert refused(sealed, Command.READ_RECORD, missing) is Status.NOT_FOUND


@pytest.mark.requirement("C-9")
def test_parameters_are_read_by_group(sealed: Bench) -> None:
    listed = PARAMETER_DIGESTS.parse(sealed.done(Command.READ_PARAMETERS)).groups
    assert [group.number for group in listed] == list(Group)
    for group, item in zip(listed, parameters().groups, strict=True):
        data = sealed.done(Command.READ_GROUP, bytes((group.number,)))
        assert data == item.data
        assert group.digest == group_digest(sealed.core.suite, group.number, data)
    assert refused(sealed, Command.READ_GROUP, b"\x80") is Status.NOT_FOUND


@pytest.mark.requirement("C-10")
def test_credentials_trust_and_checkpoint_are_read(bench: Bench) -> None:
    for command, body in (
        (Command.READ_CREDENTIAL, SEAL),
        (Command.READ_CREDENTIAL, AUTHORITY),
        (Command.READ_TRUST, b""),
    ):
        assert refused(bench, command, body) is Status.NOT_FOUND
    bench.install_credential()
    bench.enrol()
    bench.apply(bench.orders().trust(1))
    own = seal_credential(bench.people, bench.core.public_key)
    assert bench.done(Command.READ_CREDENTIAL, SEAL)[:-64] == own.signed_bytes
    endorsed = bench.people.credentials["authority endorsed"].raw
    assert bench.done(Command.READ_CREDENTIAL, AUTHORITY) == endorsed
    assert bench.done(Command.READ_TRUST)[:-64] == bench.people.statement(1).signed_bytes
    checkpoint = CHECKPOINT.parse(bench.done(Command.READ_CHECKPOINT))
    assert checkpoint.control_digest == bench.status().control_digest
    assert bench.core.suite.verify(
        bench.core.public_key, checkpoint.signed_bytes, checkpoint.signature
    )


@pytest.mark.requirement("C-11")
def test_the_observation_is_zero_before_the_first_look(bench: Bench) -> None:
    bench.vehicle.join_cable(False)
    bench.restart()
    body = bench.done(Command.READ_OBSERVATION)
    assert body == bytes(len(body))
    bench.vehicle.join_cable(True)
    bench.vehicle.advance(10_000)
    seen = OBSERVATION.parse(bench.done(Command.READ_OBSERVATION))
    assert seen.seen is MeterSeen.ANSWERS
    assert seen.plate == bench.vehicle.taximeter.status.plate


@pytest.mark.requirement("C-12")
def test_only_a_credential_of_its_own_is_installed(bench: Bench) -> None:
    people = bench.people
    good = seal_credential(people, bench.core.public_key)
    flipped = good.raw[:-1] + bytes((good.raw[-1] ^ 1,))
    bad = {
        flipped: Status.CREDENTIAL_INVALID,
        seal_credential(people, people.keys["station"].public_key).raw: Status.CREDENTIAL_INVALID,
        seal_credential(
            people, bench.core.public_key, SealNumber(NUMBER.maker, 7)
        ).raw: Status.CREDENTIAL_INVALID,
        people.credentials["station"].raw: Status.CREDENTIAL_INVALID,
        good.raw[:-1]: Status.MALFORMED,
        b"": Status.MALFORMED,
        good.raw + b"\0": Status.MALFORMED,
    }
    other = family("sm2" if people.suite.name == "p256" else "p256")
    bad[seal_credential(other, other.keys["station"].public_key).raw] = Status.WRONG_SUITE
    for raw, status in bad.items():
        assert refused(bench, Command.INSTALL_CREDENTIAL, raw) is status
    before = bench.status().control_digest
    bench.done(Command.INSTALL_CREDENTIAL, good.raw)
    bench.restart()
    assert bench.done(Command.READ_CREDENTIAL, SEAL) == good.raw
    assert bench.status().control_digest == before


@pytest.mark.requirement("R31")
def test_a_seal_whose_credential_has_expired_goes_on(bench: Bench) -> None:
    bench.install_credential()
    assert not bench.status().flags & Flag.CERTIFICATE_EXPIRED
    bench.restart(gap_s=10 * YEAR + 60)
    assert bench.evidence().flags & Flag.CERTIFICATE_EXPIRED


@pytest.mark.requirement("O-34")
def test_a_retired_seal_keeps_its_last_evidence_and_its_log(bench: Bench) -> None:
    bench.install_credential()
    bench.enrol()
    order = bench.challenged().retire()
    bench.apply(order)
    for _ in range(2):
        last = EVIDENCE.parse(bench.done(Command.READ_CHECKPOINT))
        suite, status = bench.core.suite, bench.status()
        assert suite.verify(bench.core.public_key, last.signed_bytes, last.signature)
        assert last.nonce == suite.digest(ORDER.parse(order.order).unsigned_bytes)
        assert last.state is State.RETIRED
        assert (last.control_digest, last.journal_digest) == (
            status.control_digest,
            status.journal_digest,
        )
        assert refused(bench, Command.EVIDENCE, bytes(32)) is Status.KEY_DESTROYED
        credential = seal_credential(bench.people, bench.core.public_key).raw
        assert refused(bench, Command.INSTALL_CREDENTIAL, credential) is Status.KEY_DESTROYED
        assert bench.send(bench.orders().trust(1)) == (Status.KEY_DESTROYED, None)
        sent = bench.send(order)
        assert sent is not None
        assert sent[0] is Status.ALREADY_APPLIED
        check_chains(bench)
        bench.vehicle.open_case()  # a retired seal adds nothing to its log
        bench.restart()


@pytest.mark.requirement("R41")
def test_refused_orders_are_counted_by_reason_and_reading_is_not(sealed: Bench) -> None:
    refused(sealed, Command.READ_GROUP, b"\x80")
    refused(sealed, Command.STATUS, b"x")
    refused(sealed, Command.ORDER, b"x")
    stale = sealed.orders().confirm(head_sequence=1)
    sealed.send(stale)
    sealed.send(stale)
    body = parameters(Group.DISTANCE, Group.CALIBRATION, salt=9)
    sealed.send(sealed.orders().seal(body, ["technician"]))
    sealed.send(sealed.orders().enrol(challenge=bytes(16)))
    evidence = sealed.evidence()
    counted = (
        evidence.refused_malformed,
        evidence.refused_stale,
        evidence.refused_authority,
        evidence.refused_state,
    )
    assert counted == (1, 2, 1, 1)
    sealed.restart()  # what evidence has told stays told
    assert sealed.evidence().refused_stale == 2
    sealed.seal.device.registers.refused[1] = 0xFFFF
    sealed.send(stale)
    assert sealed.evidence().refused_stale == 0xFFFF


@pytest.mark.requirement("L-9")
def test_a_repeated_request_gets_the_same_answer_and_is_not_carried_out_again(
    bench: Bench,
) -> None:
    frame = encode_frame(Request(Command.CHALLENGE, 5, b"").build())
    first = bench.vehicle.receive(frame)
    assert bench.vehicle.receive(frame) == first
    other = encode_frame(Request(Command.PING, 5, b"x").build())
    assert bench.vehicle.receive(other) != first
    assert bench.vehicle.receive(frame) != first  # the cache holds one answer only
    again = bench.vehicle.receive(frame)
    bench.restart()
    assert bench.vehicle.receive(frame) != again
    given = CHALLENGE.parse(bench.done(Command.CHALLENGE))
    assert given.life_ms == 600_000


@pytest.mark.requirement("L-3")
def test_frames_are_found_in_noise(bench: Bench) -> None:
    frame = encode_frame(Request(Command.PING, 5, b"here").build())
    assert bench.vehicle.receive(b"noise" * 1_000 + b"\0" + frame).count(b"here") == 1
    for byte in frame[:-1]:
        assert bench.vehicle.receive(bytes((byte,))) == b""
    assert b"here" in bench.vehicle.receive(frame[-1:])
    assert bench.vehicle.receive(frame * 3).count(b"here") == 3
    assert bench.vehicle.receive(frame[:6] + bytes((frame[6] ^ 1,)) + frame[7:]) == b""


@pytest.mark.requirement("L-12")
def test_the_rate_changes_after_the_answer_and_falls_back(bench: Bench) -> None:
    def set_baud(rate: int) -> bytes:
        return SET_BAUD_REQUEST.build(SetBaudRequest(rate))

    assert refused(bench, Command.SET_BAUD, set_baud(12_345)) is Status.MALFORMED
    bench.done(Command.SET_BAUD, set_baud(115_200))
    assert bench.seal.baud == 115_200
    bench.vehicle.advance(2_500)
    assert bench.seal.baud == 9_600
    bench.done(Command.SET_BAUD, set_baud(57_600))
    bench.vehicle.receive(b"\x01\x02\x03\0")  # at the wrong rate: no good frame
    bench.vehicle.advance(1_000)
    bench.done(Command.PING)
    bench.vehicle.advance(60_000)
    assert bench.seal.baud == 57_600
    bench.restart()
    assert bench.seal.baud == 9_600


@pytest.mark.requirement("O-6")
def test_with_a_lost_clock_only_some_orders_are_taken(sealed: Bench) -> None:
    floor = sealed.evidence().clock_floor
    sealed.vehicle.lose_clock()
    lost = sealed.status()
    assert lost.flags & Flag.CLOCK_LOST
    assert lost.clock == lost.clock_floor >= floor
    assert sealed.send(sealed.orders().confirm()) == (Status.TIME_NOT_SET, None)
    sealed.apply(sealed.orders().trust(1))
    sealed.apply(sealed.orders().acknowledge(lost.journal_sequence, lost.journal_digest))
    low = sealed.challenged()
    assert sealed.send(low.restore_clock(lost.clock_floor - 1)) == (Status.BELOW_FLOOR, None)
    sealed.apply(sealed.challenged().restore_clock(NOW + 3_600))
    restored = sealed.status()
    assert restored.clock == NOW + 3_600
    assert restored.flags & (Flag.CLOCK_LOST | Flag.CLOCK_RESTORED) == Flag.CLOCK_RESTORED
    sealed.vehicle.advance(10_000)
    assert sealed.status().clock == NOW + 3_610
    sealed.apply(sealed.orders().confirm())  # whoever confirms the seal has seen the flag
    assert not sealed.status().flags & Flag.CLOCK_RESTORED
    assert sealed.status().clock_quality is ClockQuality.RESTORED
    sealed.restart()
    assert sealed.status().clock == NOW + 3_670


@pytest.mark.requirement("R36")
def test_the_clock_is_adjusted_and_the_floor_stays(sealed: Bench) -> None:
    before = sealed.status()
    sealed.apply(sealed.orders().adjust_clock(-100))
    after = sealed.status()
    assert after.clock == before.clock - 100
    assert after.clock_floor >= before.clock_floor
    assert sealed.send(sealed.orders().adjust_clock(21)) == (Status.CLOCK_LIMIT, None)
    sealed.apply(sealed.orders().adjust_clock(20))
    sealed.vehicle.pulses(1)
    assert sealed.send(sealed.orders().adjust_clock(1))[0] is not Status.OK  # type: ignore[index]


@pytest.mark.requirement("O-11")
def test_an_order_of_an_expired_technician_is_refused(sealed: Bench) -> None:
    body = parameters(Group.DISTANCE, Group.CALIBRATION, salt=9)
    order = sealed.orders().seal(body, ["technician expired", "station"])
    assert sealed.send(order) == (Status.CREDENTIAL_EXPIRED, None)


@pytest.mark.requirement("O-13")
def test_an_order_with_a_flipped_bit_changes_nothing(sealed: Bench) -> None:
    order = sealed.orders().confirm()
    before = sealed.status()
    for at in range(0, len(order.order), 7):
        flipped = bytearray(order.order)
        flipped[at] ^= 0x10
        sent = sealed.send(replace(order, order=bytes(flipped)))
        assert sent is not None
        assert sent[0] not in (Status.OK, Status.ALREADY_APPLIED), at
    after = sealed.status()
    assert (after.control_digest, after.journal_digest, after.state) == (
        before.control_digest,
        before.journal_digest,
        before.state,
    )


@pytest.mark.requirement("R23")
def test_worn_out_flash_is_told_and_changes_nothing(sealed: Bench) -> None:
    before = sealed.status()
    sealed.vehicle.flash.broken = True
    assert sealed.send(sealed.orders().confirm()) == (Status.STORAGE_FAULT, None)
    after = sealed.status()
    assert (after.state, after.control_digest) == (before.state, before.control_digest)
    sealed.vehicle.flash.broken = False
    sealed.apply(sealed.orders().confirm())
    check_chains(sealed)
