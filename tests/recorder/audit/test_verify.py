"""Who writes to the database past the product is found out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Connection, delete, insert, select, text, update

from recorder.audit.append import append
from recorder.audit.entry import SYSTEM, Action, Entry, leaf_hash
from recorder.audit.head import Head
from recorder.audit.heads import latest, leaves, sign
from recorder.audit.merkle import Frontier, root
from recorder.audit.proof import prove_consistency
from recorder.audit.tables import entry, head
from recorder.audit.verify import STEP, Verified, verify
from recorder.database import Database
from recorder.signing import SigningKey
from tests.recorder.audit.conftest import START, fill, looks, unlock
from vcam.base.clock import ManualClock
from vcam.base.errors import CustodyError, RecordError

COUNTS = (4, 3, 2)
SIZE = sum(COUNTS) + len(COUNTS)


@pytest.fixture
def log(database: Database, key: SigningKey, clock: ManualClock) -> Database:
    fill(database, key, clock, *COUNTS)
    return database


def verified(database: Database, key: SigningKey, *outside: Head) -> Verified:
    with database.read() as connection:
        return verify(connection, [key.public.raw], outside)


def said(done: Verified) -> str:
    return "\n".join(finding.what for finding in done.findings)


def heads(database: Database) -> list[Head]:
    """The first head first."""
    with database.read() as connection:
        return latest(connection, 100)[::-1]


def test_an_untouched_log_is_right(log: Database, key: SigningKey) -> None:
    done = verified(log, key, *heads(log))
    assert (done.size, done.heads, done.confirmed, done.findings, done.notes) == (SIZE, 3, SIZE - 1, [], [])
    with log.read() as connection:
        assert done.root == root(leaves(connection))


def test_an_empty_log_is_right(database: Database, key: SigningKey) -> None:
    assert verified(database, key).findings == []


Change = Callable[[Connection, int], None]
"""Does something to the entry of a number."""


def _set(**values: object) -> Change:
    def change(connection: Connection, number: int) -> None:
        connection.execute(update(entry).where(entry.c.number == number).values(**values))

    return change


def _remove(connection: Connection, number: int) -> None:
    connection.execute(delete(entry).where(entry.c.number == number))


def _forge(connection: Connection, number: int) -> None:
    """Another body, with columns and hash to match: what only the heads can tell."""
    forged = Entry(START + 1, "officer-9", Action.VIEWED, "camera/yard")
    body = forged.body(number)
    _set(
        time=forged.time,
        actor=forged.actor,
        action=forged.action.value,
        subject=forged.subject,
        body=body.decode(),
        leaf=leaf_hash(body),
    )(connection, number)


def _swap(connection: Connection, number: int) -> None:
    other = (number + 1) % SIZE
    for old, new in ((number, 1000), (other, number), (1000, other)):
        connection.execute(update(entry).where(entry.c.number == old).values(number=new))


def _insert(connection: Connection, number: int) -> None:
    """An entry squeezed in, those after it moved and written anew in right form."""
    rows = connection.execute(select(entry).where(entry.c.number >= number)).all()
    connection.execute(delete(entry).where(entry.c.number >= number))
    append(connection, Entry(rows[0].time, SYSTEM, Action.STARTED, "site"))
    append(connection, *(Entry(row.time, row.actor, Action(row.action), row.subject) for row in rows))


CHANGES: dict[str, Change] = {
    "time": _set(time=7),
    "type": _set(time="then"),
    "actor": _set(actor="nobody"),
    "action": _set(action="footage.lost"),
    "subject": _set(subject="camera/other"),
    "body": _set(body="{}"),
    "deep": _set(body="[" * 100_000),
    "text": _set(body="no JSON"),
    "leaf": _set(leaf=bytes(32)),
    "forge": _forge,
    "remove": _remove,
    "swap": _swap,
    "insert": _insert,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_administrator_with_database_write(log: Database, key: SigningKey, change: Change) -> None:
    """Every row is mutated, deleted and reordered; the verifier fails each time."""
    unlock(log)
    for number in range(SIZE - 1):
        with log.write() as connection:
            undo = connection.begin_nested()
            change(connection, number)
            assert verify(connection, [key.public.raw]).findings, number
            undo.rollback()
    assert verified(log, key).findings == []


def test_the_place_of_a_perfect_forgery_is_bounded(log: Database, key: SigningKey) -> None:
    unlock(log)
    with log.write() as connection:
        _forge(connection, 6)
    done = verified(log, key)
    assert [each.number for each in done.findings] == [8]
    assert "an entry from 4 to 7 was edited" in said(done)
    assert "so do 1 later ones" in said(done)


def test_administrator_cuts_the_logs_tail(
    log: Database, key: SigningKey, clock: ManualClock, tmp_path: Path
) -> None:
    """The database is rolled back to what it was, and goes on: consistency with the last outside head fails."""
    log.close()
    backup = tmp_path / "backup.sqlite"
    shutil.copy(tmp_path / "index.sqlite", backup)
    fill(log, key, clock, 5)
    outside = heads(log)[-1]
    old = Database(f"sqlite:///{backup}")
    assert verified(old, key).findings == []
    assert "its tail was cut" in said(verified(old, key, outside))
    with old.read() as connection, pytest.raises(CustodyError, match="tail was cut"):
        prove_consistency(connection, outside)
    fill(old, key, clock, 9)
    assert "from outside" not in said(verified(old, key))
    assert "says something else than the log" in said(verified(old, key, outside))
    with old.read() as connection, pytest.raises(CustodyError, match="it was changed"):
        prove_consistency(connection, outside)
    old.close()


def test_a_cut_tail_is_missed_by_the_heads_in_the_database_too(log: Database, key: SigningKey) -> None:
    unlock(log)
    with log.write() as connection:
        connection.execute(delete(entry).where(entry.c.number >= 6))
    assert "the log ends after 6 entries, its tail was cut" in said(verified(log, key))


def test_a_removed_head_is_missed(log: Database, key: SigningKey) -> None:
    unlock(log)
    with log.write() as connection:
        connection.execute(delete(head).where(head.c.size == 4))
    assert said(verified(log, key)) == "Entry 4 tells of a head over 4 entries, which is missing"


def test_a_log_written_anew_needs_the_key(
    log: Database, key: SigningKey, clock: ManualClock, tmp_path: Path
) -> None:
    other = SigningKey.generate()
    forged = Database(f"sqlite:///{tmp_path / 'forged.sqlite'}")
    fill(forged, other, clock, 3)
    assert "was signed by another key" in said(verified(forged, key))
    with forged.read() as connection:
        assert verify(connection, [other.public.raw]).findings == []
    forged.close()


@pytest.mark.parametrize("column", ["time", "root", "signature", "key"])
def test_an_edited_head_is_found(log: Database, key: SigningKey, column: str) -> None:
    unlock(log)
    value = 5 if column == "time" else bytes(64 if column == "signature" else 32)
    with log.write() as connection:
        connection.execute(update(head).where(head.c.size == 4).values(**{column: value}))
    done = verified(log, key)
    assert [each.number for each in done.findings] == [4]
    assert "wrong signature" in said(done)


@pytest.mark.parametrize(
    "change", ["root = 'then'", "signature = 'then'", "key = 5", "time = 9223372036854775807", "frontier = 7"]
)
def test_a_head_of_another_type_neither_stops_the_check_nor_the_next_head(
    log: Database, key: SigningKey, clock: ManualClock, change: str
) -> None:
    unlock(log)
    with log.write() as connection:
        connection.execute(text(f"UPDATE audit_head SET {change}"))  # noqa: S608
    if not change.startswith("frontier"):
        assert "wrong signature" in said(verified(log, key))
    sign(log, key, clock)
    assert "The head over 12 entries" not in said(verified(log, key))


def test_an_edited_frontier_does_not_spoil_the_next_head(
    log: Database, key: SigningKey, clock: ManualClock
) -> None:
    unlock(log)
    with log.write() as connection:
        connection.execute(update(head).values(frontier=bytes(96)))
    sign(log, key, clock)
    assert verified(log, key).findings == []
    with log.write() as connection:
        connection.execute(update(head).values(frontier=b"odd"))
    sign(log, key, clock)
    assert verified(log, key).findings == []


def test_heads_of_two_recorders_stand_in_one_log(log: Database, key: SigningKey, clock: ManualClock) -> None:
    other = SigningKey.generate()
    with structlog.testing.capture_logs() as logs:
        fill(log, other, clock, 2)
        fill(log, key, clock, 2)
    assert logs == []
    with log.read() as connection:
        assert verify(connection, [key.public.raw, other.public.raw]).findings == []
    assert "was signed by another key" in said(verified(log, key))


def test_the_next_head_goes_on_from_the_last(log: Database, key: SigningKey) -> None:
    with log.read() as connection:
        for size, packed in connection.execute(select(head.c.size, head.c.frontier)):
            assert Frontier.unpack(size, packed).root == root(leaves(connection, end=size))


def test_clocks_may_step_a_little_and_more_is_told(log: Database, key: SigningKey, clock: ManualClock) -> None:
    clock.step_utc(-STEP / 1_000_000)
    fill(log, key, clock, 1)
    assert verified(log, key).notes == []
    clock.step_utc(-3600)
    fill(log, key, clock, 1)
    done = verified(log, key)
    assert done.findings == []
    assert "the clock was set back" in done.notes[0].what


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody' WHERE number = 1",
        "DELETE FROM audit WHERE number = 1",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT number, time, 'nobody', action, subject, body, leaf FROM audit",
        "UPDATE audit_head SET time = 1",
        "DELETE FROM audit_head",
        "INSERT OR REPLACE INTO audit_head SELECT size, 1, root, frontier, key, signature FROM audit_head",
    ],
)
def test_the_database_refuses_what_is_no_growth(log: Database, key: SigningKey, statement: str) -> None:
    with pytest.raises(RecordError, match="only grows"), log.write() as connection:
        connection.execute(text(statement))
    assert verified(log, key).findings == []


def test_what_is_rolled_back_never_was(log: Database, key: SigningKey, clock: ManualClock) -> None:
    class Failed(Exception):
        pass

    with pytest.raises(Failed), log.write() as connection:  # noqa: PT012 - the deed fails after its record
        append(connection, *looks(clock, 2))
        connection.execute(insert(head).values(size=99, time=1, root=b"", frontier=b"", key=b"", signature=b""))
        raise Failed
    assert verified(log, key).size == SIZE
