"""What the endpoints take and answer, as the OpenAPI shows it.

Times are seconds since 1970, seals' numbers texts such as "500-23", bytes hexadecimal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sealkit.appraisal import verdict
from sealkit.station.storage import fleet, judgements

Hex = Annotated[str, Field(pattern="^([0-9a-f]{2})*$")]
Time = Annotated[int, Field(ge=0, description="Seconds since 1970.")]
Number = Annotated[str, Field(examples=["500-23"], description="A seal's number.")]
ConclusionName = Literal["intact", "broken", "undetermined"]
StateName = Literal["factory", "open", "sealed", "tampered", "retired"]


class Answer(BaseModel):
    """What all have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Refusal(Answer):
    """Why something was refused. code: for programs, the others for people."""

    code: str
    message: str
    remedy: str


class Both(Answer):
    """A text in both languages."""

    en: str
    zh: str


class Finding(Answer):
    """One thing found about a seal. record: the sequence number of the record it is about."""

    code: str
    severity: str
    layer: str
    record: int | None
    message: Both
    remedy: Both

    @classmethod
    def of(cls, found: verdict.Finding) -> Finding:
        return cls(
            code=found.code,
            severity=found.severity.value,
            layer=found.layer.value,
            record=found.record,
            message=Both(en=found.message("en"), zh=found.message("zh")),
            remedy=Both(en=found.remedy("en"), zh=found.remedy("zh")),
        )

    @classmethod
    def all_of(cls, found: Sequence[verdict.Finding]) -> list[Finding]:
        return [cls.of(one) for one in found]


class SealSummary(Answer):
    """A seal with its last verdict; null throughout for one that was not judged yet."""

    number: Number
    conclusion: ConclusionName | None
    state: StateName | None
    plate: str | None
    meter: str | None
    evidence_time: Time | None
    judged: Time | None
    valid_until: Time | None
    findings: list[Finding]

    @classmethod
    def of(cls, told: fleet.SealSummary | judgements.Judgement) -> SealSummary:
        return cls.model_validate(
            {
                "number": str(told.number),
                "conclusion": None if told.conclusion is None else told.conclusion.value,
                "state": None if told.state is None else told.state.name.lower(),
                "plate": told.plate,
                "meter": told.meter,
                "evidence_time": told.evidence_time,
                "judged": told.judged,
                "valid_until": told.valid_until,
                "findings": Finding.all_of(told.findings),
            }
        )


class Session(Answer):
    """Whom a token stands for, and what it allows until when."""

    name: str
    role: str
    scopes: list[str]
    expires: Time


class Nonce(Answer):
    """32 bytes that a seal's evidence is to answer, once and before it expires."""

    nonce: Hex
    expires: Time


class Submitted(Answer):
    """What became of an export. leaf: its evidence's place in the tree, receipt: that leaf's hash.
    known: it was there before. fresh: it answered a nonce that was asked just then."""

    seal: Number
    leaf: int
    receipt: Hex
    known: bool
    fresh: bool
    verdict: SealSummary


class Counts(Answer):
    """Seals by their last conclusion."""

    intact: int
    broken: int
    undetermined: int
    not_judged: int


class Overview(Answer):
    """The fleet at a glance. newest: the last judged of those that are not intact."""

    seals: int
    evidences: int
    leaves: int
    counts: Counts
    overdue: int
    newest: list[SealSummary]
    time: Time


class SealPage(Answer):
    """Some seals; next: the number to go on after, null at the end."""

    seals: list[SealSummary]
    next: Number | None


class SealedPlate(Answer):
    """A seal that was ever sealed to a plate."""

    seal: Number
    plate: str


class JudgedVerdict(Answer):
    """A verdict. leaf: its place in the tree; evidence: the leaf of the evidence it rests on."""

    leaf: int
    evidence: int
    judged: Time
    conclusion: ConclusionName
    state: StateName
    evidence_time: Time
    findings: list[Finding]

    @classmethod
    def of(cls, told: judgements.Judgement) -> JudgedVerdict:
        return cls.model_validate(
            {
                "leaf": told.leaf,
                "evidence": told.evidence,
                "judged": told.judged,
                "conclusion": told.conclusion.value,
                "state": told.state.name.lower(),
                "evidence_time": told.evidence_time,
                "findings": Finding.all_of(told.findings),
            }
        )


class Signer(Answer):
    """Who signed an order. key: the key id."""

    name: str
    role: str
    key: Hex


class Change(Answer):
    """A parameter that an order changed. name: of the field, in words; before null: none."""

    group: str
    name: Both
    field: str
    before: str | None
    after: str


class Event(Answer):
    """Something that happened to a seal. time: when; time_uncertain: the seal had lost its clock.
    leaf: of evidence or verdict, sequence: of a control record; state: afterwards.

    branch: where a seal has several histories, which of them it is of; 0 is the one that the latest
    evidence tells. parts_after: of the first event of another one, the last record in common.
    """

    time: Time
    time_uncertain: bool
    kind: Literal["order", "tamper", "record", "evidence", "verdict", "acknowledgement"]
    what: Both
    sequence: int | None = None
    leaf: int | None = None
    state: StateName | None = None
    reason: Both | None = None
    signers: list[Signer] = []
    changes: list[Change] = []
    conclusion: ConclusionName | None = None
    findings: list[Finding] = []
    submitter: str | None = None
    branch: Annotated[int, Field(ge=0)] = 0
    parts_after: int | None = None


class History(Answer):
    """A seal's history, the oldest first."""

    seal: Number
    summary: SealSummary
    events: list[Event]


class Acknowledged(Answer):
    """What an ACKNOWLEDGE order carries (SPEC.md O-32)."""

    sequence: int
    digest: Hex
    receipt: Hex


class Lead(Answer):
    """Something to look into; it proves nothing."""

    kind: str
    subject: str
    detail: Both
    score: float


class Drawn(Answer):
    """A seal that was drawn, the plate of its last verdict or, without one, of its last order, and
    the 32 bytes that put it in its place."""

    number: Number
    plate: str | None
    rank: Hex


class Draw(Answer):
    """A draw, with all that it takes to repeat it (SPEC.md H-10)."""

    seed: str
    size: int
    root: Hex
    numbers: list[Number]
    drawn: list[Drawn]


class TreeHead(Answer):
    """A signed tree head; head: all its bytes."""

    size: int
    root: Hex
    time: Time
    head: Hex


class Proof(Answer):
    """A path of hashes, 32 bytes each."""

    path: list[Hex]


class Health(Answer):
    """Whether the service works."""

    status: Literal["ok"]


class Meter(Answer):
    """A taximeter as its status tells it: device number 5 bytes, fare parameters 127 bytes."""

    device: Annotated[str, Field(pattern="^[0-9a-f]{10}$")]
    hardware_version: Annotated[int, Field(ge=0, le=255)]
    software: Annotated[str, Field(pattern="^([0-9a-f]{2}){1,8}$")]
    plate: Annotated[str, Field(max_length=16)]
    fare: Annotated[str, Field(pattern="^[0-9a-f]{254}$")]


class OrderReason(Answer):
    """Why a seal is opened, cleared or retired; it stays for ever."""

    kind: Literal[
        "periodic_verification",
        "repair",
        "tyre_change",
        "tariff_change",
        "meter_replaced",
        "vehicle_replaced",
        "tamper_investigated",
        "seal_replaced",
        "other",
    ] = "other"
    text: Annotated[str, Field(min_length=1, max_length=160)]


class WantedOrder(Answer):
    """An order that is to be prepared.

    signers: for each the credential and its issuers, up to but without the authority, as bytes;
    technician first. challenge: of the seal, where its kind needs one. reason: of unseal, clear and
    retire. job: of seal and confirm, a job file's text; meter: as it was read, by default as it is
    sealed. change_s: of adjust_clock. valid_s: how long it may be given.
    """

    kind: Literal[
        "seal",
        "confirm",
        "unseal",
        "clear",
        "adjust_clock",
        "restore_clock",
        "trust",
        "acknowledge",
        "retire",
    ]
    signers: Annotated[
        list[
            Annotated[
                list[Annotated[str, Field(pattern="^([0-9a-f]{2}){1,288}$")]],
                Field(min_length=1, max_length=4),
            ]
        ],
        Field(min_length=1, max_length=2),
    ]
    challenge: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None = None
    reason: OrderReason | None = None
    job: Annotated[str, Field(max_length=65536)] | None = None
    meter: Meter | None = None
    change_s: Annotated[int, Field(ge=-120, le=120)] | None = None
    valid_s: Annotated[int, Field(ge=60, le=604_680)] = 86_400


class ScannedText(Answer):
    """The text of a QR code."""

    text: Annotated[str, Field(max_length=4000)]


class Later(Answer):
    """What was concluded about the seal after the statement."""

    conclusion: ConclusionName


class AttestationAnswer(Answer):
    """What a QR code says, and whether this ledger stands by it: null where its signature does not
    verify. later: what the ledger concluded since, if anything."""

    conclusion: Literal["holds", "invalid", "expired", "unknown"]
    message: Both
    seal: Number | None = None
    plate: str | None = None
    evidence_time: Time | None = None
    issued_at: Time | None = None
    valid_until: Time | None = None
    station_name: str | None = None
    in_ledger: bool = False
    later: Later | None = None
