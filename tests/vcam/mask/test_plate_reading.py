"""Plates cannot be read under the mask by an OCR that Garim does not use (rapidocr carries its own networks)."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vcam.base.media import Kind, Picture, Region
from vcam.demo.plate import Plate, picture_of
from vcam.mask.grain import Grain, Offsets
from vcam.mask.grid import Cells
from vcam.mask.masker import Masker

Pixels = NDArray[np.uint8]
Reader = Callable[[Pixels], str]

WIDTH = 240
"""Pixels across a plate in the picture: a car that stands before the barrier."""
PLACE = (200, 120)
NUMBERS = ("123가4567", "48나9061", "375호2248", "26다8139", "904마7753", "61거3082")
CHANCE = 0.1
"""Share of digits that may be right: as many as when each is guessed."""


class Bare(Grain):
    """No offsets."""

    def offsets(self, cells: Cells, track: int) -> Offsets:
        return np.zeros_like(super().offsets(cells, track))


@pytest.fixture(scope="module")
def read() -> Reader:
    rapidocr = pytest.importorskip("rapidocr", reason="rapidocr is absent; install the extra 'dev'")
    engine = rapidocr.RapidOCR(params={"Global.log_level": "error"})

    def digits(crop: Pixels) -> str:
        large = cv2.resize(crop, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        found = engine(large)
        return re.sub(r"\D", "", "".join(found.txts or ()))

    return digits


def scene(text: str, shift: tuple[int, int] = (0, 0)) -> tuple[Picture, Region]:
    """A plate on a bumper, and the region that covers it."""
    plate = picture_of(Plate("white", text) if len(text) == 8 else Plate("white_old", text), pixels=1.0)
    height = round(WIDTH * plate.shape[0] / plate.shape[1])
    pixels = np.full((360, 640, 3), (92, 84, 78), np.uint8)
    x, y = PLACE[0] + shift[0], PLACE[1] + shift[1]
    pixels[y : y + height, x : x + WIDTH] = cv2.resize(plate, (WIDTH, height), interpolation=cv2.INTER_AREA)
    frame = av.VideoFrame.from_ndarray(pixels, format="bgr24").reformat(format="yuv420p")
    return Picture(frame, 0, 0, 0), Region(x - 6, y - 4, x + WIDTH + 6, y + height + 4, Kind.PLATE, 1)


def crop(picture: Picture, region: Region) -> Pixels:
    pixels = picture.frame.to_ndarray(format="bgr24")
    return np.asarray(
        pixels[int(region.y1) - 10 : int(region.y2) + 10, int(region.x1) - 10 : int(region.x2) + 10]
    )


def right(text: str, seen: str) -> int:
    """Digits of `text` that are seen in their order."""
    wanted = re.sub(r"\D", "", text)
    return sum(
        block.size for block in SequenceMatcher(None, wanted, seen, autojunk=False).get_matching_blocks()
    )


def share(read: Reader, show: Callable[[str], Pixels]) -> float:
    digits = sum(len(re.sub(r"\D", "", text)) for text in NUMBERS)
    return sum(right(text, read(show(text))) for text in NUMBERS) / digits


def plain(text: str) -> Pixels:
    return crop(*scene(text))


def masked(text: str, masker: Masker, shifts: int = 1) -> Pixels:
    """The mean of a plate's masked pictures, in each of which it lies elsewhere on the grid."""
    views = []
    for number in range(shifts):
        picture, region = scene(text, (number * 3, number * 2))
        masker.apply(picture, [region])
        views.append(crop(picture, region).astype(np.float64))
    return np.asarray(np.rint(np.mean(views, axis=0)), np.uint8)


@pytest.fixture(scope="module", autouse=True)
def control(read: Reader) -> None:
    """Without it every test here is void."""
    found = share(read, plain)
    if found < 0.8:
        pytest.fail(f"void: of unmasked digits {found:.0%} are read; 80% must be")


@pytest.mark.parametrize("shifts", [1, 12])
def test_masked_plates_are_not_read(read: Reader, shifts: int) -> None:
    assert share(read, lambda text: masked(text, Masker("mosaic", grain=Grain(7)), shifts)) <= CHANCE


@pytest.mark.parametrize("style", ["blur", "solid"])
def test_nor_under_the_other_styles(read: Reader, style: str) -> None:
    assert share(read, lambda text: masked(text, Masker("blur" if style == "blur" else "solid"))) <= CHANCE


def test_a_weak_mask_is_read_through(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcam.mask.grid._TEXT_BLOCKS", 64)
    found = share(read, lambda text: masked(text, Masker("mosaic", blocks=96, grain=Bare(1))))
    assert found > 0.4
