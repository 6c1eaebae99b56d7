"""Who plays what in a city: which seals are honest, which are not, and which are unlike others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from sealkit_simulator.city.decoys import known_decoys
from sealkit_simulator.city.faults import known_faults
from sealkit_simulator.city.people import People
from sealkit_simulator.city.plan import CityPlan
from sealkit_simulator.city.plays import Play
from sealkit_simulator.city.scene import FIRST_SERIAL, Outcome, Scene, play_honest

HONEST: Final = Play("honest", 1, play_honest)
_SEALS_PER_DECOY: Final = 100
_K_FACTORS: Final = (0.91, 1.1)
_DEARER_FEN: Final = 30


@dataclass(frozen=True, slots=True)
class Part:
    """What is played, and in which scene."""

    play: Play
    scene: Scene

    def perform(self) -> Outcome:
        """Plays it."""
        return self.play.play(self.scene)


def cast_parts(plan: CityPlan, people: People) -> list[Part]:
    """Every part of a city, by serial numbers; together they take exactly its seals."""
    parts = [
        *_by_turns(known_faults(), plan.planted),
        *_by_turns(known_decoys(), plan.seals // _SEALS_PER_DECOY),
    ]
    room = plan.seals
    taken: list[tuple[Play, int]] = []
    for play, variant in parts:
        if play.seals <= room:
            taken.append((play, variant))
            room -= play.seals
    taken += [(HONEST, 0)] * room
    Random(f"{plan.seed}/parts").shuffle(taken)
    cast, serial = [], FIRST_SERIAL
    for index, (play, variant) in enumerate(taken):
        serials = tuple(range(serial, serial + play.seals))
        cast.append(Part(play, Scene(plan, people, index, serials, variant)))
        serial += play.seals
    return _with_outliers(plan, cast)


def _by_turns(plays: tuple[Play, ...], count: int) -> list[tuple[Play, int]]:
    """So many plays, each with the number of times that it was taken before."""
    return [(plays[turn % len(plays)], turn // len(plays)) for turn in range(count)]


def _with_outliers(plan: CityPlan, cast: list[Part]) -> list[Part]:
    honest = [index for index, part in enumerate(cast) if part.play is HONEST]
    chosen = Random(f"{plan.seed}/outliers").sample(honest, min(len(honest), 2 * plan.outliers))
    for turn, index in enumerate(chosen):
        k_factor = _K_FACTORS[turn // 2 % len(_K_FACTORS)]
        unlike = {"k_factor": k_factor} if turn % 2 == 0 else {"dearer_fen": _DEARER_FEN}
        cast[index] = replace(cast[index], scene=replace(cast[index].scene, **unlike))
    return cast
