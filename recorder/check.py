"""Compares the index with the media folder, explains every difference, and mends what can be mended."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import TypeVar

from recorder import crosscheck, durable
from recorder.crosscheck import Store
from recorder.descriptor import SegmentDescriptor
from recorder.draft import describe, roll_forward
from recorder.findings import Finding, Findings, Problem
from recorder.index import Index, Segment
from recorder.layout import (
    BODY,
    DESCRIPTOR,
    HEADER,
    MAIN,
    PART,
    SUFFIXES,
    FileName,
    SegmentKind,
    parse,
    with_suffix,
)
from recorder.purge import Purge, remove
from recorder.salvage import salvage_masked
from recorder.signing import PublicKey
from recorder.tables import DELETED, PRESENT, PURGING
from recorder.vault.header import Header
from vcam.base.clock import Clock, SystemClock
from vcam.base.errors import GarimError, RecordError, VaultError

_HOUR = 3_600_000_000
_T = TypeVar("_T")


class Abandoned(RecordError):
    """A check was told to end. What it has mended so far is mended; the next one begins anew."""


@dataclass(slots=True)
class _Check:
    folder: Path
    index: Index
    mend: bool
    deep: bool
    clock: Clock
    shares: Store | None
    ended: threading.Event | None
    findings: Findings = field(default_factory=Findings)

    def found(self, problem: Problem, path: PurePosixPath | str, what: str, *, mended: bool = False) -> None:
        self.findings.found(problem, path, what, mended=mended)

    def cross(self, key: PublicKey | None) -> None:
        """Look at what the index, the shares and the log say of each other."""
        crosscheck.counts(self.index, self.findings, mend=self.mend)
        if key is not None:
            crosscheck.chains(self.index, self._heeding(self.index.all()), key, self.findings)
        if self.shares is not None:
            try:
                crosscheck.shares(self.index, self.shares, self.clock.utc(), self.findings, mend=self.mend)
            except GarimError as error:  # recording must begin all the same
                self.found(Problem.STORE, "shares", f"{error.what}. {error.mend}")
        crosscheck.purges(self.index, self.findings)

    def purges(self) -> None:
        """Finish purges that were interrupted."""
        for row in self.index.fate.purging(1 << 40):
            self.found(Problem.PURGE, row.path, "its purge had begun; it is finished now", mended=self.mend)
        if self.mend:
            Purge(self.index, self.folder, self.clock, shares=self.shares).finish()

    def files(self) -> None:
        """Look at the files of every segment that no PRESENT row answers for."""
        for hour, names in self._heeding(self._hours()):
            first = min(name.start for name in names)
            begin = first - first % _HOUR
            rows = {row.uid: row for row in self.index.started(hour.parts[0], begin, begin + _HOUR)}
            for stem, group in groupby(sorted(names, key=lambda n: (str(n.stem), n.suffix)), lambda n: n.stem):
                self._stem(stem, list(group), rows)

    def rows(self) -> None:
        """Look at the files of every PRESENT row."""
        for row in self._heeding(self.index.all()):
            if row.state == PRESENT:
                self._row(row)

    def _heeding(self, things: Iterator[_T]) -> Iterator[_T]:
        for thing in things:
            if self.ended is not None and self.ended.is_set():
                raise Abandoned("The check of the recordings was cut short", mend="Run 'garim check'")
            yield thing

    def _hours(self) -> Iterator[tuple[PurePosixPath, list[FileName]]]:
        for at, folders, files in os.walk(self.folder):
            folders.sort()
            place = PurePosixPath(Path(at).relative_to(self.folder))
            names = []
            for file in sorted(files):
                name = parse(place / file)
                if name is not None:
                    names.append(name)
                elif not file.startswith("."):
                    self.found(Problem.STRANGE, place / file, "Garim has not written this; it is left alone")
            if names:
                yield place, names

    def _stem(self, stem: PurePosixPath, names: list[FileName], rows: dict[str, Segment]) -> None:
        kind: SegmentKind = "masked" if any(n.suffix in SUFFIXES["masked"][:-1] for n in names) else "original"
        main = with_suffix(self.folder / stem, MAIN[kind])
        with durable.claimed(main.with_name(main.name + PART)) as part_free, durable.claimed(main) as main_free:
            if not part_free or not main_free:
                return  # a living writer is at it
            row = rows.get(names[0].id) or self.index.get(names[0].id)
            if row is None:
                self._unknown(stem, names, kind)
            elif row.state == DELETED:
                self._returned(stem, kind, row)

    def _returned(self, stem: PurePosixPath, kind: SegmentKind, row: Segment) -> None:
        """Files of a tombstone: remove them, unless nothing but the row says that they were purged."""
        with self.index.database.read() as connection:
            purged = crosscheck.on_record(connection, row.uid)
        if not purged:
            self.found(
                Problem.RETURNED,
                stem,
                "its row says that it was purged, the log does not; its files are left alone",
            )
            return
        if self.mend:
            remove(self.folder / stem, SUFFIXES[kind])
            durable.sync_folder((self.folder / stem).parent)
        self.found(
            Problem.RETURNED, stem, "it was purged, and its files are back; they are removed", mended=self.mend
        )

    def _unknown(self, stem: PurePosixPath, names: list[FileName], kind: SegmentKind) -> None:
        """A segment without a row: roll it forward, adopt it, salvage it or drop it."""
        descriptor = self._descriptor(stem)
        if descriptor is None or not self._intact(descriptor):
            self._left_over(stem, names[0], kind)
            return
        parts = any(name.part for name in names)
        if self.mend and parts:
            roll_forward(self.folder / stem, descriptor.kind)
        damage = None if parts and not self.mend else self._damage(descriptor, header=True)
        if self.mend:
            self.index.add(descriptor, damage=damage)
        problem = Problem.UNFINISHED if parts else Problem.UNREPORTED
        self.found(problem, stem, f"it joins the index; {damage or 'it is whole'}", mended=self.mend)

    def _descriptor(self, stem: PurePosixPath) -> SegmentDescriptor | None:
        """The segment's own description, finished or not, if it is one and tells of this segment."""
        for suffix in (DESCRIPTOR, DESCRIPTOR + PART):
            try:
                descriptor = SegmentDescriptor.load(with_suffix(self.folder / stem, suffix).read_bytes())
            except (FileNotFoundError, RecordError):
                continue
            if descriptor.path == stem:
                return descriptor
        return None

    def _intact(self, descriptor: SegmentDescriptor) -> bool:
        """Whether the files that still wait for their final names are those described; a power cut may tear them."""
        return all(
            durable.sha256(path) == digest
            for suffix, _, digest in _wanted(descriptor)
            if (path := with_suffix(self.folder / descriptor.path, suffix + PART)).exists()
        )

    def _left_over(self, stem: PurePosixPath, name: FileName, kind: SegmentKind) -> None:
        path = self.folder / stem
        size = sum(with_suffix(path, s + p).stat().st_size for s, p in _existing(path, kind))
        if with_suffix(path, BODY).exists():
            # Only a finished original has that name: it must not be lost for want of its description.
            self.found(
                Problem.STRANGE, stem, "an original without descriptor and row; restore its .json from a backup"
            )
            return
        if not self.mend:
            fate = (
                "its whole fragments can be kept" if kind == "masked" else "it was never finished and is lost"
            )
            self.found(Problem.LEFT_OVER, stem, f"{size} bytes of a segment ({kind}): {fate}")
            return
        kept = salvage_masked(self.folder, name) if kind == "masked" else None
        if kept is not None:
            self.index.add(kept)
            what = f"{size} bytes of a masked segment: {kept.frames} pictures are kept"
        else:
            remove(path, SUFFIXES[kind])
            durable.sync_folder(path.parent)
            what = f"{size} bytes of a segment ({kind}) that was never finished: lost, and removed"
        self.found(Problem.LEFT_OVER, stem, what, mended=True)

    def _row(self, row: Segment) -> None:
        descriptor = row.descriptor()
        if row.path != descriptor.path:
            self.found(Problem.DAMAGED, row.path, "the index names another place than camera, time and id give")
            return
        damage = self._damage(descriptor, header=self.deep)
        if damage is not None and self._purged_meanwhile(row):
            return
        if damage is not None or (self.deep and row.damage is not None):
            if self.mend and damage != row.damage:
                self.index.mark_damage(row.uid, damage)
            if damage is not None:
                self.found(Problem.DAMAGED, row.path, damage)
        described = with_suffix(self.folder / row.path, DESCRIPTOR)
        if damage is None and not described.exists():
            if self.mend:
                describe(self.folder / row.path, descriptor)
                roll_forward(self.folder / row.path, row.kind)
            self.found(
                Problem.UNDESCRIBED, row.path, "the descriptor is written anew from the index", mended=self.mend
            )

    def _purged_meanwhile(self, row: Segment) -> bool:
        now = self.index.get(row.uid)
        return now is None or now.state in {PURGING, DELETED}

    def _damage(self, descriptor: SegmentDescriptor, *, header: bool) -> str | None:
        """What is wrong with a finished segment's files, or None."""
        stem = self.folder / descriptor.path
        for suffix, size, digest in _wanted(descriptor):
            path = with_suffix(stem, suffix)
            if not path.is_file():
                return f"{suffix} is missing"
            if path.stat().st_size != size:
                return f"{suffix} has {path.stat().st_size} bytes instead of {size}"
            if self.deep and durable.sha256(path) != digest:
                return f"{suffix} has been altered: its SHA-256 differs"
        return (
            _header_damage(with_suffix(stem, HEADER), parse_it=header)
            if descriptor.kind == "original"
            else None
        )


def _wanted(descriptor: SegmentDescriptor) -> list[tuple[str, int, str]]:
    """Suffix, bytes and SHA-256 of the files that a descriptor vouches for."""
    main = MAIN[descriptor.kind]
    side = next(s for s in SUFFIXES[descriptor.kind] if s not in {main, HEADER, DESCRIPTOR})
    return [(main, descriptor.size, descriptor.sha256), (side, descriptor.side_size, descriptor.side_sha256)]


def _header_damage(path: Path, *, parse_it: bool) -> str | None:
    if not path.is_file():
        return f"{HEADER} is missing: nobody can open this original"
    if parse_it:
        try:
            Header.parse(path.read_bytes())
        except VaultError as error:
            return f"{HEADER}: {error.what}"
    return None


def _existing(stem: Path, kind: SegmentKind) -> list[tuple[str, str]]:
    return [(s, p) for s in SUFFIXES[kind] for p in ("", PART) if with_suffix(stem, s + p).is_file()]


def check(
    folder: Path,
    index: Index,
    *,
    mend: bool,
    deep: bool = False,
    clock: Clock | None = None,
    key: PublicKey | None = None,
    shares: Store | None = None,
    ended: threading.Event | None = None,
) -> list[Finding]:
    """Compare `folder` with `index`, and the index with `shares` and the log; put it all on record.

    `deep` also compares every SHA-256 (it reads everything). With `key`, the recorder's, the chains of rows are
    verified. With `mend`: interrupted purges are finished, finished segments join the index, what a crash has left
    is salvaged (masked) or dropped (original), files of purged segments are removed, rows whose files are
    missing or altered are marked, counts of holds set right, and shares of purged hours destroyed. What may be
    evidence is told and left. Nothing that a living writer holds is touched, so it may run beside a recorder.
    Once `ended` is set it stops where it is. Raises Abandoned then, and RecordError when the folder or the index
    cannot be used.
    """
    if not folder.is_dir():
        raise RecordError(
            f"Media folder {folder} is absent", mend="Mount it, or make it if nothing was ever recorded"
        )
    run = _Check(folder, index, mend, deep, clock or SystemClock(), shares, ended)
    try:
        run.purges()
        run.files()
        run.rows()
    except OSError as error:
        raise RecordError(
            f"Media folder {folder} cannot be checked: {error.strerror}: {error.filename}",
            mend="Check that Garim's user may read and write it and that its disk has room",
        ) from error
    run.cross(key)
    crosscheck.record(index, run.findings, run.clock.utc())
    return run.findings.all
