"""Signs the log's head, and keeps the heads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from sqlalchemy import Connection, Row, func, insert, select

from recorder.audit.append import append, lock
from recorder.audit.entry import SYSTEM, Action, Entry, leaf_hash
from recorder.audit.head import Head
from recorder.audit.merkle import Frontier
from recorder.audit.tables import entry, head
from recorder.database import Database
from recorder.signing import SigningKey
from vcam.base.canonical import Json
from vcam.base.clock import Clock

_log = structlog.get_logger()

_AT_ONCE = 5000
"""Rows fetched at a time."""
_HEADS = select(head.c.size, head.c.time, head.c.root, head.c.key, head.c.signature)


def _head(row: Row[Any, Any, Any, Any, Any]) -> Head:
    size, time, root, key, signature = row
    return Head(size, time, _bytes(root), _bytes(key), _bytes(signature))


def _bytes(value: object) -> bytes:
    """SQLite keeps values of any type in any column: what is no bytes becomes some that no key has signed."""
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode("utf-8", "replace")


def stored(connection: Connection) -> Iterator[Head]:
    """All heads, by size."""
    found = connection.execute(_HEADS.order_by(head.c.size), execution_options={"yield_per": _AT_ONCE})
    return map(_head, found)


def latest(connection: Connection, count: int = 1) -> list[Head]:
    """The last heads, the last one first."""
    return [_head(row) for row in connection.execute(_HEADS.order_by(head.c.size.desc()).limit(count))]


def leaves(connection: Connection, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Hashes of the leaves from number `start` on and before `end`, made from the entries' bodies."""
    wanted = select(entry.c.body).where(entry.c.number >= start).order_by(entry.c.number)
    if end is not None:
        wanted = wanted.where(entry.c.number < end)
    for (body,) in connection.execute(wanted, execution_options={"yield_per": _AT_ONCE}):
        yield leaf_hash(body.encode())


def size(connection: Connection) -> int:
    """Entries in the log, if none is missing."""
    last = connection.scalar(select(func.max(entry.c.number)))
    return 0 if last is None else int(last) + 1


def sign(database: Database, key: SigningKey, clock: Clock) -> Head:
    """A head over all entries so far, stored; an entry then tells of it, so that it is missed when removed.

    Costs a hash for each entry since the head before, whose perfect subtrees are stored with it. Where they do not
    belong to that head, or the head is not by `key`, as where recorders share the log, all entries are hashed. Raises
    RecordError.
    """
    with database.write() as connection:
        lock(connection)
        frontier = _frontier(connection, key)
        for leaf in leaves(connection, frontier.size):
            frontier.add(leaf)
        found = Head.sign(frontier.size, clock.utc(), frontier.root, key)
        connection.execute(
            insert(head).values(
                size=found.size,
                time=found.time,
                root=found.root,
                frontier=frontier.pack(),
                key=found.key,
                signature=found.signature,
            )
        )
        details: dict[str, Json] = {"size": found.size, "root": found.root.hex()}
        append(connection, Entry(found.time, SYSTEM, Action.HEAD_SIGNED, "audit", details))
    return found


def _frontier(connection: Connection, key: SigningKey) -> Frontier:
    found = latest(connection)
    if not found:
        return Frontier()
    last = found[0]
    packed = connection.scalar(select(head.c.frontier).where(head.c.size == last.size))
    try:
        frontier = Frontier.unpack(last.size, _bytes(packed or b""))
    except ValueError:
        frontier = Frontier()
    own = last.key == key.public.raw
    if frontier.root == last.root and last.genuine:
        return frontier if own else Frontier()
    _log.error(
        "the last head of the audit log is not as it was signed: run 'garim audit verify'", size=last.size
    )
    return Frontier()
