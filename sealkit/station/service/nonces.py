"""Nonces that were asked for: in the database, since another service may get the answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select

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
    """A new nonce for the holder of a token. Errors: those of `Database.write`."""
    nonce = Nonce(secrets.token_bytes(NONCE_BYTES), now + NONCE_LIFE_S)
    values = {"nonce": nonce.value, "token": token, "asked": now, "expires": nonce.expires}
    database.write(lambda c: c.execute(insert(schema.nonces).values(**values)) and None)
    return nonce


def use_nonce(database: Database, nonce: bytes, token: int, evidence: bytes, now: int) -> bool:
    """Uses a nonce up for the evidence with this digest; whether that evidence is fresh by it.

    The same evidence may come again, as when an answer was lost: it is fresh as long as the nonce
    lives. Errors: `UsageError` NONCE_UNKNOWN; `ConflictError` NONCE_USED, NONCE_EXPIRED.
    """
    asked, answers = schema.nonces, schema.nonce_answers

    def write(connection: Connection) -> bool:
        query = select(asked.c.expires).where(asked.c.nonce == nonce, asked.c.token == token)
        expires = connection.execute(query).scalar()
        if expires is None:
            raise UsageError(
                "NONCE_UNKNOWN",
                "This nonce was not given to the holder of this token.",
                "Ask for a nonce, and read the seal with it.",
            )
        answered = connection.execute(
            select(answers.c.evidence).where(answers.c.nonce == nonce)
        ).scalar()
        if answered is not None and answered != evidence:
            raise ConflictError(
                "NONCE_USED",
                "Other evidence has answered this nonce.",
                "Ask for a new nonce, and read the seal with it.",
            )
        if answered is not None:
            return bool(now < expires)
        if now >= expires:
            raise ConflictError(
                "NONCE_EXPIRED",
                f"A nonce lives {NONCE_LIFE_S // 60} minutes, and this one has ended.",
                "Ask for a new nonce, and read the seal with it.",
            )
        values = {"nonce": nonce, "evidence": evidence, "time": now}
        connection.execute(insert(answers).values(**values))
        return True

    return database.write(write)
