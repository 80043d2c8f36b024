"""People: roles that exclude each other, passwords, second factors, waits."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from recorder.requests import totp
from recorder.requests.people import People
from recorder.requests.role import Role
from tests.recorder.requests.conftest import Office
from vcam.base.errors import CustodyError, Forbidden, RecordError

PASSWORD = "four words nobody guesses"


@pytest.fixture
def people(office: Office) -> People:
    office.people.password("officer-1", PASSWORD, by="administrator-1")
    office.people.password("approver-1", PASSWORD, by="administrator-1")
    return office.people


def test_a_log_in_is_on_record_right_or_wrong(office: Office, people: People) -> None:
    assert people.sign_in("officer-1", PASSWORD, door="console", origin="192.0.2.9").name == "officer-1"
    with pytest.raises(Forbidden, match="wrong"):
        people.sign_in("officer-1", PASSWORD + "!", door="console", origin="192.0.2.9")
    with pytest.raises(Forbidden, match="wrong"):
        people.sign_in("nobody", PASSWORD, door="console", origin="192.0.2.9")
    people.sign_out("officer-1", door="console", origin="192.0.2.9")
    found = [(each["action"], each["subject"], each["origin"]) for each in office.entries()[-4:]]
    assert found == [
        ("login", "person/officer-1", "192.0.2.9"),
        ("login.failed", "person/officer-1", "192.0.2.9"),
        ("login.failed", "person/unknown", "192.0.2.9"),
        ("logout", "person/officer-1", "192.0.2.9"),
    ]
    assert PASSWORD not in str(office.entries())


def test_who_guesses_waits_ever_longer(office: Office, people: People) -> None:
    def tries() -> int:
        """Attempts until one is refused unseen."""
        for number in range(10):
            try:
                people.sign_in("officer-1", "wrong password", door="command")
            except Forbidden as error:
                if "Too many" in error.what:
                    return number
        raise AssertionError("guessing is never stopped")

    assert tries() == 4
    with pytest.raises(Forbidden, match="Too many"):
        people.sign_in("officer-1", PASSWORD, door="command")
    for wait in (1, 2, 4, 8):
        office.clock.advance(wait - 0.001)
        assert tries() == 0
        office.clock.advance(0.002)
        assert tries() == 1
    office.clock.advance(16)
    people.sign_in("officer-1", PASSWORD, door="command")
    assert tries() == 4


def test_a_clock_that_is_set_back_locks_nobody_out(office: Office, people: People) -> None:
    for _ in range(4):
        with pytest.raises(Forbidden, match="wrong"):
            people.sign_in("officer-1", "wrong password", door="command")
    office.clock.step_utc(-86_400)
    assert people.sign_in("officer-1", PASSWORD, door="command").name == "officer-1"


def test_the_console_wants_a_second_factor_of_those_who_decide(office: Office, people: People) -> None:
    with pytest.raises(Forbidden):
        people.sign_in("approver-1", PASSWORD, door="console")
    secret = people.second("approver-1", by="approver-1")
    code = totp.code(secret, totp.step_at(office.clock.utc()))
    with pytest.raises(Forbidden):
        people.sign_in("approver-1", PASSWORD, door="console", code="000000" if code != "000000" else "111111")
    assert people.sign_in("approver-1", PASSWORD, door="console", code=code).second
    with pytest.raises(Forbidden):
        people.sign_in("approver-1", PASSWORD, door="console", code=code)
    assert people.sign_in("approver-1", PASSWORD, door="command").name == "approver-1"
    assert str(secret) not in str(office.entries())


@pytest.mark.parametrize(
    "roles",
    [
        {Role.ADMINISTRATOR, Role.CUSTODIAN},
        {Role.AUDITOR, Role.OFFICER},
        {Role.AUDITOR, Role.ADMINISTRATOR},
        set(),
    ],
)
def test_roles_that_do_not_go_together(office: Office, roles: set[Role]) -> None:
    with pytest.raises(CustodyError):
        office.people.add("somebody-1", "Somebody", roles, PASSWORD, by="administrator-1")
    with pytest.raises(CustodyError):
        office.people.change("officer-1", roles, by="administrator-1")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("administrator-1", "custodian = 1"),
        ("custodian-1", "administrator = 1"),
        *(("auditor-1", f"{role} = 1") for role in ("officer", "approver", "custodian", "administrator")),
        ("officer-1", "auditor = 1"),
        ("officer-1", "approver = 2"),
    ],
)
def test_the_database_refuses_such_roles_too(office: Office, name: str, change: str) -> None:
    with pytest.raises(RecordError, match="constraint"), office.database.write() as connection:
        connection.execute(text(f"UPDATE person SET {change} WHERE name = '{name}'"))  # noqa: S608 - the texts above


def test_only_administrators_change_people_and_one_is_left(office: Office) -> None:
    people = office.people
    with pytest.raises(Forbidden, match="no administrator"):
        people.add("somebody-1", "Somebody", {Role.OFFICER}, PASSWORD, by="officer-1")
    with pytest.raises(Forbidden, match="no administrator"):
        people.password("officer-2", PASSWORD, by="officer-1")
    with pytest.raises(CustodyError, match="last administrator"):
        people.revoke("administrator-1", by="administrator-1")
    with pytest.raises(CustodyError, match="last administrator"):
        people.change("administrator-1", {Role.OFFICER}, by="administrator-1")


def test_revoked_people_stay_and_their_names_stay_taken(office: Office, people: People) -> None:
    people.revoke("officer-1", by="administrator-1")
    assert people.get("officer-1").revoked == office.clock.utc()
    with pytest.raises(Forbidden, match="wrong"):
        people.sign_in("officer-1", PASSWORD, door="command")
    with pytest.raises(CustodyError, match="already"):
        people.add("officer-1", "Somebody", {Role.OFFICER}, PASSWORD, by="administrator-1")


@pytest.mark.parametrize("name", ["Garim", "garim", "a b", "", "-a", "x" * 41, "관리자"])
def test_names_that_cannot_be(office: Office, name: str) -> None:
    with pytest.raises(CustodyError):
        office.people.add(name, "Somebody", {Role.OFFICER}, PASSWORD, by="administrator-1")


def test_short_passwords_are_refused(office: Office) -> None:
    with pytest.raises(CustodyError, match="fewer than 10"):
        office.people.password("officer-1", "short", by="administrator-1")
