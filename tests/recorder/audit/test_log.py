"""Reading the log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from recorder.audit.append import append
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.audit.log import Wanted, entries, read
from recorder.database import Database
from tests.recorder.audit.conftest import START, looks, unlock
from vcam.base.canonical import Json
from vcam.base.clock import ManualClock
from vcam.base.errors import RecordError

DETAILS: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 53) + 1, (1 << 53) - 1)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), DETAILS, max_size=4), st.integers(0, 1 << 40))
def test_what_is_written_is_read(details: dict[str, Json], number: int) -> None:
    entry = Entry(START, "officer-1", Action.VIEWED, "camera/gate", details, "host")
    assert read(number, entry.body(number).decode()) == entry


def test_entries_are_found_by_what_they_are(database: Database, clock: ManualClock) -> None:
    odd = Entry(clock.utc(), SYSTEM, Action.LOST, "camera/g%te_2", {"kind": "original"})
    with database.write() as connection:
        assert append(connection, *looks(clock, 6)) == 5
        assert append(connection, odd) == 6
        assert append(connection) == 6

    def numbers(wanted: Wanted | None = None) -> list[int]:
        with database.read() as connection:
            return [each.number for each in entries(connection, wanted)]

    minute = 60_000_000
    assert numbers() == list(range(7))
    assert numbers(Wanted(start=START + 2 * minute, end=START + 5 * minute)) == [1, 2, 3]
    assert numbers(Wanted(actor="officer-1")) == [1, 4]
    assert numbers(Wanted(actions=[Action.LOST, Action.STARTED])) == [6]
    assert numbers(Wanted(subject="camera/g")) == list(range(7))
    assert numbers(Wanted(subject="camera/g%")) == [6]
    assert numbers(Wanted(subject="camera/gate")) == list(range(6))


@pytest.mark.parametrize("body", ["", "[]", '{"time": 1}', '{"action": "unheard"}'])
def test_a_damaged_entry_is_told(database: Database, clock: ManualClock, body: str) -> None:
    with database.write() as connection:
        append(connection, *looks(clock, 1))
    unlock(database)
    with database.write() as connection:
        connection.execute(text("UPDATE audit SET body = :body"), {"body": body})
    with database.read() as connection, pytest.raises(RecordError, match="Entry 0 of the audit log is damaged"):
        list(entries(connection))
