"""`sealkit verify` on evidence bundles, good and bad: a verdict or an error, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from appraisal.builder import World, sealed
from appraisal.bundled import bundle, exported
from support.command import Command

from sealkit.crypto import get_suite
from sealkit.wire.registry import Group


@pytest.fixture(scope="module")
def world() -> World:
    return World(get_suite("p256"))


@pytest.fixture
def command(tmp_path: Path, world: World) -> Command:
    (tmp_path / "city.trust").write_bytes(world.trust.to_json())
    return Command(tmp_path)


def test_a_bundle_is_judged_offline(command: Command, world: World) -> None:
    material = exported(sealed(world))
    (command.home / "taxi.sealbundle").write_bytes(bundle(world, material))
    done = command.run("verify", "taxi.sealbundle", "--trust", "city.trust", "--json")
    assert done.status == 0, done.err
    assert done.told["verdict"] == "intact"
    plain = command.run("verify", "taxi.sealbundle", "--trust", "city.trust")
    assert f"sealed to {done.told['parameters']['vehicle']['plate']}" in plain.out
    assert f"entry {done.told['entry']['index']} of {done.told['entry']['size']}" in plain.out
    assert "k_pulses_per_km" not in plain.out
    whole = command.run("verify", "taxi.sealbundle", "--trust", "city.trust", "--parameters")
    assert "k_pulses_per_km" in whole.out
    private = bundle(world, material, shown={Group.DISTANCE})
    (command.home / "taxi.sealbundle").write_bytes(private)
    told = command.told("verify", "taxi.sealbundle", "--trust", "city.trust", status=9)
    assert set(told["parameters"]) == {"distance"}
    done = command.run("verify", "taxi.sealbundle", "--trust", "city.trust")
    assert done.status == 9
    assert "LOG_WITHHELD" in done.out
    assert "k_pulses_per_km" in done.out
    chinese = {"SEALKIT_LANG": "zh"}
    done = command.run("verify", "taxi.sealbundle", "--trust", "city.trust", environment=chinese)
    assert "参数组" in done.out


@pytest.mark.parametrize(
    "how", ["cut", "beginning", "altered", "nested", "gigantic", "empty", "other", "stranger"]
)
def test_a_bad_bundle_is_told_as_such(command: Command, world: World, how: str) -> None:
    good = bundle(world, exported(sealed(world)))
    other = World(world.suite)
    path = command.home / "taxi.sealbundle"
    path.write_bytes(
        {
            "cut": good[:-5],
            "beginning": good[:8],
            "altered": good[:500] + b"x" + good[501:],
            "nested": good[:10] + good,
            "gigantic": good,
            "empty": b"",
            "other": bundle(other, exported(sealed(world))),
            "stranger": bundle(other, exported(sealed(other))),
        }[how]
    )
    if how == "gigantic":
        with path.open("r+b") as file:
            file.truncate(1 << 32)
    done = command.run("verify", "taxi.sealbundle", "--trust", "city.trust", "--json")
    assert done.status in (2, 7, 9), done.err
    # What nobody trusted signed is not told as if it were so.
    if how in ("altered", "stranger"):
        assert not done.told["parameters"]
    if how in ("altered", "other", "stranger"):
        assert done.told["entry"] is None
    if how == "gigantic":
        assert done.told["error"]["code"] == "FILE_TOO_LARGE"
    elif how == "empty":
        assert (done.status, done.told["error"]["code"]) == (2, "FILE_FOREIGN")
    else:
        assert done.told["verdict"] != "intact"
