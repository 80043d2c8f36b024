"""Links to shares of masked footage: each expires, counts its downloads and can be revoked; every fetch is on record.

A token has 256 random bits, and only its SHA-256 is kept: looking a hash up tells nothing by its time.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update

from recorder.audit.append import append
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.database import Database
from recorder.requests.people import HOST, person_of
from recorder.requests.role import Role
from recorder.requests.tables import link as table
from recorder.requests.tables import visit as visits
from vcam.base.canonical import Json
from vcam.base.clock import Clock
from vcam.base.errors import CustodyError, RecordError

GRACE: Final = 900_000_000
"""Microseconds in which a visitor's further ranges belong to the same download."""
MOST: Final = 1000
"""Downloads of one link."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link, as lists show it. Times in us UTC."""

    id: str
    export: str
    reason: str
    made: int
    made_by: str
    expires: int
    downloads: int
    used: int
    revoked: int | None

    def alive(self, now: int) -> bool:
        """Whether it still leads anywhere for a new visitor."""
        return self.revoked is None and now < self.expires and self.used < self.downloads


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


class Links:
    """The links of a site. With `folder`, that of exports, they lead into it alone, whatever a row says."""

    def __init__(self, database: Database, clock: Clock, folder: Path | None = None) -> None:
        self._database = database
        self._clock = clock
        self._folder = None if folder is None else folder.resolve()

    def create(
        self,
        export_id: str,
        path: Path,
        expires: int,
        downloads: int,
        *,
        by: str,
        reason: str,
        origin: str = HOST,
        connection: Connection | None = None,
    ) -> str:
        """A link to the file `path` until `expires` (us UTC), for so many downloads; its token, which is not kept.

        An officer makes it. With `connection`, a transaction of `Database.write`, it is made there. Raises
        CustodyError, Forbidden.
        """
        now = self._clock.utc()
        if expires <= now:
            raise CustodyError("The link would have expired already", mend="Give a time to come")
        if not 1 <= downloads <= MOST:
            raise CustodyError(f"A link is for 1 to {MOST} downloads", mend="Give as many as are needed")
        if not reason.strip():
            raise CustodyError("A link needs a reason", mend="Say who gets it and what for")
        if self._folder is not None and not path.resolve().is_relative_to(self._folder):
            raise CustodyError(
                "A link leads to what lies in custody.exports alone",
                mend="Make the share there: leave --out away",
            )
        token = secrets.token_urlsafe(32)
        row = {
            "id": secrets.token_hex(8),
            "hash": digest(token),
            "export": export_id,
            "path": str(path.resolve()),
            "reason": reason.strip(),
            "made": now,
            "made_by": by,
            "expires": expires,
            "downloads": downloads,
        }
        if connection is not None:
            self._create(connection, row, origin)
        else:
            with self._database.write() as opened:
                self._create(opened, row, origin)
        return token

    def _create(self, connection: Connection, row: dict[str, Any], origin: str) -> None:
        person_of(connection, row["made_by"], Role.OFFICER)
        connection.execute(insert(table).values(row))
        details: dict[str, Json] = {
            "link": row["id"],
            "expires": row["expires"],
            "fetches": row["downloads"],
            "reason": row["reason"],
        }
        subject = f"export/{row['export']}"
        append(connection, Entry(row["made"], row["made_by"], Action.SHARE_LINKED, subject, details, origin))

    def peek(self, token: str) -> Path | None:
        """The file that a fetch of `token` would lead a new visitor to; nothing is counted."""
        now = self._clock.utc()
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.hash == digest(token), _alive(now))).first()
        return self._file(row)

    def fetch(self, token: str, origin: str, visit: str = "") -> Path | None:
        """The file that `token` leads to, once the fetch is on record; None when it leads nowhere, for any cause.

        `visit` is the visitor's own secret: further fetches with it, within `GRACE` of the first, are the same
        download. They are neither counted nor refused for the count, but they end with the link's time and when it is
        revoked. Every other fetch counts.
        """
        now = self._clock.utc()
        by_token = select(table).where(table.c.hash == digest(token))
        with self._database.read() as connection:  # strangers' guesses do not hold up who writes
            if connection.execute(by_token).first() is None:
                return None
        with self._database.write() as connection:
            row = connection.execute(by_token.with_for_update()).first()
            file = self._file(row)
            if row is None or file is None or row.revoked is not None or row.expires <= now:
                return None
            if visit and self._goes_on(connection, row.id, visit, now):
                return file
            taken = update(table).where(table.c.id == row.id, _alive(now)).values(used=table.c.used + 1)
            if not connection.execute(taken).rowcount:
                return None
            if visit:
                connection.execute(delete(visits).where(visits.c.ends <= now))
                begun = {"link": row.id, "hash": digest(visit), "ends": now + GRACE}
                connection.execute(insert(visits).values(begun))
            details: dict[str, Json] = {
                "link": row.id,
                "purpose": row.reason,
                "files": [file.name],
                "fetches": row.used + 1,
            }
            append(
                connection, Entry(now, SYSTEM, Action.SHARE_FETCHED, f"export/{row.export}", details, origin)
            )
        return file

    def revoke(self, link: str, *, by: str, reason: str, origin: str = HOST) -> None:
        """Let a link lead nowhere from now on; an officer does. Raises CustodyError, Forbidden."""
        now = self._clock.utc()
        if not reason.strip():
            raise CustodyError("A link is revoked for a reason", mend="Give it")
        with self._database.write() as connection:
            person_of(connection, by, Role.OFFICER)
            row = connection.execute(select(table).where(table.c.id == link)).first()
            if row is None or row.revoked is not None:
                raise CustodyError(f"There is no link {link!r} to revoke", mend="See the list of links")
            connection.execute(update(table).where(table.c.id == link).values(revoked=now))
            details: dict[str, Json] = {
                "link": link,
                "expires": row.expires,
                "fetches": row.downloads,
                "reason": reason.strip(),
            }
            append(connection, Entry(now, by, Action.SHARE_REVOKED, f"export/{row.export}", details, origin))

    def list(self) -> list[Link]:
        """All links, newest first."""
        columns = [table.c[name] for name in Link.__slots__]
        with self._database.read() as connection:
            rows = connection.execute(select(*columns).order_by(table.c.made.desc(), table.c.id))
            return [Link(*row) for row in rows]

    def _file(self, row: Row[Any] | None) -> Path | None:
        """The row's file, if it is there."""
        if row is None:
            return None
        path = Path(row.path)
        try:
            if self._folder is not None and not path.resolve().is_relative_to(self._folder):
                return None
            return path if path.is_file() else None
        except OSError as error:
            raise RecordError("A share cannot be read", mend="Check the disk of custody.exports") from error

    def _goes_on(self, connection: Connection, link: str, visit: str, now: int) -> bool:
        """Whether the visitor's download is under way."""
        mine = visits.c.link == link, visits.c.hash == digest(visit), visits.c.ends > now
        return connection.execute(select(visits.c.link).where(*mine)).first() is not None


def _alive(now: int) -> ColumnElement[bool]:
    return and_(table.c.revoked.is_(None), table.c.expires > now, table.c.used < table.c.downloads)
