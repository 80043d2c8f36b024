"""How far a command has come: on standard error, out of the seconds that the video says it has."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from vcam.cli.progress import seconds

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Three seconds of grey."""
    path = tmp_path / "grey.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(15):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 5)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_a_video_is_done_when_its_seconds_are(clip: Path, capsys: Capture) -> None:
    with seconds("masked", clip) as report:
        report(5, 1.0)
        report(14, 2.8)
    said = capsys.readouterr()
    assert said.out == "", "standard output is for what a command says"
    assert "Seconds masked" in said.err
    assert "3/3" in said.err


def test_what_was_done_until_a_failure_is_not_said_to_be_all(clip: Path, capsys: Capture) -> None:
    with pytest.raises(ValueError, match="broken"), seconds("masked", clip) as report:  # noqa: PT012
        report(5, 1.0)
        raise ValueError("broken")
    said = capsys.readouterr().err
    assert "1/3" in said
    assert "3/3" not in said


@pytest.mark.parametrize("content", [b"", b"no video", None])
def test_a_file_of_unknown_length_is_counted_without_an_end(
    content: bytes | None, tmp_path: Path, capsys: Capture
) -> None:
    """That it is no video, or not there, is for the work itself to say."""
    path = tmp_path / "absent.mp4"
    if content is not None:
        path.write_bytes(content)
    with seconds("looked at", path) as report:
        report(30, 7.2)
    assert "7/?" in capsys.readouterr().err


def test_a_list_of_other_files_is_not_followed(clip: Path, tmp_path: Path, capsys: Capture) -> None:
    listed = tmp_path / "list.m3u8"
    listed.write_text(f"#EXTM3U\n#EXTINF:3,\n{clip.as_uri()}\n#EXT-X-ENDLIST\n", encoding="utf-8")
    with seconds("masked", listed) as report:
        report(1, 1.0)
    assert "/3" not in capsys.readouterr().err
