"""What no detector knows by sight: whatever differs from the background that a fixed camera has learnt.

A running mean and deviation of each small pixel's luma (Wren and others, 1997, Pfinder), with selective updates: what
fits the background keeps it up to date, what does not is taken into it only after it has stood still for long. So a
parked car is covered for a minute, and a ghost, the place that something left which was part of the background, for
some seconds: there the picture is smoother along the blob's outline than the background was.
"""

from __future__ import annotations

from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from models.boxes import Floats, Found, areas, overlaps
from models.runtime import Pixels
from vcam.base.errors import DetectError
from vcam.base.media import Kind

LEARN = 3
"""Pictures after which a background counts as known."""
LEAST = 0.0005
"""Smallest blob that counts, as a share of the picture."""
LIGHT = 0.4
"""Share of the picture that never changes at once but by light: the background follows quickly then."""
ANEW = 0.75
"""Share of changed pixels at which it is another scene."""
STILL = 360
"""Looks for which something must stand still to become background: a minute at six a second."""
GHOST = 30
"""The same for a ghost."""

_FLOOR = 9.0
"""Least difference in luma that counts..."""
_SPREAD = 4.5
"""...and in mean deviations of the pixel."""
_FOLLOW, _FOLLOW_QUICKLY = 0.06, 0.4
_SPREAD_FOLLOW, _SPREAD_RISE = 0.05, 0.02
_FIRST_SPREAD = 3.0
_WIDEST = 40.0
_TEXTURE = 4.0
"""Least deviation in luma of what has a texture at all."""
_ALIKE = 0.85
"""Correlation of one texture in two lights."""
_AROUND = (11, 11)
_MOST = 0.9
"""Share of a ghost's pixels that must have stood still."""
_ROOM = 1.2
"""Overlapping boxes are made one when that has at most so much of their areas together."""
_SMOOTHER = 0.6
"""A ghost's outline has less than this share of the background's contrast."""

_CLOSE = np.ones((5, 5), np.uint8)
_OPEN = np.ones((2, 2), np.uint8)

Luma = NDArray[np.float32]
Marks = NDArray[np.bool_]


class Learning(DetectError):
    """The background is not known yet: what is seen proves nothing."""


class Background:
    """The background of one scene at one size."""

    def __init__(self, first: Luma) -> None:
        self.pictures = 1
        self._mean = first.copy()
        self._spread = np.full_like(first, _FIRST_SPREAD)
        self._last = first.copy()
        self._still = np.zeros(first.shape, np.int32)

    def changed(self, luma: Luma) -> Marks:
        """Pixels of `luma`, float32 (height, width), that are none of the background; learns from it."""
        away = luma - self._mean
        # gain control and clouds move all pixels alike
        away -= np.median(away[::4, ::4])
        size = np.abs(away)
        marks = np.asarray(size > np.maximum(_FLOOR, _SPREAD * self._spread), dtype=np.bool_)
        if marks.any():
            marks &= ~_lit(luma, self._mean)
        share = float(marks.mean())
        quick = self.pictures < LEARN or share > LIGHT
        self._mean += np.where(marks, _FOLLOW_QUICKLY if quick else 0.0, _FOLLOW) * (luma - self._mean)
        calm = self._stand(luma, marks)
        # what flickers is background in time; what stands still before it is not
        rate = np.where(marks, np.where(calm, 0.0, _SPREAD_RISE), _SPREAD_FOLLOW)
        self._spread += rate * (np.minimum(size, _WIDEST) - self._spread)
        self.pictures = 1 if share > ANEW else self.pictures + 1
        return marks

    def _stand(self, luma: Luma, marks: Marks) -> Marks:
        """Count how long changed pixels have stood still; those that did for long become background.

        Returns the pixels that are as they were at the last look.
        """
        calm = np.abs(luma - self._last) < np.maximum(_FLOOR, 2 * self._spread)
        self._still = np.where(marks & calm, self._still + 1, 0)
        self._last += np.where(calm, 0.2, 1.0) * (luma - self._last)
        self._take(luma, self._still >= STILL)
        return np.asarray(calm, dtype=np.bool_)

    def _take(self, luma: Luma, marks: Marks) -> None:
        self._mean[marks] = luma[marks]
        self._still[marks] = 0

    def ghost(self, luma: Luma, blob: Marks) -> bool:
        """Whether `blob` is where something has left; its place is background from now on."""
        if np.mean(self._still[blob] >= GHOST) < _MOST:
            return False
        drawn = blob.astype(np.uint8)
        rim = cv2.dilate(drawn, _CLOSE) != cv2.erode(drawn, _CLOSE)
        if _contrast(luma)[rim].mean() > _SMOOTHER * _contrast(self._mean)[rim].mean():
            return False
        self._take(luma, blob)
        return True


def _lit(luma: Luma, other: Luma) -> Marks:
    """Pixels around which both show the same texture, brighter or darker: only the light is another."""
    means, squares = [], []
    for one in (luma, other):
        mean = cv2.boxFilter(one, -1, _AROUND)
        means.append(mean)
        squares.append(np.maximum(cv2.boxFilter(one * one, -1, _AROUND) - mean * mean, 0))
    shared = cv2.boxFilter(luma * other, -1, _AROUND) - means[0] * means[1]
    textured = np.minimum(*squares) > _TEXTURE**2
    alike = shared > _ALIKE * np.sqrt(squares[0] * squares[1])
    return np.asarray(textured & alike, dtype=np.bool_)


def _contrast(luma: Luma) -> Luma:
    across, down = cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.magnitude(across, down), dtype=np.float32)


class Motion:
    """Moving things, by background subtraction. It has a memory: pictures of one stream, in order, one at a time.

    Another size is another stream. The score of a blob says how large it is: 0.5 is the least that counts.
    """

    name: ClassVar[str] = "motion"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.MOTION,)

    def __init__(self) -> None:
        self._background: Background | None = None
        self._shape: tuple[int, ...] = ()

    def detect(self, batch: Pixels, threshold: float) -> list[Found]:
        """See `models.detector.Detector.detect`. Raises Learning while the background is not known yet."""
        return [self._single(picture, threshold) for picture in batch]

    def _single(self, picture: Pixels, threshold: float) -> Found:
        grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (3, 3), 0)
        luma = np.asarray(grey, dtype=np.float32)
        if self._background is None or luma.shape != self._shape:
            self._background, self._shape = Background(luma), luma.shape
            raise Learning("The background of the picture is not known yet")
        marks = self._background.changed(luma)
        if self._background.pictures < LEARN:
            raise Learning("The background of the picture is not known yet")
        return _blobs(self._background, luma, marks, threshold)


def _blobs(background: Background, luma: Luma, marks: Marks, threshold: float) -> Found:
    opened = cv2.morphologyEx(marks.astype(np.uint8), cv2.MORPH_OPEN, _OPEN)
    closed = cv2.dilate(opened, _CLOSE)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed)
    least = LEAST * luma.size
    boxes: list[tuple[int, int, int, int]] = []
    scores: list[float] = []
    for label in range(1, count):
        x, y, wide, high = (int(stats[label, at]) for at in range(4))
        window = np.s_[y : y + high, x : x + wide]
        pixels = np.count_nonzero((labels[window] == label) & (opened[window] > 0))
        score = min(1.0, pixels / (2 * least))
        if score >= threshold and not background.ghost(luma, (labels == label) & (opened > 0)):
            boxes.append((x, y, x + wide, y + high))
            scores.append(score)
    return joined(np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32))


def joined(boxes: Floats, scores: Floats) -> Found:
    """Boxes that overlap made one, with the best of their scores, where the one is hardly larger than both."""
    at = 0
    while at < len(boxes):
        union = np.hstack((np.minimum(boxes[at, :2], boxes[:, :2]), np.maximum(boxes[at, 2:], boxes[:, 2:])))
        near = overlaps(boxes[at : at + 1], boxes)[0] > 0
        near &= areas(union) <= _ROOM * (areas(boxes) + areas(boxes[at : at + 1]))
        near[at] = False
        others = np.flatnonzero(near)
        if not len(others):
            at += 1
            continue
        other = int(others[0])
        boxes[at], scores[at] = union[other], max(scores[at], scores[other])
        boxes, scores, at = np.delete(boxes, other, axis=0), np.delete(scores, other), 0
    order = np.argsort(-scores, kind="stable")
    return Found(boxes[order], scores[order], np.zeros(len(boxes), np.int8))
