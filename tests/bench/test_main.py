"""The bench on a small clip."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bench import __main__ as bench
from bench.clip import inspect, pictures
from models.manifest import weights
from vcam.base.errors import NotVideo, WeightsError, WorkerError
from vcam.demo.folder import write_clip
from vcam.demo.scene import Scene

SMALL = bench.Effort(pictures=40, warm=10, repeats=1)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        for name in ("astronaut", "yunet", "plates"):
            weights(name)
    except WeightsError as error:
        pytest.skip(f"a file is absent: {error}")
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    write_clip(path, Scene(weights("astronaut"), scale=0.5), 60)
    return path


def test_a_clip_is_known(clip: Path) -> None:
    found = inspect(clip)
    assert (found.width, found.height, found.fps, found.codec) == (640, 360, 25.0, "h264")
    assert len(list(pictures(clip, 20))) == 20
    assert len(list(pictures(clip, 1000))) == 60


def test_three_contenders_are_compared(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "QUICK", SMALL)
    out = tmp_path / "bench.json"
    assert bench.main(["--clip", str(clip), "--quick", "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    assert found["floor_ms"] > 0
    assert found["ours_busy_ms"] > found["floor_ms"]
    assert found["opencv_ms"] > 0
    assert found["ours_to_floor"] == pytest.approx(found["ours_busy_ms"] / found["floor_ms"], rel=0.01)
    assert found["pictures"] == 30


def test_the_table_holds_the_ratios(clip: Path) -> None:
    text = io.StringIO()
    costs = {"floor": 10.0, "ours": 15.0, "opencv": 30.0}
    Console(file=text, width=120).print(bench.table(costs, inspect(clip)))
    for expected in ("10.0", "1.50", "3.00", "640x360", "4.0"):
        assert expected in text.getvalue()


def test_too_short_a_clip_is_refused(clip: Path) -> None:
    with pytest.raises(WorkerError, match="only 60 pictures"):
        bench.measure("floor", inspect(clip), bench.Effort(pictures=500, warm=50, repeats=1))


def test_what_is_no_video_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "noise.mp4"
    path.write_bytes(bytes(range(256)) * 64)
    with pytest.raises(NotVideo, match="no video"):
        inspect(path)
    assert bench.main(["--clip", str(path), "--quick"]) == 1
    assert "no video" in capsys.readouterr().err
