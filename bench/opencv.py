"""What one writes first: OpenCV reads, YuNet at 640 finds faces in every picture, OpenCV writes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np

from bench.clip import inspect
from bench.meter import Cost, Meter
from models.manifest import weights
from vcam.base.errors import NotVideo

WIDTH = 640
SCORE = 0.3
BLOCKS = 8


def _mosaic(
    picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], box: tuple[float, float, float, float]
) -> None:
    x, y, width, height = box
    left, top = max(0, round(x)), max(0, round(y))
    right, bottom = min(picture.shape[1], round(x + width)), min(picture.shape[0], round(y + height))
    if right > left and bottom > top:
        part = picture[top:bottom, left:right]
        small = cv2.resize(part, (BLOCKS, BLOCKS), interpolation=cv2.INTER_AREA)
        part[:] = cv2.resize(small, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST)


def run(path: Path, limit: int, warm: int) -> Cost:
    """Mask the first `limit` pictures of a clip. Raises NotVideo."""
    clip = inspect(path)
    height = round(clip.height * WIDTH / clip.width)
    detector = cv2.FaceDetectorYN.create(str(weights("yunet")), "", (WIDTH, height), SCORE)
    reader = cv2.VideoCapture(str(path))
    meter = Meter(warm)
    scale = clip.width / WIDTH
    with tempfile.TemporaryDirectory() as folder:
        code = cv2.VideoWriter.fourcc(*"mp4v")
        out = str(Path(folder) / "out.mp4")
        writer = cv2.VideoWriter(out, code, clip.fps, (clip.width, clip.height))
        if not reader.isOpened() or not writer.isOpened():
            raise NotVideo(f"OpenCV cannot read {path} or write mp4v", mend="Give another CLIP")
        for _ in range(limit):
            good, picture = reader.read()
            if not good:
                break
            _, faces = detector.detect(cv2.resize(picture, (WIDTH, height)))
            for face in () if faces is None else faces:
                x, y, w, h = (float(side) * scale for side in face[:4])
                _mosaic(np.asarray(picture, np.uint8), (x, y, w, h))
            writer.write(picture)
            meter.picture()
        writer.release()
        reader.release()
    return meter.cost()
