"""The tick that starts purges. What is due is computed from the index each time; nothing is remembered here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.ballast import Ballast, free_bytes
from recorder.clock_guard import ClockGuard
from recorder.index import Index
from recorder.purge import Purge, Purged, Shares
from vcam.base.clock import Clock
from vcam.base.errors import GarimError

_log = structlog.get_logger()

_JOB = "purge"
LOOK = 10.0
"""Seconds between two looks at the room on the disk."""


class PurgeScheduler:
    """Purges every `every` seconds in a thread, once at a time, and soon after `start`.

    APScheduler is the tick only: each tick orders the next, so that a wall clock that jumps far ahead leaves no
    heap of missed runs. A wall clock that is set back would make the tick oversleep: a watchdog on the
    monotonic clock orders it anew.
    """

    def __init__(
        self,
        index: Index,
        folder: Path,
        every: float,
        clock: Clock,
        *,
        shares: Shares | None = None,
        ballast: Ballast | None = None,
        keep_free: int = 0,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._purge = Purge(index, folder, clock, shares=shares, ballast=ballast, free=free)
        self._fate = index.fate
        self._folder = folder
        self._keep_free = keep_free
        self._free = free
        self._refused = 0
        self._clock = clock
        self._every = every
        self._guard = ClockGuard(clock, known=index.fate.known(clock.utc()))
        self._busy = asyncio.Lock()
        self._last = clock.monotonic()
        self._watchdog: asyncio.Task[None] | None = None
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self.ticks = 0
        """Ticks so far, refused ones too."""

    def start(self) -> None:
        """Begin, within a running event loop."""
        self._scheduler.start()
        self._order(0)
        self._watchdog = asyncio.get_running_loop().create_task(self._watch())

    async def stop(self) -> None:
        """Wait for a purge that runs, then end."""
        if self._watchdog is not None:
            self._watchdog.cancel()
            await asyncio.gather(self._watchdog, return_exceptions=True)
        async with self._busy:
            self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # the scheduler ends in the loop's next turn

    async def tick(self) -> Purged | None:
        """One purge, unless the clock cannot be believed; None then, or when it failed."""
        async with self._busy:
            self.ticks += 1
            self._last = self._clock.monotonic()
            why = self._guard.refusal()
            try:
                if why is not None:
                    await asyncio.to_thread(self._refuse, why)
                    return None
                done = await asyncio.to_thread(self._purge.run)
                if self._keep_free:
                    await asyncio.to_thread(self._purge.make_room, self._keep_free)
            except GarimError as error:
                _log.error("purge failed", error=error.what, mend=error.mend)
                return None
        if done.segments or done.failed:
            _log.info("purged", segments=done.segments, bytes=done.size, failed=len(done.failed))
        return done

    def _refuse(self, why: str) -> None:
        """Each tick says so; the record is told once for each jump."""
        _log.error("purge refused", reason=why)
        if self._refused < self._guard.jumps:
            self._refused = self._guard.jumps
            now = self._clock.utc()
            self._fate.note(Entry(now, SYSTEM, Action.PURGE_REFUSED, "site", {"reason": why}))

    def _short(self) -> bool:
        """Whether the disk of segments has less room than is to be kept free."""
        try:
            return self._keep_free > 0 and self._free(self._folder) < self._keep_free
        except OSError:
            return False  # the folder is gone: the tick tells

    async def _run(self) -> None:
        try:
            await self.tick()
        finally:
            self._order(self._every)

    def _order(self, seconds: float) -> None:
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        self._scheduler.add_job(self._run, DateTrigger(at), id=_JOB, replace_existing=True)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(min(self._every, LOOK))
            if not self._busy.locked() and await asyncio.to_thread(self._short):
                self._order(0)
                continue
            overdue = self._clock.monotonic() - self._last - 2 * self._every
            if overdue > 0 and not self._busy.locked():
                _log.warning("purge overslept: the wall clock was set back", seconds=round(overdue))
                self._order(0)
