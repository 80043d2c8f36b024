"""The share store's SQLite file: several processes write it, and what is deleted from it is gone from it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recorder.database import sqlite_module
from recorder.shares.schema import TABLES, VERSION
from vcam.base.errors import RecordError

_PRAGMAS = ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "temp_store=MEMORY")
_BUSY = 10_000
"""Milliseconds that a process waits for another's transaction."""
_PAD = 128
"""Lengths of slots are multiples of this, so that a vacant one is soon used again."""
_PAUSE = 0.02
_PATIENCE = 15.0
"""Seconds that `scrub` waits for readers to leave the log."""


class ShareFile:
    """One connection, shared by the threads of a process. Every failure is a RecordError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sqlite = sqlite_module()
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._connection: Any = self._sqlite.connect(
                str(path), timeout=_BUSY / 1000, isolation_level=None, check_same_thread=False
            )
        except (OSError, self._sqlite.Error) as error:
            raise self._failed(error) from error
        try:
            self._prepare()
        except RecordError:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def write(self) -> Iterator[Any]:
        """A transaction, committed and on the disk at the end. Raises RecordError."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except self._sqlite.Error as error:
                raise self._failed(error) from error

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query. Raises RecordError."""
        with self._lock:
            try:
                found: list[tuple[Any, ...]] = self._connection.execute(query, values).fetchall()
            except self._sqlite.Error as error:
                raise self._failed(error) from error
            return found

    def scrub(self) -> None:
        """Leave nothing of what `erase` erased in the file or its log.

        The log's pages are written back, and the log, which holds the pages of before too, is truncated. Raises
        RecordError when another process keeps the log for long; nothing is lost then, and it can be called again.
        """
        deadline = time.monotonic() + _PATIENCE
        with self._lock:
            try:
                while self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    if time.monotonic() > deadline:
                        raise RecordError(
                            f"{self.path}: another process keeps reading, so deleted shares are in its log still",
                            mend="End what reads the share store; deletion is tried again at the next purge",
                        )
                    time.sleep(_PAUSE)
            except self._sqlite.Error as error:
                raise self._failed(error) from error

    def _prepare(self) -> None:
        try:
            self._connection.execute(f"PRAGMA busy_timeout={_BUSY}")
            if self._connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                self._connection.execute("PRAGMA journal_mode=WAL")
            for pragma in _PRAGMAS:
                self._connection.execute(f"PRAGMA {pragma}")
        except self._sqlite.Error as error:
            raise self._failed(error) from error
        with self.write() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise RecordError(
                    f"Share store {self.path} was written by a newer Garim", mend="Run that version of Garim"
                )
            if version < VERSION:
                for statement in _statements(TABLES):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={VERSION}")

    def _failed(self, error: Exception) -> RecordError:
        return RecordError(
            f"Share store {self.path} cannot be used: {error}",
            mend="Check that Garim's user may write its folder and that its disk has room",
        )


def keep(connection: Any, content: bytes) -> int:
    """Put `content` into a slot, vacant or new, within a transaction of `write`; the slot's number.

    A b-tree that moves a row to another page leaves a copy behind which secure_delete does not reach. So rows of
    slots never move: new ones come at the end, none is deleted, and an update never changes a length.
    """
    padded = content + bytes(-len(content) % _PAD)
    vacant = connection.execute("SELECT slot FROM vacant WHERE length = ? LIMIT 1", (len(padded),)).fetchone()
    if vacant is None:
        return int(connection.execute("INSERT INTO slot (content) VALUES (?)", (padded,)).lastrowid)
    connection.execute("DELETE FROM vacant WHERE slot = ?", vacant)
    connection.execute("UPDATE slot SET content = ? WHERE id = ?", (padded, *vacant))
    return int(vacant[0])


def erase(connection: Any, slots: Iterable[int]) -> None:
    """Overwrite what `slots` hold with zeros where it lies, within a transaction of `write`; `scrub` comes next."""
    for slot in slots:
        connection.execute("UPDATE slot SET content = zeroblob(length(content)) WHERE id = ?", (slot,))
        connection.execute("INSERT INTO vacant SELECT id, length(content) FROM slot WHERE id = ?", (slot,))


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one, for `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if statement.strip() and sqlite_module().complete_statement(statement):
            yield statement
            statement = ""
