"""Writes entries of what happens in the running site, one after the other, without holding anything up."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass

import structlog

from recorder.audit.append import append
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.database import Database
from vcam.base.errors import RecordError

LONGEST = 10_000
"""Entries that wait at the most; of more, the newest are counted only."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Lost:
    """Entries that found no room: how many, and the times of the first and the last, us UTC."""

    count: int
    first: int
    last: int


class Journal:
    """Takes entries in the event loop and writes them in a thread.

    Where the database cannot be written, it tries again every `retry` seconds and warns; pictures go on meanwhile.
    """

    def __init__(self, database: Database, retry: float = 5.0) -> None:
        self._database = database
        self._retry = retry
        self._waiting: deque[Entry] = deque()
        self._lost: _Lost | None = None
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Entries that are not written yet."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to write, within a running event loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def note(self, entry: Entry) -> None:
        """Have `entry` written soon. Never blocks or raises."""
        if len(self._waiting) < LONGEST:
            self._waiting.append(entry)
        elif self._lost is not None:
            self._lost = _Lost(self._lost.count + 1, self._lost.first, entry.time)
        else:
            _log.error("the audit log cannot be written and too much waits: entries are lost")
            self._lost = _Lost(1, entry.time, entry.time)
        self._news.set()

    async def stop(self) -> None:
        """Write what waits, once, and end. What cannot be written then is lost, with an error in the log file."""
        self._stopping.set()
        self._news.set()
        if self._task is not None:
            await self._task
        if self._waiting:
            _log.error("the audit log could not be written: entries are lost", count=len(self._waiting))

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            stopping = self._stopping.is_set()
            entries, lost = list(self._waiting), self._lost
            if await asyncio.to_thread(self._write, entries, lost):
                self._written(len(entries), lost)
                if stopping:
                    return
            elif stopping:
                return
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._retry)
                self._news.set()

    def _written(self, count: int, lost: _Lost | None) -> None:
        for _ in range(count):
            self._waiting.popleft()
        if lost is not None and self._lost is not None:
            more = self._lost.count - lost.count
            self._lost = _Lost(more, lost.last, self._lost.last) if more else None

    def _write(self, entries: list[Entry], lost: _Lost | None) -> bool:
        if lost is not None:
            details = {"count": lost.count, "first": lost.first, "last": lost.last}
            entries = [*entries, Entry(lost.last, SYSTEM, Action.ENTRIES_LOST, "audit", details)]
        if not entries:
            return True
        try:
            with self._database.write() as connection:
                append(connection, *entries)
        except RecordError as error:
            _log.warning(
                "the audit log cannot be written", waiting=len(entries), error=error.what, mend=error.mend
            )
            return False
        return True
