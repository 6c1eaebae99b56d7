"""Tokens of callers. Only their digests are kept: whoever reads the database can use none."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from sealkit.errors import UsageError
from sealkit.station.history.examining import clean
from sealkit.station.storage import schema
from sealkit.station.storage.database import Database

TOKEN_BYTES: Final = 32
TOKEN_MAX: Final = 200
PREFIX: Final = "sealkit_"
"""So that a token which got somewhere by mistake is recognized there."""


class AccessRole(Enum):
    """What a caller is, and so may do (`access.SCOPES`)."""

    TECHNICIAN = "technician"
    STATION = "station"
    INSPECTOR = "inspector"
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as the database knows it: times in seconds since 1970, withdrawn None: it is not."""

    id: int
    name: str
    role: AccessRole
    created: int
    expires: int
    withdrawn: int | None

    def is_valid(self, now: int) -> bool:
        """Whether it opens anything."""
        return self.withdrawn is None and now < self.expires


def make_token(
    database: Database, name: str, role: AccessRole, *, now: int, valid_s: int
) -> tuple[Token, str]:
    """A new token and its text, which is kept nowhere. Errors: those of `Database.write`."""
    text = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    values = {
        "digest": _digest(text),
        "name": clean(name),
        "role": role.value,
        "created": now,
        "expires": now + valid_s,
    }

    def write(connection: Connection) -> int:
        statement = insert(schema.tokens).values(**values).returning(schema.tokens.c.id)
        return int(connection.execute(statement).scalar_one())

    made = database.write(write)
    return Token(made, clean(name), role, now, now + valid_s, None), text


def find_token(database: Database, text: str) -> Token | None:
    """The token with this text, valid or not.

    It is looked up by its digest, so how long that takes tells nothing about any other token.
    """
    if len(text) > TOKEN_MAX:
        return None
    query = _tokens().where(schema.tokens.c.digest == _digest(text))
    row = database.read(lambda connection: connection.execute(query).one_or_none())
    return None if row is None else _token(row)


def list_tokens(database: Database) -> list[Token]:
    """All that were ever made."""
    query = _tokens().order_by(schema.tokens.c.id)
    return [_token(row) for row in database.read(lambda c: c.execute(query).all())]


def withdraw_token(database: Database, token: int, now: int) -> Token:
    """Ends a token for ever; once more changes nothing. Errors: `UsageError` TOKEN_UNKNOWN."""
    query = _tokens().where(schema.tokens.c.id == token)

    def write(connection: Connection) -> Token | None:
        row = connection.execute(query).one_or_none()
        if row is not None and row.time is None:
            values = {"token": token, "time": now}
            connection.execute(insert(schema.token_withdrawals).values(**values))
            row = connection.execute(query).one()
        return None if row is None else _token(row)

    found = database.write(write)
    if found is None:
        raise UsageError(
            "TOKEN_UNKNOWN",
            f"There is no token {token}.",
            "List them: `sealkit station token list`.",
        )
    return found


def _tokens() -> Any:
    tokens, withdrawn = schema.tokens, schema.token_withdrawals
    return select(tokens, withdrawn.c.time).outerjoin(withdrawn, withdrawn.c.token == tokens.c.id)


def _token(row: Any) -> Token:
    return Token(row.id, row.name, AccessRole(row.role), row.created, row.expires, row.time)


def _digest(text: str) -> bytes:
    # A token has 256 random bits, so a plain digest is as good as a slow one.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
