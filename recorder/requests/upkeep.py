"""What time does to cases: they expire, deadlines come near, personal data are erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select, update

from recorder.audit.entry import SYSTEM, Action
from recorder.requests import deadline
from recorder.requests.case import Request
from recorder.requests.desk import Desk, get_case
from recorder.requests.states import MOVES, WAITING, Deed, State, after
from recorder.requests.subject import PERSONAL
from recorder.requests.tables import reminder
from recorder.requests.tables import request as table
from recorder.requests.tables import subject as form
from vcam.base.canonical import Json


@dataclass(frozen=True, slots=True)
class Reminder:
    """That something is due. `days` until the last day, or deadline.LATE. `what` is "answer" or "review"."""

    number: str
    what: str
    due: int
    days: int


class Upkeep(Desk):
    """What is done regularly, whoever is there. Each call does what is due now and puts it on record."""

    def expire(self) -> list[str]:
        """End drafts, and approvals that nothing was made of in time, unless an answer is due; their numbers."""
        now = self.clock.utc()
        old = or_(
            and_(table.c.state == State.DRAFTED.value, table.c.drafted <= now - self.rules.life),
            and_(
                table.c.state.in_([State.APPROVED.value, State.RELEASED.value]),
                table.c.decided <= now - self.rules.life,
            ),
        )
        with self.database.write() as connection:
            over = select(table.c.number).where(old, table.c.due.is_(None)).order_by(table.c.number)
            numbers = [str(each) for each in connection.scalars(over)]
            expired: list[str] = []
            for number in numbers:
                case = get_case(connection, number, lock=True)
                if (case.state, Deed.EXPIRE) not in MOVES:
                    continue  # somebody was faster
                expired.append(number)
                values = {"state": after(case.state, Deed.EXPIRE).value, "closed": now}
                connection.execute(update(table).where(table.c.number == number).values(values))
                details: dict[str, Json] = {"request": number, "outcome": f"expired when {case.state}"}
                self.record(connection, SYSTEM, Action.REQUEST_EXPIRED, case, details, origin="")
        return expired

    def remind(self) -> list[Reminder]:
        """Give the reminders whose day has come, each once, and put them on record."""
        now = self.clock.utc()
        given: list[Reminder] = []
        with self.database.write() as connection:
            for case, what, due in self._open(connection):
                past = reminder.c.request == case.number, reminder.c.due == due
                before = list(connection.scalars(select(reminder.c.days).where(*past)))
                days = deadline.reminder(due, now, self.rules.zone, self.rules.remind, before)
                if days is None:
                    continue
                row = {"request": case.number, "due": due, "days": days, "time": now}
                connection.execute(insert(reminder).values(row))
                details: dict[str, Json] = {"request": case.number, "due": due, "reason": what}
                self.record(connection, SYSTEM, Action.REQUEST_REMINDED, case, details, origin="")
                given.append(Reminder(case.number, what, due, deadline.left(due, now, self.rules.zone)))
        return given

    def erase(self) -> list[str]:
        """Erase data subjects' personal data whose time is over; the numbers of their cases."""
        now = self.clock.utc()
        over = select(form.c.request).join(table, table.c.number == form.c.request)
        over = over.where(form.c.erased.is_(None), table.c.closed <= now - self.rules.subject).order_by(
            form.c.request
        )
        with self.database.write() as connection:
            numbers = [str(each) for each in connection.scalars(over)]
            for number in numbers:
                gone: dict[str, Any] = dict.fromkeys(PERSONAL) | {"erased": now}
                connection.execute(update(form).where(form.c.request == number).values(gone))
                details: dict[str, Json] = {"request": number, "what": "erased"}
                self.record(
                    connection, SYSTEM, Action.REQUEST_CHANGED, get_case(connection, number), details, origin=""
                )
        return numbers

    def _open(self, connection: Connection) -> Iterator[tuple[Request, str, int]]:
        """Cases with something due: what, and by when."""
        waiting = and_(table.c.due.is_not(None), table.c.state.in_([state.value for state in WAITING]))
        unseen = and_(
            table.c.emergency == 1,
            table.c.decided.is_not(None),
            table.c.ground.is_(None),
            table.c.reviewed.is_(None),
        )
        for row in connection.execute(select(table).where(or_(waiting, unseen)).order_by(table.c.number)).all():
            case = Request.of(row)
            if case.due is not None and case.state in WAITING:
                yield case, "answer", case.due
            if case.emergency and case.decided is not None and case.reviewed is None:
                yield case, "review", case.decided + self.rules.review
