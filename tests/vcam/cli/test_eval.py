"""`garim eval`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.portrait import footage, portrait
from vcam.base.settings import MaskSettings
from vcam.cli import main
from vcam.screen import Screen

Capture = pytest.CaptureFixture[str]

FACES = ["dev_maskraw_0003.jpg", "dev_dlib_0001.jpg"]
PLATES = ["dev_krweb_0000.jpg"]
CLIP = "dev_06_table_two_faces"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A little of the footage, by links."""
    portrait()  # skips when there are no detectors
    here = tmp_path_factory.mktemp("eval")
    for kind, names in (("faces", FACES), ("plates", PLATES)):
        (here / kind).mkdir()
        labels = json.loads(footage(kind, "labels.json").read_text(encoding="utf-8"))
        (here / kind / "labels.json").write_text(
            json.dumps({name: labels[name] for name in names}), encoding="utf-8"
        )
        for name in names:
            (here / kind / name).symlink_to(footage(kind, name))
    (here / "clips").mkdir()
    (here / "clips" / f"{CLIP}.mp4").symlink_to(footage("clips", f"{CLIP}.mp4"))
    return here


def hits(folder: Path, boxes: Path) -> tuple[int, ...]:
    """Hits and labels by the footage's own scorer."""
    command = [sys.executable, str(footage("score.py")), str(folder / "labels.json"), str(boxes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"recall (\d+)/(\d+)", done.stdout)
    assert found
    return tuple(map(int, found.groups()))


def test_pictures_score_as_what_detect_says_does_by_the_footages_scorer(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    out, boxes = tmp_path / "figures.json", tmp_path / "boxes.json"
    options = ["--only", "faces", "--heads", "dev_maskraw", "--shrink", ""]
    assert main(["eval", str(folder), *options, "--json", str(out), "--cache", str(tmp_path / "cache")]) == 0
    (figures,) = json.loads(out.read_text(encoding="utf-8"))["recall"]
    assert main(["detect", str(folder / "faces"), "--json", str(boxes)]) == 0
    assert (figures["hits"], figures["labels"]) == hits(folder / "faces", boxes)
    assert "Recall in pictures" in capsys.readouterr().out


def test_everything_at_once(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    page, report, out = tmp_path / "page.md", tmp_path / "report.html", tmp_path / "figures.json"
    page.write_text("<!-- figures: begin -->\n<!-- figures: end -->\n", encoding="utf-8")
    options = [
        "--shrink",
        "0.5",
        "--every",
        "7",
        "--judges",
        "yunet,centerface",
        "--report",
        str(report),
        "--write-docs",
        str(page),
    ]
    cache = ["--cache", str(tmp_path / "cache")]
    assert main(["eval", str(folder), *options, *cache, "--json", str(out)]) == 0
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert [(one["set"], one["scale"]) for one in figures["recall"]] == [
        ("faces", 1),
        ("faces", 0.5),
        ("plates", 1),
        ("plates", 0.5),
    ]
    (clip,) = figures["clips"].values()
    assert clip["pictures"] == 14
    assert list(clip["judges"]) == ["yunet", "centerface"]
    assert clip["judges"]["centerface"]["pictures"] == 2
    assert clip["judges"]["centerface"]["seen"] == 4, "two faces in each"
    assert "Leaks in clips" in page.read_text(encoding="utf-8")
    assert report.stat().st_mode & 0o777 == 0o600
    said = capsys.readouterr()
    assert CLIP in said.out
    assert ("unmasked" in said.err) == ("<img" in report.read_text(encoding="utf-8"))
    assert main(["eval", str(folder), *options, *cache, "--only", "clips", "--no-crops"]) == 0
    assert "<img" not in report.read_text(encoding="utf-8")


def test_the_delay_is_the_one_that_is_asked_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[float] = []
    first = Screen.__init__

    def noted(self: Screen, settings: MaskSettings, *rest: Any) -> None:
        delays.append(settings.delay)
        first(self, settings, *rest)

    monkeypatch.setattr(Screen, "__init__", noted)
    options = ["--only", "clips", "--every", "14", "--judges", "yunet", "--cache", str(tmp_path)]
    for asked in ([], ["--delay", "0"], ["--delay", "2"]):
        assert main(["eval", str(folder), *options, *asked]) == 0
    assert delays == [MaskSettings().delay, 0, 2]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "nothing to measure"),
        (["--only", "clips"], "no clips"),
        (["--only", "dogs"], "dogs"),
        (["--kind", "dog"], "dog"),
        (["--shrink", "2"], "--shrink 2"),
        (["--shrink", "half"], "--shrink half"),
        (["--every", "0"], "every"),
        (["--delay", "-1"], "delay"),
        (["--delay", "3"], "delay"),
        (["--report", "nowhere/report.html"], "nowhere"),
        (["--write-docs", "nowhere.md"], "nowhere.md"),
        (["--json", "."], "is a folder"),
        (["--camera", "gate"], "--config"),
    ],
)
def test_mistakes_are_told_before_any_work(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, arguments: list[str], word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["eval", str(tmp_path), *arguments]) == 2
    said = capsys.readouterr().err
    assert word in said
    assert "Traceback" not in said


def test_a_picture_that_is_none_is_named(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "a.jpg").write_bytes(b"no picture")
    (tmp_path / "faces" / "labels.json").write_text('{"a.jpg": [[0, 0, 9, 9]]}', encoding="utf-8")
    assert main(["eval", str(tmp_path), "--cache", str(tmp_path / "cache")]) == 1
    assert "a.jpg" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--json", "--report"])
@pytest.mark.parametrize("name", ["labels.json", "one.png"])
def test_nothing_that_is_measured_is_written_over(
    tmp_path: Path, capsys: Capture, option: str, name: str
) -> None:
    here = tmp_path / "faces"
    here.mkdir()
    (here / "labels.json").write_text('{"one.png": [[0, 0, 9, 9]]}', encoding="utf-8")
    (here / "one.png").write_bytes(b"a picture")
    before = (here / name).read_bytes()
    assert main(["eval", str(tmp_path), option, str(here / name)]) == 2
    assert "different files" in capsys.readouterr().err
    assert (here / name).read_bytes() == before
