"""Every error of the library: a stable code, a message, a remedy and an exit status.

The codes are for programs, the message and remedy for people. The classes group errors by what
the caller can do about them, and each class has one exit status of the command (`ExitStatus`).
"""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """Exit statuses of the `sealkit` command."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    NO_DEVICE = 3
    NO_ACCESS = 4
    TIMED_OUT = 5
    REFUSED = 6
    BROKEN = 7
    SOME_FAILED = 8
    UNDETERMINED = 9


class SealkitError(Exception):
    """An error that explains itself.

    code: stable, upper case, for programs. message: what happened, with the values that matter.
    remedy: what the user can do now.
    """

    exit_status: ExitStatus = ExitStatus.UNEXPECTED

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[SealkitError], tuple[str, str, str]]:
        # As any other exception, it comes whole out of another process.
        return type(self), (self.code, self.message, self.remedy)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.remedy})" if self.remedy else "")


class UsageError(SealkitError):
    """What the caller gave cannot be used: a spec string, a key file, a passphrase, hex."""

    exit_status = ExitStatus.USAGE


class DeviceNotFoundError(SealkitError):
    """There is no such port, host or simulator; or it went away."""

    exit_status = ExitStatus.NO_DEVICE


class AccessError(SealkitError):
    """The port or file is there, but not for us: permission, or busy."""

    exit_status = ExitStatus.NO_ACCESS


class TimedOutError(SealkitError):
    """The device did not give a complete answer before the deadline."""

    exit_status = ExitStatus.TIMED_OUT


class RefusedError(SealkitError):
    """The device answered, and said no. `code` is the name of its status."""

    exit_status = ExitStatus.REFUSED


class MalformedError(SealkitError):
    """Bytes that are not what they claim to be: layout, length, value, check."""

    exit_status = ExitStatus.BROKEN


class IntegrityError(SealkitError):
    """Bytes that parse, but whose signature, digest or chain does not hold."""

    exit_status = ExitStatus.BROKEN


class UndeterminedError(SealkitError):
    """What was asked could not be determined; never to be read as "fine"."""

    exit_status = ExitStatus.UNDETERMINED
