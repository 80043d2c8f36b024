"""`garim detect`."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from models.manifest import weights
from vcam.base.errors import WeightsError
from vcam.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    try:
        for name in ("yunet", "centerface", "plates"):
            weights(name)
        picture = cv2.imread(str(weights("astronaut")))
    except WeightsError as error:
        pytest.skip(f"{error.what}: {error.mend}")
    path = tmp_path / "portrait.jpg"
    assert picture is not None
    cv2.imwrite(str(path), picture)
    return path


def test_a_face_is_told_in_the_agreed_form(portrait: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "found.json"
    assert main(["detect", str(portrait), "--json", str(out)]) == 0
    assert not capsys.readouterr().out
    found = json.loads(out.read_text(encoding="utf-8"))
    assert list(found) == ["portrait.jpg"]
    faces = [box for box in found["portrait.jpg"] if box[5] == "face"]
    assert any(x1 <= 224 <= x2 and y1 <= 110 <= y2 and 0 < score <= 1 for x1, y1, x2, y2, score, _ in faces)


@pytest.mark.parametrize("name", ["strange.png", "strange.txt"])
@pytest.mark.parametrize("content", [None, b"", b"this is no picture"])
def test_what_is_no_picture_is_explained(
    tmp_path: Path, capsys: Capture, content: bytes | None, name: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert main(["detect", str(path)]) == 1
    error = capsys.readouterr().err
    assert name in error
    assert "  Check" in error
    assert "Traceback" not in error


def test_a_folder_that_is_not_there_is_told_before_any_work(
    portrait: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert main(["detect", str(portrait), "--json", str(tmp_path / "nowhere" / "found.json")]) == 2
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize("named", ["portrait.jpg", "."])
def test_no_picture_is_written_over(portrait: Path, capsys: Capture, named: str) -> None:
    before = portrait.read_bytes()
    assert main(["detect", str(portrait.parent / named), "--json", str(portrait)]) == 2
    assert "different files" in capsys.readouterr().err
    assert portrait.read_bytes() == before


def test_a_folder_without_pictures_is_told(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"no picture")
    assert main(["detect", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert f"{tmp_path} holds no picture" in error
    assert ".jpg" in error
