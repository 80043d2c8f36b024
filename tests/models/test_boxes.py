from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.boxes import areas, iou, overlaps, settle, suppress, widen
from vcam.base.errors import DetectError

corners = arrays(np.float32, st.tuples(st.integers(0, 40), st.just(4)), elements=st.integers(0, 60))


@given(corners)
def test_suppression_agrees_with_opencv(raw: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> None:
    boxes = np.concatenate((raw[:, :2], raw[:, :2] + raw[:, 2:] + 1), axis=1).astype(np.float32)
    # distinct scores, for equal ones may be taken in any order
    scores = np.linspace(0.9, 0.1, len(boxes), dtype=np.float32)
    kept = suppress(boxes, scores, 0.41)
    plain = [(float(b[0]), float(b[1]), float(b[2] - b[0]), float(b[3] - b[1])) for b in boxes]
    other = cv2.dnn.NMSBoxes(plain, scores.tolist(), 0.0, 0.41) if plain else []
    assert list(kept) == [int(index) for index in other]


def test_overlaps_and_areas() -> None:
    first = np.array([[0, 0, 10, 10]], np.float32)
    second = np.array([[5, 5, 15, 15], [10, 10, 20, 20], [2, 2, 4, 6]], np.float32)
    assert overlaps(first, second).tolist() == [[25, 0, 8]]
    assert iou(first, second)[0] == pytest.approx([25 / 175, 0, 0.08])
    assert areas(np.array([[3, 3, 1, 9]], np.float32)).tolist() == [0]


def test_widening_moves_each_side_by_its_share() -> None:
    box = np.array([[10, 20, 30, 60]], np.float32)
    assert widen(box, 0.1, 0.2, 0.05).tolist() == [[8, 12, 32, 62]]


def settled(boxes: list[list[float]], scores: list[float], cells: int = 1000) -> int:
    labels = np.zeros(len(scores), np.int8)
    table = np.array(boxes, np.float32).reshape(-1, 4)
    return len(settle(table, np.array(scores, np.float32), labels, limit=0.3, cells=cells, who="test"))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(DetectError, match="not finite"):
        settled([[0, 0, bad, 1]], [0.5])
    with pytest.raises(DetectError, match="not finite"):
        settled([[0, 0, 1, 1]], [bad])


def test_absurd_numbers_and_sizes_are_refused() -> None:
    assert settled([], []) == 0
    assert settled([[0, 0, 1, 1]] * 300, [0.5] * 300) == 1
    with pytest.raises(DetectError, match="400 boxes"):
        settled([[0, 0, 1, 1]] * 400, [0.5] * 400)
    far: list[list[float]] = [[0, 0, 1e9, 1], [1e9, 0, 1e9 + 512, 1], [0, -1e9, 1, 1 - 1e9]]
    for absurd in (*far, [3.0, 0, 3, 1], [0.0, 2, 1, 1]):
        with pytest.raises(DetectError, match="impossible place or size"):
            settled([[0, 0, 1, 1], absurd], [0.5, 0.9])


def test_labels_do_not_suppress_one_another() -> None:
    boxes = np.array([[0, 0, 9, 9], [0, 0, 9, 9]], np.float32)
    found = settle(
        boxes, np.array([0.4, 0.8], np.float32), np.array([0, 1], np.int8), limit=0.3, cells=9, who="test"
    )
    assert found.labels.tolist() == [1, 0]
    assert found.scores.tolist() == pytest.approx([0.8, 0.4])
