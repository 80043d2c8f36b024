"""Plates: their sizes, and that a plate detector takes them for plates."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.manifest import weights
from models.platenet import PlateNet
from models.runtime import open_runtime
from vcam.base.errors import WeightsError
from vcam.demo.backdrop import backdrop
from vcam.demo.plate import FORMATS, Plate, Style, picture_of

SPECIMENS = {
    "white": Plate("white", "123가4567"),
    "white_old": Plate("white_old", "12바3456"),
    "white_short": Plate("white_short", "52허3108"),
    "electric": Plate("electric", "387나2091"),
    "electric_short": Plate("electric_short", "387나2091"),
    "taxi": Plate("taxi", "33아7146", "서울"),
    "green": Plate("green", "52거8017", "경기"),
    "yellow": Plate("yellow", "86배5307", "충남"),
    "motorcycle": Plate("motorcycle", "가1234", "서울", "강남"),
}


def test_every_style_has_a_specimen() -> None:
    assert set(SPECIMENS) == set(FORMATS)


@pytest.mark.parametrize("style", SPECIMENS)
def test_size_and_colours(style: Style) -> None:
    plate = SPECIMENS[style]
    picture = picture_of(plate, pixels=1.0)
    width, height = plate.size
    assert picture.shape == (height, width, 3)
    form = FORMATS[style]
    for colour in (form.ground, form.ink):
        near = np.abs(picture.astype(int) - np.array(colour)).max(axis=2) < 12
        assert near.mean() > 0.03


def test_the_number_is_what_is_drawn() -> None:
    one, other = (picture_of(Plate("white", number)) for number in ("123가4567", "123가4568"))
    assert not np.array_equal(one, other)
    differs = np.abs(one.astype(int) - other.astype(int)).max(axis=2).any(axis=0)
    assert np.flatnonzero(differs).min() > one.shape[1] * 0.8


def test_parts_of_a_number() -> None:
    assert SPECIMENS["white"].split() == ("123", "가", "4567")
    assert SPECIMENS["motorcycle"].split() == ("", "가", "1234")


@pytest.mark.parametrize("style", ["white_short", "green", "yellow", "electric_short"])
@pytest.mark.parametrize("width", [60, 100, 160])
def test_a_detector_sees_a_plate(style: Style, width: int) -> None:
    try:
        weights("plates")
    except WeightsError as error:
        pytest.skip(f"the plate detector is absent: {error}")
    drawn = picture_of(SPECIMENS[style], pixels=1.0)
    height = round(width * drawn.shape[0] / drawn.shape[1])
    scene = np.zeros((1, 736, 1280, 3), np.uint8)
    scene[0, :720] = backdrop(1.0)
    # A plate alone on a wall is no plate: it sits in a bumper.
    scene[0, 480:700, 400:900] = (150, 150, 150)
    scene[0, 600 : 600 + height, 600 : 600 + width] = cv2.resize(
        drawn, (width, height), interpolation=cv2.INTER_AREA
    )
    # as narrow as the product shows it to the detector
    narrow = cv2.resize(scene[0], (960, 736), interpolation=cv2.INTER_LINEAR)[None]
    found = PlateNet(open_runtime()).detect(narrow, 0.4)[0]
    centres = [((x1 + x2) / 2 / 0.75, (y1 + y2) / 2) for x1, y1, x2, y2 in found.boxes]
    assert any(600 < x < 600 + width and 600 < y < 600 + height for x, y in centres)
