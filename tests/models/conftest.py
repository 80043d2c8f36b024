"""Fixtures of the detectors' tests: runtimes, the public-domain portrait, the footage."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from models.manifest import weights
from models.runtime import Pixels, Runtime, open_runtime
from vcam.base.errors import WeightsError
from vcam.base.media import Picture

ROOT = Path(__file__).parents[2]


def _file(name: str) -> Path:
    try:
        return weights(name)
    except WeightsError as error:
        pytest.skip(f"{name} is not here: {error.mend}")


@pytest.fixture(scope="session")
def portrait() -> Pixels:
    """NASA's portrait of an astronaut, uint8 BGR (512, 512, 3); the face lies around (222, 118)."""
    picture = cv2.imread(str(_file("astronaut")))
    assert picture is not None
    return np.asarray(picture, np.uint8)


@pytest.fixture(scope="session")
def openvino() -> Runtime:
    pytest.importorskip("openvino", reason="OpenVINO is not installed here")
    _file("yunet")
    return open_runtime("openvino")


@pytest.fixture(scope="session")
def onnxruntime() -> Runtime:
    _file("yunet")
    return open_runtime("onnxruntime")


@pytest.fixture(scope="session")
def eval_folder() -> Path:
    """The folder of labelled footage."""
    folder = Path(os.environ.get("GARIM_EVAL", ROOT.parent / "shared" / "eval"))
    if not folder.is_dir():
        pytest.skip("no labelled footage here; set GARIM_EVAL")
    return folder


@pytest.fixture
def picture_of() -> Callable[[Pixels], Picture]:
    """Makes a picture of the pipeline, yuv420p, from uint8 BGR (height, width, 3) with even sides."""

    def make(pixels: Pixels) -> Picture:
        frame = av.VideoFrame.from_ndarray(pixels, format="bgr24").reformat(format="yuv420p")
        return Picture(frame, 7, 630_000, 0)

    return make
