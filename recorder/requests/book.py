"""The book of cases: every deed checks who does it, moves the case and goes on record, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Integer, cast, func, insert, select, update
from sqlalchemy import text as sql

from recorder.audit.entry import Action
from recorder.requests import deadline
from recorder.requests.basis import SUBJECT_GROUNDS, Basis, Ground
from recorder.requests.case import Draft, Request
from recorder.requests.desk import get_case, take_part
from recorder.requests.intake import LONGEST, case_row, check_draft, form_row, needed, receiver_of, subject_of
from recorder.requests.opening import Opening
from recorder.requests.people import HOST, person_of
from recorder.requests.role import Role
from recorder.requests.states import WAITING, Deed, State
from recorder.requests.subject import Subject, check_sha256
from recorder.requests.tables import document
from recorder.requests.tables import request as table
from recorder.requests.tables import subject as form
from recorder.requests.upkeep import Upkeep
from recorder.tables import camera
from vcam.base.canonical import Json
from vcam.base.errors import CustodyError, Forbidden

KINDS = ("basis", "identity", "agency", "other")
"""What an attached document proves."""


class Requests(Opening, Upkeep):
    """The cases of a site. Every method that acts raises Forbidden for who may not, CustodyError for what cannot be.

    `by` is a person's name, whose role and part in the case are looked up in the same transaction. `origin` is an
    address, or "host" for the command line.
    """

    def get(self, number: str) -> Request:
        """The case of that number. Raises CustodyError."""
        with self.database.read() as connection:
            return get_case(connection, number)

    def list(self, states: Sequence[State] = (), requester: str | None = None) -> Sequence[Request]:
        """Cases, newest first: all, or those in `states`, or those that `requester` brought."""
        query = select(table).order_by(table.c.drafted.desc(), table.c.number.desc())
        if states:
            query = query.where(table.c.state.in_([state.value for state in states]))
        if requester is not None:
            query = query.where(table.c.requester == requester)
        with self.database.read() as connection:
            return [Request.of(row) for row in connection.execute(query)]

    def cameras(self) -> Sequence[str]:
        """Names of all cameras that ever recorded."""
        with self.database.read() as connection:
            return list(connection.scalars(select(camera.c.name).order_by(camera.c.name)))

    def subject(self, number: str, *, by: str) -> Subject | None:
        """The form of a citizen's request, for those who work on the case or audit it. None when there is none."""
        with self.database.read() as connection:
            person_of(connection, by, Role.OFFICER, Role.APPROVER, Role.AUDITOR)
            row = connection.execute(select(form).where(form.c.request == number)).first()
        if row is None:
            return None
        return subject_of(row)

    def draft(self, asked: Draft, *, by: str, origin: str = HOST) -> Request:
        """Begin a case; an officer does. The ten days of PIPA 35 run from when the demand arrived."""
        receiver = receiver_of(asked)
        rule = self.rules.basis(asked.basis, receiver)
        body = check_draft(asked)
        now = self.clock.utc()
        received = now if asked.received is None else asked.received
        if received > now:
            raise CustodyError(
                "The demand cannot have arrived in the future", mend="Give the day that it arrived"
            )
        with self.database.write() as connection:
            person_of(connection, by, Role.OFFICER)
            number = self._number(connection, now)
            take_part(connection, number, by, "requester", now)
            due = None if rule.days is None else deadline.due(received, rule.days, self.rules.zone)
            known = {"number": number, "state": State.DRAFTED.value, "requester": by, "drafted": now}
            known |= {"received": received, "due": due, "receiver": receiver.value, "body": body}
            connection.execute(insert(table).values(case_row(asked) | known))
            if asked.subject is not None:
                connection.execute(insert(form).values(form_row(number, asked.subject)))
            made = get_case(connection, number, lock=True)
            details = made.case() | made.reach() | {"requester": by, "documents": [], "received": received}
            if asked.subject is not None:
                details |= {"agent": bool(asked.subject.agent), "fee": asked.subject.fee}
            self.record(connection, by, Action.REQUEST_DRAFTED, made, details | _due(made), origin=origin)
        return made

    def attach(
        self, number: str, sha256: str, name: str, *, by: str, kind: str = "basis", origin: str = HOST
    ) -> Request:
        """Note a document of the case by its SHA-256 (hexadecimal); an officer does, until the case is closed."""
        if kind not in KINDS:
            raise CustodyError(f"A document cannot prove {kind!r}", mend=f"Give one of {', '.join(KINDS)}")
        name, sha256 = needed(name, "The document's name", 200), check_sha256(sha256, "the document")
        with self.database.write() as connection:
            person_of(connection, by, Role.OFFICER)
            case = get_case(connection, number, lock=True)
            if case.state in (State.CLOSED, State.EXPIRED):
                raise Forbidden(f"Case {number} is {case.state}", mend="Attach documents before that")
            if any(each.sha256 == sha256 for each in case.documents):
                raise CustodyError("This document is attached already", mend="Attach each document once")
            now = self.clock.utc()
            row = {
                "request": number,
                "sha256": sha256,
                "name": name,
                "kind": kind,
                "added": now,
                "added_by": by,
            }
            connection.execute(insert(document).values(row))
            details: dict[str, Json] = {
                "request": number,
                "what": "document",
                "documents": [{"name": name, "sha256": sha256}],
            }
            self.record(connection, by, Action.REQUEST_CHANGED, case, details, origin=origin)
        return self.get(number)

    def paid(self, number: str, *, by: str, origin: str = HOST) -> None:
        """Note that a citizen has paid the fee; an officer does."""
        with self.database.write() as connection:
            person_of(connection, by, Role.OFFICER)
            case, now = get_case(connection, number, lock=True), self.clock.utc()
            owed = form.c.request == number, form.c.paid.is_(None), form.c.fee > 0
            if not connection.execute(update(form).where(*owed).values(paid=now)).rowcount:
                raise CustodyError(f"No fee is open in case {number}", mend="See 'garim request show'")
            details: dict[str, Json] = {"request": number, "what": "paid"}
            self.record(connection, by, Action.REQUEST_CHANGED, case, details, origin=origin)

    def submit(self, number: str, *, by: str, origin: str = HOST) -> Request:
        """Lay a case, with its document and the reason of a wide scope, before the approvers; its requester does."""
        with self.moving(number, Deed.SUBMIT) as (connection, case, values):
            person_of(connection, by, Role.OFFICER)
            if by != case.requester:
                raise Forbidden(f"Case {number} is {case.requester}'s", mend="Its requester submits it")
            rule = self.rules.basis(case.basis, case.receiver)
            proven = any(each.kind == "basis" for each in case.documents)
            if rule.document and not proven and not case.emergency:
                raise CustodyError(
                    f"{rule.article} asks for a document, and none is attached",
                    mend="Attach it: garim request attach",
                )
            self.rules.check_width(case.scope, case.confirmation)
            values["submitted"] = self.clock.utc()
            details = {"request": number} | _due(case)
            self.record(connection, by, Action.REQUEST_SUBMITTED, case, details, origin=origin)
        return self.get(number)

    def approve(self, number: str, *, by: str, text: str = "", origin: str = HOST) -> Request:
        """Approve a case; an approver who takes no other part in it does. An emergency is approved once two have."""
        now = self.clock.utc()
        with self.moving(number, Deed.APPROVE) as (connection, case, values):
            person_of(connection, by, Role.APPROVER)
            self.rules.basis(case.basis, case.receiver)
            take_part(connection, number, by, "approver", now)
            first = case.approver is None
            values["approver" if first else "second"] = by
            values["answer"] = text[:LONGEST]
            if case.emergency and first:
                values["state"] = State.SUBMITTED.value  # the second approver is wanting
            else:
                values["decided"] = now
            details = case.case() | case.reach() | _due(case)
            details |= {"approver": by, "emergency": case.emergency}
            self.record(connection, by, Action.REQUEST_APPROVED, case, details, origin=origin)
        return self.get(number)

    def refuse(self, number: str, ground: Ground, *, by: str, text: str = "", origin: str = HOST) -> Request:
        """Refuse a case, on a ground of the closed list; an approver who takes no other part in it does."""
        now = self.clock.utc()
        with self.moving(number, Deed.REFUSE) as (connection, case, values):
            person_of(connection, by, Role.APPROVER)
            if case.basis is Basis.SUBJECT and ground not in SUBJECT_GROUNDS:
                raise CustodyError(
                    f"PIPA 35 knows no refusal on the ground '{ground}'",
                    mend=f"Give one of {', '.join(sorted(SUBJECT_GROUNDS))}",
                )
            if ground is Ground.OTHER:
                needed(text, "The cause of the refusal")
            take_part(connection, number, by, "approver", now)
            values |= {
                "approver" if case.approver is None else "second": by,
                "decided": now,
                "ground": ground.value,
                "answer": text[:LONGEST],
            }
            details: dict[str, Json] = {
                "request": number,
                "ground": ground.value,
                "explanation": text[:LONGEST],
            }
            self.record(connection, by, Action.REQUEST_REFUSED, case, details, origin=origin)
        return self.get(number)

    def extend(self, number: str, days: int, reason: str, *, by: str, origin: str = HOST) -> Request:
        """Put off the last day of the answer to a data subject, who must be told; an officer or approver does."""
        reason = needed(reason, "The reason of the extension")
        with self.database.write() as connection:
            person_of(connection, by, Role.OFFICER, Role.APPROVER)
            case = get_case(connection, number, lock=True)
            if case.due is None or case.state not in WAITING:
                raise Forbidden(f"Case {number} has no deadline to put off", mend="See 'garim request show'")
            due = deadline.extended(case.due, days, self.rules.zone)
            connection.execute(update(table).where(table.c.number == number).values(due=due))
            details: dict[str, Json] = {"request": number, "due": due, "reason": reason}
            self.record(connection, by, Action.REQUEST_EXTENDED, case, details, origin=origin)
        return self.get(number)

    def close(self, number: str, outcome: str, *, by: str, origin: str = HOST) -> Request:
        """End a case; an officer does. An emergency is reviewed before."""
        outcome = needed(outcome, "The outcome")
        with self.moving(number, Deed.CLOSE) as (connection, case, values):
            person_of(connection, by, Role.OFFICER)
            if case.emergency and case.decided is not None and case.ground is None and case.reviewed is None:
                raise Forbidden(
                    f"The emergency of case {number} is not reviewed",
                    mend="Let a third person or the auditor review it",
                )
            values["closed"] = self.clock.utc()
            details: dict[str, Json] = {"request": number, "outcome": outcome}
            self.record(connection, by, Action.REQUEST_CLOSED, case, details, origin=origin)
        return self.get(number)

    def review(self, number: str, finding: str, *, by: str, origin: str = HOST) -> Request:
        """Review an emergency afterwards: an auditor does, or an approver who takes no other part in it."""
        finding = needed(finding, "The finding")
        now = self.clock.utc()
        with self.database.write() as connection:
            person_of(connection, by, Role.APPROVER, Role.AUDITOR)
            case = get_case(connection, number, lock=True)
            if (
                not case.emergency
                or case.decided is None
                or case.ground is not None
                or case.reviewed is not None
            ):
                raise Forbidden(f"Case {number} has no emergency to review", mend="See 'garim request show'")
            take_part(connection, number, by, "reviewer", now)
            values = {"reviewer": by, "reviewed": now, "finding": finding}
            connection.execute(update(table).where(table.c.number == number).values(values))
            details: dict[str, Json] = {"request": number, "outcome": finding}
            self.record(connection, by, Action.REQUEST_REVIEWED, case, details, origin=origin)
        return self.get(number)

    def _number(self, connection: Connection, now: int) -> str:
        """The next number of this year."""
        if connection.dialect.name == "postgresql":
            connection.execute(sql("LOCK TABLE request IN SHARE ROW EXCLUSIVE MODE"))
        year = f"{deadline.day_of(now, self.rules.zone).year:04d}-"
        last = select(func.max(cast(func.substr(table.c.number, len(year) + 1), Integer)))
        found = connection.scalar(last.where(table.c.number.like(f"{year}%")))
        return f"{year}{(found or 0) + 1:04d}"


def _due(case: Request) -> dict[str, Json]:
    return {} if case.due is None else {"due": case.due}
