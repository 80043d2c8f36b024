from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.manifest import weights
from models.runtime import Pixels, Runtime
from models.yunet import YuNet


def reference(pixels: Pixels, threshold: float) -> list[list[float]]:
    """OpenCV's own decoder: x, y, width, height, score of each face."""
    height, width = pixels.shape[:2]
    detector = cv2.FaceDetectorYN.create(str(weights("yunet")), "", (width, height), threshold, 0.3, 5000)
    faces = detector.detect(pixels)[1]
    return [] if faces is None else [[*face[:4], face[14]] for face in np.asarray(faces).tolist()]


def check(runtime: Runtime, pixels: Pixels, tolerance: float) -> int:
    found = YuNet(runtime).detect(pixels[None], 0.5)[0]
    faces = sorted(reference(pixels, 0.5), key=lambda face: -face[4])
    assert len(found) == len(faces)
    for box, score, face in zip(found.boxes, found.scores, faces, strict=True):
        x, y, width, height, expected = face
        assert score == pytest.approx(expected, abs=tolerance / 50)
        assert box.tolist() == pytest.approx([x, y, x + width, y + height], abs=tolerance)
    return len(faces)


def test_finds_the_same_face_as_opencv(onnxruntime: Runtime, portrait: Pixels) -> None:
    assert check(onnxruntime, portrait, 0.1) == 1


def test_finds_the_same_faces_as_opencv_in_a_crowd(onnxruntime: Runtime, eval_folder: Path) -> None:
    pixels = cv2.imread(str(eval_folder / "faces" / "dev_dlib_0003.jpg"))
    assert pixels is not None
    small = np.asarray(cv2.resize(pixels, (640, 448)), np.uint8)
    assert check(onnxruntime, small, 0.1) > 1


def test_bfloat16_moves_boxes_little(openvino: Runtime, portrait: Pixels) -> None:
    assert check(openvino, portrait, 2.5) == 1
