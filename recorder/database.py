"""Opens the index's database: SQLite as this product needs it, or PostgreSQL, and its schema up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from vcam.base.errors import RecordError

_log = structlog.get_logger()

FIXED = (3, 51, 3)
"""First SQLite in which restarting the write-ahead log cannot corrupt the database."""
_WRITES = "garim_writes"
_SCHEMA_LOCK = 0x676172696E  # one number for all who bring the schema up to date, whatever their process
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "busy_timeout=10000",
    "foreign_keys=ON",
)


def sqlite_module() -> ModuleType:
    """The SQLite that is best here: pysqlite3 where it is installed, else Python's own, with a warning."""
    try:
        import pysqlite3
    except ImportError:
        if sqlite3.sqlite_version_info < FIXED:
            _log.warning(
                "this SQLite may corrupt the index when its log restarts; install pysqlite3",
                version=sqlite3.sqlite_version,
            )
        return sqlite3
    best: ModuleType = pysqlite3
    return best


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, module=sqlite_module())

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _failed(url: URL, error: Exception) -> RecordError:
    cause = str(error.__cause__ or error).partition("\n")[0]
    return RecordError(
        f"The index {url.render_as_string()} cannot be used: {cause}",
        mend="Check that its folder exists, that its disk has room and that no newer Garim has written it",
    )


class Database:
    """An engine with its schema up to date. Every failure is a RecordError."""

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
            self.engine = (
                _sqlite(self.url) if self.url.get_backend_name() == "sqlite" else create_engine(self.url)
            )
        except (ArgumentError, ImportError, OSError) as error:
            raise RecordError(
                f"The index cannot be opened ({type(error).__name__})",
                mend="Give a URL such as sqlite:///state/index.db, and check that its folder can be written to",
            ) from error
        try:
            self._upgrade()
        except RecordError:
            self.close()
            raise

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _failed(self.url, error) from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed at the end; on the disk once it is."""
        try:
            with self.engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            raise _failed(self.url, error) from error

    def _upgrade(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        try:
            with self.write() as connection:
                if connection.dialect.name == "postgresql":  # recorders that share it may start together
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SCHEMA_LOCK})
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError as error:
            raise _failed(self.url, error) from error
