"""What the database itself refuses, whoever writes to it: SQL past our own code, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from recorder.database import Database
from tests.recorder.postgres import statement
from tests.recorder.requests.conftest import cast_into
from vcam.base.errors import RecordError

_PARTIES = (
    ("officer-1", "requester"),
    ("approver-1", "approver"),
    ("approver-2", "approver"),
    ("custodian-1", "custodian"),
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with the cast and a submitted case with parties. Tests leave it as it was."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('tables') / 'index.db'}"
    else:
        server = request.getfixturevalue("postgresql")
        statement(server, "CREATE DATABASE requests TEMPLATE template")
        url = f"{server}/requests"
    opened = Database(url)
    cast_into(opened)
    with opened.write() as connection:
        for who, part in _PARTIES:
            connection.execute(text(_party("A", who, part)))
        connection.execute(text(_case("A")))
    yield opened
    opened.close()


def _party(number: str, who: str, part: str) -> str:
    return f"INSERT INTO party (request, person, part, time) VALUES ('{number}', '{who}', '{part}', 1)"  # noqa: S608


def _case(number: str, **changes: str) -> str:
    values = {
        "number": f"'{number}'",
        "state": "'submitted'",
        "basis": "'warrant'",
        "emergency": "0",
        "purpose": "'p'",
        "receiver": "'investigator'",
        "body": "'police'",
        "limits": "''",
        "cameras": "'gate'",
        "start": "1",
        '"end"': "2",
        "confirmation": "''",
        "requester": "'officer-1'",
        "drafted": "1",
        "received": "1",
        "submitted": "1",
    } | changes
    return f"INSERT INTO request ({', '.join(values)}) VALUES ({', '.join(values.values())})"  # noqa: S608


def _answer(who: str, part: str = "custodian") -> str:
    return f"INSERT INTO request_answer (request, person, part, time) VALUES ('A', '{who}', '{part}', 1)"  # noqa: S608


_APPROVE = "UPDATE request SET state = 'approved', decided = 5, approver = "


@pytest.mark.parametrize(
    "change",
    [
        _APPROVE + "'officer-1'",
        _APPROVE + "'custodian-1'",
        _APPROVE + "'approver-3'",
        _APPROVE + "NULL",
        "UPDATE request SET state = 'approved', decided = 5, approver = 'officer-1', approver_part = 'requester'",
        "UPDATE request SET state = 'released'",
        "UPDATE request SET state = 'exported', decided = 5",
        "UPDATE request SET released = 5",
        "UPDATE request SET state = 'approved', emergency = 1, basis = 'urgent', decided = 5, "
        "approver = 'approver-1'",
        "UPDATE request SET state = 'approved', emergency = 1, basis = 'urgent', decided = 5, "
        "approver = 'approver-1', second = 'approver-1'",
        "UPDATE request SET requester = 'approver-1'",
        _party("A", "officer-1", "approver"),
        _party("A", "approver-1", "custodian"),
        _party("A", "custodian-1", "reviewer"),
        _party("A", "officer-2", "approver"),
        _party("A", "administrator-1", "custodian"),
        _party("A", "auditor-1", "approver"),
        _party("A", "nobody", "approver"),
        _party("A", "officer-2", "king"),
        "UPDATE party SET part = 'approver' WHERE person = 'officer-1'",
        "UPDATE party SET person = 'approver-3' WHERE person = 'approver-1'",
        "DELETE FROM party WHERE person = 'officer-1'",
        _answer("officer-1"),
        _answer("approver-1"),
        _answer("custodian-2"),
        _answer("approver-1", "approver"),
        _case("B"),
    ],
)
def test_one_dishonest_approver_is_refused_by_the_database(database: Database, change: str) -> None:
    with pytest.raises(RecordError), database.write() as connection:
        connection.execute(text(change))


def test_what_is_right_is_not_refused(database: Database) -> None:
    with database.write() as connection:
        for statement in (
            _APPROVE + "'approver-1'",
            _answer("custodian-1"),
            _party("A", "auditor-1", "reviewer"),
        ):
            connection.execute(text(statement))


def test_replacing_rows_is_no_way_round_in_sqlite(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'index.db'}")
    cast_into(database)
    with database.write() as connection:
        connection.execute(text(_party("A", "everything-1", "requester")))
    replacing = _party("A", "everything-1", "approver").replace("INSERT", "INSERT OR REPLACE")
    with pytest.raises(RecordError, match="one part for each person"), database.write() as connection:
        connection.execute(text(replacing))
    database.close()


def test_who_is_revoked_takes_no_part(database: Database) -> None:
    changes = "UPDATE person SET revoked = 5 WHERE name = 'approver-3'", _party("A", "approver-3", "approver")
    with pytest.raises(RecordError), database.write() as connection:
        assert [connection.execute(text(change)) for change in changes]
