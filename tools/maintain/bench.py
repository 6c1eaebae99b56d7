"""`make bench`: how fast it is, each figure beside the bare library call in the same run.

Medians of several rounds, ours and the bare one in turn, so that a machine that slows down slows
both. Nothing here fails: figures are to be read.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benches.log import long_log
from benches.memory import run_measured
from benches.world import NOW, World
from rich.console import Console
from rich.table import Table

from sealkit.appraisal import Conclusion, Policy, appraise
from sealkit.appraisal.evidence import check_evidence
from sealkit.crypto import get_suite
from sealkit.seal import open_seal
from sealkit.wire.link import encode_frame
from sealkit.wire.messages import Request
from sealkit.wire.orders import EnrolBody
from sealkit.wire.registry import Command, OrderKind
from sealkit_simulator.lines import PtyLine, Server

ROUNDS: Final = 9
LOG_RECORDS: Final = 100_000
LOG_ORDERS: Final = 60
INGESTED: Final = 100_000
CITY_SEALS: Final = 200
PINGS: Final = 2_000
BITS_A_BYTE: Final = 10  # 8 data bits, start and stop


def medians(*functions: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Seconds of each function, in turn, so that all meet the same machine."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for function, taken in zip(functions, times, strict=True):
            started = time.perf_counter()
            function()
            taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in times]


def bare_verify(
    suite: str, public_key: bytes, message: bytes, signature: bytes
) -> Callable[[], object]:
    """The signature check of the library alone: key loaded, signature in its form."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    encoded = encode_dss_signature(r, s)
    if suite == "sm2":
        from gmssl_pyx import sm2_verify

        return lambda: sm2_verify(public_key[1:], message, encoded)
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    algorithm = ec.ECDSA(hashes.SHA256())
    return lambda: key.verify(encoded, message, algorithm)


def repeated(function: Callable[[], object], times: int) -> Callable[[], None]:
    def run() -> None:
        for _ in range(times):
            function()

    return run


def evidence(suite_name: str) -> tuple[str, ...]:
    """Evidence verifications, parsing included, against the bare signature check."""
    suite, world = get_suite(suite_name), World(suite_name)
    nonce = secrets.token_bytes(32)
    signed = world.client.evidence(nonce)
    public_key = world.client.info().public_key

    def ours() -> object:
        return check_evidence(suite, signed.raw, public_key=public_key, nonce=nonce)

    bare = bare_verify(suite_name, public_key, signed.signed_bytes, signed.signature)
    times = 2_000 if suite_name == "p256" else 300
    taken, alone = medians(repeated(ours, times), repeated(bare, times))
    return (
        f"evidence verified, {suite_name}",
        f"{times / taken:,.0f}/s",
        f"{times / alone:,.0f}/s bare signature check",
        f"{alone / taken:.2f}",
        "0.8 or better",
    )


def audit(suite_name: str) -> tuple[str, ...]:
    """The full audit of a long log against the bare hash chain over the same bytes."""
    log = long_log(suite_name, LOG_RECORDS, LOG_ORDERS)
    material = log.material()
    records = [*material.control, *(material.journal or ())]
    # hashlib has a quick way to SHA-256 and one way to SM3: the bare chain takes the quickest.
    digest = hashlib.sha256 if suite_name == "p256" else lambda data: hashlib.new("sm3", data)

    def ours() -> None:
        verdict = appraise(material, log.world.trust, Policy(), now=log.clock)
        assert verdict.conclusion is Conclusion.INTACT, verdict.findings

    def chain() -> None:
        for record in records:
            digest(record).digest()

    taken, alone = medians(ours, chain, rounds=3)
    size = sum(map(len, records)) // len(records)
    return (
        f"audit of {len(records):,} records, {LOG_ORDERS}+ orders, {suite_name}",
        f"{taken:.2f} s",
        f"{alone:.3f} s bare hash chain, {size} bytes a record",
        f"{alone / taken:.2f}",
        "0.2 or better",
    )


@contextmanager
def served(handler: Callable[[], Callable[[bytes], bytes]]) -> Iterator[str]:
    """A device in a process of its own behind a pseudo-terminal; its spec string."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with Server() as server:
            line = PtyLine()
            server.add(line, handler())
            os.write(writing, line.spec.encode() + b"\n")
            server.run()
        os._exit(0)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            yield pipe.readline().strip()
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


def ping() -> tuple[str, ...]:
    """A ping through client, link and simulated seal against pyserial and an echo."""
    import serial

    payload = secrets.token_bytes(32)
    frame = encode_frame(Request(Command.PING, 1, payload).build())

    def seal_handler() -> Callable[[bytes], bytes]:
        return World("p256").vehicle.receive

    def echo_handler() -> Callable[[bytes], bytes]:
        return lambda data: data

    with served(seal_handler) as seal_spec, served(echo_handler) as echo_spec:
        port = serial.Serial(echo_spec.removeprefix("serial:"))
        with port, open_seal(seal_spec) as client:

            def bare() -> None:
                port.write(frame)
                port.read(len(frame))

            client.ping(payload)
            bare()
            taken, alone = medians(
                repeated(lambda: client.ping(payload), PINGS), repeated(bare, PINGS)
            )
    return (
        "ping of 32 bytes over a pseudo-terminal",
        f"{taken / PINGS * 1e6:.0f} us",
        f"{alone / PINGS * 1e6:.0f} us bare pyserial ping-pong of the same frame",
        f"{alone / taken:.2f}",
        "0.5 or better",
    )


def conversation(suite_name: str) -> tuple[str, ...]:
    """Bytes and round trips of a sealing: status, order, read-back, evidence."""
    from sealkit.seal.drafting import draft_order
    from sealkit.seal.history import read_history
    from sealkit.seal.ordering import give_order

    world = World(suite_name)
    world.give(OrderKind.ENROL, EnrolBody(NOW, world.cast.endorsement.raw), [world.cast.station])
    shown, body = read_history(world.client), world.sealing()
    before = world.client.exchange.traffic
    two = [world.cast.technician, world.cast.station]
    draft = draft_order(world.client, shown, OrderKind.SEAL, body, [m.chain for m in two])
    for member in two:
        draft = draft.sign(member.key)
    give_order(world.client, shown, draft)
    after = world.client.exchange.traffic
    total = after.sent + after.received - before.sent - before.received
    trips = after.round_trips - before.round_trips
    return (
        f"the sealing conversation, {suite_name}",
        f"{total:,} bytes, {trips} round trips",
        f"{total * BITS_A_BYTE / 9600:.1f} s at 9600 baud; order {len(draft.raw)} bytes",
        "",
        "3,000 bytes, 8 round trips",
    )


def ingest() -> list[tuple[str, ...]]:
    """Evidences taken into a ledger against the bare signature check, both on all cores.

    One log for all of them: what is measured is evidence, as it comes every night.
    """
    import bench_ingest

    with tempfile.TemporaryDirectory() as place:
        bench_ingest.prepare(Path(place), INGESTED)
        printed, memory = run_measured([sys.executable, bench_ingest.__file__, place, "5"])
    rates = json.loads(printed)
    ours, bare = (statistics.median(column) for column in zip(*rates, strict=True))
    return [
        (
            f"evidence ingested, p256, SQLite, {os.cpu_count()} cores",
            f"{ours:,.0f}/s",
            f"{bare:,.0f}/s bare signature checks on all cores",
            f"{statistics.median(one / other for one, other in rates):.2f}",
            "0.6 or better",
        ),
        _memory(f"memory of ingesting {INGESTED:,} evidences", memory, INGESTED, "evidence"),
    ]


def city() -> list[tuple[str, ...]]:
    """The audit of a simulated city against the bare checks and digests in it, on all cores."""
    import bench_city

    with tempfile.TemporaryDirectory() as place:
        bench_city.prepare(Path(place) / "city", CITY_SEALS)
        command = [sys.executable, bench_city.__file__, f"{place}/city", "3"]
        printed, memory = run_measured(command)
    told = json.loads(printed)
    taken, bare = (statistics.median(column) for column in zip(*told["times"], strict=True))
    return [
        (
            f"audit of a city: {told['seals']} seals, {told['records']:,} records",
            f"{taken:.1f} s",
            f"{bare:.2f} s bare: {told['signatures']:,} signature checks, records hashed",
            f"{statistics.median(other / one for one, other in told['times']):.2f}",
            "",
        ),
        _memory("memory of importing and auditing it", memory, told["seals"], "seal"),
    ]


def _memory(what: str, megabytes: float, count: int, each: str) -> tuple[str, ...]:
    """A row about the most memory that all processes together held at once."""
    return (
        what,
        f"{megabytes:,.0f} MB",
        f"{megabytes * 1_000 / count:,.1f} kB for each {each}",
        "",
        "",
    )


def version() -> tuple[str, ...]:
    """`sealkit --version` against a bare Python that does nothing."""
    command = str(Path(sys.executable).with_name("sealkit"))

    def run(*words: str) -> Callable[[], object]:
        return lambda: subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

    ours, bare = run(command, "--version"), run(sys.executable, "-c", "pass")
    ours()
    taken, alone = medians(ours, bare, rounds=21)
    return (
        "sealkit --version",
        f"{taken * 1000:.0f} ms",
        f"{alone * 1000:.0f} ms bare Python",
        f"{taken / alone:.1f} times",
        "6 times or less",
    )


def main() -> None:
    table = Table(title="sealkit, measured here and now", title_justify="left")
    for column in ("What", "Ours", "Beside", "Ratio", "Aim"):
        table.add_column(column)
    measures: list[Callable[[], list[tuple[str, ...]]]] = [
        lambda: [evidence("p256")],
        lambda: [evidence("sm2")],
        lambda: [audit("p256")],
        lambda: [audit("sm2")],
        ingest,
        city,
        lambda: [ping()],
        lambda: [conversation("p256")],
        lambda: [conversation("sm2")],
        lambda: [version()],
    ]
    console = Console(stderr=True)
    for number, measure in enumerate(measures, 1):
        console.print(f"measuring {number} of {len(measures)} ...")
        for row in measure():
            table.add_row(*row)
    Console(width=160 if not sys.stdout.isatty() else None).print(table)


if __name__ == "__main__":
    main()
