"""What all of the console's handlers work with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from sqlalchemy import select

from console.deeds import DEEDS, Call
from console.session import Session, Sessions
from onvif_server.lockout import Lockout
from recorder.audit.tables import entry
from recorder.database import Database
from recorder.requests.book import Requests
from recorder.requests.case import Request
from recorder.requests.fields import draft_of
from recorder.requests.links import Link, Links
from recorder.requests.people import People
from recorder.requests.role import Role
from recorder.requests.subject import Subject
from vcam.base.errors import Forbidden

PAGE: Final = 100
"""Entries of the log on one page."""
READERS: Final = (Role.OFFICER, Role.APPROVER, Role.CUSTODIAN, Role.AUDITOR)
"""Who may see cases."""
SESSION: Final = web.RequestKey("session", Session)
ORIGIN: Final = web.RequestKey("origin", str)


@dataclass(frozen=True, slots=True)
class Desk:
    """The site's cases, people, links and sessions, for handlers. Everything that blocks runs in a thread."""

    database: Database
    book: Requests
    people: People
    links: Links
    sessions: Sessions
    lockout: Lockout
    cameras: Collection[str]
    """Names of the cameras in the settings."""
    door: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def sign_in(self, name: str, password: str, code: str, origin: str) -> Session:
        """A session for who proves to be `name`. Raises Forbidden."""
        # One at a time: a flood of guesses must not take all threads, which cameras and the record need too, nor come
        # in before its first failure counts.
        async with self.door:
            if self.lockout.wait(origin) > 0:
                raise Forbidden("Too many wrong log-ins from this address", mend="Wait some minutes")
            try:
                person = await asyncio.to_thread(
                    self.people.sign_in, name, password, door="console", origin=origin, code=code
                )
            except Forbidden:
                self.lockout.failed(origin)
                raise
            self.lockout.succeeded(origin)
        return await asyncio.to_thread(self.sessions.begin, person, origin)

    async def sign_out(self, session: Session, origin: str) -> None:
        """End the session."""
        await asyncio.to_thread(self.sessions.end, session.token)
        await asyncio.to_thread(self.people.sign_out, session.person.name, door="console", origin=origin)

    async def cases(self, session: Session) -> list[Request]:
        """The cases that this person sees: those who only bring cases see their own."""
        require(session, *READERS)
        own = session.person.name if session.person.roles == {Role.OFFICER} else None
        return list(await asyncio.to_thread(self.book.list, (), own))

    async def case(self, session: Session, number: str) -> Request:
        """One case. Raises web.HTTPNotFound when there is none for this person."""
        found = {each.number: each for each in await self.cases(session)}
        if number not in found:
            raise web.HTTPNotFound
        return await asyncio.to_thread(self.book.get, number)

    async def subject(self, session: Session, number: str) -> Subject | None:
        """The citizen's form of a case."""
        return await asyncio.to_thread(self.book.subject, number, by=session.person.name)

    async def draft(self, session: Session, fields: dict[str, str], origin: str) -> Request:
        """A new case."""

        def work() -> Request:
            known = set(self.cameras) | set(self.book.cameras())
            asked = draft_of(fields, known, self.book.rules.zone)
            return self.book.draft(asked, by=session.person.name, origin=origin)

        require(session, Role.OFFICER)
        return await asyncio.to_thread(work)

    async def act(self, deed: str, session: Session, number: str, said: dict[str, str], origin: str) -> Request:
        """Do `deed`, a key of DEEDS, to a case."""
        await self.case(session, number)
        call = Call(number, session.person.name, origin, said)
        await asyncio.to_thread(DEEDS[deed].act, self.book, call)
        return await asyncio.to_thread(self.book.get, number)

    async def all_links(self, session: Session) -> list[Link]:
        """All links, for officers and the auditor."""
        require(session, Role.OFFICER, Role.AUDITOR)
        return await asyncio.to_thread(self.links.list)

    async def revoke(self, session: Session, link: str, reason: str, origin: str) -> None:
        """Revoke a link."""
        require(session, Role.OFFICER)
        await asyncio.to_thread(self.links.revoke, link, by=session.person.name, reason=reason, origin=origin)

    async def log(self, session: Session, before: int | None) -> list[dict[str, Any]]:
        """Entries of the log, the newest first, from before the entry of that number; for the auditor."""

        def work() -> list[dict[str, Any]]:
            query = select(entry.c.body).order_by(entry.c.number.desc()).limit(PAGE)
            if before is not None:
                query = query.where(entry.c.number < before)
            with self.database.read() as connection:
                return [json.loads(body) for body in connection.scalars(query)]

        require(session, Role.AUDITOR)
        return await asyncio.to_thread(work)


def require(session: Session, *roles: Role) -> None:
    """Raise Forbidden unless the person holds one of `roles`."""
    if not session.person.holds(*roles):
        raise Forbidden(
            f"{session.person.name} is no {' or '.join(roles)}", mend="Let somebody with that role do it"
        )


def clean(said: dict[str, str]) -> dict[str, str]:
    """`said`, all of which can be kept: no NUL, no lone surrogate. Raises web.HTTPBadRequest."""
    for text in (*said.keys(), *said.values()):
        if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
            raise web.HTTPBadRequest(text="A text holds what is no letter.")
    return said


def before(request: web.Request) -> int | None:
    """The entry before which a page of the log begins, from the query."""
    text = request.query.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
