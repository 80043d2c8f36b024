"""Overlays lie in the masked picture, where and as they were asked for."""

from __future__ import annotations

import numpy as np
import pytest
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.frame import VideoFrame

from vcam.base.errors import EncodeError
from vcam.base.media import Picture
from vcam.base.rendition import Overlay
from vcam.base.settings import EncodeSettings
from vcam.encode.encoder import Encoder
from vcam.osd.overlays import Overlays, try_out

SIZE = (640, 360)
GREY = 100


def picture(time: int = 0) -> Picture:
    planes = np.full((SIZE[1] * 3 // 2, SIZE[0]), GREY, np.uint8)
    return Picture(VideoFrame.from_ndarray(planes, format="yuv420p"), 0, 0, time)


def drawn(*overlays: Overlay, time: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    shown = picture(time)
    lines = Overlays("Asia/Seoul")
    lines.change(overlays)
    lines.draw(shown)
    return np.asarray(shown.frame.to_ndarray()[: SIZE[1]], np.uint8)


def box(luma: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(luma != GREY)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def test_without_overlays_nothing_is_touched() -> None:
    assert (drawn() == GREY).all()


@pytest.mark.parametrize(("x", "y"), [(-1, 1), (1, 1), (-1, -1), (1, -1)])
def test_a_corner_is_the_picture_s_corner(x: int, y: int) -> None:
    left, top, right, bottom = box(drawn(Overlay("a", text="정문 1", x=x, y=y, size=60)))
    assert (left <= 8) == (x < 0)
    assert (right >= SIZE[0] - 8) == (x > 0)
    assert (top <= 8) == (y > 0)
    assert (bottom >= SIZE[1] - 8) == (y < 0)


def test_a_place_is_the_line_s_middle() -> None:
    left, top, right, bottom = box(drawn(Overlay("a", text="xx", x=0.5, y=-0.5, size=60)))
    assert abs((left + right) / 2 - 480) <= 4
    assert abs((top + bottom) / 2 - 270) <= 8


def test_a_line_too_long_begins_at_the_edge() -> None:
    left, _, right, _ = box(drawn(Overlay("a", text="W" * 100, size=100)))
    assert (left <= 4, right >= SIZE[0] - 4) == (True, True)


def test_the_time_goes_on_and_all_lines_are_drawn() -> None:
    clock = Overlay("t", "time", x=-1, y=1)
    before, same, after = (drawn(clock, time=time) for time in (0, 999_999, 1_000_000))
    assert (before == same).all()
    assert (before != after).any()
    both = drawn(clock, Overlay("a", text="정문", x=1, y=-1))
    assert (both[:180] == before[:180]).all()
    assert (both[180:] != GREY).any()


def test_what_the_decoder_predicts_from_stays_as_it_is() -> None:
    encoder = Encoder(EncodeSettings(), *SIZE, 25.0)
    ground = np.random.default_rng(1).integers(0, 255, (SIZE[1] * 3 // 2, SIZE[0]), dtype=np.uint8)
    units = []
    for index in range(12):
        frame = VideoFrame.from_ndarray(np.roll(ground, index, axis=1), format="yuv420p")
        units += encoder.encode(Picture(frame, index, index * 3600, 0), ())
    decoders = [CodecContext.create("h264", "r") for _ in range(2)]
    lines = Overlays()
    lines.change([Overlay("a", text="정문", size=200)])
    for unit in units:
        plain, written = (decoder.decode(Packet(unit.data)) for decoder in decoders)
        for one, other in zip(plain, written, strict=True):
            assert (one.to_ndarray() == other.to_ndarray()).all()
            lines.draw(Picture(other, 0, 0, 0))
            assert (one.to_ndarray() != other.to_ndarray()).any()


@pytest.mark.parametrize(
    "overlay",
    [
        Overlay("far", text="a", x=1.5),
        Overlay("far", text="a", y=float("nan")),
        Overlay("big", text="a", size=1000),
        Overlay("nil", text="a", size=0),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(overlay: Overlay) -> None:
    with pytest.raises(EncodeError, match=overlay.token):
        try_out([Overlay("good", text="정문"), overlay])
