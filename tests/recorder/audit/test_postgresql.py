"""The log on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text, update

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from recorder.audit.heads import sign
from recorder.audit.log import Wanted, entries
from recorder.audit.tables import entry, head
from recorder.audit.verify import verify
from recorder.database import Database
from recorder.signing import SigningKey
from tests.recorder.audit.conftest import START, fill, unlock
from vcam.base.clock import ManualClock
from vcam.base.errors import RecordError


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    opened = Database(postgresql_url)
    yield opened
    opened.close()


def findings(database: Database, key: SigningKey) -> list[str]:
    with database.read() as connection:
        return [each.what for each in verify(connection, [key.public.raw]).findings]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody' WHERE number = 1",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "UPDATE audit_head SET time = 1",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
        "INSERT INTO audit SELECT * FROM audit ON CONFLICT (number) DO UPDATE SET actor = 'nobody'",
    ],
)
def test_the_database_refuses_what_is_no_growth(
    database: Database, key: SigningKey, clock: ManualClock, statement: str
) -> None:
    fill(database, key, clock, 3)
    with pytest.raises(RecordError, match="only grows"), database.write() as connection:
        connection.execute(text(statement))
    assert findings(database, key) == []


def test_past_the_database_an_edit_is_found(database: Database, key: SigningKey, clock: ManualClock) -> None:
    fill(database, key, clock, 3, 2)
    unlock(database)
    with database.write() as connection:
        connection.execute(update(entry).where(entry.c.number == 1).values(actor="nobody"))
    assert findings(database, key) == [
        "Entry 1 says another actor in its body than in the log's column: it was edited or moved"
    ]
    with database.write() as connection:
        connection.execute(update(head).where(head.c.size == 3).values(frontier=bytes(64)))
    sign(database, key, clock)
    assert len(findings(database, key)) == 1


def test_entries_are_read_as_they_were_written(database: Database) -> None:
    one = Entry(START, "officer-1", Action.VIEWED, "camera/g%te", {"task": "정기 점검 \x00 \U0001f512"}, "host")
    with database.write() as connection:
        append(connection, one)
    with database.read() as connection:
        assert [each.entry for each in entries(connection, Wanted(subject="camera/g%"))] == [one]


def test_many_who_append_leave_no_gap(database: Database, key: SigningKey, clock: ManualClock) -> None:
    def work(number: int) -> None:
        for _ in range(10):
            with database.write() as connection:
                append(connection, Entry(START, f"officer-{number}", Action.LOGIN, "person/x"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    sign(database, key, clock)
    for thread in threads:
        thread.join()
    assert sign(database, key, clock).size == 41
    assert findings(database, key) == []
