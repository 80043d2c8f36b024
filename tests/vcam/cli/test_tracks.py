"""`garim tracks`, and `garim mask` with a choice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.patch import PatchAnalyst, PatchScene
from tests.support.portrait import write
from vcam.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def clip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for module in ("vcam.offline", "vcam.tracks"):
        monkeypatch.setattr(f"{module}.Analyst", lambda kinds, **_: PatchAnalyst())
    pictures = (PatchScene().picture(number + 20).frame.to_ndarray(format="rgb24") for number in range(30))
    return write(tmp_path / "clip.mp4", (np.asarray(picture, np.uint8) for picture in pictures))


def test_tracks_are_listed_and_one_of_them_left_clear(clip: Path, tmp_path: Path, capsys: Capture) -> None:
    tracks, out = str(tmp_path / "tracks.jsonl"), str(tmp_path / "out.mp4")
    assert main(["tracks", str(clip), tracks]) == 0
    told = capsys.readouterr()
    head, row = (line.split("\t") for line in told.out.splitlines())
    assert head[:3] == ["track", "kind", "from s"]
    assert row[:3] == ["1", "face", "0.00"]
    assert "1 tracks, and 0 that are certain nowhere" in told.err
    summary = json.loads(Path(tracks).read_text(encoding="utf-8").splitlines()[-1])
    certain = summary["found"][0]["certain"]
    assert row[5] == str(certain)
    assert main(["mask", str(clip), out, "--clear", "1", "--tracks", tracks]) == 0
    assert f"clear in {certain} pictures, masked in {30 - certain}" in capsys.readouterr().err


def test_a_zone_may_be_kept(clip: Path, tmp_path: Path, capsys: Capture) -> None:
    out, regions = tmp_path / "out.mp4", tmp_path / "regions.jsonl"
    keep = ["--keep-zone", "0,0 1,0 1,0.5 0,0.5", "--regions", str(regions)]
    assert main(["mask", str(clip), str(out), *keep]) == 0
    first = json.loads(regions.read_text(encoding="utf-8").splitlines()[0])
    assert [0, 176, 640, 360, 0, "zone"] in first["regions"]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--clear", "1"], "garim tracks"),
        (["--clear", "one", "--tracks", "tracks.jsonl"], "--clear 3,7"),
        (["--clear", "1,,2", "--tracks", "tracks.jsonl"], "--clear 3,7"),
        (["--tracks", "tracks.jsonl"], "No track is named"),
        (["--keep-zone", "0,0 1,1"], "three corners"),
        (["--keep-zone", "0,0 1,0 1"], "three corners"),
        (["--keep-zone", "0,0 640,0 640,360"], "between 0 and 1"),
        (["--keep-zone", "left half"], "is no polygon"),
    ],
)
def test_a_choice_that_cannot_be_is_2(
    clip: Path, tmp_path: Path, capsys: Capture, options: list[str], what: str
) -> None:
    assert main(["mask", str(clip), str(tmp_path / "out.mp4"), *options]) == 2
    error = capsys.readouterr().err
    assert what in error
    assert "Traceback" not in error
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


def test_what_is_no_video_is_explained(tmp_path: Path, capsys: Capture) -> None:
    path, out = tmp_path / "strange.mp4", tmp_path / "tracks.jsonl"
    assert main(["tracks", str(path), str(out)]) == 1
    path.write_bytes(b"this is no video")
    assert main(["tracks", str(path), str(out)]) == 1
    assert capsys.readouterr().err.count("strange.mp4") == 2
    assert [file.name for file in tmp_path.iterdir()] == ["strange.mp4"]
