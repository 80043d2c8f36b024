"""Finished segments reach the index however long it cannot be written, in their order, and none is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, event, text
from structlog.testing import capture_logs

from recorder.chain import verify
from recorder.check import check
from recorder.database import sqlite_module
from recorder.descriptor import SegmentDescriptor
from recorder.index import Index
from recorder.intake import Intake
from recorder.masked import MaskedWriter
from recorder.signing import RECORDER, SigningKey
from tests.recorder.support import encode, masked
from tests.recorder.test_index import described
from vcam.base.clock import ManualClock
from vcam.base.errors import RecordError

HOUR = 3_600_000_000
TRIED = "segments wait for the index, which is tried again"
AGAIN = "the index takes segments again"
LEFT = "segments are not in the index yet; the check at the next start takes them in"


@pytest.fixture
def impatient(index: Index) -> Index:
    """The index, which waits for a lock for an instant only."""
    index.database.engine.dispose()

    def prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=1").close()

    event.listen(index.database.engine, "connect", prepare)
    return index


@contextmanager
def locked(index: Index) -> Iterator[Callable[[], None]]:
    """The index locked by another; the function gives it back."""
    other = sqlite_module().connect(index.database.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield lambda: other.execute("ROLLBACK")
    finally:
        other.close()


def told(number: int, camera: str = "gate") -> dict[str, Any]:
    return described(number, number * HOUR, camera=camera).model_dump(mode="json")


def nothing() -> None:
    """There is nothing to adopt."""


async def until(found: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not found():
            await asyncio.sleep(0.005)


def rows(index: Index) -> list[str]:
    return [row.uid for row in index.all()]


async def test_what_came_while_the_index_was_locked_follows_in_order(impatient: Index, tmp_path: Path) -> None:
    intake = Intake(impatient, nothing, wait=0.01)
    intake.start()
    with capture_logs() as logs:
        with locked(impatient) as give_back:
            for number in range(1, 5):
                intake.take(told(number))
            await until(lambda: sum(line["event"] == TRIED for line in logs) > 1)
            assert intake.waiting == 4
            give_back()
            await until(lambda: intake.waiting == 0)
        await intake.stop()
    assert rows(impatient) == [f"{number:016x}" for number in range(1, 5)]
    key = SigningKey.open(tmp_path / "keys", RECORDER).public
    assert verify(impatient.all(), key, impatient.heads()) == []
    assert next(line for line in logs if line["event"] == TRIED)["waiting"] >= 1
    assert [line["event"] for line in logs].count(AGAIN) == 1


async def test_connections_that_postgresql_cut_are_made_anew(postgresql_url: str) -> None:
    index = Index.open(postgresql_url)
    intake = Intake(index, nothing, wait=0.01)
    intake.start()
    intake.take(told(1))
    await until(lambda: intake.waiting == 0)
    with create_engine(postgresql_url, poolclass=NullPool).begin() as connection:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(text(f"{cut} AND pid <> pg_backend_pid()"))
    with capture_logs() as logs:
        intake.take(told(2))
        await until(lambda: intake.waiting == 0)
    await intake.stop()
    assert rows(index) == [f"{number:016x}" for number in (1, 2)]
    assert TRIED in [line["event"] for line in logs]
    index.close()


async def test_one_that_can_never_join_holds_no_other_up(index: Index) -> None:
    with index.database.write() as connection:
        connection.execute(text("INSERT INTO camera (name, recorder) VALUES ('yard', 'another')"))
    intake = Intake(index, nothing)
    intake.start()
    with capture_logs() as logs:
        for descriptor in ({"version": 99}, told(1, "yard"), told(2)):
            intake.take(descriptor)
        await intake.stop()
    assert rows(index) == [f"{2:016x}"]
    assert [line["event"] for line in logs] == ["a segment cannot join the index"] * 2


async def test_what_found_no_room_to_wait_is_taken_in_from_the_disk(impatient: Index) -> None:
    adopted: list[int] = []

    def adopt() -> None:
        adopted.append(len(rows(impatient)))
        if len(adopted) == 1:
            raise RecordError("the folder is away for a while")
        for number in range(3, 6):
            impatient.add(described(number, number * HOUR))

    intake = Intake(impatient, adopt, wait=0.01, longest=2)
    with locked(impatient) as give_back:
        intake.start()
        for number in range(1, 6):
            intake.take(told(number))
        assert intake.waiting == 5
        give_back()
        await until(lambda: intake.waiting == 0)
    intake.take(told(6))
    await intake.stop()
    assert rows(impatient) == [f"{number:016x}" for number in range(1, 7)]
    assert adopted == [2, 2]


async def test_what_is_left_at_the_end_is_found_by_the_check(impatient: Index, tmp_path: Path) -> None:
    segments: list[SegmentDescriptor] = []
    writer = MaskedWriter(tmp_path / "media", "gate", 60, segments.append, ManualClock())
    for cover in masked(encode(10)[1]):
        writer.masked(cover)
    writer.close()
    intake = Intake(impatient, nothing, wait=1000)
    intake.start()
    with capture_logs() as logs, locked(impatient):
        intake.take(segments[0].model_dump(mode="json"))
        await until(lambda: any(line["event"] == TRIED for line in logs))
        async with asyncio.timeout(30):
            await intake.stop()
    assert logs[-1]["event"] == LEFT
    assert logs[-1]["segments"] == 1
    assert rows(impatient) == []
    check(tmp_path / "media", impatient, mend=True)
    assert rows(impatient) == [segments[0].id]
