"""Automatic mutants of the simulated seal: which share of them do the conformance cases notice?

    python tools/maintain/mutants.py [--sample 300] [--seed 1] [--suite p256] [--module NAME]...

A mutant is one small change to the code of the simulated seal, or to the rules that it runs on, by
an operator of cosmic-ray (an extra of its own: pip install 'sealkit[mutants]'). The sample is of
places in the code, each changed in one way; 0 takes them all. Each mutant meets the cases that come
to its place, those first that noticed others of its module and are quick, until one fails; one that
gets to no end is noticed too (mutant_trials.py). Survivors are printed as they are found.

cosmic-ray's own runner changes files in place, one at a time, takes no sample, and begins anew each
time; a trial here takes a few seconds.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from typing import Any, Final

from mutant_trials import RULES, SEAL, Mutant, Outcome, path_of, try_mutants

MODULES: Final = (
    *(f"{SEAL}.{name}" for name in ("applying", "baud", "clock", "commands", "control_log")),
    *(f"{SEAL}.{name}" for name in ("crypto_core", "device", "entries", "evidence", "flags")),
    *(f"{SEAL}.{name}" for name in ("hearing", "journal", "meter_watch", "recording")),
    *(f"{SEAL}.{name}" for name in ("registers", "seal", "sealed_set", "starting", "storage")),
    f"{SEAL}.supervision",
    *(f"{SEAL}.watching.{name}" for name in ("detectors", "distance_constant", "excess")),
    *(f"{SEAL}.watching.{name}" for name in ("findings", "meter_clock", "motion", "pulse_rate")),
    *(f"{SEAL}.watching.{name}" for name in ("standing", "stretches", "trips")),
    *(f"{RULES}.{name}" for name in ("chain", "credentials", "history", "orders", "parameters")),
    *(f"{RULES}.{name}" for name in ("refusals", "supervision")),
)
"""The seal itself; what stands around it (vehicle, flash chip, lines, meter) is the bench."""
_DECLARING: Final = ("dataclass",)
_CACHING: Final = ("lru_cache", "cache")
_NEED_ARGUMENTS: Final = ("VariableReplacer", "VariableInserter")
_SAME_HERE: Final = {("Eq", "Is"), ("NotEq", "IsNot"), ("Is", "Eq"), ("IsNot", "NotEq")}
"""Which are the same where enumerations, small numbers and None are compared."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the seal's code. ways: operators that fit, each with its how-manieth use."""

    module: str
    line: int
    ways: tuple[tuple[str, int], ...]


def places_of(module: str) -> list[Place]:
    """Where the operators fit in a module, in its order."""
    from cosmic_ray.ast import Visitor, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    class Places(Visitor):  # type: ignore[misc]  # cosmic-ray is not typed
        def __init__(self, operator: Any) -> None:
            self.operator = operator
            self.found: list[tuple[int, int]] = []

        def visit(self, node: Any) -> Any:
            self.found += [begin for begin, _ in self.operator.mutation_positions(node)]
            return node

    ways: defaultdict[tuple[int, int], list[tuple[str, int]]] = defaultdict(list)
    tree = get_ast(_source(module))
    for name in operator_names():
        if not name.endswith(_NEED_ARGUMENTS) and tuple(name.split("_")[1:]) not in _SAME_HERE:
            visitor = Places(get_operator(name)())
            visitor.walk(tree)
            for use, begin in enumerate(visitor.found):
                ways[begin].append((name, use))
    return [Place(module, begin[0], tuple(found)) for begin, found in sorted(ways.items())]


def mutant_at(place: Place, chance: random.Random) -> Mutant | None:
    """The place changed in one way, by chance; None if no way changes what the seal does."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    source = _source(place.module)
    meaning = _meaning(source)
    for operator, use in chance.sample(place.ways, len(place.ways)):
        changed = mutate_code(source, get_operator(operator)(), use)
        if changed is not None and _meaning(changed) != meaning:
            return Mutant(place.module, place.line, operator.partition("/")[2], changed)
    return None


def mutants_of(places: Sequence[Place], number: int, chance: random.Random) -> Iterator[Mutant]:
    """So many, each of another place by chance; 0: of every place, in its order."""
    order = chance.sample(places, len(places)) if number else places
    mutants = (mutant for place in order if (mutant := mutant_at(place, chance)) is not None)
    return islice(mutants, number or None)


def _source(module: str) -> str:
    return path_of(module).read_text(encoding="utf-8")


class _WithoutTypes(ast.NodeTransformer):
    """Leaves out what changes nothing that a seal does: annotations, how classes are declared
    (`frozen`, `slots`), how much is cached."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id in _DECLARING:
            return node.func
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> Any:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.returns = None
        node.decorator_list = [one for one in node.decorator_list if not _only_caches(one)]
        return self.generic_visit(node)


def _only_caches(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).startswith(_CACHING)


def _meaning(source: str) -> str:
    try:
        return ast.dump(_WithoutTypes().visit(ast.parse(source)))
    except SyntaxError:
        return "no Python"


def _shown(outcome: Outcome) -> str:
    """Where a survivor is, its changed lines, and how many cases come there."""
    mutant = outcome.mutant
    before = _source(mutant.module).splitlines()
    changed = list(unified_diff(before, mutant.source.splitlines(), lineterm="", n=0))[3:]
    place = f"{mutant.module}:{mutant.line} {mutant.operator}, {outcome.cases} cases come there"
    return "\n".join([place, *changed])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sample", type=int, default=300, help="how many places; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--suite", choices=["p256", "sm2"], default="p256")
    parser.add_argument("--module", action="append", help="only this module; may repeat")
    parser.add_argument("--workers", type=int, help="how many at a time; else one per core")
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    places = [place for module in options.module or MODULES for place in places_of(module)]
    chosen = list(mutants_of(places, options.sample, chance))
    _tell(_try_all(chosen, options.suite, options.workers), len(places))


def _try_all(mutants: Sequence[Mutant], suite: str, workers: int | None) -> list[Outcome]:
    """Tells of each survivor at once."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("mutants", total=len(mutants))

        def told(outcome: Outcome) -> None:
            progress.advance(bar)
            if not outcome.noticed_by:
                print(_shown(outcome), flush=True, file=sys.__stdout__)

        return try_mutants(mutants, suite, told, workers=workers)


def _tell(outcomes: Sequence[Outcome], places: int) -> None:
    tried = Counter(outcome.mutant.module for outcome in outcomes)
    noticed = Counter(outcome.mutant.module for outcome in outcomes if outcome.noticed_by)
    for module in sorted(tried):
        print(f"{module:50} {noticed[module]:4} of {tried[module]:4}")
    unseen = sum(not outcome.noticed_by and not outcome.cases for outcome in outcomes)
    print(
        f"{noticed.total()} of {len(outcomes)} mutants noticed,"
        f" {noticed.total() / len(outcomes):.0%}; to {unseen} of the others no case comes."
        f" {places} places in the code can be changed."
    )


if __name__ == "__main__":
    main()
