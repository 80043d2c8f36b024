"""Originals: byte for byte what the camera sent, to those who hold the key, and to nobody else."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519

from recorder import durable, units
from recorder.descriptor import SegmentDescriptor
from recorder.layout import BODY, DESCRIPTOR, HEADER, LONGEST, UNITS, with_suffix
from recorder.raw import RawWriter
from recorder.vault.keys import Identity
from tests.recorder.support import START, contiguous, encode, files, real_units
from vcam.base.clock import ManualClock
from vcam.base.errors import ConfigError, RecordError
from vcam.base.media import AccessUnit, StreamInfo


class Recording:
    """A writer and what it reported."""

    def __init__(self, folder: Path, identity: Identity, seconds: float = 2) -> None:
        self.folder = folder
        self.identity = identity
        self.segments: list[SegmentDescriptor] = []
        self.errors: list[RecordError] = []
        self.clock = ManualClock(START)
        self.writer = RawWriter(
            folder,
            "gate",
            [identity.recipient],
            seconds,
            self.segments.append,
            self.clock,
            on_error=self.errors.append,
        )

    def write(self, info: StreamInfo, access_units: list[AccessUnit], *, close: bool = True) -> None:
        self.writer.stream(info)
        for unit in access_units:
            self.writer.raw(unit)
        if close:
            self.writer.close()

    def plain(self, segment: SegmentDescriptor) -> bytes:
        stem = self.folder / segment.path
        data = with_suffix(stem, HEADER).read_bytes() + with_suffix(stem, BODY).read_bytes()
        opened: bytes = pyrage.decrypt(data, [x25519.Identity.from_str(self.identity.secret())])
        return opened

    def table(self, segment: SegmentDescriptor) -> units.Table:
        return units.load(with_suffix(self.folder / segment.path, UNITS).read_bytes())


@pytest.fixture
def recording(tmp_path: Path, identity: Identity) -> Recording:
    return Recording(tmp_path / "media", identity)


def test_segments_are_the_cameras_bytes_cut_at_keys(recording: Recording) -> None:
    info, sent = encode(170)
    recording.write(info, sent)
    segments = recording.segments
    assert [s.frames for s in segments] == [50, 50, 50, 20]
    assert b"".join(recording.plain(s) for s in segments) == b"".join(u.data for u in sent)
    assert all(s.starts_with_key for s in segments)
    assert contiguous(segments)
    assert segments[0].start == START
    assert segments[-1].end == START + 170 * 40_000
    assert not files(recording.folder, ".part")


@pytest.mark.parametrize(
    "clip",
    ["clips/dev_04_entrance_crowd_1080p.mp4", "codecs/real_h265_video_torchcodec.mp4", "codecs/der_hevc.mp4"],
)
def test_real_footage_comes_back_unit_by_unit(recording: Recording, clip: str) -> None:
    info, sent = real_units(clip)
    recording.write(info, sent)
    back = []
    for segment in recording.segments:
        plain = recording.plain(segment)
        rows = recording.table(segment)
        back += [plain[r["offset"] : r["offset"] + r["size"]] for r in rows if not r["added"]]
        assert next(bool(r["key"]) for r in rows if not r["added"]) == segment.starts_with_key
    assert back == [u.data for u in sent]


@pytest.mark.skipif(shutil.which("age") is None, reason="Debian's age is not installed (apt-get install age)")
def test_debians_age_opens_header_and_body_joined(recording: Recording, tmp_path: Path) -> None:
    info, sent = encode(30)
    recording.write(info, sent)
    key = tmp_path / "identity.txt"
    key.write_text(recording.identity.secret() + "\n")
    stem = recording.folder / recording.segments[0].path
    joined = with_suffix(stem, HEADER).read_bytes() + with_suffix(stem, BODY).read_bytes()
    opened = subprocess.run(["age", "-d", "-i", key], input=joined, capture_output=True, check=True)
    assert opened.stdout == b"".join(u.data for u in sent)


def test_parameter_sets_from_outside_lead_every_segment_and_are_marked(recording: Recording) -> None:
    info, sent = encode(110, in_band=False)
    assert info.parameter_sets
    recording.write(info, sent)
    assert len(recording.segments) == 3
    position = 0
    for segment in recording.segments:
        plain, rows = recording.plain(segment), recording.table(segment)
        assert plain.startswith(info.parameter_sets)
        assert [bool(a) for a in rows["added"]] == [True] + [False] * segment.frames
        assert rows[0]["size"] == len(info.parameter_sets)
        for row in rows[1:]:
            assert plain[row["offset"] : row["offset"] + row["size"]] == sent[position].data
            assert (row["pts"], row["time"], row["key"]) == (
                sent[position].pts,
                sent[position].time,
                sent[position].key,
            )
            position += 1
    assert position == len(sent)


def test_parameter_sets_in_band_are_not_doubled(recording: Recording) -> None:
    info, sent = encode(20)
    recording.write(replace(info, parameter_sets=b"\0\0\0\1\x67outside"), sent)
    assert recording.plain(recording.segments[0]) == b"".join(u.data for u in sent)


def test_other_codecs_are_kept_as_they_are(recording: Recording) -> None:
    sent = [
        AccessUnit(b"\xff\xd8\xff\xe0 picture %d" % n, n * 3600, START + n * 40_000, True) for n in range(60)
    ]
    recording.write(StreamInfo("mjpeg", 640, 480, 25), sent)
    assert b"".join(map(recording.plain, recording.segments)) == b"".join(u.data for u in sent)


def test_a_new_stream_begins_a_new_segment(recording: Recording) -> None:
    info, sent = encode(20)
    wide, other = encode(20, width=480, height=272)
    recording.write(info, sent, close=False)
    recording.write(wide, other)
    assert [(s.width, s.height) for s in recording.segments] == [(320, 180), (480, 272)]


def test_no_segment_exceeds_the_longest_even_without_keys(recording: Recording) -> None:
    sent = [AccessUnit(b"x", n * 90_000 * 10, START + n * 10_000_000, n == 0) for n in range(200)]
    recording.write(StreamInfo("h264", 64, 64, 0.1), sent)
    assert len(recording.segments) == 3
    assert all(s.end - s.start <= LONGEST for s in recording.segments)
    assert [s.starts_with_key for s in recording.segments] == [True, False, False]
    assert sum(s.frames for s in recording.segments) == 200


def test_a_stepped_wall_clock_begins_a_new_segment_at_the_next_key(recording: Recording) -> None:
    info, sent = encode(30)
    sent = [replace(u, time=u.time + (3_600_000_000 if n >= 15 else 0)) for n, u in enumerate(sent)]
    recording.write(info, sent)
    assert [s.frames for s in recording.segments] == [20, 10]
    assert recording.segments[1].start == START + 20 * 40_000 + 3_600_000_000


def test_time_stamps_that_run_back_begin_a_new_segment(recording: Recording) -> None:
    info, sent = encode(40)
    later = [replace(u, pts=u.pts + 90_000 * 60) for u in sent[:20]]
    recording.write(info, later + sent[20:])
    assert [s.frames for s in recording.segments] == [20, 20]


def test_the_descriptor_file_is_the_descriptor_and_fits_the_files(recording: Recording) -> None:
    info, sent = encode(20)
    recording.write(info, sent)
    segment = recording.segments[0]
    stem = recording.folder / segment.path
    assert SegmentDescriptor.load(with_suffix(stem, DESCRIPTOR).read_bytes()) == segment
    assert durable.sha256(with_suffix(stem, BODY)) == segment.sha256
    assert with_suffix(stem, BODY).stat().st_size == segment.size
    assert with_suffix(stem, HEADER).stat().st_size == segment.header_size
    assert durable.sha256(with_suffix(stem, UNITS)) == segment.side_sha256
    assert segment.plain_size == sum(len(u.data) for u in sent)
    assert segment.recipients == [recording.identity.recipient]
    assert all(path.stat().st_mode & 0o077 == 0 for path in files(recording.folder))


def test_nothing_plain_reaches_the_disk_and_no_key_either(recording: Recording) -> None:
    info, sent = encode(60)
    recording.write(info, sent)
    everything = b"".join(path.read_bytes() for path in files(recording.folder))
    for unit in sent:
        assert unit.data[:64] not in everything
    assert recording.identity.secret().encode() not in everything


@pytest.mark.parametrize("recipients", [[], ["age1nonsense"], ["AGE-SECRET-KEY-1QQQ"]])
def test_a_writer_without_a_right_recipient_is_refused(tmp_path: Path, recipients: list[str]) -> None:
    with pytest.raises(ConfigError, match="recipients") as caught:
        RawWriter(tmp_path, "gate", recipients, 60, print, ManualClock())
    assert "SECRET-KEY-1QQQ" not in str(caught.value)


def test_a_unit_before_its_stream_is_a_mistake(recording: Recording) -> None:
    with pytest.raises(RecordError, match="before its stream"):
        recording.writer.raw(AccessUnit(b"x", 0, START, True))
    recording.writer.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
def test_a_full_disk_loses_segments_but_never_the_pipeline(tmp_path: Path, identity: Identity) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", folder], check=False)
    if mounted.returncode:
        pytest.skip("a tmpfs cannot be mounted here")
    try:
        ballast = folder / ".ballast"
        ballast.write_bytes(b"x" * 8_000_000)
        recording = Recording(folder, identity, seconds=0.4)
        info, sent = encode(100)
        recording.write(info, sent[:60], close=False)
        assert len(recording.errors) == 1
        assert "No space left on device" in str(recording.errors[0])
        assert recording.writer.losses.count >= 1
        ballast.unlink()
        recording.clock.advance(60)
        for unit in sent[60:]:
            recording.writer.raw(unit)
        recording.writer.close()
        assert recording.segments
        assert recording.plain(recording.segments[-1]) == b"".join(u.data for u in sent[90:])
        assert len(recording.errors) == 1
        assert not files(folder, ".part")
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_segment_whose_finish_fails_is_lost_and_told(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(5, "Input/output error")

    info, sent = encode(20)
    monkeypatch.setattr(durable, "sync_folder", refuse)
    recording.folder.mkdir(parents=True)
    recording.write(info, sent)
    assert recording.segments == []
    assert len(recording.errors) == 1
    assert not files(recording.folder)


def test_a_listener_that_fails_loses_no_segment(tmp_path: Path, identity: Identity) -> None:
    def refuse(segment: SegmentDescriptor) -> None:
        raise BrokenPipeError

    writer = RawWriter(tmp_path, "gate", [identity.recipient], 60, refuse, ManualClock())
    info, sent = encode(20)
    writer.stream(info)
    for unit in sent:
        writer.raw(unit)
    writer.close()
    assert writer.losses.count == 0
    assert (
        hashlib.sha256(files(tmp_path, BODY)[0].read_bytes()).hexdigest()
        in files(tmp_path, ".json")[0].read_text()
    )
