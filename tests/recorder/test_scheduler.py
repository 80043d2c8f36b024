"""The tick: purges come on time, one at a time, and never by a clock that has jumped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import select

from recorder import scheduler as scheduler_module
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.audit.tables import entry
from recorder.index import DAY, Index
from recorder.purge import Purge, Purged
from recorder.scheduler import PurgeScheduler
from tests.recorder.test_index import described
from vcam.base.clock import ManualClock
from vcam.base.errors import RecordError


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture
async def started(index: Index, media: Path) -> AsyncIterator[Callable[..., PurgeScheduler]]:
    running: list[PurgeScheduler] = []

    def start(every: float = 0.02, clock: ManualClock | None = None) -> PurgeScheduler:
        running.append(PurgeScheduler(index, media, every, clock or ManualClock()))
        running[-1].start()
        return running[-1]

    yield start
    for scheduler in running:
        await scheduler.stop()


async def ticks(scheduler: PurgeScheduler, count: int) -> None:
    wanted = scheduler.ticks + count
    while scheduler.ticks < wanted:
        await asyncio.sleep(0.005)


async def test_it_ticks_again_and_again(started: Callable[..., PurgeScheduler]) -> None:
    await asyncio.wait_for(ticks(started(), 3), 30)


async def test_a_purge_that_fails_does_not_end_the_ticks(
    started: Callable[..., PurgeScheduler], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Purge) -> Purged:
        raise RecordError("the disk is gone", mend="Mount it")

    monkeypatch.setattr(Purge, "run", fail)
    await asyncio.wait_for(ticks(started(), 2), 30)


async def test_nothing_is_purged_by_a_clock_that_jumped_ahead(
    index: Index, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[None] = []

    def run(self: Purge) -> Purged:
        runs.append(None)
        return Purged()

    monkeypatch.setattr(Purge, "run", run)
    clock = ManualClock(utc=10**15)
    scheduler = PurgeScheduler(index, media, 600, clock)
    assert await scheduler.tick() == Purged()
    clock.advance(600)
    clock.step_utc(40 * DAY / 1_000_000)
    assert await scheduler.tick() is None
    clock.advance(3601)
    assert await scheduler.tick() == Purged()
    assert len(runs) == 2


async def test_a_refusal_is_on_record_once_for_each_jump(index: Index, media: Path) -> None:
    """Threat: clock jump: nothing goes early, and the record tells why nothing went."""
    index.add(described(1, 10**15))
    clock = ManualClock(utc=10**15 + DAY)
    scheduler = PurgeScheduler(index, media, 600, clock)
    for jumps in (1, 2):
        clock.step_utc(40 * DAY / 1_000_000)
        for _ in range(3):
            clock.advance(10)
            assert await scheduler.tick() is None
        with index.database.read() as connection:
            actions = list(connection.scalars(select(entry.c.action)))
        assert actions == [Action.PURGE_REFUSED.value] * jumps
    assert index.count() == 1


async def test_a_restart_does_not_make_a_doubted_clock_true(index: Index, media: Path) -> None:
    """Threat: clock jump: what a start by a wrong clock puts on record vouches for nothing at the next start."""
    index.add(described(1, 10**15))
    index.fate.note(Entry(10**15, SYSTEM, Action.STARTED, "site", {}))
    clock = ManualClock(utc=10**15 + 40 * DAY)
    for _ in range(3):
        scheduler = PurgeScheduler(index, media, 600, clock)
        index.fate.note(Entry(clock.utc(), SYSTEM, Action.STARTED, "site", {}))
        assert await scheduler.tick() is None
        clock.advance(600)
    clock.advance(3601)
    assert await scheduler.tick() is not None
    assert index.count() == 0
    assert await PurgeScheduler(index, media, 600, clock).tick() == Purged()


async def test_room_is_made_as_soon_as_it_is_short(
    index: Index, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat: full disk."""
    index.add(described(1, 10**15))
    monkeypatch.setattr(scheduler_module, "LOOK", 0.01)
    free = 100
    clock = ManualClock(utc=10**15 + DAY)
    scheduler = PurgeScheduler(
        index, media, 600, clock, keep_free=50, free=lambda _: free if index.count() else 100
    )
    scheduler.start()
    try:
        await asyncio.wait_for(ticks(scheduler, 1), 30)
        assert index.count() == 1
        free = 10
        async with asyncio.timeout(30):
            while index.count():
                await asyncio.sleep(0.005)
    finally:
        await scheduler.stop()


async def test_a_tick_that_oversleeps_is_ordered_anew(started: Callable[..., PurgeScheduler]) -> None:
    clock = ManualClock()
    scheduler = started(every=0.05, clock=clock)
    await asyncio.wait_for(ticks(scheduler, 1), 30)
    # What a wall clock set back by a year does: the next run lies a year ahead.
    far = DateTrigger(datetime.now(UTC) + timedelta(days=365))
    while scheduler._busy.locked():
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    scheduler._scheduler.add_job(scheduler._run, far, id="purge", replace_existing=True)
    clock.advance(1)
    await asyncio.wait_for(ticks(scheduler, 1), 30)


async def test_stopping_waits_for_the_purge_that_runs(
    index: Index, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    began = asyncio.Event()
    ended: list[None] = []

    def slow(self: Purge) -> Purged:
        loop.call_soon_threadsafe(began.set)
        time.sleep(0.1)
        ended.append(None)
        return Purged()

    monkeypatch.setattr(Purge, "run", slow)
    scheduler = PurgeScheduler(index, media, 600, ManualClock())
    scheduler.start()
    await asyncio.wait_for(began.wait(), 30)
    await scheduler.stop()
    assert ended == [None]
