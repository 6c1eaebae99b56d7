"""Lines to devices: serial ports, TCP, simulators and memory, opened by a spec string.
Blocking calls with deadlines; no threads of their own. POSIX."""

from sealkit.transport.deadline import Deadline
from sealkit.transport.memory import memory_pair
from sealkit.transport.opening import open_transport
from sealkit.transport.ports import PortInfo, list_ports
from sealkit.transport.transport import Transport

__all__ = ["Deadline", "PortInfo", "Transport", "list_ports", "memory_pair", "open_transport"]
