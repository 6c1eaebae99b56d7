"""The control channel of a running simulation."""

from __future__ import annotations

import json
from typing import Any, Final

from sealkit.errors import MalformedError, UsageError

_ANSWER_MAX: Final = 64 * 1024


def tell(spec: str, action: str, **values: Any) -> dict[str, Any]:
    """One request on the control channel, and its answer.

    Errors: `UsageError` with the simulation's own code; `MalformedError`
    CONTROL_BABBLES; those of the transport.
    """
    from sealkit.transport import Deadline, open_transport

    deadline = Deadline.after(10)
    request = json.dumps({"do": action, **values}).encode() + b"\n"
    with open_transport(spec, line="control") as control:
        control.write(request, deadline)
        received = b""
        while not received.endswith(b"\n") and len(received) < _ANSWER_MAX:
            received += control.read(4096, deadline)
    try:
        answer: dict[str, Any] = json.loads(received)
        if answer.pop("ok"):
            return answer
        error = answer["error"]
        refused = UsageError(error["code"], error["message"], error["remedy"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise MalformedError(
            "CONTROL_BABBLES",
            f"What answers at {spec} is no control channel of a simulation.",
            "Name the directory of one that runs, as sim:DIR.",
        ) from None
    raise refused
