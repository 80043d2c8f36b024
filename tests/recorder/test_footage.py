"""Footage found by time and joined, still the very packets."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import av
import pyrage
import pytest
from pyrage import x25519

from recorder.descriptor import SegmentDescriptor
from recorder.footage import SLACK, find, find_finished, join_masked, join_original, regions_masked
from recorder.index import Index
from recorder.masked import MaskedWriter
from recorder.mp4 import packets
from recorder.raw import RawWriter
from recorder.vault.keys import Identity
from tests.recorder.support import START, encode, hevc, masked
from vcam.base.annexb import nal_units
from vcam.base.clock import ManualClock
from vcam.base.errors import RecordError
from vcam.base.media import MaskedUnit

SECOND = 1_000_000


def record(folder: Path, index: Index, *runs: list[MaskedUnit]) -> None:
    """Each run is a life of the encoder, and may begin its time stamps anew."""
    segments: list[SegmentDescriptor] = []
    for run in runs:
        copy = MaskedWriter(folder, "gate", 2, segments.append, ManualClock())
        for unit in run:
            copy.masked(unit)
        copy.close()
    for segment in segments:
        index.add(segment)


def test_segments_join_without_a_seam(tmp_path: Path, index: Index) -> None:
    _, units = encode(170)
    sent = masked(units)
    record(tmp_path / "media", index, sent)
    segments = find(index, "gate", START, START + 60 * SECOND, "masked")
    assert len(segments) == 4
    assert join_masked(tmp_path / "media", segments, tmp_path / "out.mp4") == 170
    found = list(packets(tmp_path / "out.mp4"))
    assert [(p.pts, p.key) for p in found] == [(u.pts, u.key) for u in sent]
    assert [list(nal_units(p.data)) for p in found] == [list(nal_units(u.data)) for u in sent]
    with av.open(tmp_path / "out.mp4", "r") as container:
        assert sum(1 for _ in container.decode(video=0)) == 170


def test_regions_come_picture_by_picture_as_the_joined_file_has_them(tmp_path: Path, index: Index) -> None:
    _, units = encode(170)
    sent = masked(units)
    record(tmp_path / "media", index, sent)
    start, end = START + 3 * SECOND, START + 5 * SECOND
    segments = find(index, "gate", start, end, "masked")
    out = tmp_path / "out.mp4"
    join_masked(tmp_path / "media", segments, out, start=start, end=end)
    lines = list(regions_masked(tmp_path / "media", segments, start=start, end=end))
    found = list(packets(out))
    assert [line["time"] for line in lines] == [round(p.pts / 90_000, 6) for p in found]
    assert [line["frame"] for line in lines] == list(range(len(found)))
    at = next(n for n, unit in enumerate(sent) if list(nal_units(unit.data)) == list(nal_units(found[0].data)))
    assert 0 < at < len(sent) - len(found)
    wanted = [[[n, 2, n + 20.5, 40, 7, "face"]] for n in range(at, at + len(found))]
    assert [line["regions"] for line in lines] == wanted


def test_segments_of_h265_join_too_but_not_with_others(tmp_path: Path, index: Index) -> None:
    sent = hevc(120)
    record(tmp_path / "media", index, sent)
    segments = find(index, "gate", START, START + 60 * SECOND, "masked")
    assert join_masked(tmp_path / "media", segments, tmp_path / "out.mp4") == 120
    with av.open(tmp_path / "out.mp4", "r") as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"
        assert sum(1 for _ in container.decode(video=0)) == 120
    later = [
        replace(unit, time=unit.time + 60 * SECOND) for unit in masked(encode(30, height=192)[1], 320, 192)
    ]
    record(tmp_path / "media", index, later)
    both = find(index, "gate", START, START + 120 * SECOND, "masked")
    with pytest.raises(RecordError, match="size or codec"):
        join_masked(tmp_path / "media", both, tmp_path / "both.mp4")


def test_only_the_gops_that_reach_into_the_range_are_joined(tmp_path: Path, index: Index) -> None:
    _, units = encode(170)
    sent = masked(units)
    record(tmp_path / "media", index, sent)
    start, end = START + 3 * SECOND, START + 5 * SECOND
    segments = find(index, "gate", start, end, "masked")
    assert [s.start - START for s in segments] == [2 * SECOND, 4 * SECOND]
    assert join_masked(tmp_path / "media", segments, tmp_path / "out.mp4", start=start, end=end) == 60
    found = list(packets(tmp_path / "out.mp4"))
    assert [list(nal_units(p.data)) for p in found] == [list(nal_units(u.data)) for u in sent[70:130]]
    assert [p.pts for p in found] == [n * 3600 for n in range(60)]


def test_a_gap_stays_as_long_as_it_was_when_time_stamps_begin_anew(tmp_path: Path, index: Index) -> None:
    _, units = encode(20)
    first = masked(units)
    second = [replace(unit, time=unit.time + 10 * SECOND) for unit in first]
    record(tmp_path / "media", index, first, second)
    segments = find(index, "gate", START, START + 60 * SECOND, "masked")
    join_masked(tmp_path / "media", segments, tmp_path / "out.mp4")
    stamps = [p.pts for p in packets(tmp_path / "out.mp4")]
    assert stamps == [n * 3600 for n in range(20)] + [900_000 + n * 3600 for n in range(20)]


def test_segments_that_overlap_by_a_clock_set_back_still_join(tmp_path: Path, index: Index) -> None:
    _, units = encode(20)
    second = [replace(unit, time=unit.time + SECOND // 2) for unit in masked(units)]
    record(tmp_path / "media", index, masked(units), [replace(u, pts=u.pts + 9, dts=u.dts + 9) for u in second])
    segments = find(index, "gate", START, START + 60 * SECOND, "masked")
    assert join_masked(tmp_path / "media", segments, tmp_path / "out.mp4") == 40
    stamps = [p.dts for p in packets(tmp_path / "out.mp4")]
    assert stamps == sorted(set(stamps))


def test_what_cannot_be_joined_is_told(tmp_path: Path, index: Index) -> None:
    _, small = encode(20)
    _, wide = encode(20, width=480, height=272)
    later = [replace(u, time=u.time + 10 * SECOND) for u in masked(wide, 480, 272)]
    record(tmp_path / "media", index, masked(small), later)
    segments = find(index, "gate", START, START + 60 * SECOND, "masked")
    out = tmp_path / "out.mp4"
    with pytest.raises(RecordError, match="size or codec changes"):
        join_masked(tmp_path / "media", segments, out)
    with pytest.raises(RecordError, match="no masked footage"):
        join_masked(tmp_path / "media", [], out)
    with pytest.raises(RecordError, match="no picture"):
        join_masked(tmp_path / "media", segments[:1], out, start=0, end=1)
    with pytest.raises(RecordError, match="cannot be"):
        join_masked(tmp_path / "elsewhere", segments[:1], out)
    with pytest.raises(RecordError, match="cannot be written"):
        join_masked(tmp_path / "media", segments[:1], tmp_path / "none" / "out.mp4")
    assert not out.exists()
    out.write_bytes(b"mine")
    with pytest.raises(RecordError, match="exists already"):
        join_masked(tmp_path / "media", segments[:1], out)
    assert out.read_bytes() == b"mine"


def test_an_unknown_camera_is_told_with_those_that_are_known(tmp_path: Path, index: Index) -> None:
    record(tmp_path / "media", index, masked(encode(20)[1]))
    with pytest.raises(RecordError, match="gate"):
        find(index, "yard", 0, 1, "masked")
    assert find(index, "gate", START, START + SECOND, "original") == []


def test_an_original_leaves_encrypted_and_opens_elsewhere(
    tmp_path: Path, index: Index, identity: Identity
) -> None:
    info, units = encode(20)
    segments: list[SegmentDescriptor] = []
    raw = RawWriter(tmp_path / "media", "gate", [identity.recipient], 2, segments.append, ManualClock())
    raw.stream(info)
    for unit in units:
        raw.raw(unit)
    raw.close()
    index.add(segments[0])
    (row,) = find(index, "gate", START, START + SECOND, "original")
    out, wanted = tmp_path / "out.age", b"".join(unit.data for unit in units)
    assert join_original(tmp_path / "media", row, out) == row.header_size + row.size
    assert pyrage.decrypt(out.read_bytes(), [x25519.Identity.from_str(identity.secret())]) == wanted
    if shutil.which("age"):
        key = tmp_path / "identity.txt"
        key.write_text(identity.secret() + "\n")
        assert subprocess.run(["age", "-d", "-i", key, out], capture_output=True, check=True).stdout == wanted
    with pytest.raises(RecordError, match="exists already"):
        join_original(tmp_path / "media", row, out)
    with pytest.raises(RecordError, match="cannot be copied"):
        join_original(tmp_path / "elsewhere", row, tmp_path / "other.age")
    assert not (tmp_path / "other.age").exists()


@pytest.mark.parametrize(
    ("end", "now", "wait"),
    [
        (2, 2, None),  # the index holds all of it
        (5, 6, 15),  # the segment that began at 3 s may last until 11 s, and takes a while to be there
        (12, 12, 17),  # it is in the one after
        (12, 22, 8),  # nothing came: whatever is being written, it is there by then
        (12, 30, None),  # long over: the camera was off
        (3600, 10, 3603),  # a time to come
    ],
)
def test_what_is_still_being_written_is_waited_for(
    tmp_path: Path, index: Index, end: int, now: int, wait: int | None
) -> None:
    record(tmp_path / "media", index, masked(encode(75)[1]))
    end, now = START + end * SECOND, START + now * SECOND

    def asked() -> list[str]:
        return [each.camera for each in find_finished(index, "gate", START, end, now=now, longest=8)]

    assert SLACK == 10 * SECOND
    if wait is None:
        assert set(asked()) == {"gate"}
        return
    with pytest.raises(RecordError, match="not finished") as refused:
        asked()
    assert refused.value.mend is not None
    assert f"({wait} s)" in refused.value.mend


def test_footage_that_goes_on_after_a_gap_is_finished_before_it(tmp_path: Path, index: Index) -> None:
    later = [replace(unit, time=unit.time + 20 * SECOND) for unit in masked(encode(50)[1])]
    record(tmp_path / "media", index, masked(encode(50)[1]), later)
    found = find_finished(index, "gate", START, START + 10 * SECOND, now=START + 23 * SECOND, longest=60)
    assert len(found) == 1
