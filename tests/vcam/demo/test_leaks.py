"""The count of unmasked pictures: high without a mask, none with one, through real encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.media import Kind, Picture, Region
from vcam.base.settings import EncodeSettings
from vcam.demo.leaks import VISIBLE, Count, Judge, expectations, grey_of, tally
from vcam.demo.receive import grey
from vcam.demo.scene import LENGTH, Scene
from vcam.encode.encoder import Encoder
from vcam.mask.masker import Masker

SHOWING = range(100, 160, 6)
"""Pictures with faces and plates in view."""
Change = Callable[[Picture, int], None]


def count(scene: Scene, indices: Iterable[int], change: Change) -> Count:
    """Render, change, encode with the shipped settings, decode and judge."""
    encoder = Encoder(EncodeSettings(), scene.width, scene.height, 25)
    decoder = av.CodecContext.create("h264", "r")
    judge = Judge(scene)
    verdicts = []
    for place, index in enumerate(indices):
        frame = VideoFrame.from_ndarray(scene.render(index), format="bgr24").reformat(format="yuv420p")
        picture = Picture(frame, place, place * 3600, 0)
        change(picture, index)
        for unit in encoder.encode(picture, ()):
            for decoded in decoder.decode(av.Packet(unit.data)):
                verdicts.append(judge.judge(grey(decoded)))
    return tally(verdicts)


def regions(scene: Scene, index: int, skip: Kind | None = None) -> list[Region]:
    return [Region(t.x1, t.y1, t.x2, t.y2, t.kind, 1) for t in scene.truth(index) if t.kind is not skip]


def nothing(_picture: Picture, _index: int) -> None:
    """The masker is switched off."""


def test_without_a_mask_every_picture_counts(scene: Scene) -> None:
    found = count(scene, SHOWING, nothing)
    assert found.unmasked_frames == found.frames == len(SHOWING)
    assert found.regions_masked == 0
    assert found.unreadable_frames == 0


@pytest.mark.parametrize("style", ["mosaic", "blur", "solid"])
def test_with_a_mask_none_counts(scene: Scene, style: str) -> None:
    masker = Masker(style)  # type: ignore[arg-type]  # a literal, from the list above
    found = count(scene, SHOWING, lambda picture, index: masker.apply(picture, regions(scene, index)))  # type: ignore[arg-type]  # its answer is not used
    assert found.unmasked_frames == 0
    assert found.regions_masked >= 2 * len(SHOWING)


@pytest.mark.parametrize("missed", [Kind.FACE, Kind.PLATE])
def test_one_kind_left_out_is_noticed(scene: Scene, missed: Kind) -> None:
    masker = Masker("mosaic")

    def change(picture: Picture, index: int) -> None:
        masker.apply(picture, regions(scene, index, missed))

    found = count(scene, SHOWING, change)
    expected = sum(
        any(truth.kind is missed and truth.visible >= VISIBLE for truth in scene.truth(index))
        for index in SHOWING
    )
    assert found.unmasked_frames == expected > 0


def test_one_late_picture_is_noticed(scene: Scene) -> None:
    masker = Masker("mosaic")

    def change(picture: Picture, index: int) -> None:
        if index != SHOWING[3]:
            masker.apply(picture, regions(scene, index))

    assert count(scene, SHOWING, change).unmasked_frames == 1


def test_half_a_face_covered_is_not_masked(scene: Scene) -> None:
    masker = Masker("mosaic")

    def change(picture: Picture, index: int) -> None:
        halves = [
            Region(region.x1, (region.y1 + region.y2) / 2 + 8, region.x2, region.y2, region.kind, 1)
            for region in regions(scene, index)
            if region.kind is Kind.FACE
        ]
        masker.apply(picture, halves)

    assert count(scene, SHOWING, change).unmasked_frames == len(SHOWING)


def test_masked_whole_is_masked(scene: Scene) -> None:
    masker = Masker("mosaic")

    def change(picture: Picture, _index: int) -> None:
        masker.whole(picture)

    found = count(scene, SHOWING, change)
    assert found.unmasked_frames == 0
    assert found.unreadable_frames == found.frames


def test_an_unreadable_number_counts_unless_masked_whole(scene: Scene) -> None:
    def change(picture: Picture, _index: int) -> None:
        luma = memoryview(picture.frame.planes[0])
        luma[: 32 * picture.frame.planes[0].line_size] = bytes([128]) * (32 * picture.frame.planes[0].line_size)

    found = count(scene, range(0, 30, 10), change)
    assert found.unreadable_frames == found.unmasked_frames == found.frames


def test_a_hidden_number_is_counted_from_its_neighbours(scene: Scene) -> None:
    judge = Judge(scene)
    picture = grey_of(scene.render(120))
    picture[:32] = 128
    assert judge.judge(picture).index is None
    verdict = judge.judge(picture, 120)
    assert verdict.index == 120
    assert not verdict.read
    assert verdict.unmasked


@given(st.integers(0, LENGTH - 1), st.lists(st.booleans(), min_size=1, max_size=120), st.floats(0, 1e6))
def test_numbers_follow_the_time(first: int, readable: list[bool], start: float) -> None:
    true = [(first + place) % LENGTH for place in range(len(readable))]
    seen = [
        (index if good else None, start + place / 25)
        for place, (index, good) in enumerate(zip(true, readable, strict=True))
    ]
    places = [place for place, good in enumerate(readable) if good]
    for place, expected in enumerate(expectations(seen)):
        distance = min((abs(place - other) for other in places), default=9999)
        if distance < 49:
            assert expected == true[place]
        elif distance > 51:
            assert expected is None


def test_without_a_time_nothing_is_expected() -> None:
    assert expectations([(5, None), (None, 1.0), (7, 1.08), (None, None)]) == [None, 5, 7, None]


def test_another_picture_is_not_the_scene(scene: Scene) -> None:
    judge = Judge(scene)
    assert not judge.is_whole(grey_of(scene.background))
    assert judge.is_whole(np.full((720, 1280), 90, np.uint8))
    assert not judge.is_whole(np.full((360, 640), 90, np.uint8))
    dark = cv2.convertScaleAbs(grey_of(scene.background), alpha=0.5, beta=10)
    assert not judge.is_whole(np.asarray(dark, np.uint8))


def test_the_pipeline_masks_the_scene_and_its_masker_does_so(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vcam.demo.folder import write_clip
    from vcam.offline import mask_file

    clip = tmp_path / "clip.mp4"
    write_clip(clip, scene, 100)

    def judged(name: str) -> Count:
        out = tmp_path / name
        mask_file(clip, out)
        judge = Judge(scene)
        with av.open(str(out)) as container:
            return tally([judge.judge(grey(frame)) for frame in container.decode(video=0)])

    masked = judged("masked.mp4")
    assert masked.frames == 100
    assert masked.unmasked_frames == 0
    assert masked.regions_masked > 50
    monkeypatch.setattr(Masker, "apply", lambda _self, _picture, regions, _zones: tuple(regions))
    monkeypatch.setattr(Masker, "whole", lambda _self, _picture: ())
    assert judged("unmasked.mp4").unmasked_frames > 40
