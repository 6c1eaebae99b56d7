import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sealkit.errors import DeviceNotFoundError, MalformedError, SealkitError, UsageError
from sealkit.transport import Deadline, open_transport

if TYPE_CHECKING:
    from conftest import Pty


def long() -> Deadline:
    return Deadline.after(10.0)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[None]:
    """Holds the lock that a running simulator holds."""
    with (tmp_path / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.usefixtures("running")
def test_the_line_asked_for_is_opened_unless_the_spec_names_one(tmp_path: Path, pty: "Pty") -> None:
    endpoints = {"seal": "serial:/dev/ttyNONE9", "meter": f"serial:{pty.path}"}
    (tmp_path / "endpoints.json").write_text(json.dumps(endpoints))
    for opened in (
        lambda: open_transport(f"sim:{tmp_path}", line="meter"),
        lambda: open_transport(f"sim:{tmp_path}?line=meter", line="seal"),
    ):
        with opened() as transport:
            assert transport.spec == endpoints["meter"]
            transport.write(b"x", long())
            assert os.read(pty.device, 10) == b"x"
    with pytest.raises(DeviceNotFoundError) as missing:
        open_transport(f"sim:{tmp_path}")
    assert "ttyNONE9" in missing.value.message


def test_no_simulator(tmp_path: Path) -> None:
    with pytest.raises(DeviceNotFoundError) as missing:
        open_transport(f"sim:{tmp_path}")
    assert missing.value.code == "SIM_NOT_FOUND"
    assert "sealkit sim start" in missing.value.remedy


@pytest.mark.parametrize("lock", [True, False], ids=["let go", "no lock"])
def test_the_lines_of_a_simulator_that_was_killed_are_not_opened(
    tmp_path: Path, pty: "Pty", lock: bool
) -> None:
    """The name of its terminal may be somebody else's by now."""
    (tmp_path / "endpoints.json").write_text(json.dumps({"seal": f"serial:{pty.path}"}))
    if lock:
        (tmp_path / "lock").touch()
    with pytest.raises(DeviceNotFoundError) as stale:
        open_transport(f"sim:{tmp_path}")
    assert stale.value.code == "SIM_NOT_RUNNING"
    assert f"sealkit sim start --dir {tmp_path}" in stale.value.remedy


@pytest.mark.usefixtures("running")
def test_no_such_line(tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").write_text('{"seal": "tcp:localhost:1", "meter": "tcp:a:1"}')
    with pytest.raises(UsageError) as unknown:
        open_transport(f"sim:{tmp_path}?line=control")
    assert unknown.value.code == "LINE_UNKNOWN"
    assert "meter, seal" in unknown.value.remedy


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"seal": 1}',
        b'{"seal": "sim:."}',
        b"[" * 60_000,
        b'{"seal": "tcp:localhost:1"}' + b" " * 70_000,
    ],
    ids=["empty", "no text", "no object", "no string", "circle", "deep", "long"],
)
def test_a_file_that_lists_no_lines(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "endpoints.json").write_bytes(content)
    with pytest.raises(MalformedError) as malformed:
        open_transport(f"sim:{tmp_path}")
    assert malformed.value.code == "ENDPOINTS_MALFORMED"


@pytest.mark.usefixtures("running")
def test_a_line_whose_spec_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").write_text('{"seal": "nonsense"}')
    with pytest.raises(SealkitError) as refused:
        open_transport(f"sim:{tmp_path}")
    assert refused.value.code == "SPEC_MALFORMED"
