from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sealkit.errors import UsageError
from sealkit.transport.spec import SerialSpec, SimSpec, TcpSpec, parse_spec


@pytest.mark.parametrize(
    ("spec", "parsed"),
    [
        ("serial:/dev/ttyUSB0", SerialSpec("/dev/ttyUSB0", 9600, "N")),
        ("serial:/dev/ttyUSB0?baud=115200", SerialSpec("/dev/ttyUSB0", 115200, "N")),
        ("serial:/dev/a:b?parity=E&baud=2400", SerialSpec("/dev/a:b", 2400, "E")),
        ("tcp:localhost:9000", TcpSpec("localhost", 9000)),
        ("tcp:[::1]:65535", TcpSpec("::1", 65535)),
        ("sim:/tmp/some where", SimSpec("/tmp/some where")),
        ("sim:relative?line=meter", SimSpec("relative", "meter")),
    ],
)
def test_well_formed(spec: str, parsed: object) -> None:
    assert parse_spec(spec) == parsed


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "/dev/ttyUSB0",
        "usb:1",
        "serial:",
        "serial:?baud=9600",
        "serial:/dev/x?baud=",
        "serial:/dev/x?baud=fast",
        "serial:/dev/x?baud=0",
        "serial:/dev/x?baud=-9600",
        "serial:/dev/x?baud=٩٦٠٠",
        "serial:/dev/x?baud=99999999999",
        "serial:/dev/x?baud",
        "serial:/dev/x?baud=9600&baud=9600",
        "serial:/dev/x?parity=X",
        "serial:/dev/x?stop=2",
        "serial:/dev/\0x",
        "tcp:",
        "tcp:host",
        "tcp::9000",
        "tcp:host:",
        "tcp:host:0",
        "tcp:host:65536",
        "tcp:::1:9000",
        "tcp:[]:9000",
        "tcp:host:9000?baud=9600",
        "sim:",
        "sim:DIR?line=",
        "sim:DIR?line=a/b",
        "sim:DIR?seal=1",
        "sim:" + "x" * 5000,
    ],
)
def test_malformed(spec: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_spec(spec)
    assert refused.value.code == "SPEC_MALFORMED"
    assert "serial:/dev/ttyUSB0?baud=9600" in refused.value.remedy
    assert len(refused.value.message) < 600


@given(st.one_of(st.text(), st.text("serialtcpm:/[]?&=0123456789")))
@example("serial:&")
@example("tcp:[:1")
def test_any_text_is_parsed_or_refused(spec: str) -> None:
    with suppress(UsageError):
        parse_spec(spec)
