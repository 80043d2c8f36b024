"""The purge: nothing early, nothing forgotten, whatever moment it is interrupted at."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from recorder import durable
from recorder.audit.entry import Action
from recorder.audit.tables import entry
from recorder.ballast import Ballast
from recorder.check import check
from recorder.database import sqlite_module
from recorder.descriptor import SegmentDescriptor
from recorder.fate import Fate
from recorder.holds import Holds
from recorder.index import DAY, Index
from recorder.layout import HEADER, LONGEST
from recorder.masked import MaskedWriter
from recorder.policy import Policy
from recorder.purge import Purge
from recorder.raw import RawWriter
from recorder.shares.store import ShareStore
from recorder.tables import DELETED, HOUR, PRESENT, PURGING
from recorder.vault.keys import Identity
from tests.recorder.support import START, encode, files, masked
from tests.recorder.test_index import described
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


class Keys:
    """A share store that remembers what was destroyed, and fails when told to."""

    def __init__(self) -> None:
        self.destroyed: list[str] = []
        self.broken = False

    def destroy(self, ids: Collection[str]) -> int:
        if self.broken:
            raise RecordError("the share store cannot be written", mend="Free space")
        self.destroyed += ids
        return len(ids)


def sealed(index: Index, number: int, start: int, hour: int) -> None:
    index.add(described(number, start, kind="original", epoch=f"gate/2025-06-15/{hour:02d}"))


def logged(index: Index) -> list[tuple[str, dict[str, Any]]]:
    with index.database.read() as connection:
        rows = connection.execute(entry.select().order_by(entry.c.number)).all()
    return [(row.action, json.loads(row.body)["details"]) for row in rows]


HOUR_0 = START - START % HOUR
LATE = START + 31 * DAY


def test_shares_go_once_nothing_in_their_epoch_is_present_or_held(tmp_path: Path, index: Index) -> None:
    for number in range(4):
        sealed(index, number, HOUR_0 + number * 60_000_000, 15)
    sealed(index, 9, HOUR_0 + HOUR, 16)
    sealed(index, 10, HOUR_0 + HOUR - 1, 15)  # reaches into the held hour
    work = Holds(index.database, ManualClock(START))
    work.place(["gate"], HOUR_0 + HOUR, HOUR_0 + HOUR + 1, reason="a case", by="officer-1")
    keys = Keys()
    purge = Purge(index, tmp_path, ManualClock(LATE), shares=keys, batch=2)
    assert purge.run().segments == 4
    assert keys.destroyed == []
    work.lift(1, by="approver-1")
    assert purge.run().segments == 2
    assert sorted(set(keys.destroyed)) == ["gate/2025-06-15/15", "gate/2025-06-15/16"]
    assert [details["epochs"] for action, details in logged(index) if action == Action.SHREDDED] == [
        ["gate/2025-06-15/15", "gate/2025-06-15/16"]
    ]


def test_keys_that_cannot_be_destroyed_keep_their_footage_in_purging(tmp_path: Path, index: Index) -> None:
    sealed(index, 1, HOUR_0, 15)
    index.add(described(2, HOUR_0))
    keys = Keys()
    keys.broken = True
    purge = Purge(index, tmp_path, ManualClock(LATE), shares=keys)
    done = purge.run()
    assert (done.segments, len(done.failed)) == (1, 1)
    assert index.count(PURGING) == 1
    keys.broken = False
    assert purge.run().segments == 1
    assert keys.destroyed == ["gate/2025-06-15/15"]


def test_sealed_footage_is_not_purged_without_the_share_store(tmp_path: Path, index: Index) -> None:
    sealed(index, 1, HOUR_0, 15)
    index.add(described(2, HOUR_0))
    assert Purge(index, tmp_path, ManualClock(LATE)).run().segments == 1  # what is not sealed goes all the same
    assert (index.count(DELETED), index.count(PURGING)) == (1, 1)


def test_keys_of_an_hour_that_is_not_over_are_never_destroyed(tmp_path: Path, index: Index) -> None:
    """A segment was sealed to the next hour's key, and that hour's footage is still being written."""
    index.policy = Policy.days(0.001)
    sealed(index, 1, HOUR_0, 16)
    keys = Keys()
    clock = ManualClock(HOUR_0 + HOUR + LONGEST + 1)
    purge = Purge(index, tmp_path, clock, shares=keys)
    assert (purge.run().segments, keys.destroyed) == (0, [])
    assert index.count(PURGING) == 1
    clock.advance(HOUR / 1_000_000)
    assert (purge.run().segments, keys.destroyed) == (1, ["gate/2025-06-15/16"])


def test_a_real_store_that_fails_once_is_tried_again_before_anything_is_unlinked(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shares are gone from the store, but not yet from its log: the files stay until they are."""
    sealed(index, 1, HOUR_0, 15)
    store = ShareStore.open(tmp_path / "state" / "shares.sqlite")
    epoch = "gate/2025-06-15/15"
    store.put_custodian("custodian-1", "age1x")
    store.add_epoch(epoch, "age1y", 2, [(1, "custodian-1", b"sealed")])
    order: list[str] = []
    monkeypatch.setattr("recorder.purge.remove", lambda stem, suffixes: order.append("unlinked"))
    monkeypatch.setattr("recorder.shares.file._PATIENCE", 0.0)
    purge = Purge(index, tmp_path, ManualClock(LATE), shares=store)
    reader = sqlite_module().connect(str(tmp_path / "state" / "shares.sqlite"))
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM share").fetchall()
    done = purge.run()
    assert (done.segments, len(done.failed), order) == (0, 1, [])
    reader.close()
    assert purge.run().segments == 1
    assert (order, store.shares(epoch)) == (["unlinked"], [])
    store.close()


def test_each_purge_is_on_record_with_every_segment(tmp_path: Path, index: Index) -> None:
    for number in range(3):
        index.add(described(number, START + number * 60_000_000))
    Purge(index, tmp_path, ManualClock(LATE)).run()
    ((action, details),) = logged(index)
    assert action == Action.PURGED
    assert (details["kind"], details["segments"], details["cycle_days"]) == ("masked", 3, 30)
    assert (details["start"], details["end"]) == (START, START + 3 * 60_000_000)
    assert details["files"] == [described(n, START + n * 60_000_000).path.name for n in range(3)]
    assert {row.entry for row in index.all()} == {0}


def test_keys_that_go_early_are_not_said_to_have_outlived_their_time(tmp_path: Path, index: Index) -> None:
    sealed(index, 1, HOUR_0, 15)
    sealed(index, 2, HOUR_0 + HOUR, 16)
    now = HOUR_0 + 4 * HOUR
    purge = Purge(index, tmp_path, ManualClock(now), shares=Keys(), free=disk(index, 2, 1))
    assert purge.make_room(2).segments == 2
    (told,) = [details for action, details in logged(index) if action == Action.SHREDDED]
    assert (told["reason"], len(told["epochs"])) == ("disk-full", 2)
    sealed(index, 3, HOUR_0, 15)
    assert Purge(index, tmp_path, ManualClock(LATE), shares=Keys()).run().segments == 1
    assert [d["reason"] for action, d in logged(index) if action == Action.SHREDDED] == [
        "disk-full",
        "retention",
    ]


def disk(index: Index, size: int, used_each: int) -> Callable[[Path], int]:
    """A disk of `size` bytes on which each segment that is not a tombstone takes `used_each`."""
    return lambda _: size - used_each * (index.count(PRESENT) + index.count(PURGING))


def test_on_a_full_disk_the_oldest_without_a_hold_goes_first_and_never_silently(
    tmp_path: Path, index: Index
) -> None:
    """Threat: full disk: a hold wins, and nothing goes unrecorded."""
    for number in range(60):
        index.add(described(number, HOUR_0 + number * HOUR, HOUR // 4))
    work = Holds(index.database, ManualClock(START))
    work.place(["gate"], HOUR_0, HOUR_0 + 5 * HOUR, reason="a case", by="officer-1")
    now = HOUR_0 + 61 * HOUR
    purge = Purge(index, tmp_path, ManualClock(now), free=disk(index, 100, 1))
    assert purge.make_room(50).segments == 20  # ten are wanted, and they go by twenties
    left = sorted(int(row.uid, 16) for row in index.all() if row.state == PRESENT)
    assert left == [*range(5), *range(25, 60)]
    assert {action for action, _ in logged(index)} == {Action.HOLD_PLACED, Action.PURGED_EARLY}
    assert all(d["reason"] == "disk-full" for action, d in logged(index) if action == Action.PURGED_EARLY)


def test_when_only_held_footage_is_left_nothing_goes_and_that_is_told_once(
    tmp_path: Path, index: Index
) -> None:
    """Threat: full disk: a hold wins."""
    index.add(described(1, HOUR_0))
    Holds(index.database, ManualClock(START)).place(["gate"], HOUR_0, HOUR_0 + 1, reason="a", by="officer-1")
    sealed(index, 2, HOUR_0 + 5 * HOUR, 20)  # this hour's: more may come to its key
    purge = Purge(index, tmp_path, ManualClock(HOUR_0 + 6 * HOUR), shares=Keys(), free=lambda _: 0)
    for _ in range(3):
        assert purge.make_room(1).segments == 0
    assert index.count(PRESENT) == 2
    assert [action for action, _ in logged(index)].count(Action.PURGE_REFUSED) == 1


def test_the_ballast_lets_a_purge_be_recorded_on_a_full_disk(tmp_path: Path, index: Index) -> None:
    """Threat: full disk: no lost purge."""
    index.add(described(1, START))
    path = tmp_path / "ballast"
    ballast = Ballast(path, 4096, lambda _: 0)
    ballast.make()
    seen: list[bool] = []

    class Looking(Keys):
        def destroy(self, ids: Collection[str]) -> int:
            seen.append(path.exists())
            return super().destroy(ids)

    sealed(index, 2, HOUR_0, 15)
    Purge(index, tmp_path, ManualClock(LATE), shares=Looking(), ballast=ballast).run()
    assert seen == [False]
    assert path.exists()
