"""A log with some entries and heads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from recorder.audit.heads import sign
from recorder.database import Database
from recorder.signing import SigningKey
from vcam.base.clock import ManualClock

START = 1_750_000_000_000_000
"""An instant in 2025, in microseconds UTC."""
TRIGGERS = [
    f"{table}_no_{verb}" for table in ("audit", "audit_head") for verb in ("update", "delete", "replace")
]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'index.sqlite'}")
    yield opened
    opened.close()


def looks(clock: ManualClock, count: int) -> list[Entry]:
    """Looks at footage, a minute apart."""
    found = []
    for number in range(count):
        clock.advance(60)
        details = {"kind": "masked", "start": START, "end": START + number + 1, "task": "정기 점검"}
        found.append(
            Entry(clock.utc(), f"officer-{number % 3}", Action.VIEWED, "camera/gate", details, "192.0.2.9")
        )
    return found


def fill(database: Database, key: SigningKey, clock: ManualClock, *counts: int) -> None:
    """As many looks as each count says, with a head after each."""
    for count in counts:
        with database.write() as connection:
            append(connection, *looks(clock, count))
        sign(database, key, clock)


def unlock(database: Database) -> None:
    """What an administrator of the database does first: away with the triggers."""
    with database.write() as connection:
        for trigger in TRIGGERS:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
