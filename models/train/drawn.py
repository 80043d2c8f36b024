"""Korean plates to paste: a bank of them drawn once, and one of them laid into a picture as a camera would see it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.demo.plate import FORMATS, REGIONS, SYLLABLES, Plate, Style, picture_of

Bgr = NDArray[np.uint8]
Quad = NDArray[np.float32]
"""Four corners x, y in pixels, clockwise from the upper left, shape (4, 2)."""

_PIXELS: Final = 0.6
"""Pixels a millimetre of the plates in the bank: 312 for the long one."""
_SHARES: Final[dict[Style, float]] = {
    "white": 0.2, "white_old": 0.16, "white_short": 0.1, "electric": 0.09, "electric_short": 0.05,
    "taxi": 0.09, "green": 0.12, "yellow": 0.12, "motorcycle": 0.07,
}  # fmt: skip


def _text(style: Style, rng: np.random.Generator) -> Plate:
    def digits(count: int) -> str:
        return "".join(str(digit) for digit in rng.integers(0, 10, count))

    def region() -> str:
        return REGIONS[int(rng.integers(len(REGIONS)))]

    syllable = SYLLABLES[int(rng.integers(len(SYLLABLES)))]
    if style == "motorcycle":
        return Plate(style, syllable + digits(4), region(), region())
    three = style in {"white", "electric"} and rng.random() < 0.7
    return Plate(style, digits(3 if three else 2) + syllable + digits(4), region())


def draw_bank(count: int, rng: np.random.Generator) -> list[Bgr]:
    """`count` plates of every format, BGR, 0.6 pixels a millimetre."""
    styles = list(_SHARES)
    shares = np.array([_SHARES[style] for style in styles])
    picks = rng.choice(len(styles), count, p=shares / shares.sum())
    # each format is there, however few plates are asked for
    picks[: len(FORMATS)] = np.arange(len(FORMATS))[:count]
    return [picture_of(_text(styles[pick], rng), pixels=_PIXELS) for pick in picks]


def _weathered(plate: Bgr, rng: np.random.Generator) -> Bgr:
    """`plate` with uneven light, film, dirt and a lamp's glare, each by chance."""
    height, width = plate.shape[:2]
    colour = plate.astype(np.float32)
    if rng.random() < 0.6:
        ends = rng.uniform(0.6, 1.15, 2)
        colour *= np.linspace(ends[0], ends[1], width, dtype=np.float32)[None, :, None]
    if rng.random() < 0.3:
        ends = rng.uniform(0.6, 1.1, 2)
        colour *= np.linspace(ends[0], ends[1], height, dtype=np.float32)[:, None, None]
    if rng.random() < 0.3:  # the hologram's marks in the reflective film
        coarse = rng.uniform(0.9, 1.08, (3, 8, 1)).astype(np.float32)
        colour *= cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    if rng.random() < 0.35:  # dirt, brown to grey, in patches
        coarse = rng.uniform(-0.6, 0.9, (4, 9)).astype(np.float32)
        share = np.clip(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), 0, 0.8)[..., None]
        soil = rng.uniform(40, 130) * np.array([0.8, 0.92, 1.0], np.float32)
        colour = colour * (1 - share) + soil * share
    if rng.random() < 0.15:
        y, x = np.mgrid[:height, :width].astype(np.float32)
        spot = (x - rng.uniform(0, width)) ** 2 + (y - rng.uniform(0, height)) ** 2
        colour += (200 * np.exp(-spot / (2 * (height * rng.uniform(0.3, 0.9)) ** 2)))[..., None]
    return np.asarray(np.clip(colour, 0, 255), np.uint8)


def seen_at(
    centre: tuple[float, float], width: float, height: float, turn: float, rng: np.random.Generator
) -> Quad:
    """Corners of a plate of `width` x `height` pixels turned by `turn` degrees and seen at an angle."""
    half = np.array([width, height], np.float32) / 2
    quad = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32) * half
    quad[:, 0] *= rng.uniform(0.72, 1.0) if rng.random() < 0.4 else 1.0
    quad[:, 1] += quad[:, 0] * rng.normal(0, 0.06)
    near = rng.normal(0, 0.07)
    quad[:2, 1] *= 1 + near * np.sign(quad[:2, 0])
    quad[2:, 1] *= 1 + near * np.sign(quad[2:, 0])
    quad += rng.normal(0, 0.012, (4, 2)).astype(np.float32) * np.array([width, height], np.float32)
    angle = np.deg2rad(turn)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    return np.asarray(quad @ rotation + np.array(centre, np.float32), np.float32)


def lay(picture: Bgr, plate: Bgr, quad: Quad, rng: np.random.Generator) -> None:
    """Lay `plate` into `picture` at `quad`, in the light of its surroundings. Works in place."""
    low = np.floor(quad.min(0)).astype(int) - 2
    high = np.ceil(quad.max(0)).astype(int) + 3
    low = np.maximum(low, 0)
    high = np.minimum(high, (picture.shape[1], picture.shape[0]))
    if (high - low).min() < 3:
        return
    region = picture[low[1] : high[1], low[0] : high[0]]
    width = max(4, round(float(np.linalg.norm(quad[1] - quad[0]))))
    height = max(3, round(float(np.linalg.norm(quad[3] - quad[0]))))
    small = cv2.resize(_weathered(plate, rng), (width, height), interpolation=cv2.INTER_AREA)
    if width > 40 and rng.random() < 0.6:
        small = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.4, 0.4 + width / 150))
    # a plate reflects more than most of what surrounds it, and is lit by the same light
    around = float(region.mean())
    white = np.clip(around * rng.uniform(0.9, 2.4) + rng.uniform(0, 40), 45, 262)
    tint = region.reshape(-1, 3).mean(0) / max(around, 1.0)
    tint = 1 + (np.clip(tint, 0.6, 1.5) - 1) * rng.uniform(0, 0.9)
    lit = np.clip(small.astype(np.float32) * (white / 240 * tint).astype(np.float32), 0, 255).astype(np.uint8)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    change = cv2.getPerspectiveTransform(corners, (quad - low).astype(np.float32))
    size = (region.shape[1], region.shape[0])
    flat = cv2.warpPerspective(lit, change, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillConvexPoly(mask, np.rint((quad - low) * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    share = (mask.astype(np.float32) / 255)[..., None]
    region[:] = (region * (1 - share) + flat * share).astype(np.uint8)


def paint_over(picture: Bgr, box: tuple[int, int, int, int], rng: np.random.Generator) -> None:
    """Fill `box` of `picture` with what lies above and below it, so that nothing of a plate remains."""
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])
    if x2 - x1 < 2 or y2 - y1 < 2:
        return
    reach = max(1, (y2 - y1) // 4)
    above = picture[max(0, y1 - reach) : y1, x1:x2]
    below = picture[y2 : min(height, y2 + reach), x1:x2]
    if not len(above) and not len(below):
        return
    top = (above if len(above) else below).mean(0)
    bottom = (below if len(below) else above).mean(0)
    slope = np.linspace(0, 1, y2 - y1, dtype=np.float32)[:, None, None]
    filled = top * (1 - slope) + bottom * slope
    filled = filled + rng.normal(0, rng.uniform(0, 4), filled.shape)
    picture[y1:y2, x1:x2] = np.clip(filled, 0, 255).astype(np.uint8)
