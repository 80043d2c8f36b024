"""The purge: nothing early, nothing forgotten, whatever moment it is interrupted at."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from recorder import durable
from recorder.check import check
from recorder.descriptor import SegmentDescriptor
from recorder.fate import Fate
from recorder.index import DAY, Index
from recorder.layout import HEADER
from recorder.masked import MaskedWriter
from recorder.purge import Purge
from recorder.raw import RawWriter
from recorder.tables import DELETED, PRESENT, PURGING
from recorder.vault.keys import Identity
from tests.recorder.support import START, encode, files, masked
from vcam.base.clock import ManualClock
from vcam.base.errors import RecordError

EXPIRY = START + 30 * DAY


class Crash(BaseException):
    """The power is cut."""


def record(folder: Path, index: Index, identity: Identity) -> list[SegmentDescriptor]:
    """Three originals and three masked copies of two seconds each."""
    info, units = encode(150)
    segments: list[SegmentDescriptor] = []
    clock = ManualClock(START)
    raw = RawWriter(folder, "gate", [identity.recipient], 2, segments.append, clock)
    copy = MaskedWriter(folder, "gate", 2, segments.append, clock)
    raw.stream(info)
    for unit, cover in zip(units, masked(units), strict=True):
        raw.raw(unit)
        copy.masked(cover)
    raw.close()
    copy.close()
    for segment in segments:
        index.add(segment)
    return segments


def holds(folder: Path, index: Index, now: int) -> None:
    """The invariants that no crash may break."""
    for row in index.all():
        present = [path for path in files(folder) if row.uid in path.name]
        if row.state == PRESENT:
            assert len(present) == (4 if row.kind == "original" else 3)
        if row.state == DELETED:
            assert not present
        if row.state != PRESENT:
            assert row.expires <= now
        if row.kind == "original" and present and row.state == PURGING and len(present) < 4:
            assert not any(path.name.endswith(HEADER) for path in present)  # the wrapped key went first


def test_only_what_has_expired_goes(tmp_path: Path, index: Index, identity: Identity) -> None:
    media = tmp_path / "media"
    record(media, index, identity)
    clock = ManualClock(EXPIRY + 3_000_000)
    purge = Purge(index, media, clock)
    assert [row.end - START for row in purge.candidates(10)] == [2_000_000, 2_000_000]
    done = purge.run()
    assert (done.segments, done.failed) == (2, ())
    assert done.size > 0
    assert (index.count(PRESENT), index.count(DELETED)) == (4, 2)
    holds(media, index, clock.utc())
    assert purge.run().segments == 0
    clock.advance(10)
    assert purge.run().segments == 4
    assert files(media) == []
    assert list(media.iterdir()) == [media / "gate"]
    assert check(media, index, mend=False) == []


_STEPS = ("unlink", "sync_folder", "begin", "end")


def crash_at(monkeypatch: pytest.MonkeyPatch, point: int) -> Callable[[], int]:
    """Cut the power before (even) or after (odd) the step `point // 2`; the result counts steps."""
    seen = 0

    def wrap(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def step(*arguments: object) -> object:
            nonlocal seen
            seen += 1
            if 2 * (seen - 1) == point:
                raise Crash
            result = real(*arguments)
            if 2 * (seen - 1) + 1 == point:
                raise Crash
            return result

        monkeypatch.setattr(owner, name, step)

    for name in _STEPS:
        wrap(durable if hasattr(durable, name) else Fate, name)
    return lambda: seen


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, identity: Identity) -> Path:
    """A folder with `media` and `index.db`, to be copied."""
    folder = tmp_path_factory.mktemp("recorded")
    index = Index.open(f"sqlite:///{folder / 'index.db'}")
    record(folder / "media", index, identity)
    index.close()
    return folder


@pytest.mark.parametrize("part", range(4))
def test_a_crash_at_every_step_is_made_good(
    part: int, tmp_path: Path, make_index: Callable[..., Index], recorded: Path
) -> None:
    point = part
    crashed = True
    while crashed:
        shutil.copytree(recorded, tmp_path / str(point))
        media = tmp_path / str(point) / "media"
        index = make_index(f"{point}/index.db")
        clock = ManualClock(EXPIRY + 3_000_000)
        with pytest.MonkeyPatch.context() as patch:
            crash_at(patch, point)
            try:
                Purge(index, media, clock, batch=1).run()
                crashed = False
            except Crash:
                holds(media, index, clock.utc())
        findings = check(media, index, mend=True, clock=clock)
        assert all(finding.mended for finding in findings)
        assert index.count(PURGING) == 0
        Purge(index, media, clock).run()
        assert (index.count(PRESENT), index.count(DELETED)) == (4, 2)
        holds(media, index, clock.utc())
        assert check(media, index, mend=False) == []
        point += 4


def test_a_file_that_cannot_be_deleted_is_tried_again(
    tmp_path: Path, index: Index, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = tmp_path / "media"
    record(media, index, identity)
    clock = ManualClock(EXPIRY + 3_000_000)

    def refuse(path: Path) -> bool:
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(durable, "unlink", refuse)
        done = Purge(index, media, clock).run()
    assert done.segments == 0
    assert len(done.failed) == 2
    assert index.count(PURGING) == 2
    assert Purge(index, media, clock).run().segments == 2


def test_an_absent_folder_is_no_proof_of_deletion(tmp_path: Path, index: Index, identity: Identity) -> None:
    media = tmp_path / "media"
    record(media, index, identity)
    media.rename(tmp_path / "unplugged")
    with pytest.raises(RecordError, match="absent"):
        Purge(index, media, ManualClock(EXPIRY * 2)).run()
    assert index.count(PRESENT) == 6
