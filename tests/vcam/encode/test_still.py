from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.frame import VideoFrame

from vcam.base.errors import EncodeError
from vcam.base.media import MaskedUnit, Picture
from vcam.base.settings import EncodeSettings
from vcam.encode.colour import Colour
from vcam.encode.encoder import Encoder
from vcam.encode.still import StillKeeper

if TYPE_CHECKING:
    from tests.vcam.encode.conftest import Judge, Scene

SETTINGS = EncodeSettings(gop=0.2)


def read(jpeg: bytes) -> VideoFrame:
    [frame] = CodecContext.create("mjpeg", "r").decode(Packet(jpeg))
    return frame


def encoded(pictures: list[Picture]) -> list[MaskedUnit]:
    encoder = Encoder(SETTINGS, pictures[0].width, pictures[0].height, 25.0)
    return [unit for picture in pictures for unit in encoder.encode(picture, ())]


def test_the_last_idr_is_shown(scene: Scene, judge: Judge) -> None:
    units = encoded(scene.pictures(13))
    keeper = StillKeeper()
    assert keeper.jpeg() is None
    assert keeper.time is None
    for unit in units:
        keeper.offer(unit)
    jpeg = keeper.jpeg()
    assert jpeg is not None
    assert jpeg.startswith(b"\xff\xd8")
    assert jpeg.endswith(b"\xff\xd9")
    shown = read(jpeg)
    assert (shown.width, shown.height) == (320, 192)
    errors = [
        float(np.mean(np.abs(shown.to_ndarray(format="gray") - frame.to_ndarray(format="gray").astype(float))))
        for frame in judge.decode(units)
    ]
    assert int(np.argmin(errors)) == 10
    assert errors[10] < 4
    assert keeper.time == units[10].time


def test_a_still_is_made_once(scene: Scene) -> None:
    units = encoded(scene.pictures(6))
    keeper = StillKeeper()
    keeper.offer(units[0])
    with ThreadPoolExecutor(4) as pool:
        stills = list(pool.map(lambda _: keeper.jpeg(), range(8)))
    assert len({id(still) for still in stills}) == 1
    keeper.offer(units[1])
    assert keeper.jpeg() is stills[0]
    keeper.offer(units[5])
    assert keeper.jpeg() is not stills[0]
    keeper.clear()
    assert keeper.jpeg() is None


@pytest.mark.parametrize(
    ("asked", "size"), [(160, (160, 96)), (5000, (320, 192)), (33, (32, 18)), (0, (16, 10))]
)
def test_a_still_may_be_smaller(scene: Scene, asked: int, size: tuple[int, int]) -> None:
    keeper = StillKeeper()
    keeper.offer(encoded(scene.pictures(1))[0])
    jpeg = keeper.jpeg(asked)
    assert jpeg is not None
    shown = read(jpeg)
    assert (shown.width, shown.height) == size


@pytest.mark.parametrize(("range_", "luma"), [(1, 235), (2, 255), (0, 235)])
def test_white_is_white_in_either_range(range_: int, luma: int) -> None:
    planes = np.full((96, 64), 128, np.uint8)
    planes[:64] = luma
    frame = VideoFrame.from_ndarray(planes, format="yuv420p")
    encoder = Encoder(SETTINGS, 64, 64, 25.0, Colour(range=range_))
    keeper = StillKeeper()
    keeper.offer(encoder.encode(Picture(frame, 0, 0, 0), ())[0])
    jpeg = keeper.jpeg()
    assert jpeg is not None
    assert read(jpeg).to_ndarray(format="rgb24").mean() > 252


@pytest.mark.parametrize("data", [b"", b"\x00\x00\x01\x65garbage", bytes(100)])
def test_a_broken_picture_is_an_error(scene: Scene, data: bytes) -> None:
    unit = encoded(scene.pictures(1))[0]
    keeper = StillKeeper()
    keeper.offer(dataclasses.replace(unit, data=data))
    with pytest.raises(EncodeError):
        keeper.jpeg()
    keeper.offer(unit)
    assert keeper.jpeg() is not None
