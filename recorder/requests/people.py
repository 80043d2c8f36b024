"""People with a role in custody: who they are, what they may do, and how they sign in. Every change is on record."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, func, insert, select, update

from recorder.audit.append import append
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.database import Database
from recorder.requests import totp
from recorder.requests.password import hashed, matches
from recorder.requests.role import WITH_SECOND, Role, check_roles
from recorder.requests.tables import person as table
from recorder.requests.tables import session
from vcam.base.canonical import Json
from vcam.base.clock import Clock
from vcam.base.errors import CustodyError, Forbidden
from vcam.base.ids import SLUG

Door = Literal["command", "console"]

HOST: Final = "host"
"""Origin of what is done at the command line."""

_FREE: Final = 3
"""Wrong log-ins in a row before the first wait."""
_LONGEST_WAIT: Final = 900
"""Seconds. The wait doubles from one second up to this."""
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a role. `revoked` is since when nothing is allowed any more, us UTC."""

    name: str
    title: str
    roles: frozenset[Role]
    revoked: int | None = None
    second: bool = False
    """Whether there is a second factor."""

    def holds(self, *roles: Role) -> bool:
        """Whether this person holds one of `roles` and is not revoked."""
        return self.revoked is None and not self.roles.isdisjoint(roles)


def _person(row: Row[Any]) -> Person:
    found = row._mapping
    roles = frozenset(role for role in Role if found[role.value])
    return Person(found["name"], found["title"], roles, found["revoked"], found["second"] is not None)


def person_of(connection: Connection, name: str, *roles: Role) -> Person:
    """The person of that name, who must hold one of `roles`, if any are given. Raises Forbidden."""
    row = connection.execute(select(table).where(table.c.name == name)).first()
    if row is None or row.revoked is not None:
        raise Forbidden(f"{name!r} is nobody who may act here", mend="See 'garim person list' for who is there")
    found = _person(row)
    if roles and not found.holds(*roles):
        raise Forbidden(f"{name} is no {' or '.join(roles)}", mend="Let somebody with that role do it")
    return found


class People:
    """The people of a site."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._door = threading.Lock()

    def list(self) -> list[Person]:
        """Everybody, revoked ones too, by name."""
        with self._database.read() as connection:
            return [_person(row) for row in connection.execute(select(table).order_by(table.c.name))]

    def get(self, name: str) -> Person:
        """The person of that name, revoked or not. Raises CustodyError."""
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.name == name)).first()
        if row is None:
            raise CustodyError(f"There is no person {name!r}", mend="See 'garim person list'")
        return _person(row)

    def anybody(self) -> bool:
        """Whether there are people at all."""
        with self._database.read() as connection:
            return bool(connection.scalar(select(func.count()).select_from(table)))

    def add(
        self, name: str, title: str, roles: Collection[Role], password: str, *, by: str, origin: str = HOST
    ) -> Person:
        """Add a person. `by` is an administrator; the first person must be one, and adds itself.

        Raises CustodyError for a name that is taken or no slug, and for roles that do not go together.
        """
        if not SLUG.fullmatch(name) or name == SYSTEM:
            raise CustodyError(
                f"{name!r} cannot be a person's name", mend="Use lower-case letters, digits and hyphens"
            )
        if not 0 < len(title) <= 100:
            raise CustodyError("A person needs a name to be read, of at most 100 characters", mend="Give one")
        chosen, kept, now = check_roles(roles), hashed(password), self._clock.utc()
        with self._database.write() as connection:
            if connection.scalar(select(func.count()).select_from(table)):
                person_of(connection, by, Role.ADMINISTRATOR)
            elif Role.ADMINISTRATOR not in chosen or by != name:
                raise CustodyError(
                    "There is nobody yet, and the first person must be an administrator",
                    mend="Add an administrator first, who then adds the others",
                )
            if connection.scalar(select(table.c.name).where(table.c.name == name)) is not None:
                raise CustodyError(
                    f"There is a person {name!r} already",
                    mend="Choose another name: names stay with who had them, for the record",
                )
            values = {role.value: int(role in chosen) for role in Role}
            row = {"name": name, "title": title, "password": kept, "added": now, **values}
            connection.execute(insert(table).values(row))
            self._record(connection, by, Action.PERSON_ADDED, name, roles=chosen, origin=origin)
        return Person(name, title, chosen)

    def change(self, name: str, roles: Collection[Role], *, by: str, origin: str = HOST) -> Person:
        """Give a person other roles, in place of all before. Raises CustodyError, Forbidden."""
        chosen = check_roles(roles)
        with self._database.write() as connection:
            person_of(connection, by, Role.ADMINISTRATOR)
            person_of(connection, name)
            if Role.ADMINISTRATOR not in chosen:
                self._not_the_last(connection, name)
            values = {role.value: int(role in chosen) for role in Role}
            connection.execute(update(table).where(table.c.name == name).values(values))
            self._end_sessions(connection, name)
            self._record(connection, by, Action.PERSON_CHANGED, name, roles=chosen, origin=origin)
        return self.get(name)

    def password(self, name: str, new: str, *, by: str, origin: str = HOST) -> None:
        """Give a person a new password: the person itself or an administrator does. Raises Forbidden."""
        kept = hashed(new)
        with self._database.write() as connection:
            person_of(connection, by, *(() if by == name else (Role.ADMINISTRATOR,)))
            found = person_of(connection, name)
            values = {"password": kept, "failures": 0, "wait": 0}
            connection.execute(update(table).where(table.c.name == name).values(values))
            self._end_sessions(connection, name)
            self._record(connection, by, Action.PERSON_CHANGED, name, roles=found.roles, origin=origin)

    def second(self, name: str, *, by: str, origin: str = HOST) -> bytes:
        """Give a person a new second factor and return its secret, to be shown once. Raises Forbidden."""
        secret = totp.new_secret()
        with self._database.write() as connection:
            person_of(connection, by, *(() if by == name else (Role.ADMINISTRATOR,)))
            found = person_of(connection, name)
            connection.execute(update(table).where(table.c.name == name).values(second=secret, step=0))
            self._end_sessions(connection, name)
            self._record(connection, by, Action.PERSON_CHANGED, name, roles=found.roles, origin=origin)
        return secret

    def revoke(self, name: str, *, by: str, origin: str = HOST) -> None:
        """Let a person do nothing any more. The name stays taken, for the record. Raises CustodyError, Forbidden."""
        with self._database.write() as connection:
            person_of(connection, by, Role.ADMINISTRATOR)
            found = person_of(connection, name)
            self._not_the_last(connection, name)
            connection.execute(update(table).where(table.c.name == name).values(revoked=self._clock.utc()))
            self._end_sessions(connection, name)
            self._record(connection, by, Action.PERSON_REVOKED, name, roles=found.roles, origin=origin)

    def sign_in(self, name: str, password: str, *, door: Door, origin: str = HOST, code: str = "") -> Person:
        """The person of that name and password. Raises Forbidden, which never tells what was wrong.

        After a few wrong ones a wait begins that doubles; within it nothing is tried. At the console, people whose
        role needs it give the code of their second factor too.
        """
        with self._door:  # one after the other, or many guesses at once would all come before the wait
            now = self._clock.utc()
            mine = select(table).where(table.c.name == name)
            with self._database.read() as connection:
                row = connection.execute(mine).first()
            if row is not None and now < row.wait <= now + _LONGEST_WAIT * _SECOND:
                raise Forbidden("Too many wrong log-ins", mend="Wait a quarter of an hour, then try again")
            right = matches(password, None if row is None else row.password)
            with self._database.write() as connection:
                row = connection.execute(mine.with_for_update()).first()
                step = self._step(row, code, door, now) if right else None
                self._note(connection, row, step, now)
                known = name if row is not None else "unknown"
                action = Action.LOGIN_FAILED if step is None else Action.LOGIN
                details: dict[str, Json] = {"door": door}
                if step is None:
                    details["reason"] = "credentials"
                actor = known if step is not None else SYSTEM
                append(connection, Entry(now, actor, action, f"person/{known}", details, origin))
        if row is None or step is None:
            raise Forbidden("Name, password or code is wrong", mend="Try again, with care")
        return _person(row)

    def sign_out(self, name: str, *, door: Door, origin: str) -> None:
        """Put on record that a person has left."""
        with self._database.write() as connection:
            append(
                connection,
                Entry(self._clock.utc(), name, Action.LOGOUT, f"person/{name}", {"door": door}, origin),
            )

    def _step(self, row: Row[Any] | None, code: str, door: Door, now: int) -> int | None:
        """The time step of the second factor that was used, 0 where none is needed; None when something is wrong."""
        if row is None or row.revoked is not None:
            return None
        if door == "command" or WITH_SECOND.isdisjoint(_person(row).roles):
            return 0
        return None if row.second is None else totp.verify(row.second, code, now, row.step)

    def _note(self, connection: Connection, row: Row[Any] | None, step: int | None, now: int) -> None:
        """Count a wrong log-in, or forget those before a right one."""
        if row is None:
            return
        failures = 0 if step is not None else row.failures + 1
        values = {"failures": failures, "wait": now + _wait(failures) if failures > _FREE else 0}
        if step:
            values["step"] = step
        connection.execute(update(table).where(table.c.name == row.name).values(values))

    def _not_the_last(self, connection: Connection, name: str) -> None:
        others = select(func.count()).where(
            table.c.administrator == 1, table.c.revoked.is_(None), table.c.name != name
        )
        if not connection.scalar(others):
            raise CustodyError(f"{name} is the last administrator", mend="Add another administrator first")

    def _end_sessions(self, connection: Connection, name: str) -> None:
        connection.execute(session.delete().where(session.c.person == name))

    def _record(
        self,
        connection: Connection,
        by: str,
        action: Action,
        name: str,
        *,
        roles: Collection[Role],
        origin: str,
    ) -> None:
        details: dict[str, Json] = {"roles": sorted(roles)}
        append(connection, Entry(self._clock.utc(), by, action, f"person/{name}", details, origin))


def _wait(failures: int) -> int:
    """Microseconds to wait after so many wrong log-ins in a row."""
    return int(min(2 ** min(failures - _FREE - 1, 10), _LONGEST_WAIT)) * _SECOND
