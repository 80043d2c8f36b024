"""Threat: a recipient leaks an export. It must be traceable after it was encoded again, cropped and scaled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.support.clips import HEIGHT, WIDTH, Luma, changed, decode, encode, scene
from vcam.export.trace import Traced, Tracer
from vcam.export.watermark import InvisibleMark

KEY, OTHER = b"k" * 32, b"o" * 32
NUMBER = 0x7F3A9C21


def _marked() -> Iterator[tuple[Luma, float]]:
    mark = InvisibleMark(KEY, NUMBER, WIDTH, HEIGHT)
    for luma, seconds in scene():
        mark.apply(luma, seconds)
        yield luma, seconds


def _traced(path: Path, key: bytes = KEY, known: tuple[int, ...] = ()) -> Traced | None:
    tracer = Tracer(key)
    for luma, seconds in decode(path):
        tracer.add(luma, seconds)
    return tracer.find(known)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "copy.mp4"
    encode(_marked(), path, crf=23)
    return path


def _crop(luma: Luma) -> Luma:
    return luma[30:320, 50:600]


def _smaller(luma: Luma) -> Luma:
    return cv2.resize(luma, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA).astype("u1")


@pytest.mark.parametrize(
    ("change", "begin"),
    [
        (lambda luma: luma, 0.0),
        (_crop, 0.0),
        (_smaller, 1.3),
        (lambda luma: _smaller(_crop(luma)), 0.7),
    ],
    ids=["encoded again", "cropped", "smaller and cut in time", "cropped and smaller"],
)
def test_recipient_leaks_an_export(
    export: Path, tmp_path: Path, change: Callable[[Luma], Luma], begin: float
) -> None:
    leak = tmp_path / "leak.mp4"
    encode(changed(decode(export), change, begin), leak, crf=28)
    found = _traced(leak, known=(NUMBER ^ 0x55, NUMBER, 7))
    assert found is not None
    assert found.number == NUMBER


def test_a_copy_whose_size_changes_is_traced(export: Path, tmp_path: Path) -> None:
    tracer = Tracer(KEY)
    for luma, seconds in decode(export):
        tracer.add(_smaller(luma) if seconds < 1 else luma, seconds)
    for size in range(64, 70):
        tracer.add(np.zeros((size, size), np.uint8), 0.0)
    found = tracer.find()
    assert found is not None
    assert found.number == NUMBER


def test_an_original_is_told_from_an_export(export: Path, tmp_path: Path) -> None:
    original = tmp_path / "original.mp4"
    encode(scene(), original, crf=23)
    assert _traced(original) is None
    assert _traced(export, OTHER) is None


def test_a_few_lost_bits_of_a_known_export_do_no_harm() -> None:
    from vcam.export.pattern import word
    from vcam.export.trace import _number

    bits = word(NUMBER) > 0
    bits[[3, 17, 30, 44]] ^= True
    assert _number(bits, ()) is None
    assert _number(bits, (1, NUMBER, 77)) == NUMBER
    bits[[1, 2]] ^= True
    assert _number(bits, (1, NUMBER, 77)) is None


def test_nothing_is_found_in_less_than_a_period() -> None:
    tracer = Tracer(KEY)
    assert tracer.find() is None
    for luma, seconds in _marked():
        if seconds < 0.5:
            tracer.add(luma, seconds)
    assert tracer.find() is None
