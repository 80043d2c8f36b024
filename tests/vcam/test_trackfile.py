"""A file of tracks comes back as it was written, and serves for its own video and settings only."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcam.base.errors import ConfigError, EncodeError, Unreachable
from vcam.base.media import TICKS, Kind
from vcam.base.settings import MaskSettings
from vcam.track.trace import Trace, Traced
from vcam.track.trail import Trail
from vcam.trackfile import Header, TrackReader, TrackWriter

HOW = MaskSettings()
FACE = Trace((1.25, 2.0, 30.5, 40.0), 1, Kind.FACE, 0.9)
BESIDE = Trace((20.0, 2.0, 50.5, 40.0), 2, Kind.HEAD, 0.5, "it jumps", frozenset({1, 7}))
PICTURES = [
    Traced(0, 0, "", (FACE, BESIDE)),
    Traced(1, TICKS // 25, "damaged picture", ()),
    Traced(2, 2 * TICKS // 25, "", ()),
]
TRAILS = (
    Trail(1, Kind.FACE, 0.0, 0.0, 0.9, 1, 1, 0, (2,)),
    Trail(2, Kind.HEAD, 0.0, 0.0, 0.5, 1, 0, 1, ()),
)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "video.mp4"
    path.write_bytes(b"of one video")
    return path


@pytest.fixture
def file(tmp_path: Path, video: Path) -> Path:
    path = tmp_path / "tracks.jsonl"
    writer = TrackWriter(path, Header.of(video, HOW))
    for traced in PICTURES:
        writer.add(traced)
    assert not path.exists()
    writer.keep(TRAILS)
    return path


def test_what_was_written_comes_back(file: Path, video: Path) -> None:
    reader = TrackReader(file, video, HOW)
    assert list(reader.pictures()) == PICTURES
    assert reader.trails == TRAILS
    assert sorted(path.name for path in file.parent.iterdir()) == ["tracks.jsonl", "video.mp4"]


def test_another_video_is_refused(file: Path, video: Path) -> None:
    video.write_bytes(b"of another video")
    with pytest.raises(ConfigError, match=r"does not belong to .*video\.mp4"):
        TrackReader(file, video, HOW)
    video.unlink()
    with pytest.raises(Unreachable, match=r"video\.mp4"):
        TrackReader(file, video, HOW)


@pytest.mark.parametrize("other", [{"kinds": ["face"]}, {"delay": 0.5}])
def test_other_settings_of_what_is_sought_are_refused(
    file: Path, video: Path, other: dict[str, object]
) -> None:
    with pytest.raises(ConfigError, match="other kinds or with another delay"):
        TrackReader(file, video, MaskSettings.model_validate(other))
    TrackReader(file, video, MaskSettings(style="solid", kinds=["plate", "head", "face"]))


def test_another_version_is_refused(file: Path, video: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace('"tracks":1', '"tracks":2'), encoding="utf-8")
    with pytest.raises(ConfigError, match="another version"):
        TrackReader(file, video, HOW)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_file_that_was_cut_off_is_refused(file: Path, video: Path, count: int) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:count]), encoding="utf-8")
    with pytest.raises(ConfigError, match="is not complete"):
        list(TrackReader(file, video, HOW).pictures())


@pytest.mark.parametrize("drop", [1, 2, 3])
def test_a_missing_line_is_noticed(file: Path, video: Path, drop: int) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:drop] + lines[drop + 1 :]), encoding="utf-8")
    with pytest.raises(ConfigError, match="is not complete"):
        list(TrackReader(file, video, HOW).pictures())


@pytest.mark.parametrize("line", ["{}", "nonsense", '{"frame":0,"time":0,"pts":"0","whole":"","regions":[]}'])
def test_a_line_that_is_none_is_named(file: Path, video: Path, line: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([lines[0], line, *lines[2:]]), encoding="utf-8")
    with pytest.raises(ConfigError, match="line 2: this is no file of tracks"):
        list(TrackReader(file, video, HOW).pictures())


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"\xff\xfe\n", b'{"frame": 0, "time": 0.0, "regions": []}\n']
)
def test_what_is_no_file_of_tracks_is_named(tmp_path: Path, video: Path, content: bytes) -> None:
    path = tmp_path / "other.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"other\.jsonl") as caught:
        TrackReader(path, video, HOW)
    assert "garim tracks" in caught.value.mend
    with pytest.raises(ConfigError, match=r"nowhere\.jsonl cannot be read"):
        TrackReader(tmp_path / "nowhere.jsonl", video, HOW)


def test_what_is_discarded_leaves_nothing(tmp_path: Path, video: Path) -> None:
    path = tmp_path / "tracks.jsonl"
    writer = TrackWriter(path, Header.of(video, HOW))
    writer.add(PICTURES[0])
    writer.discard()
    assert [file.name for file in tmp_path.iterdir()] == ["video.mp4"]


def test_a_full_disk_is_told(video: Path) -> None:
    with pytest.raises(EncodeError, match="cannot be written"):
        TrackWriter(Path("/proc/nowhere/tracks.jsonl"), Header.of(video, HOW))
