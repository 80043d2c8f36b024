"""Recall: the same figures as the scorer that comes with the footage, on the footage's own labels."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from tests.support.portrait import footage
from vcam.base.media import Kind, Picture, Region
from vcam.quality.evalset import Label, Labelled, PictureSet, read_set
from vcam.quality.recall import RecallFigures, Still, grade, shrunk

FRAME = VideoFrame(64, 64, "yuv420p")


def guess(labels: PictureSet, seed: int) -> dict[str, list[list[float]]]:
    """Boxes that hit some labels, miss some and half cover others, and some that hit nothing."""
    chance = random.Random(seed)
    boxes: dict[str, list[list[float]]] = {}
    for picture in labels.pictures:
        boxes[picture.path.name] = [[5.0, 5.0, 25.5, 30.25]]
        for label in picture.labels:
            x1, y1, x2, y2 = label.whole
            for _ in range(chance.randint(0, 2)):
                shifts = [chance.gauss(0, 0.2) * side for side in (x2 - x1, y2 - y1, x2 - x1, y2 - y1)]
                left, top, right, bottom = (
                    edge + shift for edge, shift in zip(label.whole, shifts, strict=True)
                )
                if left < right and top < bottom:
                    boxes[picture.path.name].append([left, top, right, bottom])
    return boxes


def theirs(folder: Path, boxes: dict[str, list[list[float]]], tmp_path: Path, *options: str) -> list[str]:
    """Every number that the footage's scorer prints, as it prints it, its bins being ours."""
    (tmp_path / "boxes.json").write_text(json.dumps(boxes), encoding="utf-8")
    command = [
        sys.executable,
        str(footage("score.py")),
        str(folder / "labels.json"),
        str(tmp_path / "boxes.json"),
    ]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    return ["".join(found) for found in re.findall(r"label area ([\d.]+)|(\d+/\d+)", done.stdout)]


def ours(labels: PictureSet, boxes: dict[str, list[list[float]]], kind: Kind) -> list[str]:
    figures = RecallFigures(labels.name, labels.kind, 1)
    for picture in labels.pictures:
        regions = tuple(Region(x1, y1, x2, y2, kind, 1) for x1, y1, x2, y2 in boxes[picture.path.name])
        figures.add(grade(picture, labels.kind, Still(FRAME, regions, (1, 1))))
    counts = [figures.count, *(count for *_, count in figures.by_size())]
    return [f"{figures.area_ratio:.1f}", *(f"{count.hits}/{count.total}" for count in counts)]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("faces", ("--axis", "h", "--bins", "0,12,20,32,64,128,99999")),
        ("plates", ("--axis", "w", "--bins", "0,20,40,60,100,160,99999")),
    ],
)
def test_agreement_with_the_footages_own_scorer(
    name: str, options: tuple[str, ...], seed: int, tmp_path: Path
) -> None:
    folder = footage(name)
    (labels,) = read_set(folder, heads=["dev_maskraw"]).pictures
    boxes = guess(labels, seed)
    found = ours(labels, boxes, Kind.FACE if name == "faces" else Kind.PLATE)
    hits, total = map(int, found[1].split("/"))
    assert 0.1 < hits / total < 0.9, "the guesses tell scorers apart"
    assert found == theirs(folder, boxes, tmp_path, *options)


def still(*regions: Region, scale: tuple[float, float] = (1, 1)) -> Still:
    return Still(FRAME, regions, scale)


PLATE = Labelled(Path("gate_12.jpg"), (Label((0, 0, 100, 20), (0, 0, 100, 20)),), 2000)
FACE = Region(0, 0, 100, 20, Kind.FACE, 1)


def test_a_plate_counts_only_under_a_mask_of_plates() -> None:
    figures = RecallFigures("gate", "plate", 1)
    figures.add(grade(PLATE, "plate", still(FACE)))
    assert (figures.count.hits, figures.by_any.hits) == (0, 1)
    assert (figures.area_ratio, figures.any_ratio) == (0, 1)
    figures.add(grade(PLATE, "plate", still(Region(0, 0, 100, 20, Kind.PLATE, 1))))
    assert (figures.count.hits, figures.by_any.hits, figures.pictures) == (1, 2, 2)


def test_a_face_may_be_covered_as_anything() -> None:
    assert grade(PLATE, "face", still(Region(0, 0, 100, 20, Kind.HEAD, 1))).outcomes[0].hit


def test_labels_shrink_with_their_picture() -> None:
    region = Region(0, 0, 50, 5, Kind.PLATE, 1)
    graded = grade(PLATE, "plate", still(region, scale=(0.5, 0.25)))
    assert graded.outcomes[0].size == 50
    assert graded.outcomes[0].own == 1
    assert graded.label_area == 250 == graded.own_area


def test_sources_are_names_without_their_numbers() -> None:
    figures = RecallFigures("gate", "plate", 1)
    figures.add(grade(PLATE, "plate", still(FACE)))
    assert list(figures.by_source()) == ["gate"]


def test_bins_are_left_out_when_empty() -> None:
    figures = RecallFigures("gate", "plate", 1)
    figures.add(grade(PLATE, "plate", still(FACE)))
    assert [(low, high) for low, high, _ in figures.by_size()] == [(100, 160)]


@pytest.mark.parametrize(("scale", "size"), [(0.5, (32, 24)), (0.26, (16, 12)), (0.001, (2, 2))])
def test_a_shrunk_picture_has_even_sides_and_the_same_mean(scale: float, size: tuple[int, int]) -> None:
    grain = np.random.default_rng(1).integers(0, 256, (72, 64), np.uint8)
    picture = Picture(VideoFrame.from_ndarray(grain, format="yuv420p"), 0, 0, 0)
    small = shrunk(picture, scale)
    assert (small.width, small.height) == size
    luma = small.frame.to_ndarray()[: small.height]
    assert abs(float(luma.mean()) - float(grain[:48].mean())) < 12
    assert luma.std() < grain[:48].std() or scale < 0.01, "averaged, not picked"
