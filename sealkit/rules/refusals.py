"""A status of the registry as an error, the same for the seal that gives it and who receives it."""

from __future__ import annotations

from sealkit.errors import RefusedError, SealkitError
from sealkit.wire.registry import STATUS_TEXTS, Status


def refusal(status: Status, detail: str = "") -> RefusedError:
    """The error of a status; its code is the status' name."""
    text = STATUS_TEXTS[status]
    return RefusedError(
        status.name, text.message_en + (f" ({detail})" if detail else ""), text.remedy_en
    )


def status_of(error: SealkitError) -> Status:
    """The status that an error's code names; `malformed` if it names none."""
    return Status.__members__.get(error.code, Status.MALFORMED)
