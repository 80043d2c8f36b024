"""What becomes of an approved case: custodians answer, originals are opened, exports are made."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from recorder.audit.append import append
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.audit.log import read
from recorder.audit.tables import entry as log
from recorder.requests.case import Request
from recorder.requests.desk import Desk, get_case, take_part
from recorder.requests.people import HOST, person_of
from recorder.requests.role import Role
from recorder.requests.states import Deed, after
from recorder.requests.tables import answer, person
from vcam.base.canonical import Json
from vcam.base.errors import Forbidden


class Opening(Desk):
    """What release and export note in the book.

    `details` joins the entry's own keys. With `connection`, a transaction of `Database.write`, the caller's own deed
    and the note are one commit, and the case is returned as it was before.
    """

    def answered(
        self,
        number: str,
        *,
        by: str,
        details: Mapping[str, Json] | None = None,
        origin: str = HOST,
        connection: Connection | None = None,
    ) -> None:
        """Note a custodian's answer to the case's release; to each, when there are several.

        Who takes another part in the case is refused.
        """
        now = self.clock.utc()
        with self.writing(connection) as opened:
            person_of(opened, by, Role.CUSTODIAN)
            case = get_case(opened, number, lock=True)
            after(case.state, Deed.RELEASE)
            mine = answer.c.request == number, answer.c.person == by
            if opened.execute(select(answer.c.person).where(*mine)).first() is None:
                take_part(opened, number, by, "custodian", now)
                row = {"request": number, "person": by, "part": "custodian", "time": now}
                opened.execute(insert(answer).values(row))
            entry = {"request": number, "custodian": by} | dict(details or {})
            self.record(opened, by, Action.RELEASE_ANSWERED, case, entry, origin=origin)

    def answerers(self, number: str) -> set[str]:
        """Who has answered the case's releases and is a custodian still."""
        query = select(answer.c.person).join(person, person.c.name == answer.c.person)
        mine = answer.c.request == number, person.c.custodian == 1, person.c.revoked.is_(None)
        with self.database.read() as connection:
            return set(connection.scalars(query.where(*mine)))

    def released(
        self,
        number: str,
        *,
        by: str,
        details: Mapping[str, Json] | None = None,
        origin: str = HOST,
        connection: Connection | None = None,
    ) -> Request:
        """Note that the originals in scope were opened. `details`: release, epochs, custodians."""
        with self.moving(number, Deed.RELEASE, connection) as (opened, case, values):
            _worker(opened, by)
            _unchanged(opened, case)
            values["released"] = self.clock.utc() if case.released is None else case.released
            entry = case.case() | case.reach() | dict(details or {})
            self.record(opened, by, Action.RELEASED, case, entry, origin=origin)
        return case if connection is not None else self._now(number)

    def exported(
        self,
        number: str,
        *,
        by: str,
        export: str,
        details: Mapping[str, Json] | None = None,
        origin: str = HOST,
        connection: Connection | None = None,
    ) -> Request:
        """Note that `export` was made of the case. `details`: kind, items, form, files and others."""
        with self.moving(number, Deed.EXPORT, connection) as (opened, case, values):
            _worker(opened, by)
            _unchanged(opened, case)
            values["exported"] = self.clock.utc() if case.exported is None else case.exported
            entry = case.case() | case.reach() | {"limits": case.limits} | dict(details or {})
            append(opened, Entry(self.clock.utc(), by, Action.EXPORTED, f"export/{export}", entry, origin))
        return case if connection is not None else self._now(number)

    def as_approved(self, number: str) -> Request:
        """The case, whose row says what the log says was approved. Raises Forbidden, CustodyError."""
        with self.database.read() as connection:
            case = get_case(connection, number)
            _unchanged(connection, case)
        return case

    def _now(self, number: str) -> Request:
        with self.database.read() as connection:
            return get_case(connection, number)


def _unchanged(connection: Connection, case: Request) -> None:
    """Raise Forbidden unless the log says that the case was approved with this reach, basis and receiver.

    The database lets whoever may write to it widen a row; the log, whose heads leave the house, tells of that.
    """
    query = select(log.c.number, log.c.body).where(
        log.c.action == Action.REQUEST_APPROVED.value, log.c.subject == case.subject
    )
    row = connection.execute(query.order_by(log.c.number.desc()).limit(1)).first()
    told = {} if row is None else read(row.number, row.body).details
    said = case.case() | case.reach()
    del said["article"]  # its wording follows from the basis, and may change with the product
    if any(told.get(key) != value for key, value in said.items()):
        raise Forbidden(
            f"Case {case.number} is not as it was approved: somebody has changed it in the database",
            mend="Compare 'garim request show' with 'garim audit list --action request.approved', then bring it anew",
        )


def _worker(connection: Connection, by: str) -> None:
    """Who opens and makes exports: an officer, or the product on its own."""
    if by != SYSTEM:
        person_of(connection, by, Role.OFFICER)
