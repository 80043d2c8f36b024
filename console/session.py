"""Who is signed in: sessions on the server, known by the SHA-256 of a token that the browser alone has."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, insert, select, update

from recorder.database import Database
from recorder.requests.people import Person, person_of
from recorder.requests.tables import session as table
from vcam.base.clock import Clock
from vcam.base.errors import Forbidden

LONGEST: Final = 12 * 3_600_000_000
"""Microseconds after which everybody signs in anew."""
_STALE: Final = 30_000_000
"""Microseconds for which the time of the last request may be behind, so that not every page is a write."""


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is signed in, and the token that makes it so."""

    person: Person
    token: str

    @property
    def form(self) -> str:
        """What every form and every changing call must carry (a synchroniser token)."""
        return hmac.digest(self.token.encode(), b"garim form", "sha256").hex()

    def authentic(self, given: str) -> bool:
        """Whether `given` is this session's synchroniser token."""
        return hmac.compare_digest(self.form.encode(), given.encode("utf-8", "replace"))


class Sessions:
    """The sessions of a site. `idle` is in us."""

    def __init__(self, database: Database, clock: Clock, idle: int) -> None:
        self._database = database
        self._clock = clock
        self._idle = idle

    def begin(self, person: Person, address: str) -> Session:
        """A new session; those that have run out are removed."""
        token, now = secrets.token_urlsafe(32), self._clock.utc()
        with self._database.write() as connection:
            over = (table.c.seen <= now - self._idle) | (table.c.made <= now - LONGEST)
            connection.execute(delete(table).where(over))
            row = {
                "hash": _digest(token),
                "person": person.name,
                "made": now,
                "seen": now,
                "address": address[:64],
            }
            connection.execute(insert(table).values(row))
        return Session(person, token)

    def find(self, token: str) -> Session | None:
        """The session of `token`; None when there is none, it has run out or its person is revoked."""
        now, key = self._clock.utc(), _digest(token)
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.hash == key)).first()
            # A clock that was set back must not make a session last longer.
            if row is None or not -_STALE <= now - row.seen < self._idle or now - row.made >= LONGEST:
                return None
            try:
                person = person_of(connection, row.person)
            except Forbidden:
                return None
        if now - row.seen > _STALE:
            with self._database.write() as connection:
                connection.execute(update(table).where(table.c.hash == key).values(seen=now))
        return Session(person, token)

    def end(self, token: str) -> None:
        """Forget the session."""
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.hash == _digest(token)))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
