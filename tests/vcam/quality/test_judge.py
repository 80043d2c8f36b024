"""Judges on a portrait whose face is known, and on pictures without any."""

from __future__ import annotations

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from models.scaler import Scaler
from tests.support.portrait import FACE, portrait, wall
from vcam.base.errors import ConfigError
from vcam.base.media import Picture
from vcam.quality.judge import Judge, Seen, View, chosen_judges, judges

NAMES = ["centerface", "yunet", "plates", "dlib_hog"]


@pytest.fixture(scope="module")
def bench() -> dict[str, Judge]:
    portrait()  # skips when there are no detectors
    return {judge.name: judge for judge in judges()}


def judge(bench: dict[str, Judge], name: str) -> Judge:
    if name not in bench:
        pytest.skip(f"{name} is not installed here")
    return bench[name]


def view(pixels: NDArray[np.uint8]) -> View:
    """A view of RGB `pixels`."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(format="yuv420p")
    return View(Picture(frame, 0, 0, 0), Scaler())


def holds(seen: Seen, x: int, y: int) -> bool:
    return seen[0] < x < seen[2] and seen[1] < y < seen[3]


@pytest.mark.parametrize("name", ["centerface", "yunet", "dlib_hog"])
@pytest.mark.parametrize("size", [(640, 480), (462, 410)])
def test_a_face_is_seen_where_it_is(bench: dict[str, Judge], name: str, size: tuple[int, int]) -> None:
    picture = wall(size)
    picture[60:360, 100:400] = portrait()
    (seen,) = judge(bench, name).look(view(picture))
    assert holds(seen, 100 + FACE[0], 60 + FACE[1])
    assert 40 < seen[3] - seen[1] < 160
    assert judge(bench, name).kind == "face"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_seen_where_nothing_is(bench: dict[str, Judge], name: str) -> None:
    assert judge(bench, name).look(view(np.full((96, 130, 3), 90, np.uint8))) == []


@pytest.mark.parametrize("name", ["centerface", "yunet", "dlib_hog"])
def test_boxes_end_at_the_pictures_edges(bench: dict[str, Judge], name: str) -> None:
    cut = portrait()[:, FACE[0] - 16 :]
    for x1, y1, x2, y2, _ in judge(bench, name).look(
        view(cut[: cut.shape[0] // 2 * 2, : cut.shape[1] // 2 * 2])
    ):
        assert 0 <= x1 < x2 <= cut.shape[1]
        assert 0 <= y1 < y2 <= cut.shape[0]


def test_keys_tell_judges_apart_and_stay(bench: dict[str, Judge]) -> None:
    assert len({one.key for one in bench.values()}) == len(bench)
    assert {one.name: one.key for one in judges()} == {name: one.key for name, one in bench.items()}


def test_judges_are_chosen_by_name(bench: dict[str, Judge]) -> None:
    assert [one.name for one in chosen_judges([])] == list(bench)
    assert [one.name for one in chosen_judges(["plates", "yunet"])] == ["plates", "yunet"]
    with pytest.raises(ConfigError, match="nobody") as caught:
        chosen_judges(["yunet", "nobody"])
    assert "centerface" in caught.value.mend


def test_one_judge_is_independent(bench: dict[str, Judge]) -> None:
    assert [name for name, one in bench.items() if one.independent] == ["dlib_hog"] * ("dlib_hog" in bench)
    assert all(one.name.partition("_")[0] in one.about for one in bench.values())
