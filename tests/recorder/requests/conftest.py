"""A site's people and cases in a database of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from recorder.audit.tables import entry
from recorder.database import Database
from recorder.requests.basis import Basis
from recorder.requests.book import Requests
from recorder.requests.case import Draft
from recorder.requests.people import People
from recorder.requests.role import Role
from recorder.requests.rules import Rules
from recorder.requests.subject import Subject
from recorder.requests.tables import person
from recorder.scope import Scope
from vcam.base.clock import ManualClock

NOON = int(datetime(2026, 3, 2, 3, tzinfo=UTC).timestamp()) * 1_000_000
"""Noon of a Monday in Seoul."""
MINUTE = 60_000_000
SHA = "ab" * 32
CAST = {
    "officer-1": {Role.OFFICER},
    "officer-2": {Role.OFFICER},
    "approver-1": {Role.APPROVER},
    "approver-2": {Role.APPROVER},
    "approver-3": {Role.APPROVER},
    "custodian-1": {Role.CUSTODIAN},
    "custodian-2": {Role.CUSTODIAN},
    "auditor-1": {Role.AUDITOR},
    "administrator-1": {Role.ADMINISTRATOR},
    "everything-1": {Role.OFFICER, Role.APPROVER, Role.CUSTODIAN},
}


def scope(minutes: int = 10, cameras: tuple[str, ...] = ("gate",)) -> Scope:
    return Scope(cameras, NOON - minutes * MINUTE, NOON)


def letter(**changes: Any) -> Draft:
    values: dict[str, Any] = {
        "basis": Basis.WARRANT,
        "purpose": "A theft at the gate",
        "scope": scope(),
        "receiving_body": "police",
    }
    return Draft(**(values | changes))


def citizen(**changes: Any) -> Draft:
    form = Subject("data subject", "by mail", "copy", "passport", SHA, "the gate", "Monday noon", fee=1000)
    return letter(basis=Basis.SUBJECT, receiving_body="", subject=form, **changes)


def cast_into(database: Database) -> None:
    """The people of `CAST`, without passwords that anybody knows."""
    with database.write() as connection:
        for name, roles in CAST.items():
            flags = {role.value: int(role in roles) for role in Role}
            row = {"name": name, "title": name, "password": "none", "added": NOON} | flags
            connection.execute(insert(person).values(row))


@dataclass
class Office:
    """A database with everybody in it."""

    database: Database
    clock: ManualClock
    book: Requests
    people: People

    @classmethod
    def over(cls, database: Database, clock: ManualClock) -> Office:
        rules = Rules(zone=ZoneInfo("Asia/Seoul"))
        return cls(database, clock, Requests(database, clock, rules), People(database, clock))

    def entries(self) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            return [
                json.loads(body) for body in connection.scalars(select(entry.c.body).order_by(entry.c.number))
            ]

    def submitted(self, **changes: Any) -> str:
        number = self.book.draft(letter(**changes), by="officer-1").number
        self.book.attach(number, SHA, "warrant.pdf", by="officer-1")
        self.book.submit(number, by="officer-1")
        return number

    def approved(self, **changes: Any) -> str:
        number = self.submitted(**changes)
        self.book.approve(number, by="approver-1")
        return number


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the cast in it, to be copied."""
    path = tmp_path_factory.mktemp("peopled") / "index.db"
    database = Database(f"sqlite:///{path}")
    cast_into(database)
    database.close()
    return path


@pytest.fixture
def office(tmp_path: Path, peopled: Path) -> Iterator[Office]:
    shutil.copy(peopled, tmp_path / "index.db")
    database = Database(f"sqlite:///{tmp_path / 'index.db'}")
    clock = ManualClock(NOON)
    yield Office.over(database, clock)
    database.close()
