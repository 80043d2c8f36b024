"""Masked segments: the encoder's own packets, playable by players that are not ours."""

from __future__ import annotations

import base64
import contextlib
import io
import os
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from recorder import regions
from recorder.annexb import parameter_sets
from recorder.descriptor import SegmentDescriptor
from recorder.layout import REGIONS, VIDEO, with_suffix
from recorder.masked import MaskedWriter
from recorder.mp4 import packets
from tests.recorder.support import START, contiguous, encode, files, hevc, masked, real_units
from vcam.base.annexb import nal_units
from vcam.base.clock import ManualClock
from vcam.base.errors import RecordError
from vcam.base.media import AudioUnit, MaskedUnit


class Recording:
    """A writer and what it reported."""

    def __init__(self, folder: Path, seconds: float = 2) -> None:
        self.folder = folder
        self.segments: list[SegmentDescriptor] = []
        self.errors: list[RecordError] = []
        self.clock = ManualClock(START)
        self.writer = MaskedWriter(
            folder, "gate", seconds, self.segments.append, self.clock, on_error=self.errors.append
        )

    def write(self, units: list[MaskedUnit], *, close: bool = True) -> None:
        for unit in units:
            self.writer.masked(unit)
        if close:
            self.writer.close()

    def video(self, segment: SegmentDescriptor) -> Path:
        return with_suffix(self.folder / segment.path, VIDEO)

    def lines(self, segment: SegmentDescriptor) -> list[regions.Line]:
        return regions.load(with_suffix(self.folder / segment.path, REGIONS).read_bytes())


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(tmp_path / "media")


def decoded(source: Path | io.BytesIO) -> int:
    """Pictures before the first that is not whole."""
    count = 0
    with av.open(source, "r") as container, contextlib.suppress(av.error.InvalidDataError):
        for _ in container.decode(video=0):
            count += 1
    return count


def same(found: list[bytes], sent: list[bytes]) -> bool:
    """Whether the NAL units are the same: MP4 stores lengths where the stream has start codes."""
    return [list(nal_units(data)) for data in found] == [list(nal_units(data)) for data in sent]


def test_segments_hold_the_very_packets_and_their_time_stamps(recording: Recording) -> None:
    _, units = encode(170)
    sent = [replace(u, pts=u.pts + 900_000, dts=u.dts + 900_000) for u in masked(units)]
    recording.write(sent)
    assert [s.frames for s in recording.segments] == [50, 50, 50, 20]
    assert contiguous(recording.segments)
    assert not files(recording.folder, ".part")
    found = []
    for segment in recording.segments:
        assert decoded(recording.video(segment)) == segment.frames
        found += [
            (p.data, p.pts + segment.origin, p.dts + segment.origin, p.key)
            for p in packets(recording.video(segment))
        ]
    assert same([f[0] for f in found], [u.data for u in sent])
    assert [f[1:] for f in found] == [(u.pts, u.dts, u.key) for u in sent]


def test_real_footage_is_kept(recording: Recording) -> None:
    info, units = real_units("clips/dev_13_crosswalk_cctv.mp4")
    in_order = sorted(u.pts for u in units)
    delay = max(early - u.pts for early, u in zip(in_order, units, strict=True))
    sent = masked(units, info.width, info.height)
    sent = [replace(u, dts=early - delay) for early, u in zip(in_order, sent, strict=True)]
    recording.write(sent)
    assert sum(s.frames for s in recording.segments) == len(sent)
    assert same(
        [p.data for s in recording.segments for p in packets(recording.video(s))], [u.data for u in sent]
    )
    assert sum(decoded(recording.video(s)) for s in recording.segments) == len(sent)


def test_regions_of_every_picture_lie_beside(recording: Recording) -> None:
    _, units = encode(70)
    sent = masked(units)
    recording.write(sent)
    first, second = recording.segments
    assert [line["frame"] for line in recording.lines(first)] == list(range(50))
    assert recording.lines(second)[3] == {
        "frame": 3,
        "time": 0.12,
        "regions": [[53, 2, 73.5, 40, 7, "face"]],
    }


def test_a_file_cut_off_anywhere_after_its_first_fragment_plays(recording: Recording) -> None:
    _, units = encode(50)
    recording.write(masked(units))
    data = recording.video(recording.segments[0]).read_bytes()
    counts = [decoded(io.BytesIO(data[: len(data) * part // 20])) for part in range(6, 21)]
    assert counts == sorted(counts)
    assert counts[0] >= 10
    assert counts[-1] == 50


def test_a_new_size_or_time_line_begins_a_new_segment(recording: Recording) -> None:
    _, small = encode(20)
    _, wide = encode(20, width=480, height=272)
    later = [replace(u, pts=u.pts + 72_000, dts=u.dts + 72_000) for u in masked(wide, 480, 272)]
    recording.write(masked(small) + later + masked(small))
    assert [(s.width, s.frames) for s in recording.segments] == [(320, 20), (480, 20), (320, 20)]


def test_h265_is_kept_as_players_want_it(recording: Recording) -> None:
    sent = [replace(unit, pts=unit.pts + 900_000, dts=unit.dts + 900_000) for unit in hevc(120)]
    recording.write(sent)
    assert [(s.codec, s.frames) for s in recording.segments] == [("hevc", 50), ("hevc", 50), ("hevc", 20)]
    found = []
    for segment in recording.segments:
        path = recording.video(segment)
        with av.open(path) as container:
            context = container.streams.video[0].codec_context
            assert (context.name, context.codec_tag, context.width, context.height) == (
                "hevc",
                "hvc1",
                320,
                192,
            )
        assert decoded(path) == segment.frames
        assert base64.b64decode(segment.parameter_sets) == parameter_sets(sent[0].data, "hevc")
        found += [(p.data, p.pts + segment.origin, p.key) for p in packets(path)]
    assert same([data for data, *_ in found], [unit.data for unit in sent])
    assert [(pts, key) for _, pts, key in found] == [(unit.pts, unit.key) for unit in sent]
    assert not recording.errors


def test_another_codec_begins_a_new_segment(recording: Recording) -> None:
    _, first = encode(25, height=192)
    second = [replace(unit, pts=unit.pts + 90_000, dts=unit.dts + 90_000) for unit in hevc(25)]
    third = [replace(unit, pts=unit.pts + 180_000, dts=unit.dts + 180_000) for unit in masked(first, 320, 192)]
    recording.write(masked(first, 320, 192) + second + third)
    assert [(s.codec, s.frames) for s in recording.segments] == [("h264", 25), ("hevc", 25), ("h264", 25)]
    assert all(decoded(recording.video(s)) == 25 for s in recording.segments)


def test_nothing_is_written_before_the_first_idr(recording: Recording) -> None:
    _, units = encode(30)
    recording.write(masked(units)[4:])
    assert [s.frames for s in recording.segments] == [20]
    assert recording.segments[0].start == START + 10 * 40_000


def test_aac_is_kept_beside_the_pictures(recording: Recording) -> None:
    encoder = av.CodecContext.create("aac", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 16_000, "mono", "fltp"
    encoder.open()
    sound: list[AudioUnit] = []
    for number in range(80):
        wave = np.sin(np.arange(1024, dtype=np.float32) / 20)[None]
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 16_000, number * 1024, Fraction(1, 16_000)
        for packet in encoder.encode(frame):
            pts = len(sound) * 5760
            time, config = START + pts * 100 // 9, bytes(encoder.extradata or b"")
            sound.append(AudioUnit(bytes(packet), pts, time, "aac", 16_000, 1, config))
    _, units = encode(125)
    waiting = iter(sound)
    recording.writer.audio(next(waiting))
    for unit in masked(units):
        while (sound_unit := next(waiting, None)) is not None:
            recording.writer.audio(sound_unit)
            if sound_unit.pts > unit.pts + 90_000:
                break
        recording.writer.masked(unit)
    recording.writer.close()
    heard = []
    for segment in recording.segments:
        with av.open(recording.video(segment), "r") as container:
            heard += [bytes(packet) for packet in container.demux(audio=0) if packet.size]
            assert container.streams.audio[0].rate == 16_000
        with av.open(recording.video(segment), "r") as container:
            assert sum(frame.samples for frame in container.decode(audio=0)) > 0
    assert heard == [unit.data for unit in sound[: len(heard)]]
    assert len(heard) >= 70


def test_sound_that_mp4_cannot_carry_is_dropped_with_one_warning(
    recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    _, units = encode(20)
    for unit in masked(units):
        recording.writer.audio(AudioUnit(b"\xff" * 160, unit.pts, unit.time, "pcm_mulaw", 8000, 1))
        recording.writer.masked(unit)
    recording.writer.close()
    assert recording.segments[0].frames == 20
    assert capsys.readouterr().out.count("audio not recorded") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
def test_a_full_disk_loses_segments_but_never_the_pipeline(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", folder], check=False).returncode:
        pytest.skip("a tmpfs cannot be mounted here")
    try:
        ballast = folder / ".ballast"
        ballast.write_bytes(b"x" * 8_000_000)
        recording = Recording(folder, seconds=0.4)
        _, units = encode(100)
        sent = masked(units)
        recording.write(sent[:60], close=False)
        assert len(recording.errors) == 1
        assert "No space left on device" in str(recording.errors[0])
        ballast.unlink()
        recording.clock.advance(60)
        recording.write(sent[60:])
        assert sum(s.frames for s in recording.segments) >= 40
        assert same(
            [p.data for p in packets(recording.video(recording.segments[-1]))], [u.data for u in sent[90:]]
        )
        assert not files(folder, ".part")
    finally:
        subprocess.run(["umount", folder], check=True)
