"""Writes finished segments into the index, one after the other, and tries again for as long as it cannot."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from recorder.descriptor import SegmentDescriptor
from recorder.index import Index
from vcam.base.errors import GarimError, RecordError

LONGEST = 5000
"""Segments that wait at the most; files and descriptors of more are left to the check."""
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0

_log = structlog.get_logger()


class Intake:
    """Takes descriptors in the event loop and adds them to `index` in a thread, in the order in which they came.

    Where the index cannot be written, it tries again after a wait that doubles from `wait` to `LONGEST_WAIT` seconds;
    recording goes on meanwhile. Nothing is lost by it: a finished segment has its descriptor beside it on the disk.
    `adopt` is called in a thread to take in from there what found no room to wait, once the index can be written
    again; it may raise GarimError.
    """

    def __init__(
        self, index: Index, adopt: Callable[[], object], *, wait: float = FIRST_WAIT, longest: int = LONGEST
    ) -> None:
        self._index = index
        self._adopt = adopt
        self._first_wait = wait
        self._longest = longest
        self._waiting: deque[dict[str, Any]] = deque()
        self._left = 0
        self._failing = False
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Segments that are not in the index yet, those that found no room to wait among them."""
        return len(self._waiting) + self._left

    def start(self) -> None:
        """Begin to write, within a running event loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def take(self, descriptor: dict[str, Any]) -> None:
        """Have a finished segment written soon. Never blocks or raises."""
        if len(self._waiting) < self._longest:
            self._waiting.append(descriptor)
        else:
            if not self._left:
                _log.error(
                    "too many segments wait for the index: more stay on the disk alone until it takes them",
                    waiting=len(self._waiting),
                )
            self._left += 1
        self._news.set()

    async def stop(self) -> None:
        """Write what waits, with one try, and end. What is left then is taken in by the check at the next start."""
        self._stopping.set()
        self._news.set()
        if self._task is not None:
            await self._task
        if self.waiting:
            _log.error(
                "segments are not in the index yet; the check at the next start takes them in",
                segments=self.waiting,
                mend="Start again, or run 'garim check', once the index can be written",
            )

    async def _run(self) -> None:
        wait = self._first_wait
        while True:
            await self._news.wait()
            self._news.clear()
            if await asyncio.to_thread(self._write) and await self._catch_up():
                wait = self._first_wait
                if self._stopping.is_set() and not self.waiting:
                    return
                continue
            if self._stopping.is_set():
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)
            wait = min(wait * 2, LONGEST_WAIT)
            self._news.set()

    def _write(self) -> bool:
        """Write all that waits. False when the index cannot be written: the first of the rest waits on."""
        while self._waiting:
            try:
                self._add(self._waiting[0])
            except RecordError as error:
                self._failed(error)
                return False
            self._waiting.popleft()
            self._well()
        return True

    def _add(self, descriptor: dict[str, Any]) -> None:
        """Add one segment. What is wrong with it alone holds no other up. Raises RecordError."""
        try:
            self._index.add(SegmentDescriptor.from_json(descriptor))
        except RecordError as error:
            cause = error.__cause__
            if isinstance(cause, SQLAlchemyError) and not isinstance(cause, DataError | IntegrityError):
                raise
            _log.error("a segment cannot join the index", error=error.what, mend=error.mend)

    async def _catch_up(self) -> bool:
        """Have what found no room taken in from the disk. False when that cannot be done."""
        left = self._left
        if not left:
            return True
        try:
            await asyncio.to_thread(self._adopt)
        except GarimError as error:
            self._failed(error)
            return False
        self._left -= left
        self._news.set()
        return True

    def _failed(self, error: GarimError) -> None:
        self._failing = True
        _log.error(
            "segments wait for the index, which is tried again",
            waiting=self.waiting,
            error=error.what,
            mend=error.mend,
        )

    def _well(self) -> None:
        if self._failing:
            self._failing = False
            _log.info("the index takes segments again", waiting=self.waiting)
