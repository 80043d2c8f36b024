from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.analyst import Analyst
from models.shelf import Figures, Shelf
from models.trial import (
    covered,
    imported_figures,
    interval,
    measure,
    read_labels,
    shipped_figures,
)
from tests.support.yolonet import add, labelled, scene
from vcam.base.errors import ConfigError, DetectError
from vcam.base.media import Analysis, Detection, Kind, Picture, Region


class Seen(Analyst):
    """An analyst that says what it is told of each picture in turn."""

    def __init__(self, answers: list[list[Detection]]) -> None:
        super().__init__(["plate"])
        self._answers = answers

    def analyse(self, picture: Picture, passes: tuple[str, ...], tracked: tuple[Region, ...] = ()) -> Analysis:  # type: ignore[override] # narrower
        return Analysis(picture.index, picture.pts, frozenset(passes), tuple(self._answers[picture.index]))


def box(x1: float, y1: float, x2: float, y2: float, score: float = 0.9) -> Detection:
    return Detection(x1, y1, x2, y2, score, Kind.PLATE)


def folder_of(folder: Path, labels: object, count: int = 2) -> Path:
    for number in range(count):
        assert cv2.imwrite(str(folder / f"{number}.png"), scene(160, 120, []))
    (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    return folder


def test_figures_are_what_they_say(tmp_path: Path) -> None:
    labels = {
        "0.png": [[0, 0, 40, 20], [60, 60, 100, 80, 0], [100, 0, 140, 20, 1]],
        "1.png": [[0, 0, 40, 20, 0], [5, 5, 5.5, 20, 0]],
    }
    folder = folder_of(tmp_path, labels)
    answers = [
        # the first by two boxes together, the second by too little, one on what is ignored, one beside, one too weak
        [
            box(0, 0, 20, 20),
            box(20, 0, 40, 20),
            box(60, 60, 80, 80),
            box(100, 0, 140, 20),
            box(140, 100, 160, 120),
            box(60, 60, 100, 80, 0.2),
        ],
        [],
    ]
    figures = measure(Seen(answers), ["plate:640"], folder, read_labels(folder))
    assert (figures.pictures, figures.labels, figures.found) == (2, 3, 1)
    assert figures.false == 0.5
    assert figures.area == pytest.approx((4 * 400 + 800) / (4 * 800 + 7.5))
    assert figures.recall == pytest.approx(1 / 3)


@given(
    st.lists(st.tuples(*[st.floats(-50, 150, width=32)] * 4), max_size=5),
    st.tuples(st.floats(0, 50, width=32), st.floats(0, 50, width=32)),
)
def test_cover_is_a_share(corners: list[tuple[float, ...]], at: tuple[float, float]) -> None:
    label = np.array([*at, at[0] + 20, at[1] + 10], np.float32)
    boxes = np.array(corners, np.float32).reshape(-1, 4)
    share = covered(label, boxes)
    assert 0 <= share <= 1
    assert covered(label, np.concatenate((boxes, label[None]))) == 1
    assert covered(label, label[None] + np.array([100, 0, 100, 0], np.float32)) == 0


def test_half_a_cover_is_half() -> None:
    label = np.array([10, 10, 30, 20], np.float32)
    assert covered(label, np.array([[0, 0, 20, 40]], np.float32)) == 0.5


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_recall(labels: int, data: st.DataObject) -> None:
    found = data.draw(st.integers(0, labels))
    low, high = interval(Figures(pictures=1, labels=labels, found=found, area=1, false=0))
    assert 0 <= low <= found / labels + 1e-9
    assert found / labels - 1e-9 <= high <= 1
    assert low < high


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ({}, "no label that counts"),
        ({"0.png": []}, "no label that counts"),
        ({"0.png": [[1, 1, 9, 9, 1]]}, "no label that counts"),
        ({"0.png": [[1, 1, 9]]}, "wrong at 0.png"),
        ({"0.png": [[1, 1, 9, "x"]]}, "wrong at 0.png"),
        ([], "wrong"),
        ({"9.png": [[1, 1, 9, 9]]}, "not in the folder"),
        ({"../0.png": [[1, 1, 9, 9]]}, "not in the folder"),
    ],
)
def test_wrong_labels_are_named(tmp_path: Path, labels: object, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        read_labels(folder_of(tmp_path, labels))
    assert caught.value.mend


def test_a_folder_without_labels_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"labels\.json cannot be read"):
        read_labels(tmp_path)
    (tmp_path / "labels.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="wrong"):
        read_labels(tmp_path)


def test_what_is_no_picture_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"0.png": [[1, 1, 9, 9]]})
    (folder / "0.png").write_bytes(b"none")
    with pytest.raises(ConfigError, match=r"0\.png is no picture"):
        measure(Seen([[]]), ["plate:640"], folder, read_labels(folder))


def test_the_shipped_detectors_are_measured(eval_folder: Path, tmp_path: Path) -> None:
    labels = json.loads((eval_folder / "plates" / "labels.json").read_text(encoding="utf-8"))
    some = {name: rows for name, rows in labels.items() if name.startswith("dev_krweb")}
    some = dict(list(some.items())[:3])
    for name in some:
        (tmp_path / name).symlink_to(eval_folder / "plates" / name)
    (tmp_path / "labels.json").write_text(json.dumps(some), encoding="utf-8")
    try:
        figures = shipped_figures("plate", tmp_path, read_labels(tmp_path))
    except DetectError as error:
        pytest.skip(f"{error.what}: {error.mend}")
    assert figures.pictures == 3
    assert figures.recall > 0.6
    assert 0.5 < figures.area < 20


def test_an_imported_detector_is_measured_alone(tmp_path: Path) -> None:
    folder = labelled(tmp_path / "set")
    steps: list[None] = []
    figures = imported_figures(
        add(Shelf(tmp_path / "models")), folder, read_labels(folder), lambda: steps.append(None)
    )
    assert figures.recall == 1
    assert figures.false == 0
    assert len(steps) == figures.pictures == 6
