"""A seal's history as a list of events: who did what, and what changed by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sealkit.errors import MalformedError
from sealkit.seal.review import group_words
from sealkit.seal.words import name_words
from sealkit.station.history import biography
from sealkit.station.history.dossier import Dossier
from sealkit.station.service.answers import Both, Change, Event, Finding, Signer
from sealkit.station.service.lines import Line, Lines
from sealkit.station.storage.acknowledging import Acknowledged
from sealkit.station.storage.judgements import Judgement
from sealkit.wire.credentials import Credential
from sealkit.wire.registry import ClockQuality, Group, Reason

Chinese = Callable[[str], str]
_UNITS: Final = {
    "_fen_per_km": "fen/km",
    "_pulses_per_km": "pulses/km",
    "_fen": "fen",
    "_um": "µm",
    "_m": "m",
    "_s": "s",
}
_RANKS: Final = {"evidence": 1, "acknowledgement": 2, "verdict": 3}
"""At one moment: what the seal did, what came of it, what was concluded."""


def seal_events(
    dossier: Dossier,
    judgements: Sequence[Judgement],
    acknowledged: Sequence[Acknowledged],
    chinese: Chinese,
) -> list[Event]:
    """All that the ledger knows of a seal, the oldest first. chinese: of a fixed text.

    Records keep their order, whatever the seal's clock said.
    """
    lines = Lines(dossier)
    records: list[tuple[int, Event]] = []
    reached: dict[bytes | None, int] = {}
    for line in lines.told:
        last = max(reached.get(line.previous, 0), line.event.time)
        reached[line.event.digest] = last
        records.append((last, _record(dossier, line, chinese)))
    other = [
        *_evidences(dossier, lines, chinese),
        *_acknowledgements(acknowledged, chinese),
        *_verdicts(judgements, chinese),
    ]
    placed = [*records, *((event.time, event) for event in other)]
    placed.sort(key=lambda pair: (pair[0], _RANKS.get(pair[1].kind, 0)))
    return [event for _, event in placed]


def _both(english: str, chinese: Chinese) -> Both:
    return Both(en=english, zh=chinese(english))


def _filled(template: str, value: object, chinese: Chinese) -> Both:
    return Both(en=template.format(value), zh=chinese(template).format(value))


def _record(dossier: Dossier, line: Line, chinese: Chinese) -> Event:
    event = line.event
    if event.order is not None:
        kind, what = "order", f"order {name_words(event.order)}"
    elif event.cause is not None:
        kind, what = "tamper", f"break, {name_words(event.cause)}"
    else:
        kind, what = "record", "genesis" if event.sequence <= 1 else "record of the seal"
    told = _both(what, chinese)
    if line.branch:
        told = Both(
            en=f"{told.en} (another history)", zh=f"{told.zh}（{chinese('another history')}）"
        )
    return Event.model_validate(
        {
            "time": event.time,
            "time_uncertain": event.clock_quality is ClockQuality.LOST,
            "kind": kind,
            "what": told,
            "sequence": event.sequence,
            "leaf": dossier.first_leaf.get(event.digest),
            "state": event.state.name.lower(),
            "reason": None if event.reason is None else _reason(event.reason, event.text, chinese),
            "signers": [_signer(dossier, signer) for signer in event.signers],
            "changes": [one for change in event.changes for one in _changes(change, chinese)],
            "branch": line.branch,
            "parts_after": line.parts_after,
        }
    )


def _reason(reason: int, text: str, chinese: Chinese) -> Both:
    word = name_words(Reason(reason)) if reason in set(Reason) else f"reason {reason}"
    return (
        Both(en=word, zh=chinese(word))
        if not text
        else Both(en=f"{word}: {text}", zh=f"{chinese(word)}：{text}")
    )


def _signer(dossier: Dossier, credential: Credential | None) -> Signer:
    if credential is None:
        return Signer(name="?", role="unknown", key="")
    return Signer(
        name=credential.name,
        role=credential.role.name.lower(),
        key=dossier.suite.key_id(credential.public_key).hex(),
    )


def _changes(change: biography.Change, chinese: Chinese) -> Iterator[Change]:
    """The fields of a group that are not what they were."""
    number = change.number
    group = Group(number).name.lower() if number in set(Group) else f"group {number}"
    before = {} if change.before is None else _fields(number, change.before)
    for field, after in _fields(number, change.after).items():
        if before.get(field) != after:
            name = Both(en=_field_name(field), zh=chinese(field))
            yield Change(group=group, name=name, field=field, before=before.get(field), after=after)


def _field_name(field: str) -> str:
    """A field's name in words, its unit in parentheses: circumference_um → circumference (µm)."""
    for ending, unit in _UNITS.items():
        if field.endswith(ending):
            return f"{field.removesuffix(ending).replace('_', ' ')} ({unit})"
    return field.replace("_", " ")


def _fields(number: int, data: bytes) -> dict[str, str]:
    try:
        return group_words(number, data)
    except MalformedError:
        return {"bytes": data.hex()}


def _evidences(dossier: Dossier, lines: Lines, chinese: Chinese) -> Iterator[Event]:
    for held in dossier.evidences:
        what = "evidence that answered a nonce" if held.fresh else "evidence came in"
        yield Event.model_validate(
            {
                "time": held.received,
                "time_uncertain": False,
                "kind": "evidence",
                "what": _both(what, chinese),
                "leaf": held.leaf,
                "state": held.evidence.state.name.lower(),
                "submitter": held.submitter,
                "branch": lines.branch_at(held.evidence.control_digest),
            }
        )


def _acknowledgements(told: Sequence[Acknowledged], chinese: Chinese) -> Iterator[Event]:
    for one in told:
        yield Event(
            time=one.time,
            time_uncertain=False,
            kind="acknowledgement",
            what=_filled("journal acknowledged up to record {}", one.sequence, chinese),
            leaf=one.evidence,
            submitter=one.submitter,
        )


def _verdicts(judgements: Sequence[Judgement], chinese: Chinese) -> Iterator[Event]:
    for one in reversed(judgements):
        yield Event.model_validate(
            {
                "time": one.judged,
                "time_uncertain": False,
                "kind": "verdict",
                "what": _both(one.conclusion.value, chinese),
                "leaf": one.leaf,
                "state": one.state.name.lower(),
                "conclusion": one.conclusion.value,
                "findings": Finding.all_of(one.findings),
            }
        )
