"""Deletes what has expired, in an order that a crash at any moment cannot turn into an early or a lost purge.

PRESENT -> PURGING (commit) -> destroy the shares of epochs with nothing present (commit in their store) -> unlink,
wrapped key first -> fsync of the folder -> DELETED and the log's entries (one commit)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from recorder import durable
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.ballast import Ballast, free_bytes
from recorder.index import Index
from recorder.layout import PART, SUFFIXES, with_suffix
from recorder.policy import epoch_over, hour_of
from recorder.segment import Candidate
from vcam.base.clock import Clock
from vcam.base.errors import GarimError, RecordError

_log = structlog.get_logger()

_HOUR = 3_600_000_000
_FEW = 20
"""Segments that go before the disk is looked at again, when it is full."""


class Shares(Protocol):
    """As much of the share store as a purge needs (`recorder.shares.store.ShareStore`)."""

    def destroy(self, ids: Collection[str]) -> int:
        """Destroy every copy of the shares of these epochs. Doing it twice does no harm."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge has done: segments and bytes deleted, and paths that could not be."""

    segments: int = 0
    size: int = 0
    failed: tuple[str, ...] = ()


class Purge:
    """Carries the policy out on one media folder, its index and the shares of its epochs."""

    def __init__(
        self,
        index: Index,
        folder: Path,
        clock: Clock,
        *,
        shares: Shares | None = None,
        ballast: Ballast | None = None,
        batch: int = 100,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._fate = index.fate
        self._folder = folder
        self._clock = clock
        self._shares = shares
        self._ballast = ballast or Ballast(folder, 0)
        self._batch = batch
        self._free = free
        self._full = False

    def candidates(self, limit: int) -> list[Candidate]:
        """What `run` would delete first, without deleting it."""
        return self._fate.due(self._clock.utc(), limit)

    def run(self) -> Purged:
        """Delete everything that is due, after finishing what an earlier purge has begun.

        Raises RecordError when the index or the media folder cannot be used. A file that cannot be deleted, or an
        epoch whose shares cannot be destroyed, keeps its segments in PURGING; the next run tries it again.
        """
        self._there()
        with self._ballast.lent():
            done = self.finish()
            while True:
                now = self._clock.utc()
                rows = self._fate.due(now, self._batch)
                if not rows:
                    return done
                done = _sum(done, self._delete(self._fate.begin(rows, now)))

    def make_room(self, keep_free: int) -> Purged:
        """Delete the oldest that no hold covers, due or not, until `keep_free` bytes are free on the segments' disk.

        Footage whose epoch has not ended stays. Each step is on record and warned of. When nothing may go any more,
        that is an error in the log and, once, in the record: recording then goes on as far as the disk lets it.
        """
        self._there()
        done = Purged()
        while (short := keep_free - self._free(self._folder)) > 0:
            with self._ballast.lent():
                rows = self._fate.oldest(self._clock.utc(), _FEW)
                gone = self._delete(self._fate.begin(rows, None)) if rows else Purged()
                if gone.segments == 0:
                    self._stuck(short)
                    return _sum(done, gone)
            self._full = False
            done = _sum(done, gone)
            _log.warning(
                "disk is full: the oldest footage is purged early", segments=gone.segments, bytes=gone.size
            )
        self._full = False
        return done

    def finish(self) -> Purged:
        """Finish the deletion of every segment that is in PURGING."""
        done = Purged()
        tried: set[int] = set()
        while True:
            rows = [row for row in self._fate.purging(len(tried) + self._batch) if row.id not in tried]
            if not rows:
                return done
            tried.update(row.id for row in rows)
            for at in range(0, len(rows), self._batch):
                done = _sum(done, self._delete(rows[at : at + self._batch]))

    def _there(self) -> None:
        if not self._folder.is_dir():
            raise RecordError(
                f"Media folder {self._folder} is absent, so nothing can be purged",
                mend="Mount or make the folder",
            )

    def _stuck(self, short: int) -> None:
        reason = "the disk is full, and only footage that is held or of this hour is left"
        _log.error(reason, bytes_short=short, mend="Free space, add a disk, or lift holds that are over")
        if not self._full:
            self._full = True
            self._fate.note(Entry(self._clock.utc(), SYSTEM, Action.PURGE_REFUSED, "site", {"reason": reason}))

    def _delete(self, rows: Sequence[Candidate]) -> Purged:
        sealed = self._shred(rows)
        gone: list[Candidate] = []
        failed = [row.path for row in rows if row.epoch in sealed]
        for row in rows:
            if row.epoch in sealed:
                continue
            try:
                remove(self._folder / row.path, SUFFIXES[row.kind])
            except OSError as error:
                failed.append(row.path)
                _log.error("segment cannot be purged", camera=row.camera, path=row.path, error=error.strerror)
            else:
                gone.append(row)
        for folder in {(self._folder / row.path).parent for row in gone}:
            if folder.is_dir():
                durable.sync_folder(folder)
        now = self._clock.utc()
        count = self._fate.end(gone, now) if gone else 0
        for folder in {(self._folder / row.path).parent for row in gone if row.end < now - _HOUR}:
            _remove_empty(folder)
        return Purged(count, sum(row.bytes for row in gone), tuple(failed))

    def _shred(self, rows: Sequence[Candidate]) -> set[str]:
        """Destroy the shares of epochs in which nothing is present. Returns those whose footage must wait.

        Those are epochs for which that failed, and those to which more footage may come: a segment may have been
        sealed to the key of the hour after its own, when its own was not there.
        """
        epochs = {row.epoch for row in rows if row.epoch}
        if not epochs:
            return set()
        if self._shares is None:
            _log.error("footage sealed to custodians cannot be purged without their share store")
            return epochs
        now = self._clock.utc()
        spent = self._fate.spent(epochs)
        early = {epoch for epoch in spent if epoch_over(hour_of(epoch)) > now}
        spent -= early
        try:
            self._shares.destroy(sorted(spent))
        except GarimError as error:
            _log.error("shares cannot be destroyed", epochs=len(spent), error=error.what, mend=error.mend)
            return spent | early
        return early


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
