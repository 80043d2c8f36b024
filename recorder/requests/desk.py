"""The desk at which cases are worked on: transactions that move a case, and the parts that people take in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from recorder.database import Database
from recorder.requests.case import Document, Request
from recorder.requests.rules import Rules
from recorder.requests.states import Deed, after
from recorder.requests.tables import document, party
from recorder.requests.tables import request as table
from vcam.base.canonical import Json
from vcam.base.clock import Clock
from vcam.base.errors import CustodyError, Forbidden


class Desk:
    """What all who work on cases share."""

    def __init__(self, database: Database, clock: Clock, rules: Rules | None = None) -> None:
        self.database = database
        self.clock = clock
        self.rules = rules or Rules()

    @contextlib.contextmanager
    def writing(self, connection: Connection | None) -> Iterator[Connection]:
        """The caller's transaction, or one of our own."""
        if connection is not None:
            yield connection
        else:
            with self.database.write() as opened:
                yield opened

    @contextlib.contextmanager
    def moving(
        self, number: str, deed: Deed, connection: Connection | None = None
    ) -> Iterator[tuple[Connection, Request, dict[str, Any]]]:
        """A transaction in which the case makes the move; the values that the body adds are written at its end."""
        with self.writing(connection) as opened:
            case = get_case(opened, number, lock=True)
            values: dict[str, Any] = {"state": after(case.state, deed).value}
            yield opened, case, values
            opened.execute(update(table).where(table.c.number == number).values(values))

    def record(
        self,
        connection: Connection,
        by: str,
        action: Action,
        case: Request,
        details: Mapping[str, Json],
        *,
        origin: str,
    ) -> None:
        """Put a deed on record, under the case."""
        append(connection, Entry(self.clock.utc(), by, action, case.subject, details, origin))


def get_case(connection: Connection, number: str, *, lock: bool = False) -> Request:
    """The case of that number, kept from others' writing until the commit if `lock`. Raises CustodyError."""
    query = select(table).where(table.c.number == number)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise CustodyError(f"There is no request {number!r}", mend="See 'garim request list'")
    found = select(document).where(document.c.request == number).order_by(document.c.added, document.c.sha256)
    documents = (Document(each.name, each.sha256, each.kind) for each in connection.execute(found))
    return Request.of(row, tuple(documents))


def take_part(connection: Connection, number: str, person: str, part: str, now: int) -> None:
    """Give `person` a part in the case. Raises Forbidden for who has one already; the table refuses that too."""
    held = select(party.c.part).where(party.c.request == number, party.c.person == person)
    found = connection.scalar(held)
    if found is not None:
        raise Forbidden(
            f"{person} is the {found} of case {number} and cannot be its {part}",
            mend="Requester, approver, custodian and reviewer are different people; let somebody else do it",
        )
    connection.execute(insert(party).values(request=number, person=person, part=part, time=now))
