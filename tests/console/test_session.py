"""Sessions: they run out, end with their person, and are not kept."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from console.session import LONGEST, Sessions
from recorder.requests.tables import session as table
from tests.console.conftest import IDLE
from tests.recorder.requests.conftest import Office, office, peopled

__all__ = ["office", "peopled"]


@pytest.fixture
def sessions(office: Office) -> Sessions:
    return Sessions(office.database, office.clock, IDLE)


def test_who_does_nothing_is_signed_out(office: Office, sessions: Sessions) -> None:
    token = sessions.begin(office.people.get("officer-1"), "192.0.2.9").token
    for _ in range(10):
        office.clock.advance(IDLE / 1e6 - 60)
        assert sessions.find(token) is not None
    office.clock.advance(IDLE / 1e6)
    assert sessions.find(token) is None


def test_nobody_stays_for_ever(office: Office, sessions: Sessions) -> None:
    token = sessions.begin(office.people.get("officer-1"), "192.0.2.9").token
    passed = 0
    while sessions.find(token) is not None:
        office.clock.advance(600)
        passed += 600_000_000
    assert LONGEST <= passed < LONGEST + 1_200_000_000


def test_a_clock_that_is_set_back_ends_sessions(office: Office, sessions: Sessions) -> None:
    token = sessions.begin(office.people.get("officer-1"), "192.0.2.9").token
    office.clock.step_utc(-86_400)
    assert sessions.find(token) is None


@pytest.mark.parametrize("what", ["revoke", "password", "change", "end"])
def test_sessions_end_with_what_they_rest_on(office: Office, sessions: Sessions, what: str) -> None:
    people = office.people
    token = sessions.begin(people.get("officer-1"), "192.0.2.9").token
    other = sessions.begin(people.get("officer-2"), "192.0.2.9").token
    if what == "revoke":
        people.revoke("officer-1", by="administrator-1")
    elif what == "password":
        people.password("officer-1", "another long password", by="administrator-1")
    elif what == "change":
        people.change("officer-1", people.get("approver-1").roles, by="administrator-1")
    else:
        sessions.end(token)
    assert sessions.find(token) is None
    assert sessions.find(other) is not None


def test_the_token_is_not_kept(office: Office, sessions: Sessions) -> None:
    session = sessions.begin(office.people.get("officer-1"), "192.0.2.9")
    with office.database.read() as connection:
        row = str(connection.execute(select(table)).one())
    assert session.token not in row
    assert session.form not in row
    assert len(session.token) == 43
    assert session.authentic(session.form)
    assert not session.authentic(session.form[:-1])
    assert not session.authentic("한")
