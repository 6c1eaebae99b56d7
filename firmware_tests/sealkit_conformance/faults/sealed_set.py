"""Faults of chapter 5: the parameter set."""

from __future__ import annotations

from typing import Any, Final

import pytest

from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import around, gather

FAULTS: Final[list[Fault]] = []
fault = gather(FAULTS)
_RULES: Final = "sealkit.rules.parameters"
_CONTENTS: Final = ("P-5", "P-6", "P-7", "P-9", "P-11")
"""The rules that say what may stand in a group."""


@fault("P-1", "The digest of a group leaves out its number.")
def digests_a_group_without_its_number(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, number: int, data: bytes) -> Any:
        return original(suite, 0, data)

    around(patch, "sealkit_simulator.commands:group_digest", faulty)
    around(patch, f"{_RULES}:group_digest", faulty)


@fault("P-1", "The root of an empty set is the digest of nothing, not zeros.")
def digests_an_empty_set(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, suite: Any, groups: Any) -> Any:
        return original(suite, groups) if groups else suite.digest(b"")

    around(patch, "sealkit_simulator.evidence:parameter_root", faulty)


@fault("P-2", "A group that it has to know and does not is kept like any other.")
def keeps_unknown_groups(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, groups: Any) -> None:
        original({n: data for n, data in groups.items() if n <= 8 or n >= 128})

    around(patch, "sealkit.rules.orders:judge_groups", faulty)


@fault("P-3", "A group with a new salt counts as changed.")
def takes_a_new_salt_for_a_change(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, sealed: Any, new: Any) -> Any:
        return frozenset(n for n, data in new.items() if sealed.get(n) != data)

    around(patch, "sealkit.rules.orders:changed_groups", faulty)
    around(patch, "sealkit.rules.history:changed_groups", faulty)


@fault("P-3", "Every group that an order brings counts as changed.")
def takes_every_group_for_changed(patch: pytest.MonkeyPatch) -> None:
    around(patch, "sealkit.rules.history:changed_groups", lambda original, old, new: frozenset(new))


@fault("P-4", "A counter steps once for each changed group, not for each order.")
def steps_counters_by_groups(patch: pytest.MonkeyPatch) -> None:
    def faulty(original: Any, changed: Any) -> Any:
        steps = [original([number]) for number in changed]
        return sum(a for a, _ in steps), sum(b for _, b in steps)

    around(patch, "sealkit.rules.history:counter_steps", faulty)


@fault("P-4", "The counters never step.")
def does_not_step_counters(patch: pytest.MonkeyPatch) -> None:
    around(patch, "sealkit.rules.history:counter_steps", lambda original, changed: (0, 0))


@fault("P-4", "The two counters are exchanged.")
def exchanges_the_counters(patch: pytest.MonkeyPatch) -> None:
    around(
        patch,
        "sealkit.rules.history:counter_steps",
        lambda original, changed: original(changed)[::-1],
    )


@fault("O-22", "The ranges of chapter 5 are not looked at.", also=_CONTENTS)
def seals_values_out_of_range(patch: pytest.MonkeyPatch) -> None:
    around(patch, f"{_RULES}:_fault", lambda original, content: "")


@fault("O-22", "A set without a mandatory group is sealed.")
def seals_an_incomplete_set(patch: pytest.MonkeyPatch) -> None:
    around(patch, "sealkit.rules.orders:missing_groups", lambda original, groups: [])
