"""`garim mask`."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from models.manifest import weights
from vcam.base.errors import WeightsError
from vcam.cli import main

Capture = pytest.CaptureFixture[str]
COUNT = 20


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    try:
        for name in ("yunet", "centerface", "plates"):
            weights(name)
    except WeightsError as error:
        pytest.skip(f"{error.what}: {error.mend}")
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for number in range(COUNT):
            frame = av.VideoFrame.from_ndarray(np.full((144, 160), 90 + number, np.uint8), format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_a_clip_keeps_its_pictures_and_gets_its_regions(clip: Path, tmp_path: Path, capsys: Capture) -> None:
    out, regions = tmp_path / "out.mp4", tmp_path / "regions.jsonl"
    assert main(["mask", str(clip), str(out), "--regions", str(regions)]) == 0
    assert f"{COUNT} pictures" in capsys.readouterr().err
    with av.open(str(out)) as container:
        assert sum(1 for _ in container.decode(video=0)) == COUNT
    lines = [json.loads(line) for line in regions.read_text(encoding="utf-8").splitlines()]
    assert [line["frame"] for line in lines] == list(range(COUNT))
    assert [line["time"] for line in lines] == pytest.approx([number / 10 for number in range(COUNT)])


@pytest.mark.parametrize("name", ["strange.mp4", "strange.bin", "strange.txt"])
@pytest.mark.parametrize("content", [None, b"", b"this is no video"])
def test_what_is_no_video_is_explained(
    tmp_path: Path, capsys: Capture, content: bytes | None, name: str
) -> None:
    path, out = tmp_path / name, tmp_path / "out.mp4"
    if content is not None:
        path.write_bytes(content)
    assert main(["mask", str(path), str(out)]) == 1
    error = capsys.readouterr().err
    assert name in error
    assert "  Check" in error
    assert "Traceback" not in error
    assert [file.name for file in tmp_path.iterdir()] == ([] if content is None else [name])


@pytest.mark.parametrize("out", ["clip.mp4", "nowhere/out.mp4", "."])
def test_an_output_that_cannot_be_is_2(clip: Path, tmp_path: Path, capsys: Capture, out: str) -> None:
    whole = clip.read_bytes()
    assert main(["mask", str(clip), str(tmp_path / out)]) == 2
    error = capsys.readouterr().err
    assert "Traceback" not in error
    assert clip.read_bytes() == whole
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


def test_the_masks_of_a_camera_may_be_chosen(tmp_path: Path, capsys: Capture) -> None:
    config = tmp_path / "garim.toml"
    main(["config", "example"])
    config.write_text(capsys.readouterr().out, encoding="utf-8")
    arguments = ["mask", "in.mp4", str(tmp_path / "out.mp4"), "--config", str(config)]
    assert main([*arguments, "--camera", "nowhere"]) == 2
    assert "Choose one of: entrance" in capsys.readouterr().err
    assert main([*arguments, "--camera", "entrance"]) == 1
