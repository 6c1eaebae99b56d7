"""What goes wrong with a database, in our words."""

from __future__ import annotations

import sqlite3
from enum import Enum
from typing import Final

from sqlalchemy.exc import DBAPIError

from sealkit.errors import AccessError, SealkitError, UsageError


class Failure(Enum):
    """Kinds of failure, by what the caller can do."""

    AGAIN = "again"
    BUSY = "busy"
    FULL = "full"
    LOST = "lost"
    NOT_A_LEDGER = "not a ledger"
    ACCESS = "access"
    OTHER = "other"


_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: Failure.BUSY,
    sqlite3.SQLITE_LOCKED: Failure.BUSY,
    sqlite3.SQLITE_FULL: Failure.FULL,
    sqlite3.SQLITE_IOERR: Failure.FULL,
    sqlite3.SQLITE_NOTADB: Failure.NOT_A_LEDGER,
    sqlite3.SQLITE_CORRUPT: Failure.NOT_A_LEDGER,
    sqlite3.SQLITE_CANTOPEN: Failure.ACCESS,
    sqlite3.SQLITE_READONLY: Failure.ACCESS,
    sqlite3.SQLITE_PERM: Failure.ACCESS,
}
_POSTGRESQL: Final = {
    "40001": Failure.AGAIN,  # serialization_failure
    "40P01": Failure.AGAIN,  # deadlock_detected
    "55P03": Failure.BUSY,  # lock_not_available
    "53100": Failure.FULL,  # disk_full
    "53200": Failure.FULL,  # out_of_memory
    "57P01": Failure.LOST,  # admin_shutdown
    "57P02": Failure.LOST,  # crash_shutdown
    "57P03": Failure.LOST,  # cannot_connect_now
    "28000": Failure.ACCESS,  # invalid_authorization_specification
    "28P01": Failure.ACCESS,  # invalid_password
    "3D000": Failure.ACCESS,  # invalid_catalog_name
    "42501": Failure.ACCESS,  # insufficient_privilege
}


def failure_of(error: DBAPIError) -> Failure:
    """What kind of failure a driver's error is."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        # The low byte is the primary code; the others say more.
        code = getattr(original, "sqlite_errorcode", 0) & 0xFF
        return _SQLITE.get(code, Failure.OTHER)
    state = getattr(original, "sqlstate", None)
    if state is not None:
        return _POSTGRESQL.get(state, Failure.LOST if state.startswith("08") else Failure.OTHER)
    # Without a state the server never answered, or went away in the middle.
    is_connection = type(original).__name__ == "OperationalError" or error.connection_invalidated
    return Failure.LOST if is_connection else Failure.OTHER


def access_error(name: str, told: str) -> AccessError:
    """The error of a database that is not for us."""
    return AccessError(
        "DATABASE_ACCESS",
        f"{name} cannot be opened: {told}.",
        "Check its name, that the directory exists, and that you may write there.",
    )


def database_error(failure: Failure, name: str, error: DBAPIError) -> SealkitError:
    """The error that explains it. name: the database, without a password."""
    told = " ".join(str(error.orig).split()).rstrip(".?")
    match failure:
        case Failure.AGAIN | Failure.BUSY:
            return AccessError(
                "DATABASE_BUSY",
                f"Another program is writing to {name}, and did not end in time.",
                "Wait until it is done, then try again: what was told as done stays done.",
            )
        case Failure.FULL:
            return AccessError(
                "DATABASE_FULL",
                f"{name} cannot grow: {told}.",
                "Free some space, then run the same again: what was told as done stays done.",
            )
        case Failure.LOST:
            return AccessError(
                "DATABASE_LOST",
                f"The connection to {name} was lost or refused: {told}.",
                "See that the server runs, then run the same again: nothing is stored twice.",
            )
        case Failure.NOT_A_LEDGER:
            return UsageError(
                "DATABASE_NOT_A_LEDGER",
                f"{name} is no database that can be read: {told}.",
                "Name another one, or bring back a copy.",
            )
        case Failure.ACCESS:
            return access_error(name, told)
        case _:
            return AccessError(
                "DATABASE_FAILED",
                f"{name} refused: {told}.",
                "Run the same again; if it happens again, look at the database's own log.",
            )
