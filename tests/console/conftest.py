"""A console that serves on a free port of the loopback, and clients who are signed in."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from console.server import Console, Site
from console.session import Sessions
from recorder.database import Database
from recorder.requests.rules import Rules
from tests.recorder.requests.conftest import NOON, Office, cast_into
from vcam.base.clock import ManualClock
from vcam.base.settings_requests import ConsoleSettings

PASSWORD = "four words nobody guesses"
IDLE = 15 * 60_000_000


@dataclass
class Client:
    """Somebody at the console."""

    url: str
    http: aiohttp.ClientSession
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> aiohttp.ClientResponse:
        return await self.http.get(self.url + path, allow_redirects=False, headers=self.headers | headers)

    async def call(
        self, path: str, said: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> aiohttp.ClientResponse:
        """POST JSON."""
        sent = {"X-Garim-Token": self.token} | self.headers | (headers or {})
        return await self.http.post(self.url + path, json=said or {}, headers=sent)

    async def send(self, path: str, said: dict[str, str], **headers: str) -> aiohttp.ClientResponse:
        """POST a form."""
        return await self.http.post(
            self.url + path, data={"token": self.token} | said, headers=headers, allow_redirects=False
        )


@dataclass
class Served:
    """A console and the office behind it."""

    url: str
    office: Office
    clients: list[aiohttp.ClientSession] = field(default_factory=list)

    def stranger(self) -> Client:
        http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.clients.append(http)
        return Client(self.url, http)

    def at_once(self, name: str) -> Client:
        """`name`, signed in without the ceremony."""
        client = self.stranger()
        sessions = Sessions(self.office.database, self.office.clock, IDLE)
        session = sessions.begin(self.office.people.get(name), "127.0.0.1")
        client.headers["Cookie"] = f"garim={session.token}"
        client.token = session.form
        return client


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the cast in it, two of them with passwords, to be copied."""
    path = tmp_path_factory.mktemp("staffed") / "index.db"
    database = Database(f"sqlite:///{path}")
    cast_into(database)
    office = Office.over(database, ManualClock(NOON))
    for name in ("officer-1", "approver-1"):
        office.people.password(name, PASSWORD, by="administrator-1")
    database.close()
    return path


@pytest.fixture
async def served(tmp_path: Path, staffed: Path) -> AsyncIterator[Served]:
    shutil.copy(staffed, tmp_path / "index.db")
    database = Database(f"sqlite:///{tmp_path / 'index.db'}")
    office = Office.over(database, ManualClock(NOON))
    console = Console(
        ConsoleSettings(enabled=True, port=0),
        Site(["gate", "yard"], Rules(zone=ZoneInfo("Asia/Seoul"))),
        database,
        office.clock,
    )
    found = Served(await console.start(), office)
    yield found
    for client in found.clients:
        await client.close()
    await console.stop()
    database.close()


def fields(**changes: str) -> dict[str, str]:
    """What is typed for a draft."""
    values: dict[str, Any] = {
        "basis": "warrant",
        "purpose": "a theft <b>at the gate</b>",
        "receiving_body": "police",
        "cameras": "gate",
        "from": "2026-03-02T11:00",
        "to": "2026-03-02T11:10",
    }
    return values | changes
