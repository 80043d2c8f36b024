"""One stream, made of the pictures of a camera."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from av.sidedata.sidedata import Type

from vcam.base.media import TICKS, Codec, Kind, MaskedUnit, Picture, Region
from vcam.base.rendition import Rendition
from vcam.base.settings import EncodeSettings
from vcam.encode.view import View

if TYPE_CHECKING:
    from tests.vcam.encode.conftest import Judge, Scene

SETTINGS = EncodeSettings(gop=1)


def run(view: View, pictures: list[Picture], regions: tuple[Region, ...] = ()) -> list[MaskedUnit]:
    return [unit for picture in pictures for unit in view.encode(picture, regions)] + view.end()


@pytest.mark.parametrize("codec", ["h264", "h265", "mjpeg"])
def test_pictures_are_thinned_scaled_and_encoded(codec: str, scene: Scene, judge: Judge) -> None:
    wish = Rendition("sub", codec, width=160, height=96, fps=5.0, gop=5)  # type: ignore[arg-type]
    units = run(View(wish, SETTINGS, 25.0), scene.pictures(50), (Region(32, 16, 64, 48, Kind.FACE, 1),))
    assert len(units) == 10
    assert [unit.pts for unit in units] == [number * TICKS // 5 for number in range(10)]
    assert {(unit.stream, unit.codec, unit.width, unit.height) for unit in units} == {("sub", codec, 160, 96)}
    assert [n for n, unit in enumerate(units) if unit.key] == (list(range(10)) if codec == "mjpeg" else [0, 5])
    assert {(r.x1, r.y1, r.x2, r.y2) for unit in units for r in unit.regions} == {(16, 8, 32, 24)}
    for unit, frame in zip(units, judge.decode(units), strict=True):
        wanted = scene.frame(unit.index).reformat(160, 96).to_ndarray(format="gray").astype(float)
        assert abs(wanted - frame.to_ndarray(format="gray")).mean() < 8


def test_the_camera_s_own_pictures_keep_their_regions(scene: Scene) -> None:
    region = Region(32, 16, 64, 48, Kind.FACE, 1, 0.7, (0, 0, 64, 48))
    units = run(View(Rendition("main"), SETTINGS, 25.0), scene.pictures(3), (region,))
    assert [unit.regions for unit in units] == [(region,)] * 3


def test_a_new_size_begins_with_an_idr_picture(scene: Scene) -> None:
    view = View(Rendition("main"), SETTINGS, 25.0)
    small = [Picture(scene.frame(n), n, n * 3600, 0) for n in range(5)]
    large = [Picture(scene.frame(n, 480, 272), n, n * 3600, 0) for n in range(5, 10)]
    units = run(view, small + large)
    assert [unit.width for unit in units] == [320] * 5 + [480] * 5
    assert [unit.key for unit in units] == [n % 5 == 0 for n in range(10)]


def test_an_idr_picture_comes_when_asked_for(scene: Scene) -> None:
    view = View(Rendition("main"), SETTINGS, 25.0)
    view.force_key()  # nothing is encoded yet
    first, second, third = scene.pictures(3)
    keys = [unit.key for unit in view.encode(first, ()) + view.encode(second, ())]
    view.force_key()
    assert [*keys, *(unit.key for unit in view.encode(third, ()))] == [True, False, True]


def test_nothing_beside_the_samples_gets_into_a_jpeg(scene: Scene, judge: Judge) -> None:
    camera = View(Rendition("jpeg", codec="mjpeg"), SETTINGS, 25.0)
    (sent,) = run(camera, scene.pictures(1))
    profile = b"ICC_PROFILE\0\1\1" + b"of this very camera" * 9
    data = sent.data[:2] + b"\xff\xe2" + (len(profile) + 2).to_bytes(2, "big") + profile + sent.data[2:]
    (frame,) = judge.decode([replace(sent, data=data)])
    assert Type.ICC_PROFILE in frame.side_data
    codecs: tuple[Codec, ...] = ("h264", "h265", "mjpeg")
    for codec in codecs:
        view = View(Rendition("sub", codec, width=160, height=96), SETTINGS, 25.0)
        (unit,) = run(view, [Picture(frame.reformat(format="yuv420p"), 0, 0, 0)])
        assert b"this very camera" not in unit.data
