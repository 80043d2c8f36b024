"""The check: every difference between index and files is found, explained, and mended where it can be."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import pyrage
import pytest
from pyrage import x25519

from recorder import durable, regions
from recorder.audit.entry import Action
from recorder.audit.log import Wanted, entries
from recorder.check import Abandoned, check
from recorder.descriptor import SegmentDescriptor
from recorder.findings import Problem
from recorder.index import Index
from recorder.layout import BODY, DESCRIPTOR, HEADER, PART, REGIONS, VIDEO, with_suffix
from recorder.masked import MaskedWriter
from recorder.raw import RawWriter
from recorder.tables import PRESENT
from recorder.vault.keys import Identity
from tests.recorder.support import START, encode, files, hevc, masked
from vcam.base.clock import ManualClock
from vcam.base.errors import RecordError

WRITER = """
import os
import sys
from pathlib import Path
from recorder.masked import MaskedWriter
from recorder.raw import RawWriter
from tests.recorder.support import encode, masked
from vcam.base.clock import SystemClock

def told(segment):
    os.write(1, f"{segment.id} {segment.kind} {segment.frames}\\n".encode())  # whole, whichever thread

folder, recipient = Path(sys.argv[1]), sys.argv[2]
info, units = encode(50, gop=5)
raw = RawWriter(folder, "gate", [recipient], 0.4, told, SystemClock())
copy = MaskedWriter(folder, "gate", 0.4, told, SystemClock())
print("ready", flush=True)
raw.stream(info)
from dataclasses import replace
for turn in range(10000):
    for unit, cover in zip(units, masked(units)):
        later = turn * 180000
        raw.raw(replace(unit, pts=unit.pts + later, time=unit.time + turn * 2000000))
        copy.masked(replace(cover, pts=cover.pts + later, dts=cover.dts + later, time=cover.time + turn * 2000000))
"""


@dataclass
class Site:
    """A media folder, its index, and what was recorded."""

    folder: Path
    index: Index
    segments: list[SegmentDescriptor]

    def path(self, number: int, suffix: str) -> Path:
        return with_suffix(self.folder / self.segments[number].path, suffix)

    def problems(self, *, mend: bool, deep: bool = False) -> list[tuple[Problem, bool]]:
        return [(f.problem, f.mended) for f in check(self.folder, self.index, mend=mend, deep=deep)]


@pytest.fixture
def site(tmp_path: Path, index: Index, identity: Identity) -> Site:
    """Segment 0 is an original, segment 1 a masked copy."""
    info, units = encode(40)
    segments: list[SegmentDescriptor] = []
    raw = RawWriter(tmp_path / "media", "gate", [identity.recipient], 60, segments.append, ManualClock())
    raw.stream(info)
    for unit in units:
        raw.raw(unit)
    raw.close()
    copy = MaskedWriter(tmp_path / "media", "gate", 60, segments.append, ManualClock())
    for cover in masked(units):
        copy.masked(cover)
    copy.close()
    for segment in segments:
        index.add(segment)
    return Site(tmp_path / "media", index, segments)


def test_nothing_is_found_where_nothing_is_wrong(site: Site) -> None:
    assert site.problems(mend=False, deep=True) == []


def test_the_index_is_rebuilt_from_the_descriptors(site: Site, make_index: Callable[..., Index]) -> None:
    empty = make_index("fresh.db")
    found = check(site.folder, empty, mend=False)
    assert [f.problem for f in found] == [Problem.UNREPORTED] * 2
    assert empty.count() == 0
    check(site.folder, empty, mend=True)
    assert sorted(row.descriptor().id for row in empty.all()) == sorted(s.id for s in site.segments)
    assert [row.descriptor() for row in empty.all()] == sorted(site.segments, key=lambda s: str(s.path))
    assert check(site.folder, empty, mend=False, deep=True) == []


@pytest.mark.parametrize("final", [0, 1, 2, 3])
def test_a_finish_that_was_interrupted_is_rolled_forward(
    site: Site, make_index: Callable[..., Index], final: int
) -> None:
    for number, suffix in enumerate((HEADER, BODY, ".units.npy", DESCRIPTOR)):
        if number >= final:
            durable.rename(site.path(0, suffix), site.path(0, suffix + PART))
    empty = make_index("fresh.db")
    assert Problem.UNFINISHED in {f.problem for f in check(site.folder, empty, mend=False)}
    found = check(site.folder, empty, mend=True)
    assert all(f.mended for f in found)
    assert check(site.folder, empty, mend=False, deep=True) == []
    assert empty.count(kind="original") == 1


def test_a_power_cut_that_tore_a_described_segment_is_noticed(
    site: Site, make_index: Callable[..., Index]
) -> None:
    for suffix in (HEADER, BODY, ".units.npy", DESCRIPTOR):
        durable.rename(site.path(0, suffix), site.path(0, suffix + PART))
    body = site.path(0, BODY + PART)
    body.write_bytes(body.read_bytes()[:-1000] + bytes(1000))
    empty = make_index("fresh.db")
    assert {f.problem for f in check(site.folder, empty, mend=True)} == {Problem.LEFT_OVER, Problem.UNREPORTED}
    assert empty.count(kind="original") == 0
    assert check(site.folder, empty, mend=False, deep=True) == []


def test_a_missing_file_marks_the_row(site: Site) -> None:
    site.path(0, HEADER).unlink()
    site.path(1, VIDEO).unlink()
    assert site.problems(mend=True) == [(Problem.DAMAGED, False)] * 2
    damage = {row.kind: row.damage for row in site.index.all()}
    assert "nobody can open" in str(damage["original"])
    assert "missing" in str(damage["masked"])
    assert site.index.count(PRESENT) == 2


def test_an_altered_file_is_found_by_a_deep_check_and_forgiven_when_restored(site: Site) -> None:
    body = site.path(0, BODY)
    data = body.read_bytes()
    body.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    assert site.problems(mend=True) == []
    assert site.problems(mend=True, deep=True) == [(Problem.DAMAGED, False)]
    assert any("SHA-256" in str(row.damage) for row in site.index.all())
    body.write_bytes(data)
    assert site.problems(mend=True, deep=True) == []
    assert all(row.damage is None for row in site.index.all())


def test_a_truncated_file_is_found_by_any_check(site: Site) -> None:
    site.path(1, VIDEO).write_bytes(b"short")
    assert site.problems(mend=True) == [(Problem.DAMAGED, False)]


def test_a_damaged_header_is_found_by_a_deep_check(site: Site) -> None:
    site.path(0, HEADER).write_bytes(b"age-encryption.org/v1\n")
    assert site.problems(mend=True, deep=True) == [(Problem.DAMAGED, False)]


def test_a_lost_descriptor_is_written_anew(site: Site) -> None:
    text = site.path(1, DESCRIPTOR).read_bytes()
    site.path(1, DESCRIPTOR).unlink()
    assert site.problems(mend=True) == [(Problem.UNDESCRIBED, True)]
    assert site.path(1, DESCRIPTOR).read_bytes() == text


def test_files_of_a_purged_segment_that_come_back_are_removed(site: Site) -> None:
    backup = {path: path.read_bytes() for path in files(site.folder)}
    site.index.fate.begin(site.index.fate.due(1 << 60, 9), 1 << 60)
    site.problems(mend=True)
    assert files(site.folder) == []
    for path, data in backup.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert site.problems(mend=True) == [(Problem.RETURNED, True)] * 2
    assert files(site.folder) == []


def test_what_is_not_ours_is_left_alone(site: Site) -> None:
    (site.folder / "gate" / "holiday.mp4").write_bytes(b"mine")
    assert site.problems(mend=True) == [(Problem.STRANGE, False)]
    assert (site.folder / "gate" / "holiday.mp4").exists()


def test_a_finished_original_is_never_dropped_for_want_of_its_description(
    site: Site, make_index: Callable[..., Index]
) -> None:
    site.path(0, DESCRIPTOR).unlink()
    empty = make_index("fresh.db")
    found = check(site.folder, empty, mend=True)
    assert Problem.STRANGE in {f.problem for f in found}
    assert site.path(0, BODY).exists()


def test_what_a_living_writer_holds_is_left_alone(tmp_path: Path, index: Index, identity: Identity) -> None:
    info, units = encode(20)
    segments: list[SegmentDescriptor] = []
    raw = RawWriter(tmp_path / "media", "gate", [identity.recipient], 60, segments.append, ManualClock())
    raw.stream(info)
    for unit in units:
        raw.raw(unit)
    assert files(tmp_path / "media", PART)
    assert check(tmp_path / "media", index, mend=True) == []
    raw.close()
    assert segments[0].frames == 20


def test_a_check_ends_when_it_is_told_and_says_nothing_of_what_it_has_not_seen(site: Site) -> None:
    ended = threading.Event()
    ended.set()
    with pytest.raises(Abandoned):
        check(site.folder, site.index, mend=True, ended=ended)
    with site.index.database.read() as connection:
        assert list(entries(connection, Wanted(actions=[Action.CHECKED]))) == []


def test_an_absent_folder_is_told(tmp_path: Path, index: Index) -> None:
    with pytest.raises(RecordError, match="absent"):
        check(tmp_path / "none", index, mend=False)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_masked_left_over_is_salvaged_with_its_regions(codec: str, tmp_path: Path, index: Index) -> None:
    sent = hevc(50) if codec == "hevc" else masked(encode(50, height=192)[1], 320, 192)
    segments: list[SegmentDescriptor] = []
    copy = MaskedWriter(tmp_path / "one", "gate", 60, segments.append, ManualClock())
    for cover in sent:
        copy.masked(cover)
    left = {path.relative_to(tmp_path / "one"): path.read_bytes() for path in files(tmp_path / "one")}
    copy.close()
    for path, data in left.items():
        target = tmp_path / "media" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data + (b"\0\0\1\0torn" if path.name.endswith(VIDEO + PART) else b""))
    found = check(tmp_path / "media", index, mend=True)
    assert [(f.problem, f.mended) for f in found] == [(Problem.LEFT_OVER, True)]
    row = next(iter(index.all()))
    assert (row.frames, row.start, row.end) == (40, START, START + 40 * 40_000)
    assert (row.codec, row.width, row.height) == (codec, 320, 192)
    assert row.parameter_sets == segments[0].parameter_sets
    with av.open(with_suffix(tmp_path / "media" / row.path, VIDEO), "r") as container:
        assert sum(1 for _ in container.decode(video=0)) == 40
    lines = regions.load(with_suffix(tmp_path / "media" / row.path, REGIONS).read_bytes())
    assert [line["frame"] for line in lines] == list(range(40))
    assert check(tmp_path / "media", index, mend=False, deep=True) == []


@pytest.mark.parametrize("seed", range(10))
def test_a_killed_writer_loses_at_most_the_segment_being_written(
    seed: int, tmp_path: Path, index: Index, identity: Identity
) -> None:
    """kill -9 at a random moment: every reported segment is whole, and the check leaves nothing open."""
    media = tmp_path / "media"
    media.mkdir()
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(media), identity.recipient],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert writer.stdout is not None
    with writer.stdout as told:
        assert told.readline() == "ready\n"
        chance = random.Random(seed)
        reported = [told.readline().split() for _ in range(chance.randrange(1, 12))]
        spin = chance.randrange(100_000)
        while spin:
            spin -= 1
        writer.send_signal(signal.SIGKILL)
        reported += [line.split() for line in told if line.endswith("\n")]
    writer.wait()
    findings = check(media, index, mend=True)
    assert files(media, PART) == []
    assert check(media, index, mend=False, deep=True) == []
    rows = {row.uid: row for row in index.all()}
    for uid, kind, frames in reported:
        assert (rows[uid].kind, rows[uid].frames) == (kind, int(frames))
    originals = sorted((row for row in rows.values() if row.kind == "original"), key=lambda row: row.start)
    # Without a gap: only the end of the recording, which was still being written, is lost.
    assert originals[0].start == START
    assert all(after.start == before.end for before, after in pairwise(originals))
    assert sum(f.problem is Problem.LEFT_OVER and "(original)" in f.what for f in findings) <= 1
    last = originals[-1]
    stem = media / last.path
    opened = pyrage.decrypt(
        with_suffix(stem, HEADER).read_bytes() + with_suffix(stem, BODY).read_bytes(),
        [x25519.Identity.from_str(identity.secret())],
    )
    assert len(opened) == last.plain_size
    for row in rows.values():
        described = json.loads(with_suffix(media / row.path, DESCRIPTOR).read_text())
        assert described == row.descriptor().to_json()
        if row.kind == "masked":
            with av.open(with_suffix(media / row.path, VIDEO), "r") as container:
                assert sum(1 for _ in container.decode(video=0)) == row.frames
