"""Nonces that were asked for: in the database, since another service may get the answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from sealkit.errors import UsageError
from sealkit.station.service.refusals import ConflictError
from sealkit.station.storage import schema
from sealkit.station.storage.database import Database

NONCE_BYTES: Final = 32
NONCE_LIFE_S: Final = 600
"""Long enough to carry it to a seal and back, short enough to say that evidence is of now."""


@dataclass(frozen=True, slots=True)
class Nonce:
    """32 random bytes; expires: seconds since 1970, by the service's clock."""

    value: bytes
    expires: int


def ask_nonce(database: Database, token: int, now: int) -> Nonce:
    """A new nonce for the holder of a token; those that have expired go. Errors: those of
    `Database.write`."""
    nonce = Nonce(secrets.token_bytes(NONCE_BYTES), now + NONCE_LIFE_S)
    values = {"nonce": nonce.value, "token": token, "asked": now, "expires": nonce.expires}

    def write(connection: Connection) -> None:
        # So the table holds what was asked for in ten minutes, whoever asks, and how often.
        connection.execute(delete(schema.nonces).where(schema.nonces.c.expires <= now))
        connection.execute(insert(schema.nonces).values(**values))

    database.write(write)
    return nonce


def use_nonce(database: Database, nonce: bytes, token: int, evidence: bytes, now: int) -> bool:
    """Uses a nonce up for the evidence with this digest; whether that evidence is fresh by it.

    The same evidence may come again, as when an answer was lost: it is fresh as long as the nonce
    lives. Errors: `UsageError` NONCE_UNKNOWN; `ConflictError` NONCE_USED.
    """
    given, answers = schema.nonces, schema.nonce_answers
    living = select(given.c.asked).where(
        given.c.nonce == nonce, given.c.token == token, given.c.expires > now
    )
    taken = select(answers.c.evidence).where(answers.c.nonce == nonce, answers.c.token == token)

    def write(connection: Connection) -> bool:
        asked = connection.execute(living).scalar()
        answered = connection.execute(taken).scalar()
        if answered is not None and answered != evidence:
            raise ConflictError(
                "NONCE_USED",
                "Other evidence has answered this nonce.",
                "Ask for a new nonce, and read the seal with it.",
            )
        if answered is not None:
            return asked is not None
        if asked is None:
            raise UsageError(
                "NONCE_UNKNOWN",
                "The holder of this token was given no such nonce in the last "
                f"{NONCE_LIFE_S // 60} minutes.",
                "Ask for a nonce, and read the seal with it.",
            )
        values = {"nonce": nonce, "token": token, "asked": asked, "evidence": evidence, "time": now}
        connection.execute(insert(answers).values(**values))
        return True

    return database.write(write)
