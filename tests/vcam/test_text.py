"""Text, found and masked: what lies on a desk cannot be read any more.

The reader is PP-OCR's recogniser, which the product does not carry. It reads the lines first, or the test is void.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.analyst import Analyst
from models.manifest import weights
from vcam.base.errors import WeightsError
from vcam.base.media import Picture, Region
from vcam.mask.cover import Style, cover
from vcam.mask.grid import Cells
from vcam.mask.masker import Masker
from vcam.mask.planes import Planes

Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]

STYLES: tuple[Style, ...] = ("mosaic", "blur", "solid")
LINES = (
    ("Case 4711: KIM, Minsu", 0.9, 2),
    ("born 1984-03-27 in Incheon", 0.8, 2),
    ("Tel 02-731-2914 Room 815", 0.8, 2),
    ("account 110-482-395716", 0.7, 1),
    ("12 Sejong-daero, Jung-gu", 0.7, 1),
    ("Passport M36492817", 1.1, 2),
)


def desk() -> tuple[Pixels, list[tuple[str, Box]]]:
    """A sheet of paper on a desk, 1280x720; each line's text and where it stands."""
    rows, columns = np.mgrid[:720, :1280]
    picture = np.repeat((80 + 40 * np.sin(columns / 140 + rows / 90))[..., None], 3, axis=2).astype(np.uint8)
    cv2.rectangle(picture, (420, 80), (960, 640), (226, 230, 232), cv2.FILLED)
    lines = []
    for number, (text, scale, thick) in enumerate(LINES):
        y = 150 + 85 * number
        (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
        cv2.putText(picture, text, (450, y), cv2.FONT_HERSHEY_SIMPLEX, scale, (40, 35, 30), thick, cv2.LINE_AA)
        lines.append((text, (450, y - height, 450 + width, y + base)))
    return picture, lines


@pytest.fixture(scope="module")
def reader() -> Any:
    rapidocr = pytest.importorskip("rapidocr", reason="rapidocr is not installed here")
    threads = {"EngineConfig.onnxruntime.intra_op_num_threads": 1}
    return rapidocr.RapidOCR(params={"Global.log_level": "error", **threads})


def picture_of(pixels: Pixels) -> Picture:
    frame = av.VideoFrame.from_ndarray(pixels, format="bgr24").reformat(format="yuv420p")
    return Picture(frame, 0, 0, 0)


def alike(reader: Any, pixels: Pixels, text: str, box: Box) -> float:
    """How much of `text` is read at `box`: matched characters as a share of both texts' mean length."""
    x1, y1, x2, y2 = box
    crop = pixels[y1 - 8 : y2 + 8, x1 - 8 : x2 + 8]
    said = reader(np.ascontiguousarray(crop), use_det=False, use_cls=False, use_rec=True).txts
    read = "".join(said or ()).replace(" ", "").lower()
    return SequenceMatcher(None, text.replace(" ", "").lower(), read, autojunk=False).ratio()


def shown(picture: Picture) -> Pixels:
    return np.asarray(picture.frame.to_ndarray(format="bgr24"), np.uint8)


def test_masked_lines_cannot_be_read(reader: Any) -> None:
    try:
        weights("ppocr_det")
    except WeightsError as error:
        pytest.skip(f"the text detector is not here: {error.mend}")
    pixels, lines = desk()
    before = [alike(reader, shown(picture_of(pixels)), *line) for line in lines]
    assert min(before) > 0.9, "the reader cannot read: this test is void"
    seen = Analyst(["text"]).analyse(picture_of(pixels), ("text:960",), ()).detections
    regions = [Region(one.x1, one.y1, one.x2, one.y2, one.kind, number) for number, one in enumerate(seen)]
    for style in STYLES:
        picture = picture_of(pixels)
        Masker(style).apply(picture, regions)
        after = [alike(reader, shown(picture), *line) for line in lines]
        # another line's text comes to 0.3
        assert max(after) < 0.25, style


def test_a_mask_too_weak_would_be_seen(reader: Any) -> None:
    """Blocks of 4 pixels are no mask: the same reader reads through them."""
    pixels, lines = desk()
    picture = picture_of(pixels)
    for _, (x1, y1, x2, y2) in lines:
        cover(
            Planes.of(picture.frame),
            [(Cells(4, x1 // 4 * 4, y1 // 4 * 4, -(-x2 // 4) * 4, -(-y2 // 4) * 4), None)],
            "blur",
        )
    after = [alike(reader, shown(picture), *line) for line in lines]
    assert np.mean(after) > 0.7
