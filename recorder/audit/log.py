"""Reads the log."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from recorder.audit.entry import Action, Entry
from recorder.audit.tables import entry
from vcam.base.errors import RecordError

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of [start, end) in us UTC, by `actor`, of these actions, whose subject begins so."""

    start: int | None = None
    end: int | None = None
    actor: str | None = None
    actions: Collection[Action] = ()
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry and its number."""

    number: int
    entry: Entry


def entries(connection: Connection, wanted: Wanted | None = None) -> Iterator[Logged]:
    """The entries that are wanted, in order, from their bodies. Raises RecordError for one that is damaged."""
    wanted = wanted or Wanted()
    query = select(entry.c.number, entry.c.body).order_by(entry.c.number)
    if wanted.start is not None:
        query = query.where(entry.c.time >= wanted.start)
    if wanted.end is not None:
        query = query.where(entry.c.time < wanted.end)
    if wanted.actor is not None:
        query = query.where(entry.c.actor == wanted.actor)
    if wanted.actions:
        query = query.where(entry.c.action.in_([action.value for action in wanted.actions]))
    if wanted.subject is not None:
        query = query.where(entry.c.subject.startswith(wanted.subject, autoescape=True))
    for number, body in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield Logged(number, read(number, body))


def read(number: int, body: str) -> Entry:
    """The entry whose body that is. Raises RecordError."""
    try:
        found = json.loads(body)
        return Entry(
            found["time"],
            found["actor"],
            Action(found["action"]),
            found["subject"],
            found["details"],
            found["origin"],
        )
    except (ValueError, KeyError, TypeError):
        raise RecordError(
            f"Entry {number} of the audit log is damaged", mend="Run 'garim audit verify' to see what else is"
        ) from None
