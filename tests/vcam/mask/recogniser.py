"""dlib's face recogniser, which knows nothing of Garim: where a face is, how it is held, and whose it is."""

from __future__ import annotations

from importlib.metadata import distribution
from typing import cast

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from vcam.base.media import Region

Pixels = NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""
Points = NDArray[np.float64]
"""Corners of both eyes and the base of the nose, shape (5, 2), in pixels."""

SIDE = 150
"""Side in pixels of the aligned face that the recogniser takes."""
_ROOM = 1.2
"""A face is sought in its region, this much larger."""
_SEARCH = 200
"""Pixels to which the long side of a region is brought to seek the face in it."""

_SURE = 0.2
"""Score from which dlib's detector is believed. It goes from about 0 to 3."""


class Recogniser:
    """Finds, aligns and describes faces with the files of the package face-recognition-models."""

    def __init__(self) -> None:
        # The package itself is not imported: it wants setuptools' old pkg_resources.
        folder = distribution("face-recognition-models").locate_file("face_recognition_models/models")
        self._find = dlib.get_frontal_face_detector()
        self._shape = dlib.shape_predictor(f"{folder}/shape_predictor_5_face_landmarks.dat")
        self._net = dlib.face_recognition_model_v1(f"{folder}/dlib_face_recognition_resnet_model_v1.dat")

    def points(self, pixels: Pixels, region: Region) -> Points | None:
        """Where eyes and nose are in `region`, or None when dlib's own detector sees no face in its middle."""
        side = max(region.x2 - region.x1, region.y2 - region.y1)
        x, y = (region.x1 + region.x2) / 2, (region.y1 + region.y2) / 2
        reach = side * _ROOM / 2
        left, top = max(int(x - reach), 0), max(int(y - reach), 0)
        crop = pixels[top : int(y + reach), left : int(x + reach)]
        scale = _SEARCH / side
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        found, _, _ = self._find.run(cv2.resize(crop, None, fx=scale, fy=scale, interpolation=way), 0, _SURE)
        for one in found:
            edges = [one.left() / scale + left, one.top() / scale + top]
            edges += [one.right() / scale + left, one.bottom() / scale + top]
            if max(abs((edges[0] + edges[2]) / 2 - x), abs((edges[1] + edges[3]) / 2 - y)) < side / 5:
                parts = self._shape(pixels, dlib.rectangle(*map(round, edges))).parts()
                return np.array([(part.x, part.y) for part in parts], np.float64)
        return None

    def describe(self, chip: Pixels) -> NDArray[np.float64]:
        """The 128 numbers that stand for the face in `chip`, which is aligned and SIDE x SIDE."""
        return np.array(self._net.compute_face_descriptor(np.ascontiguousarray(chip)), np.float64)


_UPRIGHT: Points = (
    np.array([(0.86, 0.21), (0.65, 0.23), (0.12, 0.21), (0.33, 0.23), (0.49, 0.63)]) + 0.25
) / 1.5 * SIDE  # fmt: skip
"""Where the points of a face lie that fills a chip with a quarter of its size around it."""


def aligned(pixels: Pixels, points: Points) -> Pixels:
    """The face turned upright, cut out and scaled: the similarity that brings `points` nearest to their places."""
    here, there = points @ (1, 1j), _UPRIGHT @ (1, 1j)
    middle = here.mean()
    turn = np.vdot(here - middle, there - there.mean()) / np.vdot(here - middle, here - middle)
    shift = there.mean() - turn * middle
    if abs(turn) < 0.5:
        reach = int(1 / abs(turn))
        pixels = cast(Pixels, cv2.blur(pixels, (reach, reach)))
    move = np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
    return cast(
        Pixels,
        cv2.warpAffine(pixels, move, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
    )


def boxed(pixels: Pixels, region: Region) -> Pixels:
    """The face as one cuts it out who knows nothing but its region: the points give away how a head is held."""
    reach = 0.45 * max(region.x2 - region.x1, region.y2 - region.y1)
    x, y = (region.x1 + region.x2) / 2, region.y1 + 0.55 * (region.y2 - region.y1)
    crop = pixels[max(int(y - reach), 0) : int(y + reach), max(int(x - reach), 0) : int(x + reach)]
    return cast(Pixels, cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
