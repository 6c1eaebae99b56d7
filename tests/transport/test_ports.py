from pathlib import Path
from typing import TYPE_CHECKING

from serial.tools.list_ports_common import ListPortInfo

from sealkit.transport import PortInfo, list_ports
from sealkit.transport.ports import describe, lasting_names

if TYPE_CHECKING:
    from conftest import Pty


def test_pseudo_terminals_are_not_listed(pty: "Pty") -> None:
    ports = list_ports()
    assert all(isinstance(port, PortInfo) for port in ports)
    assert pty.path not in [port.device for port in ports]


def test_what_pyserial_found_is_described_with_the_lasting_name(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    (by_id / "usb-Maker_Adapter-if00").symlink_to("../ttyUSB0")
    found = ListPortInfo(str(device))
    found.description, found.vid, found.pid, found.serial_number = "Adapter", 0x0403, 0x6001, "A1"
    port = describe(found, lasting_names(by_id))
    lasting = str(by_id / "usb-Maker_Adapter-if00")
    assert port == PortInfo(str(device), lasting, "Adapter", 0x0403, 0x6001, "A1")
    assert port.spec == f"serial:{lasting}"


def test_what_pyserial_does_not_know_stays_unknown(tmp_path: Path) -> None:
    port = describe(ListPortInfo("/dev/ttyS0"), lasting_names(tmp_path / "none"))
    assert port == PortInfo("/dev/ttyS0", None, "", None, None, None)
    assert port.spec == "serial:/dev/ttyS0"
