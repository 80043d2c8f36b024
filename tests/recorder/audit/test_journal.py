"""Writing in the background."""

from __future__ import annotations

import asyncio

import pytest
import structlog
from sqlalchemy import text

import recorder.audit.journal as module
from recorder.audit.entry import Action
from recorder.audit.journal import Journal
from recorder.audit.log import Logged, entries
from recorder.database import Database
from tests.recorder.audit.conftest import looks
from vcam.base.clock import ManualClock


def written(database: Database) -> list[Logged]:
    with database.read() as connection:
        return list(entries(connection))


async def test_entries_are_written_in_order(database: Database, clock: ManualClock) -> None:
    journal = Journal(database)
    noted = looks(clock, 30)
    journal.note(noted[0])
    journal.start()
    for entry in noted[1:]:
        journal.note(entry)
        await asyncio.sleep(0)
    await journal.stop()
    assert [each.entry for each in written(database)] == noted
    assert journal.waiting == 0


async def _refused(database: Database, journal: Journal, clock: ManualClock) -> None:
    """Note an entry while the database takes none, and return once it was refused."""
    with database.write() as connection:
        connection.execute(
            text("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'full'); END")
        )
    refused = asyncio.Event()
    loop = asyncio.get_running_loop()
    write = journal._write

    def watched(*arguments: object) -> bool:
        done = write(*arguments)  # type: ignore[arg-type]
        loop.call_soon_threadsafe(refused.set)
        return done

    journal._write = watched  # type: ignore[method-assign]
    journal.start()
    journal.note(looks(clock, 1)[0])
    await refused.wait()


async def test_what_cannot_be_written_waits(database: Database, clock: ManualClock) -> None:
    journal = Journal(database, retry=0.01)
    with structlog.testing.capture_logs() as logs:
        await _refused(database, journal, clock)
        assert journal.waiting == 1
        with database.write() as connection:
            connection.execute(text("DROP TRIGGER full"))
        journal.note(looks(clock, 1)[0])
        await journal.stop()
    assert len(written(database)) == 2
    assert {line["event"] for line in logs} == {"the audit log cannot be written"}


async def test_a_stop_does_not_wait_for_a_broken_database(database: Database, clock: ManualClock) -> None:
    journal = Journal(database, retry=1000)
    with structlog.testing.capture_logs() as logs:
        await _refused(database, journal, clock)
        await journal.stop()
    assert logs[-1]["event"] == "the audit log could not be written: entries are lost"
    assert logs[-1]["count"] == 1


async def test_too_many_are_counted(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST", 5)
    journal = Journal(database)
    noted = looks(clock, 9)
    for entry in noted:
        journal.note(entry)
    journal.start()
    await journal.stop()
    *first, last = [each.entry for each in written(database)]
    assert first == noted[:5]
    assert last.action is Action.ENTRIES_LOST
    assert last.details == {"count": 4, "first": noted[5].time, "last": noted[8].time}
