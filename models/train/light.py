"""How a camera spoils a picture: light, night, colour, blur, noise, compression."""

from __future__ import annotations

import cv2
import numpy as np

from models.train.drawn import Bgr


def _graded(picture: Bgr, rng: np.random.Generator) -> Bgr:
    """Gain, gamma and colour cast by one table a channel."""
    values = np.linspace(0, 1, 256)
    night = rng.random() < 0.18
    gamma = rng.uniform(1.2, 2.4) if night else np.exp(rng.normal(0, 0.25))
    gain = rng.uniform(0.4, 0.9) if night else np.exp(rng.normal(0, 0.2))
    cast = np.exp(rng.normal(0, 0.12 if night else 0.07, 3))
    lift = rng.uniform(0, 0.15) if rng.random() < 0.2 else 0.0
    tables = [np.clip((values**gamma * gain * share * (1 - lift) + lift) * 255, 0, 255) for share in cast]
    table = np.stack(tables, axis=1).astype(np.uint8)[None]
    graded = cv2.LUT(picture, table)
    if rng.random() < 0.1:
        graded = cv2.cvtColor(cv2.cvtColor(graded, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.04:
        graded = graded[..., ::-1]
    return np.ascontiguousarray(graded, np.uint8)


def _blurred(picture: Bgr, rng: np.random.Generator) -> Bgr:
    draw = rng.random()
    if draw < 0.15:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.3)), np.uint8)
    if draw < 0.27:  # motion
        length = int(rng.integers(3, 8))
        kernel = np.zeros((length, length), np.float32)
        angle = rng.normal(0, 0.35) if rng.random() < 0.7 else rng.uniform(0, np.pi)
        reach = np.array([np.cos(angle), np.sin(angle)]) * (length - 1) / 2
        middle = (length - 1) / 2
        start, end = np.rint(middle - reach).astype(int), np.rint(middle + reach).astype(int)
        cv2.line(kernel, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 1.0, 1)
        return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8)
    if draw < 0.4:  # a recorder that sharpens
        soft = cv2.GaussianBlur(picture, (0, 0), 1.0)
        return np.asarray(cv2.addWeighted(picture, 1.7, soft, -0.7, 0), np.uint8)
    return picture


def spoil(picture: Bgr, rng: np.random.Generator) -> Bgr:
    """`picture` as another camera at another hour would have taken it. Shape stays."""
    picture = _blurred(_graded(picture, rng), rng)
    if rng.random() < 0.3:
        height, width = picture.shape[:2]
        grain = np.empty((height, width, 3), np.int16)
        deviation = rng.uniform(1, 10)
        cv2.setRNGSeed(int(rng.integers(1 << 31)))
        cv2.randn(grain, np.zeros(3), np.full(3, deviation))
        picture = np.clip(picture + grain, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 90))])
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return picture
