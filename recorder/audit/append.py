"""Appends to the log within the caller's own transaction, so that a deed and its record are one commit."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, text

from recorder.audit.entry import Entry, leaf_hash
from recorder.audit.tables import entry

_LOCK = 0x676172696D  # one number for all who append, whatever their process


def lock(connection: Connection) -> None:
    """Let nobody else append until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def append(connection: Connection, *entries: Entry) -> int:
    """Add `entries` in order; return the number of the last.

    `connection` is in a transaction of `Database.write`. SQLite's BEGIN IMMEDIATE lets one writer in at a time;
    on PostgreSQL an advisory lock does, held until the commit.
    """
    lock(connection)
    last = connection.scalar(select(func.max(entry.c.number)))
    number = -1 if last is None else int(last)
    rows = []
    for each in entries:
        number += 1
        body = each.body(number)
        rows.append(
            {
                "number": number,
                "time": each.time,
                "actor": each.actor,
                "action": each.action.value,
                "subject": each.subject,
                "body": body.decode(),
                "leaf": leaf_hash(body),
            }
        )
    if rows:
        connection.execute(insert(entry), rows)
    return number
