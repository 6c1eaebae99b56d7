"""Bad input, to the real command: a status, a code, a message and a remedy; never a traceback."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import shutil
import subprocess
import threading
import tty
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.command import PASSPHRASE, Command, make_people, simulation
from support.lines import Device, Serve, answer, device

from sealkit.crypto import get_suite
from sealkit.meter.frames import Frame, decode_frame, encode_frame
from sealkit.meter.layouts import FARE_BYTES
from sealkit.wire.export import Export, build_export, parse_export
from sealkit_simulator.taximeter import Taximeter

NOBODY = 65534
PR_CAPBSET_DROP = 24


@pytest.fixture(scope="module")
def sealkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """A command in a directory with people, and a sealed seal at sim:dev, exported as taxi.seal."""
    sealkit = Command(tmp_path_factory.mktemp("station"))
    make_people(sealkit, "p256")
    (sealkit.home / "job.toml").write_text(sealkit.run("seal", "--template").out)
    with simulation(sealkit, "--dir", "dev", "--manufacturer", "maker"):
        for words in (
            "provision sim:dev --manufacturer maker",
            "enrol sim:dev --authority endorsed --station pudong --yes",
            "seal sim:dev --job job.toml --technician zhang --station pudong --yes",
            "log export sim:dev taxi.seal",
        ):
            sealkit.told(*words.split())
        yield sealkit


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Another authority's people, in the other suite."""
    other = Command(tmp_path_factory.mktemp("elsewhere"))
    make_people(other, "sm2")
    return other


@pytest.fixture
def pty() -> Iterator[str]:
    """A port with nobody behind it."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield os.ttyname(slave)
    os.close(slave)
    os.close(master)


def verdict(sealkit: Command, where: str, trust: str = "trust.json") -> tuple[int, set[str]]:
    done = sealkit.run("verify", where, "--trust", trust, "--json")
    return done.status, {found["code"] for found in done.told["findings"]}


# Devices.


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("serial:/dev/no-such-port", "PORT_NOT_FOUND"),
        ("serial:/etc/passwd", "PORT_UNUSABLE"),
        ("tcp:localhost:1", "TCP_REFUSED"),
        ("sim:nowhere", "SIM_NOT_FOUND"),
    ],
)
def test_no_device(sealkit: Command, spec: str, code: str) -> None:
    sealkit.refused("info", spec, status=3, code=code)


@pytest.mark.parametrize("spec", ["/dev/ttyUSB0", "usb:1", "serial:", "tcp:host", "sim:dev?line="])
def test_no_spec(sealkit: Command, spec: str) -> None:
    error = sealkit.refused("info", spec, status=2, code="SPEC_MALFORMED")
    assert "serial:/dev/ttyUSB0" in error["remedy"]


def test_a_port_that_is_busy(sealkit: Command, pty: str) -> None:
    with open(pty, "rb") as port:
        fcntl.flock(port, fcntl.LOCK_EX)
        error = sealkit.refused("info", f"serial:{pty}", status=4, code="PORT_BUSY")
        assert "ModemManager" in error["remedy"]


def without_override() -> None:
    """Makes root a user like any other to files: it loses CAP_DAC_OVERRIDE and _READ_SEARCH."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def test_a_port_without_permission(sealkit: Command, pty: str) -> None:
    os.chmod(pty, 0)
    if os.geteuid() == 0:
        os.chown(pty, NOBODY, NOBODY)
    info = ("info", f"serial:{pty}")
    error = sealkit.refused(*info, status=4, code="PORT_PERMISSION", preexec_fn=without_override)
    assert "dialout" in error["remedy"]


@pytest.mark.parametrize(
    ("heard", "status", "code"),
    [
        (lambda data: b"", 5, "SEAL_SILENT"),
        (lambda data: b"login: ", 5, "SEAL_BABBLES"),
        (lambda data: bytes.fromhex("55AA0008020000E800"), 5, "SEAL_BABBLES"),
        (device(answer(version=2)), 6, "SEAL_VERSION"),
    ],
    ids=["silent", "babbles", "a taximeter", "a newer version"],
)
def test_a_device_that_is_no_seal_of_ours(
    sealkit: Command, serve: Serve, heard: Device, status: int, code: str
) -> None:
    sealkit.refused("info", serve(heard), status=status, code=code)


def test_the_lines_of_seal_and_meter_taken_for_each_other(sealkit: Command) -> None:
    told = sealkit.told("info", "sim:dev?line=meter", status=5)
    assert told["error"]["code"] in ("SEAL_SILENT", "SEAL_BABBLES")
    quick = ("--timeout", "0.2", "--retries", "0")
    told = sealkit.told("meter", "read", "sim:dev?line=seal", *quick, status=5)
    assert told["error"]["code"] == "METER_SILENT"
    sealkit.refused("info", "sim:dev?line=brake", status=2, code="LINE_UNKNOWN")


def test_a_seal_that_is_unplugged_while_it_is_asked(sealkit: Command) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)

    def hang_up_when_asked() -> None:
        os.read(master, 1)
        os.close(master)

    unplugging = threading.Thread(target=hang_up_when_asked)
    unplugging.start()
    sealkit.refused("info", f"serial:{os.ttyname(slave)}", status=3, code="PORT_LOST")
    unplugging.join()
    os.close(slave)


# Suites, versions, trust.


def test_people_of_another_suite(sealkit: Command, other: Command) -> None:
    for name in ("maker", "pudong"):
        for suffix in (".pem", ".cred"):
            shutil.copy(other.home / (name + suffix), sealkit.home / f"sm2-{name}{suffix}")
    provision = ("provision", "sim:dev", "--manufacturer", "sm2-maker")
    sealkit.refused(*provision, status=2, code="SUITE_DIFFERS")
    confirm = ("confirm", "sim:dev", "--job", "job.toml", "--station", "sm2-pudong", "--yes")
    sealkit.refused(*confirm, status=2, code="ORDER_CREDENTIALS")


def test_trust_of_another_suite_or_authority(sealkit: Command, other: Command) -> None:
    shutil.copy(other.home / "trust.json", sealkit.home / "sm2.json")
    for where in ("sim:dev", "taxi.seal"):
        status, found = verdict(sealkit, where, "sm2.json")
        assert (status, found) == (9, {"SUITE_UNKNOWN"})
    for words in (
        "keys new authority auth2 --name Hebei",
        "keys trust hebei.json --authority auth2 --manufacturer maker",
        "keys new manufacturer maker2 --name Other --maker 501",
        "keys trust maker2.json --authority auth --manufacturer maker2",
    ):
        sealkit.told(*words.split())
    status, found = verdict(sealkit, "taxi.seal", "hebei.json")
    assert (status, "OTHER_AUTHORITY" in found) == (9, True)
    status, found = verdict(sealkit, "taxi.seal", "maker2.json")
    assert (status, "SEAL_CREDENTIAL_UNTRUSTED" in found) == (9, True)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "FILE_NOT_FOUND"),
        (b"", "TRUST_FILE_EMPTY"),
        (b"{}", "TRUST_FILE_MALFORMED"),
        (b"[" * 9999, "TRUST_FILE_MALFORMED"),
        (b"\xff\x00", "TRUST_FILE_MALFORMED"),
    ],
    ids=["missing", "empty", "no trust", "deep", "no text"],
)
def test_a_trust_file_that_is_none(sealkit: Command, content: bytes | None, code: str) -> None:
    path = sealkit.home / "none.json"
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)
    sealkit.refused("verify", "taxi.seal", "--trust", "none.json", status=2, code=code)


def test_a_trust_file_whose_bytes_were_altered(sealkit: Command) -> None:
    trust = json.loads((sealkit.home / "trust.json").read_bytes())
    raw = trust["authority"]
    trust["authority"] = raw[:-1] + ("0" if raw[-1] != "0" else "1")
    (sealkit.home / "altered.json").write_text(json.dumps(trust))
    done = sealkit.run("verify", "taxi.seal", "--trust", "altered.json", "--json")
    assert done.status in (2, 7)
    assert done.told["error"]["code"].startswith("TRUST_FILE_")


# Exports.


def rebuilt(export: Export, **changes: Any) -> bytes:
    """The export with other items, its closing digest made good."""
    suite = get_suite(export.suite)
    names = ("evidence", "seal_credential", "checkpoint", "groups", "control", "journal")
    items = {name: getattr(export, name) for name in names}
    return build_export(export.suite, suite.digest, **{**items, **changes})


Change = Callable[[Export, bytes], bytes]
EXPORTS: dict[str, tuple[Change, set[str]]] = {
    "cut short": (lambda export, data: data[: len(data) // 2], {"EXPORT_TRUNCATED"}),
    "cut in its first bytes": (lambda export, data: data[:7], {"EXPORT_TRUNCATED"}),
    "a byte changed": (
        lambda export, data: data[:200] + bytes((data[200] ^ 1,)) + data[201:],
        {"EXPORT_ALTERED"},
    ),
    "reordered": (
        lambda export, data: rebuilt(export, control=export.control[::-1]),
        {"RECORD_ORDER"},
    ),
    "a record missing": (
        lambda export, data: rebuilt(export, control=export.control[:1] + export.control[2:]),
        {"CHAIN_BROKEN", "RECORD_MISSING"},
    ),
    "the last record missing": (
        lambda export, data: rebuilt(export, control=export.control[:-1]),
        {"HEAD_MISMATCH"},
    ),
}


@pytest.mark.requirement("R41")
@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_that_is_not_whole(sealkit: Command, name: str) -> None:
    change, expected = EXPORTS[name]
    data = (sealkit.home / "taxi.seal").read_bytes()
    (sealkit.home / "bad.seal").write_bytes(change(parse_export(data), data))
    status, found = verdict(sealkit, "bad.seal")
    assert status == 7, found
    assert found & expected, found


def test_an_export_with_the_log_of_another_seal(sealkit: Command) -> None:
    with simulation(sealkit, "--dir", "dev2", "--number", "500-2", "--manufacturer", "maker"):
        sealkit.told("provision", "sim:dev2", "--manufacturer", "maker")
        sealkit.told("log", "export", "sim:dev2", "other.seal")
    one, two = (
        parse_export((sealkit.home / name).read_bytes()) for name in ("taxi.seal", "other.seal")
    )
    (sealkit.home / "mixed.seal").write_bytes(rebuilt(one, control=two.control))
    status, found = verdict(sealkit, "mixed.seal")
    assert status == 7
    assert "RECORD_OTHER_SEAL" in found


FOREIGN = {
    "a picture": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)),
    "an archive": b"PK\x03\x04SEALKITX",
    "a text": "现场记录\n".encode(),
    "one letter": b"x",
    "almost an export": b"SEALKITY" + bytes(100),
    "empty": b"",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_says_nothing_of_a_seal(sealkit: Command, name: str) -> None:
    (sealkit.home / "foreign").write_bytes(FOREIGN[name])
    trust = ("--trust", "trust.json")
    for words in (
        ("verify", "foreign", *trust),
        ("verify", "taxi.seal", "--earlier", "foreign", *trust),
        ("log", "list", "foreign"),
        ("ack", "sim:dev", "foreign", "--station", "pudong", "--yes"),
    ):
        error = sealkit.refused(*words, status=2, code="FILE_FOREIGN")
        assert "foreign" in error["message"]
    words = ("verify", "foreign", *trust, "--json")
    done = sealkit.run(*words, environment={"SEALKIT_LANG": "zh"})
    assert done.told["error"]["message"].startswith("这不是")


def test_a_directory_says_nothing_of_a_seal(sealkit: Command) -> None:
    error = sealkit.refused("verify", "dev", "--trust", "trust.json", status=2, code="FILE_FOREIGN")
    assert "sim:dev" in error["message"]


def test_a_bundle_where_only_an_export_will_do(sealkit: Command) -> None:
    (sealkit.home / "taxi.sealbundle").write_bytes(b"SEALKITB" + bytes(100))
    sealkit.refused("log", "list", "taxi.sealbundle", status=2, code="EXPORT_NEEDED")


def test_files_that_are_not_there_or_something_else(sealkit: Command) -> None:
    trust = ("--trust", "trust.json")
    sealkit.refused("verify", "nothing.seal", *trust, status=2, code="FILE_NOT_FOUND")
    sealkit.refused("log", "list", "nothing.seal", status=2, code="FILE_NOT_FOUND")
    # A port typed without its scheme must not be read like a file, which would wait for ever.
    sealkit.refused("verify", "/dev/tty", *trust, status=2, code="SPEC_MALFORMED")
    file_and_meter = ("verify", "taxi.seal", *trust, "--meter", "sim:dev")
    sealkit.refused(*file_and_meter, status=2, code="METER_WITH_FILE")
    sealkit.refused("order", "show", "job.toml", status=2, code="ORDER_FILE_MALFORMED")
    sealkit.refused("keys", "show", "job.toml", status=2, code="CREDENTIAL_FILE_MALFORMED")
    (sealkit.home / "bad.toml").write_text("[distance]\nk_pulses_per_km = 'many'\n")
    seal = ("seal", "sim:dev", "--station", "pudong", "--yes", "--job")
    sealkit.refused(*seal, "bad.toml", status=2, code="JOB_MALFORMED")
    sealkit.refused(*seal, "taxi.seal", status=2, code="JOB_MALFORMED")


def test_the_disk_is_full_while_exporting(sealkit: Command) -> None:
    """A real limit: no file of the process may be longer than 2 KiB."""
    target = sealkit.home / "kept.seal"
    target.write_bytes(b"the export of last year")
    before = set(os.listdir(sealkit.home))
    sealkit.refused(
        *("log", "export", "sim:dev", "kept.seal", "--force"),
        status=4,
        code="WRITE_FAILED",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048)),
    )
    assert target.read_bytes() == b"the export of last year"
    assert set(os.listdir(sealkit.home)) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_small_disk_is_full_while_exporting(sealkit: Command) -> None:
    disk = sealkit.home / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", disk], check=False)
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        (disk / "kept.seal").write_bytes(b"last year")
        export = ("log", "export", "sim:dev", "disk/kept.seal", "--force")
        sealkit.refused(*export, status=4, code="DISK_FULL")
        assert (disk / "kept.seal").read_bytes() == b"last year"
        assert os.listdir(disk) == ["kept.seal"]
    finally:
        subprocess.run(["umount", disk], check=True)


# The meter, keys, and what is typed.


def test_a_fare_parameter_that_is_not_bcd(sealkit: Command, serve: Serve) -> None:
    honest = Taximeter().terminal_line

    def receive(data: bytes) -> bytes:
        said = honest.receive(data)
        if not said:
            return said
        frame = decode_frame(said)
        if len(frame.data) != FARE_BYTES:
            return said
        spoilt = frame.data[:9] + b"\xa5" + frame.data[10:]
        return encode_frame(Frame(frame.device_type, frame.vendor, frame.command, spoilt))

    error = sealkit.refused("meter", "read", serve(receive), status=7, code="METER_NOT_BCD")
    assert "day_one_way_price_fen_per_km" in error["message"]


def test_a_wrong_passphrase(sealkit: Command) -> None:
    confirm = ("confirm", "sim:dev", "--job", "job.toml", "--station", "pudong", "--yes")
    for wrong in ("incorrect horse", ""):
        environment = {"SEALKIT_PASSPHRASE": wrong}
        sealkit.refused(*confirm, status=2, code="PASSPHRASE_WRONG", environment=environment)
    (sealkit.home / "word").write_text(PASSPHRASE + "\n")
    endorse = ("keys", "endorse", "auth", "again", "--manufacturer", "maker")
    nowhere = {"SEALKIT_PASSPHRASE": None}
    sealkit.refused(*endorse, status=2, code="PASSPHRASE_MISSING", environment=nowhere)
    sealkit.told(*endorse, environment={**nowhere, "SEALKIT_PASSPHRASE_FILE": "word"})


def test_a_new_key_without_a_passphrase(sealkit: Command) -> None:
    empty = {"SEALKIT_PASSPHRASE": ""}
    new = ("keys", "new", "authority", "bare", "--name", "Bare")
    sealkit.refused(*new, status=2, code="PASSPHRASE_EMPTY", environment=empty)
    assert not list(sealkit.home.glob("bare*"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("frobnicate", "USAGE"),
        ("info", "USAGE"),
        ("seal", "USAGE"),
        ("keys new technician li --name Li", "ISSUER_MISSING"),
        ("keys new authority li --name Li --issuer auth", "ISSUER_NOT_WANTED"),
        ("keys new technician li --name Li --issuer auth", "ISSUING_NOT_ALLOWED"),
        ("keys new technician li --name Li --issuer registry --suite sm2", "SUITE_DIFFERS"),
        ("keys new technician zhang --name Zhang --issuer registry", "FILE_EXISTS"),
        ("keys new station li --name Li --issuer nobody", "FILE_NOT_FOUND"),
        ("clear sim:dev --reason x --station pudong", "ORDER_WRONG_STATE"),
        ("unseal sim:dev --reason x --station pudong --yes", "ORDER_SIGNERS"),
        ("sim do sim:dev fly", "CONTROL_BAD_REQUEST"),
        ("sim do sim:dev set_meter price", "USAGE"),
        ("sim start --dir taxi.seal/x", "SIM_DIRECTORY"),
    ],
)
def test_what_cannot_be_done(sealkit: Command, words: str, code: str) -> None:
    status = 4 if code == "SIM_DIRECTORY" else 2
    sealkit.refused(*words.split(), status=status, code=code)


def test_errors_for_people_go_to_standard_error(sealkit: Command) -> None:
    done = sealkit.run("info", "sim:nowhere")
    assert (done.status, done.out) == (3, "")
    assert done.err.startswith("SIM_NOT_FOUND: No simulator runs in nowhere.\n  → ")
    done = sealkit.run("--lang", "zh", "info", "sim:nowhere")
    assert done.err.startswith("SIM_NOT_FOUND: 该目录没有运行中的模拟器")
    told = sealkit.run("--lang", "zh", "verify", "taxi.seal", "--trust", "trust.json")
    assert told.out.startswith("电子封印 500-1: 完好")
