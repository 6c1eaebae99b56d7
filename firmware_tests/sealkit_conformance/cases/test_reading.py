"""Commands that read, and what a seal says of itself (chapter 3)."""

from __future__ import annotations

import pytest

from sealkit.wire.credentials import CREDENTIAL
from sealkit.wire.messages import READ_LOG_REQUEST, ReadLogRequest
from sealkit.wire.orders import TrustBody
from sealkit.wire.registry import (
    CHALLENGE_LIFE_MS,
    GROUPS,
    LINK_FRAME_MAX,
    ORDER_MAX,
    PROTOCOL_VERSION,
    TEST_SERIAL_MIN,
    Chain,
    Command,
    CredentialChoice,
    MeterSeen,
    OrderKind,
    Role,
    State,
    Status,
)
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.fold import group_digest, parameter_root
from sealkit_conformance.subject.seal import READ_LIMIT, SealUnderTest
from sealkit_conformance.subject.shown import look_at, same
from sealkit_conformance.subject.stages import Stages

ALIVE = [state for state in State if state is not State.RETIRED]
READING = [
    Command.PING,
    Command.INFO,
    Command.STATUS,
    Command.EVIDENCE,
    Command.READ_LOG,
    Command.READ_RECORD,
    Command.READ_PARAMETERS,
    Command.READ_GROUP,
    Command.READ_CREDENTIAL,
    Command.READ_TRUST,
    Command.READ_CHECKPOINT,
    Command.READ_OBSERVATION,
    Command.CHALLENGE,
]
BODIES = {
    Command.EVIDENCE: bytes(32),
    Command.READ_LOG: b"\3" + bytes(4) + b"\x07\xeb",
    Command.READ_RECORD: bytes((0, 0, 0, 1, 0, 0, 0, 9)),
    Command.READ_GROUP: b"\1",
    Command.READ_CREDENTIAL: b"\1",
}


@clause("C-1")
@pytest.mark.parametrize("state", list(State))
def test_ping_answers_in_every_state(seal: SealUnderTest, stages: Stages, state: State) -> None:
    stages.bring(seal, state)
    for body in (b"", b"\0", bytes(range(256)) * 4):
        expect.equal("C-1", body, seal.done(Command.PING, body), "ping answers other bytes")


@clause("C-2", "N-5", "S-1", "R51", "R54")
def test_info_tells_limits_and_never_changes(
    seal: SealUnderTest, stages: Stages, bench: Backend
) -> None:
    info = stages.bring(seal, State.FACTORY).info()
    expect.equal("N-5", bench.number, info.number, "it is another seal")
    expect.equal("C-2", seal.suite.id, info.suite, "the suite")
    expect.equal("C-2", PROTOCOL_VERSION, info.protocol, "the protocol's version")
    expect.equal("C-2", LINK_FRAME_MAX, info.frame_max, "the longest frame")
    expect.equal("C-2", ORDER_MAX, info.order_max, "the longest order")
    expect.true("N-6", info.serial >= TEST_SERIAL_MIN, "the number is not kept for tests")
    expect.true("C-2", info.model, "the model has no name")
    expect.true("C-2", any(info.firmware_digest), "the firmware has no digest")
    expect.equal("S-1", (65, 4), (len(info.public_key), info.public_key[0]), "the public key")
    for kind in (OrderKind.ENROL, None, OrderKind.SEAL, OrderKind.UNSEAL, OrderKind.RETIRE):
        if kind is None:
            seal.see_meter()
        else:
            seal.give(kind)
        expect.equal("C-2", info, seal.info(), "what `info` tells has changed")


@clause("C-3", "S-4")
@pytest.mark.parametrize("state", list(State))
def test_status_names_seal_and_state(seal: SealUnderTest, stages: Stages, state: State) -> None:
    stages.bring(seal, state)
    status = seal.status()
    info = seal.info()
    expect.equal("C-3", (info.maker, info.serial), (status.maker, status.serial), "the number")
    expect.equal("S-4", seal.suite.key_id(info.public_key), status.seal_key, "the key's id")
    expect.equal("C-3", state, status.state, "the state")


@clause("C-3", "J-1")
def test_control_free_counts_orders(opened: SealUnderTest) -> None:
    """It is a number of orders of the greatest size, and falls as the log fills."""
    before = opened.status()
    info = opened.info()
    expect.true("C-3", before.control_free <= info.control_capacity // ORDER_MAX, "control_free")
    for _ in range(4):
        opened.give(OrderKind.TRUST)
    after = opened.status()
    expect.true("C-3", before.control_free - 5 <= after.control_free, "control_free falls fast")
    expect.true("C-3", after.control_free < before.control_free, "control_free does not fall")


@clause("C-4")
def test_a_challenge_is_random_and_lives_ten_minutes(sealed: SealUnderTest) -> None:
    given = [sealed.done(Command.CHALLENGE) for _ in range(8)]
    expect.equal("C-4", 8, len({body[:16] for body in given}), "challenges repeat")
    lives = {int.from_bytes(body[16:], "big") for body in given}
    expect.equal("C-4", {CHALLENGE_LIFE_MS}, lives, "life_ms")
    expect.true("C-4", all(any(body[:16]) for body in given), "a challenge of zeros")


@clause("C-5", "R55")
@pytest.mark.parametrize("state", ALIVE)
def test_evidence_in_every_state_but_retired(
    seal: SealUnderTest, stages: Stages, state: State
) -> None:
    stages.bring(seal, state)
    expect.equal("C-5", state, seal.evidence().state, "the state in the evidence")


@clause("C-5", "O-34", "R49")
def test_a_retired_seal_signs_no_more(retired: SealUnderTest) -> None:
    retired.refused(Command.EVIDENCE, bytes(32), Status.KEY_DESTROYED, "C-5")
    retired.last_evidence()


@clause("C-7", "R18", "R22")
@pytest.mark.parametrize("limit", [0, 1, 80, 200, 500, 1_000, READ_LIMIT, 65_535])
def test_the_log_is_read_whole_with_any_limit(tampered: SealUnderTest, limit: int) -> None:
    whole = {chain: tampered.raw_log(chain) for chain in Chain}
    both = sorted(whole[Chain.CONTROL] + whole[Chain.JOURNAL], key=lambda raw: raw[18:22])
    expect.equal("C-7", both, whole[Chain.BOTH], "both chains are not the two together")
    for chain in Chain:
        expect.equal("C-7", whole[chain], tampered.raw_log(chain, limit), f"limit {limit}")


@clause("C-7")
@pytest.mark.parametrize("limit", [1, 120, 400, 900, 1_500])
def test_an_answer_keeps_to_the_limit(tampered: SealUnderTest, limit: int) -> None:
    """It holds as many records as fit, but at least one."""
    records = tampered.raw_log(Chain.BOTH)
    body = READ_LOG_REQUEST.build(ReadLogRequest(Chain.BOTH, 0, limit))
    answered = tampered.done(Command.READ_LOG, body)
    fitting, size = 0, 1
    for raw in records:
        size += 2 + len(raw)
        if size > limit:
            break
        fitting += 1
    expect.equal("C-7", max(1, fitting), answered[0], f"records in {limit} bytes of body")


@clause("C-7")
def test_reading_begins_at_the_first_record_that_fits(tampered: SealUnderTest) -> None:
    for chain in Chain:
        numbers = [record.sequence for record in tampered.log(chain)]
        for start in range(numbers[-1] + 3):
            request = READ_LOG_REQUEST.build(ReadLogRequest(chain, start, 1))
            answered = tampered.done(Command.READ_LOG, request)
            due = [number for number in numbers if number >= start][:1]
            found = [int.from_bytes(answered[21:25], "big")] if answered[0] else []
            expect.equal("C-7", due, found, f"the first record from {start} on")
    last = READ_LOG_REQUEST.build(ReadLogRequest(Chain.BOTH, 0xFFFFFFFF, 100))
    expect.equal("C-7", b"\0", tampered.done(Command.READ_LOG, last), "none is left")


@clause("C-8", "R22")
def test_a_record_is_read_in_any_parts(tampered: SealUnderTest) -> None:
    for record in tampered.log(Chain.BOTH):
        raw = record.raw
        for offset, length in ((0, 65_535), (0, 10), (1, 81), (len(raw) - 1, 9), (50, 0)):
            part = tampered.record(record.sequence, offset, length)
            expect.equal("C-8", len(raw), part.total, "the whole length")
            expect.equal("C-8", raw[offset : offset + length], part.data, "the part")
        for offset in (len(raw), len(raw) + 1, 65_535):
            part = tampered.record(record.sequence, offset, 100)
            expect.equal("C-8", (len(raw), b""), (part.total, part.data), "past the end")
    last = tampered.log(Chain.BOTH)[-1].sequence
    for number in (0, last + 1, 0xFFFFFFFF):
        body = number.to_bytes(4, "big") + bytes((0, 0, 0, 9))
        tampered.refused(Command.READ_RECORD, body, Status.NOT_FOUND, "C-8")


@clause("C-9", "P-1", "R01", "R11")
@pytest.mark.parametrize("state", [State.SEALED, State.TAMPERED, State.OPEN, State.RETIRED])
def test_the_sealed_groups_can_be_read(seal: SealUnderTest, stages: Stages, state: State) -> None:
    """After SEAL in every state, as the order brought them, salt and all."""
    stages.bring(seal, State.OPEN)
    seal.see_meter()
    orders = seal.orders()
    body = orders.set_body()
    seal.apply(orders.good(OrderKind.SEAL, body=body))
    for kind in {State.OPEN: [OrderKind.UNSEAL]}.get(state, []):
        seal.give(kind)
    if state is State.TAMPERED:
        seal.backend.open_case()
        seal.backend.close_case()
    if state is State.RETIRED:
        seal.give(OrderKind.UNSEAL)
        seal.give(OrderKind.RETIRE)
    sealed = {item.number: item.data for item in body.groups}
    digests = [(one.number, one.digest) for one in seal.group_digests().groups]
    due = [(n, group_digest(seal.suite, n, sealed[n])) for n in sorted(sealed)]
    expect.equal("P-1", due, digests, "the groups' digests")
    expect.equal("C-9", sealed, seal.groups(), "the groups' bytes")
    expect.equal("P-1", parameter_root(seal.suite, sealed), seal.status().parameter_root, "root")


@clause("C-9", "P-1")
def test_before_the_first_seal_there_are_no_groups(seal: SealUnderTest, stages: Stages) -> None:
    for state in (State.FACTORY, State.OPEN):
        stages.bring(seal, state)
        expect.equal("C-9", (), seal.group_digests().groups, "groups before the first SEAL")
        expect.equal("P-1", bytes(32), seal.status().parameter_root, "the root of an empty set")
        for number in (0, *GROUPS, 200, 255):
            seal.refused(Command.READ_GROUP, bytes((number,)), Status.NOT_FOUND, "C-9")


@clause("C-9")
def test_groups_that_are_not_there_are_not_found(sealed: SealUnderTest) -> None:
    for number in (0, 9, 127, 128, 255):
        sealed.refused(Command.READ_GROUP, bytes((number,)), Status.NOT_FOUND, "C-9")


@clause("C-10", "K-2", "R27")
def test_credentials_of_seal_and_authority(
    seal: SealUnderTest, stages: Stages, bench: Backend
) -> None:
    stages.bring(seal, State.FACTORY)
    seal.refused(Command.READ_CREDENTIAL, b"\2", Status.NOT_FOUND, "C-10")
    seal.refused(Command.READ_TRUST, b"", Status.NOT_FOUND, "C-10")
    own = CREDENTIAL.parse(seal.credential(CredentialChoice.SEAL))
    told = (own.scope, own.serial, own.public_key)
    due = (bench.number.maker, bench.number.serial, seal.info().public_key)
    expect.equal("K-2", due, told, "the seal's credential binds another number or key")
    seal.give(OrderKind.ENROL)
    authority = seal.credential(CredentialChoice.AUTHORITY)
    expect.equal("C-10", seal.people.endorsed.credential.raw, authority, "the authority's")
    seal.refused(Command.READ_TRUST, b"", Status.NOT_FOUND, "C-10")
    statement = seal.people.statement(7)
    seal.give(OrderKind.TRUST, body=TrustBody(statement.raw))
    expect.equal("C-10", statement.raw, seal.trust().raw, "the trust statement")
    expect.equal("K-7", 7, seal.status().trust_version, "the statement's version")


@clause("C-10", "R-7", "E-4", "O-34")
@pytest.mark.parametrize("state", ALIVE)
def test_the_checkpoint_is_of_the_last_control_record(
    seal: SealUnderTest, stages: Stages, state: State
) -> None:
    stages.bring(seal, state)
    checkpoint, status = seal.checkpoint(), seal.status()
    same = ("control_sequence", "control_digest", "state")
    due = {name: getattr(status, name) for name in same}
    expect.fields_of("R-7", checkpoint, due, "the checkpoint is of another record")


@clause("C-11", "W-2")
def test_the_observation_is_what_the_meter_holds(sealed: SealUnderTest, bench: Backend) -> None:
    sealed.see_meter()
    seen, facts = sealed.observation(), bench.meter()
    expect.equal("C-11", MeterSeen.ANSWERS, seen.seen, "the meter answers")
    due = {
        "device": facts.device,
        "hardware_version": facts.hardware_version,
        "software": facts.software,
        "plate": facts.plate,
        "fare": facts.fare,
    }
    expect.fields_of("C-11", seen, due, "the seal saw another meter")


@clause("C-11")
@needs(Capability.METER, Capability.FRESH_DEVICES)
def test_a_meter_never_seen_is_all_zeros(seal: SealUnderTest, bench: Backend) -> None:
    bench.fresh_device()
    bench.silence_meter(True)
    seal.forget_identity()
    bench.cut_power()
    bench.restore_power()
    seal.line.forget()
    body = seal.done(Command.READ_OBSERVATION)
    expect.true("C-11", not any(body[10:]) and body[0] == 0, "what was never seen is not zero")
    expect.true("C-11", not any(body[1:5]), "the age of what was never seen is not zero")


@clause("C-12", "K-2", "K-3", "R27", "R31")
def test_a_renewed_credential_is_taken(sealed: SealUnderTest) -> None:
    info = sealed.info()
    before = sealed.status()
    for changes in (
        {"name": "renewed"},
        {"not_after": sealed.backend.now() - 1},
        {"generation": 9},
    ):
        person = sealed.people.seal(info.serial, info.public_key, **changes)
        sealed.done(Command.INSTALL_CREDENTIAL, person.credential.raw)
        expect.equal(
            "C-12", person.credential.raw, sealed.credential(CredentialChoice.SEAL), "installed"
        )
    after = sealed.status()
    expect.equal("C-12", before.control_digest, after.control_digest, "the control chain moved")


@clause("C-12", "K-2", "K-3", "R27", "R47")
def test_credentials_that_do_not_bind_this_seal_are_refused(sealed: SealUnderTest) -> None:
    info, people = sealed.info(), sealed.people
    held = sealed.credential(CredentialChoice.SEAL)
    other = people.suite.generate()
    wrong = {
        "another serial number": people.seal(info.serial ^ 1, info.public_key),
        "another maker's number": people.seal(info.serial, info.public_key, scope=info.maker + 1),
        "another key": people.seal(info.serial, other.public_key),
        "signed by another key": people.seal(info.serial, info.public_key, sign_with=other),
        "self-signed": people.issue(
            None, Role.SEAL, key=other, scope=info.maker, serial=info.serial
        ),
        "issued by the authority": people.issue(
            people.authority,
            Role.SEAL,
            scope=info.maker,
            serial=info.serial,
            public_key=info.public_key,
        ),
    }
    for what, person in wrong.items():
        answer = sealed.ask(Command.INSTALL_CREDENTIAL, person.credential.raw)
        expect.status("C-12", Status.CREDENTIAL_INVALID, answer, what)
    station = people["station"].credential
    expect.status(
        "C-12",
        Status.CREDENTIAL_INVALID,
        sealed.ask(Command.INSTALL_CREDENTIAL, station.raw),
        "a station's credential",
    )
    broken = bytearray(held)
    broken[60] ^= 1
    answer = sealed.ask(Command.INSTALL_CREDENTIAL, bytes(broken))
    expect.status("C-12", Status.CREDENTIAL_INVALID, answer, "an altered credential")
    expect.equal("C-12", held, sealed.credential(CredentialChoice.SEAL), "the credential changed")


@clause("C-12")
def test_a_retired_seal_takes_no_credential(retired: SealUnderTest) -> None:
    info = retired.info()
    person = retired.people.seal(info.serial, info.public_key)
    raw = person.credential.raw
    retired.refused(Command.INSTALL_CREDENTIAL, raw, Status.KEY_DESTROYED, "C-12")


@clause("C-12", "K-2", "R31")
@pytest.mark.parametrize("state", ALIVE)
def test_a_credential_is_taken_in_every_state_and_kept(
    seal: SealUnderTest, stages: Stages, state: State
) -> None:
    """No chain changes, and nothing else but what is installed."""
    stages.bring(seal, state)
    info, before = seal.info(), look_at(seal)
    person = seal.people.seal(info.serial, info.public_key, name="taken")
    seal.done(Command.INSTALL_CREDENTIAL, person.credential.raw)
    after = look_at(seal)
    del before.held["the seal's credential"]
    same("C-12", before, after, "a credential that was installed changed it")
    if Capability.POWER in seal.backend.capabilities:
        seal.restart()
        answer = seal.ask(Command.READ_CREDENTIAL, bytes((CredentialChoice.SEAL,)))
        expect.status("C-12", Status.OK, answer, "the credential is gone after a boot")
        expect.equal("C-12", person.credential.raw, answer.body, "the credential after a boot")


@clause("C-12", "T-2", "S-5", "N-3")
def test_what_is_installed_has_the_form_of_a_credential(sealed: SealUnderTest) -> None:
    info, people = sealed.info(), sealed.people
    good = people.seal(info.serial, info.public_key).credential.raw
    before = look_at(sealed)
    for at, value, status in (
        (0, 0, Status.MALFORMED),
        (7, 3 - people.suite.id, Status.WRONG_SUITE),
        (8, 2, Status.MALFORMED),
        (9, 2, Status.WRONG_VERSION),
        (32, 0, Status.MALFORMED),
        (118, 0x31, Status.MALFORMED),
    ):
        unsigned = good[:at] + bytes((value,)) + good[at + 1 : -64]
        raw = unsigned + people.maker.key.sign(unsigned)
        answer = sealed.ask(Command.INSTALL_CREDENTIAL, raw)
        # Its layout is that of the command's body (L-7), its form what C-12 asks for.
        if status is Status.MALFORMED and answer.status == Status.CREDENTIAL_INVALID:
            continue
        expect.status("T-2", status, answer, f"byte {at} is {value:#04x}")
    same("C-12", before, look_at(sealed), "credentials that were refused changed it")


@clause("C-11", "E-2")
@needs(Capability.METER, Capability.TIME)
def test_of_a_silent_meter_the_last_look_is_told(sealed: SealUnderTest, bench: Backend) -> None:
    sealed.see_meter()
    before = sealed.observation()
    bench.silence_meter(True)
    bench.pass_time(30_000)
    after = sealed.observation()
    expect.equal("C-11", MeterSeen.SILENT, after.seen, "what is told of a meter that is silent")
    told = ("device", "hardware_version", "software", "plate", "fare")
    due = {name: getattr(before, name) for name in told}
    expect.fields_of("C-11", after, due, "the last look")
    passed = after.age_ms - before.age_ms
    expect.true("C-11", 22_000 <= passed <= 33_000, f"its age went on by {passed} ms in 30 s")
    evidence = sealed.evidence()
    expect.equal("E-2", MeterSeen.SILENT, evidence.meter_seen, "the same in the evidence")


@clause("C-11", "E-2")
@needs(Capability.METER)
def test_the_observation_follows_the_meter(opened: SealUnderTest, bench: Backend) -> None:
    facts = bench.meter()
    fare = facts.fare[:20] + bytes((facts.fare[20] ^ 1,)) + facts.fare[21:]
    bench.set_fare(fare)
    bench.set_identity(b"\1\2\3\4\5", 9, bytes((7, 8)))
    opened.see_meter()
    due = {"fare": fare, "device": b"\1\2\3\4\5", "hardware_version": 9, "software": b"\7\x08"}
    expect.fields_of("C-11", opened.observation(), due, "what the seal saw")
    due = {
        "meter_device": b"\1\2\3\4\5",
        "meter_software": b"\7\x08",
        "meter_fare_digest": opened.suite.digest(fare),
    }
    expect.fields_of("E-2", opened.evidence(), due, "what the evidence tells")


@clause("C-4", "O-8")
def test_a_challenge_is_given_in_every_state(seal: SealUnderTest, stages: Stages) -> None:
    for state in ALIVE:
        stages.bring(seal, state)
        expect.true("C-4", any(seal.challenge()), f"the challenge in {state.name}")


@clause("C-7", "C-8", "J-2")
def test_what_the_log_leaves_out_stands_in_no_record(sealed: SealUnderTest) -> None:
    """`read_record` and `read_log` tell of the same records."""
    for record in sealed.log(Chain.BOTH):
        whole = sealed.record(record.sequence, 0, 65_535)
        expect.equal("C-8", record.raw, whole.data, f"record {record.sequence}")


@clause("C-6", "T-4", "R22")
@pytest.mark.parametrize("state", list(State))
def test_reading_changes_nothing(seal: SealUnderTest, stages: Stages, state: State) -> None:
    stages.bring(seal, state)
    before, log = look_at(seal), seal.raw_log(Chain.BOTH)
    for command in READING:
        for _ in range(2):
            seal.ask(command, BODIES.get(command, b""))
    same("C-6", before, look_at(seal), "reading changed it")
    expect.equal("C-6", log, seal.raw_log(Chain.BOTH), "reading changed the log")


@clause("C-6", "L-7", "O-1")
@pytest.mark.parametrize("state", list(State))
def test_requests_that_are_refused_change_nothing(
    seal: SealUnderTest, stages: Stages, state: State
) -> None:
    """Only orders that are refused are counted."""
    stages.bring(seal, state)
    before, log = look_at(seal), seal.raw_log(Chain.BOTH)
    for command in (*(c for c in Command if c is not Command.ORDER), 0x00, 0x7F):
        for body in (b"\xff", bytes(1_500)):
            answer = seal.ask(command, body)
            refused = command == Command.PING and len(body) == 1
            expect.true("L-7", answer.status != Status.OK or refused, f"{command:#04x} is done")
    same("C-6", before, look_at(seal), "requests that were refused changed it")
    expect.equal("C-6", log, seal.raw_log(Chain.BOTH), "refused requests changed the log")
