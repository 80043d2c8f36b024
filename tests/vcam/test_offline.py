"""Masking a file: the same pictures at the same times, and no face in them."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from tests.support.clips import Luma, decode, encode
from tests.support.patch import PatchAnalyst, PatchScene, shows_patch
from tests.support.portrait import (
    EVAL,
    SIZE,
    Picture,
    change,
    footage,
    frames,
    masked,
    portrait,
    remux,
    times,
    walk,
    wall,
    write,
)
from vcam.base.errors import ConfigError, EncodeError, GarimError, NotVideo, Unreachable, WeightsError
from vcam.base.media import Kind, Region
from vcam.base.settings import EncodeSettings, MaskSettings
from vcam.offline import cover_file, mask_file

FINE = EncodeSettings(bit_rate=100_000_000)
"""So many bits that what differs from the original is the mask."""
MANIFEST = EVAL / "codecs" / "manifest.json"
_KNOWN = json.loads(MANIFEST.read_text(encoding="utf-8")) if MANIFEST.is_file() else {}
KINDS = {
    "face",
    "head",
    "plate",
    "plate_band",
    "person",
    "vehicle",
    "motion",
    "screen",
    "text",
    "zone",
    "whole",
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only files matter: an analyst that needs no detectors."""
    monkeypatch.setattr("vcam.offline.Analyst", lambda kinds, **_: PatchAnalyst())


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def boxes(line: dict[str, Any]) -> list[list[Any]]:
    """The regions of one line, each `[x1, y1, x2, y2, track, kind]`."""
    regions: list[list[Any]] = line["regions"]
    for x1, y1, x2, y2, track, kind in regions:
        assert 0 <= x1 < x2
        assert 0 <= y1 < y2
        assert isinstance(track, int)
        assert kind in KINDS
    return regions


def plays(path: Path) -> None:
    """Debian's ffmpeg plays it to the end without a complaint."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed")
    done = subprocess.run(
        [ffmpeg, "-v", "error", "-xerror", "-i", path, "-f", "null", "-"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def probed(path: Path) -> dict[str, Any]:
    """What Debian's ffprobe says of the video stream."""
    ffprobe = shutil.which("ffprobe")
    if ffprobe is None:
        pytest.skip("ffprobe is not installed")
    entries = "stream=width,height,nb_read_frames,duration,codec_name"
    command = [ffprobe, "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", entries]
    done = subprocess.run([*command, "-of", "json", path], capture_output=True, check=True, timeout=60)
    (stream,) = json.loads(done.stdout)["streams"]
    assert isinstance(stream, dict)
    return stream


def test_a_walking_face_is_masked_in_every_picture(tmp_path: Path) -> None:
    source = write(tmp_path / "in.mp4", walk(50))
    out, regions = tmp_path / "out.mp4", tmp_path / "regions.jsonl"
    outcome = mask_file(source, out, regions=regions, encode=FINE)
    before, after, told = frames(source), frames(out), lines(regions)
    assert outcome.frames == len(before) == len(after) == len(told) == 50
    assert outcome.whole == 0
    assert times(after) == pytest.approx(times(before), abs=1e-4)
    for number, line in enumerate(told):
        assert list(line) == ["frame", "time", "regions"]
        assert line["frame"] == number
        assert line["time"] == pytest.approx(number / 25, abs=1e-4)
        found = boxes(line)
        middle = (20 + 3 * number + 134, 60 + 90)
        faces = [b for b in found if b[5] == "face" and b[0] < middle[0] < b[2] and b[1] < middle[1] < b[3]]
        assert faces, f"the face shows in picture {number}"
        assert all(masked(after[number], box[:4]) for box in found)
        assert change(before[number], after[number], faces[0][:4]) > 8
        assert change(before[number], after[number], (0, 400, 640, 480)) < 3  # what is no face stays
    assert not masked(before[0], (0, 400, 640, 480))  # the yardstick tells grain from blocks
    said = probed(out)
    assert (said["codec_name"], said["width"], said["height"]) == ("h264", *SIZE)
    assert float(said["duration"]) == pytest.approx(2.0, abs=0.04)
    plays(out)


def test_real_footage_keeps_its_pictures_duration_and_size(tmp_path: Path) -> None:
    clip = footage("clips", "dev_04_entrance_crowd_1080p.mp4")
    source = remux(clip, tmp_path / "in.mp4", 1.5)
    out, regions = tmp_path / "out.mp4", tmp_path / "regions.jsonl"
    mask_file(source, out, regions=regions)
    before, after, told = frames(source), frames(out), lines(regions)
    assert len(before) == len(after) == len(told) > 20
    assert (after[0].width, after[0].height) == (before[0].width, before[0].height)
    assert times(after) == pytest.approx(times(before), abs=0.001)
    step = times(before)[1]
    assert float(probed(out)["duration"]) == pytest.approx(float(probed(source)["duration"]), abs=step)
    changed = [
        change(before[number], after[number], box[:4])
        for number, line in enumerate(told)
        for box in boxes(line)
        if box[5] == "face"
    ]
    assert len(changed) > len(before)  # a crowd
    assert float(np.median(changed)) > 4
    plays(out)


@pytest.mark.parametrize("name", sorted(_KNOWN) or ["der_hevc.mp4"])
def test_every_codec_gives_its_pictures_or_says_why_not(name: str, tmp_path: Path, quick: None) -> None:
    source = footage("codecs", name)
    out, regions = tmp_path / "out.mp4", tmp_path / "regions.jsonl"
    expected = _KNOWN[name].get("decoded", 0)
    if not expected:
        with pytest.raises(GarimError) as caught:
            mask_file(source, out, regions=regions)
        assert name in caught.value.what
        assert caught.value.mend
        assert not any(tmp_path.iterdir())
        return
    assert mask_file(source, out, regions=regions).frames == expected
    after, told = frames(out), lines(regions)
    assert len(after) == len(told) == expected
    for line, frame in zip(told, after, strict=True):
        assert all(x2 <= frame.width and y2 <= frame.height for _, _, x2, y2, *_ in boxes(line))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.mp4", "regions.jsonl"]


def test_a_change_of_size_gives_one_playable_file(tmp_path: Path, quick: None) -> None:
    out = tmp_path / "out.mp4"
    mask_file(footage("codecs", "der_resolution_change.ts"), out)
    assert len({(frame.width, frame.height) for frame in frames(out)}) == 2
    plays(out)


@pytest.mark.parametrize("turn", ["90", "180", "270"])
def test_a_turned_picture_comes_out_upright(turn: str, tmp_path: Path, quick: None) -> None:
    out = tmp_path / "out.mp4"
    source = footage("codecs", f"real_rotated{turn}_decord.mov")
    mask_file(source, out)
    (stored, *_), (upright, *_) = frames(source), frames(out)
    size = (stored.width, stored.height)
    assert (upright.width, upright.height) == (size if turn == "180" else size[::-1])
    assert upright.rotation == 0


def test_times_that_vary_are_kept(tmp_path: Path, quick: None) -> None:
    ticks = [0, 40, 80, 300, 310, 900, 1000, 1700, 1740, 2500]
    pictures = [np.full((96, 160, 3), 60 + 10 * n, np.uint8) for n in range(len(ticks))]
    source = write(tmp_path / "in.mkv", pictures, ticks=ticks)
    out, regions = tmp_path / "out.mp4", tmp_path / "regions.jsonl"
    mask_file(source, out, regions=regions)
    wanted = [tick / 1000 for tick in ticks]
    assert times(frames(source)) == pytest.approx(wanted, abs=0.001)
    assert times(frames(out)) == pytest.approx(wanted, abs=0.0015)
    assert [line["time"] for line in lines(regions)] == pytest.approx(wanted, abs=0.0015)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov", "ts", "avi"])
def test_the_ending_chooses_the_container(ending: str, tmp_path: Path, quick: None) -> None:
    source = write(tmp_path / "in.mp4", [wall((160, 96))] * 30)
    out = tmp_path / f"out.{ending}"
    assert mask_file(source, out).frames == 30
    assert len(frames(out)) == 30
    plays(out)


def scene(count: int) -> Iterator[Picture]:
    for number in range(count):
        yield PatchScene().picture(number + 20).frame.to_ndarray(format="rgb24").astype(np.uint8)


def test_a_broken_detector_masks_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "in.mp4", scene(30))
    assert shows_patch(frames(source)[0])
    monkeypatch.setattr("vcam.offline.Analyst", lambda kinds, **_: PatchAnalyst(failing=True))
    out, regions = tmp_path / "out.mp4", tmp_path / "regions.jsonl"
    outcome = mask_file(source, out, regions=regions)
    assert outcome.whole == outcome.frames == 30
    assert not any(map(shows_patch, frames(out)))
    for line in lines(regions):
        assert boxes(line) == [[0, 0, 640, 360, 0, "whole"]]


def test_a_face_in_the_last_picture_alone_is_masked(tmp_path: Path) -> None:
    face, empty = wall(), wall()
    face[60:360, 150:450] = portrait()
    source = write(tmp_path / "in.mp4", [*[empty] * 11, face])
    out, regions = tmp_path / "out.mp4", tmp_path / "regions.jsonl"
    mask_file(source, out, regions=regions, encode=FINE)
    found = boxes(lines(regions)[-1])
    assert any(x1 < 284 < x2 and y1 < 150 < y2 for x1, y1, x2, y2, *_ in found)
    assert all(masked(frames(out)[-1], box[:4]) for box in found)


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, os.urandom(5000), b"plain text of a note\n" * 200])
@pytest.mark.parametrize("ending", ["mp4", "txt", "bin", "jpg"])
def test_what_is_no_video_is_named_and_leaves_nothing(content: bytes, ending: str, tmp_path: Path) -> None:
    source, kept = tmp_path / f"strange.{ending}", tmp_path / "regions.jsonl"
    source.write_bytes(content)
    kept.write_text("of an earlier run", encoding="utf-8")
    with pytest.raises(NotVideo, match="strange") as caught:
        mask_file(source, tmp_path / "out.mp4", regions=kept)
    assert caught.value.mend
    assert sorted(file.name for file in tmp_path.iterdir()) == ["regions.jsonl", source.name]
    assert kept.read_text(encoding="utf-8") == "of an earlier run"


@pytest.mark.parametrize("head", ["ffconcat version 1.0\nfile real.mp4\n", "#EXTM3U\n#EXTINF:1,\nreal.mp4\n"])
def test_a_list_of_other_files_is_no_video(head: str, tmp_path: Path) -> None:
    write(tmp_path / "real.mp4", [wall((160, 96))] * 5)
    (tmp_path / "list.m3u8").write_text(head, encoding="utf-8")
    with pytest.raises(NotVideo, match=r"list\.m3u8"):
        mask_file(tmp_path / "list.m3u8", tmp_path / "out.mp4")


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"nosuch\.mp4"):
        mask_file(tmp_path / "nosuch.mp4", tmp_path / "out.mp4")
    assert not any(tmp_path.iterdir())


def test_files_must_differ(tmp_path: Path) -> None:
    source = write(tmp_path / "in.mp4", [wall((160, 96))] * 5)
    whole = source.read_bytes()
    link = tmp_path / "link.mp4"
    link.symlink_to(source)
    part = source.rename(tmp_path / ".other.part.mp4")
    source.symlink_to(part)
    for out, regions in [
        (source, None),
        (link, None),
        (tmp_path / "." / "in.mp4", None),
        (tmp_path / "out.mp4", source),
        (tmp_path / "out.mp4", tmp_path / "out.mp4"),
        (tmp_path / "other.mp4", None),  # while it is written it would be the input
    ]:
        with pytest.raises(ConfigError, match="different files") as caught:
            mask_file(source, out, regions=regions)
        assert caught.value.mend
    assert source.read_bytes() == whole


def test_the_output_must_be_a_file_in_a_folder(tmp_path: Path) -> None:
    source = write(tmp_path / "in.mp4", [wall((160, 96))] * 5)
    with pytest.raises(ConfigError, match="There is no folder"):
        mask_file(source, tmp_path / "nowhere" / "out.mp4")
    with pytest.raises(ConfigError, match="is no file"):
        mask_file(source, tmp_path)
    with pytest.raises(ConfigError, match="is no file"):
        mask_file(source, tmp_path / "out.mp4", regions=Path("/dev/full"))
    assert [file.name for file in tmp_path.iterdir()] == ["in.mp4"]


def test_a_detector_that_cannot_be_loaded_is_an_error_and_no_video_masked_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> Path:
        raise WeightsError(f"There are no weights of {name}", mend="Run 'make install'")

    monkeypatch.setattr("models.detector.weights", absent)
    source = write(tmp_path / "in.mp4", [wall((160, 96))] * 4)
    with pytest.raises(WeightsError, match="no weights of"):
        mask_file(source, tmp_path / "out.mp4", regions=tmp_path / "regions.jsonl")
    assert [file.name for file in tmp_path.iterdir()] == ["in.mp4"]


@pytest.mark.parametrize("name", ["out", "out.xyz", "out.webm", "out.jpg", "out.wav", "out.m3u8", "out.mpd"])
def test_an_ending_that_holds_no_h264_is_named(name: str, tmp_path: Path, quick: None) -> None:
    source = write(tmp_path / "in.mp4", [wall((160, 96))] * 40)
    out = tmp_path / name
    out.write_bytes(b"of an earlier run")
    with pytest.raises(EncodeError, match=rf"^{name} cannot be written") as caught:
        mask_file(source, out, regions=tmp_path / "regions.jsonl")
    assert "ending" in caught.value.mend
    assert out.read_bytes() == b"of an earlier run"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.mp4", name]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("full", ["out.mp4", "out.mkv", "regions.jsonl"])
def test_a_full_disk_is_told_and_leaves_nothing(full: str, small: Path, tmp_path: Path, quick: None) -> None:
    source = write(tmp_path / "in.mp4", (np.roll(wall(), n, axis=1) for n in range(40)))
    if full == "regions.jsonl":
        (small / "ballast").write_bytes(bytes(256 * 1024))
        out, regions = tmp_path / "out.mp4", small / full
    else:
        out, regions = small / full, tmp_path / "regions.jsonl"
    with pytest.raises(EncodeError, match=full.replace(".", r"\.")) as caught:
        mask_file(source, out, regions=regions, encode=FINE)
    assert os.strerror(errno.ENOSPC) in caught.value.what
    assert "room" in caught.value.mend
    assert {file.name for file in small.iterdir()} <= {"ballast"}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.mp4", "small"]


def test_sound_is_left_out(tmp_path: Path, quick: None) -> None:
    out = tmp_path / "out.mp4"
    source = footage("codecs", "der_h264_bframes_longgop_aac.mp4")
    with av.open(str(source)) as container:
        assert container.streams.audio
    mask_file(source, out)
    with av.open(str(out)) as container:
        assert len(container.streams) == 1


def _rough() -> Luma:
    fine = np.random.default_rng(2).integers(0, 255, (60, 80)).astype(np.uint8)
    return cv2.resize(fine, (320, 240), interpolation=cv2.INTER_NEAREST).astype(np.uint8)


def test_more_is_masked_of_what_is_masked_already(tmp_path: Path) -> None:
    source, out = tmp_path / "in.mp4", tmp_path / "out.mp4"
    encode(((_rough(), n / 10) for n in range(12)), source, crf=18)
    region = Region(80, 60, 180, 160, Kind.ZONE, 0)
    done = cover_file(source, out, dict.fromkeys(range(4, 9), (region,)))
    assert (done.frames, done.regions) == (12, 5)
    pairs = list(zip(decode(source), decode(out), strict=True))
    assert [a[1] for a, _ in pairs] == pytest.approx([b[1] for _, b in pairs])
    for number, ((before, _), (after, _)) in enumerate(pairs):
        inside = np.abs(before.astype(int) - after)[80:140, 100:160].mean()
        outside = np.abs(before.astype(int) - after)[170:, 200:].mean()
        assert outside < 6
        assert (inside > 15) == (4 <= number < 9)


def test_what_a_person_added_is_masked_besides(tmp_path: Path) -> None:
    source, out = tmp_path / "in.mp4", tmp_path / "out.mp4"
    encode(((_rough(), n / 10) for n in range(12)), source, crf=18)
    region = Region(80, 60, 180, 160, Kind.ZONE, 0)
    mask_file(source, out, mask=MaskSettings(kinds=["face"]), added={3: (region,)})
    changed = [
        float(np.abs(a.astype(int) - b)[80:140, 100:160].mean())
        for (a, _), (b, _) in zip(decode(source), decode(out), strict=True)
    ]
    assert [n for n, change in enumerate(changed) if change > 15] == [3]
