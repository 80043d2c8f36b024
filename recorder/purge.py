"""Deletes what has expired, in an order that a crash at any moment cannot turn into an early or a lost purge.

PRESENT -> PURGING (commit) -> unlink, wrapped key first -> fsync of the folder -> DELETED (commit)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from recorder import durable
from recorder.index import Index, Segment
from recorder.layout import PART, SUFFIXES, with_suffix
from recorder.tables import PRESENT
from vcam.base.clock import Clock
from vcam.base.errors import RecordError

_log = structlog.get_logger()

_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge has done: segments and bytes deleted, and paths that could not be."""

    segments: int = 0
    size: int = 0
    failed: tuple[str, ...] = ()


def due(segments: Iterable[Segment], now: int) -> list[Segment]:
    """The policy: a present segment is due once it has expired at `now` (us UTC); the longest expired first."""
    return sorted(
        (s for s in segments if s.state == PRESENT and s.expires <= now), key=lambda s: (s.expires, s.id)
    )


class Purge:
    """Carries the policy out on one media folder and its index."""

    def __init__(self, index: Index, folder: Path, clock: Clock, *, batch: int = 100) -> None:
        self._index = index
        self._folder = folder
        self._clock = clock
        self._batch = batch

    def candidates(self, limit: int) -> list[Segment]:
        """What `run` would delete first, without deleting it."""
        now = self._clock.utc()
        return due(self._index.due(now, limit), now)

    def run(self) -> Purged:
        """Delete everything that is due, after finishing what an earlier purge has begun.

        Raises RecordError when the index or the media folder cannot be used. A file that cannot be deleted
        keeps its segment in PURGING; the next run tries it again.
        """
        if not self._folder.is_dir():
            raise RecordError(
                f"Media folder {self._folder} is absent, so nothing can be purged",
                mend="Mount or make the folder",
            )
        done = self.finish()
        while True:
            now = self._clock.utc()
            rows = due(self._index.due(now, self._batch), now)
            if not rows:
                return done
            self._index.begin_purge([row.id for row in rows], now)
            done = _sum(done, self._delete(rows))

    def finish(self) -> Purged:
        """Finish the deletion of every segment that is in PURGING."""
        done = Purged()
        tried: set[int] = set()
        while True:
            rows = [row for row in self._index.purging(len(tried) + self._batch) if row.id not in tried]
            if not rows:
                return done
            tried.update(row.id for row in rows)
            done = _sum(done, self._delete(rows))

    def _delete(self, rows: Sequence[Segment]) -> Purged:
        gone: list[Segment] = []
        failed: list[str] = []
        for row in rows:
            try:
                self._unlink(row)
            except OSError as error:
                failed.append(str(row.path))
                _log.error(
                    "segment cannot be purged", camera=row.camera, path=str(row.path), error=error.strerror
                )
            else:
                gone.append(row)
        for folder in {(self._folder / row.path).parent for row in gone}:
            if folder.is_dir():
                durable.sync_folder(folder)
        now = self._clock.utc()
        count = self._index.end_purge([row.id for row in gone], now)
        for folder in {(self._folder / row.path).parent for row in gone if row.end < now - _HOUR}:
            _remove_empty(folder)
        size = sum(row.size + row.header_size + row.side_size for row in gone)
        return Purged(count, size, tuple(failed))

    def _unlink(self, row: Segment) -> None:
        remove(self._folder / row.descriptor().path, SUFFIXES[row.kind])


def remove(stem: Path, suffixes: Sequence[str]) -> list[str]:
    """Unlink a segment's files, unfinished ones too, in the order of `suffixes`. Returns those that were there."""
    return [
        suffix + part
        for suffix in suffixes
        for part in ("", PART)
        if durable.unlink(with_suffix(stem, suffix + part))
    ]


def _remove_empty(hour: Path) -> None:
    """Remove an hour's folder, and its day's, if nothing is left in them."""
    for folder in (hour, hour.parent):
        try:
            folder.rmdir()
        except OSError:  # not empty, or gone already
            return


def _sum(a: Purged, b: Purged) -> Purged:
    return Purged(a.segments + b.segments, a.size + b.size, a.failed + b.failed)
