"""The words that the service takes and answers are the registry's, all of them and no others."""

from __future__ import annotations

from enum import Enum
from typing import Any, get_args

import pytest

from sealkit.appraisal.attestation import AttestationConclusion
from sealkit.appraisal.verdict import Conclusion
from sealkit.station.service import answers
from sealkit.station.service.tokens import AccessRole
from sealkit.wire.registry import OrderKind, Reason, Role, State


def field(model: type[answers.Answer], name: str) -> set[str]:
    return set(get_args(model.model_fields[name].annotation))


def names(numbers: type[Enum]) -> set[str]:
    return {member.name.lower() for member in numbers}


def values(words: type[Enum]) -> set[Any]:
    return {member.value for member in words}


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (set(get_args(answers.StateName)), names(State)),
        (set(get_args(answers.ConclusionName)), values(Conclusion)),
        (field(answers.OrderReason, "kind"), names(Reason)),
        # A seal is enrolled where it is, before the ledger knows of it.
        (field(answers.WantedOrder, "kind") | {"enrol"}, names(OrderKind)),
        (field(answers.AttestationAnswer, "conclusion"), values(AttestationConclusion)),
        # Who only watches the service has no key, and so no role in the protocol.
        (values(AccessRole) - {"monitor"}, names(Role) & values(AccessRole)),
    ],
)
def test_words_are_the_registry_s(told: set[str], meant: set[str]) -> None:
    assert told == meant
