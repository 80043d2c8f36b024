"""Cuts are seen, and nothing that happens in one scene is taken for one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from vcam.base.media import Picture
from vcam.track.scene import SceneCut

EVAL = Path(os.environ.get("GARIM_EVAL", Path(__file__).parents[3].parent / "shared" / "eval"))

Luma = NDArray[np.uint8]


def picture(luma: Luma) -> Picture:
    height, width = luma.shape
    planes = np.concatenate((luma.ravel(), np.full(height * width // 2, 128, np.uint8)))
    return Picture(av.VideoFrame.from_ndarray(planes.reshape(height * 3 // 2, width), "yuv420p"), 0, 0, 0)


def scene(seed: int, *, contrast: float = 60, noise: float = 0, brightness: float = 120) -> Luma:
    """Coarse random patches, the same for the same seed, under fresh noise."""
    rng = np.random.default_rng(seed)
    patches = np.kron(rng.normal(0, 1, (12, 16)), np.ones((20, 20)))
    grain = np.random.default_rng(seed + 1).normal(0, noise, patches.shape)
    return np.asarray(np.clip(brightness + contrast * patches + grain, 0, 255), dtype=np.uint8)


def cuts(*shots: Luma) -> list[bool]:
    seen = SceneCut()
    return [seen.observe(picture(shot)) for shot in shots]


def test_another_scene_is_a_cut_once() -> None:
    assert cuts(scene(1), scene(1), scene(9), scene(9)) == [False, False, True, False]


def test_exposure_noise_and_contrast_are_no_cut() -> None:
    assert not any(
        cuts(
            scene(1),
            scene(1, brightness=170),
            scene(1, contrast=25),
            scene(1, noise=30),
            scene(1, brightness=70),
        )
    )


def test_somebody_who_walks_through_is_no_cut() -> None:
    shots = []
    for step in range(16):
        shot = scene(1)
        shot[60:, step * 15 : step * 15 + 90] = 20
        shots.append(shot)
    assert not any(cuts(*shots))


def test_noise_in_the_dark_is_no_cut_but_the_light_is() -> None:
    dark = [scene(seed, contrast=0.5, noise=4, brightness=16) for seed in (1, 5, 9)]
    assert cuts(*dark, scene(1)) == [False, False, False, True]


def test_the_first_picture_after_a_reset_is_no_cut() -> None:
    seen = SceneCut()
    seen.observe(picture(scene(1)))
    seen.reset()
    assert not seen.observe(picture(scene(9)))


def footage(path: Path, frames: int) -> Iterator[Picture]:
    if not path.exists():
        pytest.skip("the evaluation footage is not here")
    with av.open(str(path)) as container:
        for index, frame in enumerate(itertools.islice(container.decode(video=0), frames)):
            yield Picture(frame.reformat(format="yuv420p"), index, index, 0)


@pytest.mark.parametrize("name", ["dev_01_tollgate_plates", "dev_05_face_portrait", "dev_14_night_street"])
def test_single_camera_footage_has_no_cut(name: str) -> None:
    seen = SceneCut()
    assert not any(seen.observe(shot) for shot in footage(EVAL / "clips" / f"{name}.mp4", 120))


def test_edited_footage_has_its_cuts() -> None:
    seen = SceneCut()
    shots = footage(EVAL / "codecs" / "real_buggy_index_opencv.avi", 220)
    assert [shot.index for shot in shots if seen.observe(shot)][-3:] == [98, 154, 200]
