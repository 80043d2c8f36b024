"""Keys and indexes that the recorder's tests share."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recorder.database import Database
from recorder.index import Index
from recorder.signing import RECORDER, SigningKey
from recorder.vault.keys import Identity
from tests.recorder.postgres import server, statement


@pytest.fixture(scope="session")
def identity() -> Identity:
    return Identity.generate()


@pytest.fixture
def make_index(tmp_path: Path) -> Iterator[Callable[..., Index]]:
    """Opens indexes and closes them in the end."""
    opened: list[Index] = []

    def make(name: str = "index.db", retention_days: float = 30.0) -> Index:
        signer = SigningKey.open(tmp_path / "keys", RECORDER)
        url = f"sqlite:///{tmp_path / name}"
        opened.append(Index.open(url, retention_days=retention_days, signer=signer))
        return opened[-1]

    yield make
    for index in opened:
        index.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of a PostgreSQL server with the database `template`, whose schema is up to date."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with server() as url:
        statement(url, "CREATE DATABASE template")
        Database(f"{url}/template").close()
        yield url


@pytest.fixture
def postgresql_url(postgresql: str) -> Iterator[str]:
    """URL of an empty index of its own on PostgreSQL."""
    name = f"garim_{secrets.token_hex(8)}"
    statement(postgresql, f"CREATE DATABASE {name} TEMPLATE template")
    yield f"{postgresql}/{name}"
    statement(postgresql, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    return make_index()
