"""Costs and assignment of boxes."""

from __future__ import annotations

import numpy as np
import pytest

from vcam.track.match import assign, boxes_of, costs, overlaps


def test_overlap_is_intersection_over_union() -> None:
    iou = overlaps(boxes_of([(0, 0, 10, 10)]), boxes_of([(0, 0, 10, 10), (5, 0, 15, 10), (20, 20, 30, 30)]))
    assert iou[0] == pytest.approx([1.0, 1 / 3, 0.0])


def test_only_boxes_that_are_near_or_overlap_can_be_joined() -> None:
    tracks = boxes_of([(0, 0, 10, 10), (100, 100, 110, 110)])
    seen = boxes_of([(8, 0, 18, 10), (0, 0, 40, 40), (300, 300, 310, 310)])
    cost, _ = costs(tracks, seen, np.array([1.0, 1.0]), 2.0, np.array([0.15, 0.15]))
    assert np.isfinite(cost).tolist() == [[True, False, False], [False, False, False]]


def test_cheapest_pairs_go_first_and_each_is_used_once() -> None:
    cost = np.array([[0.5, 0.1], [0.2, 0.15], [np.inf, np.inf]])
    rows, columns = {0, 1, 2}, {0, 1}
    assert assign(cost, rows, columns) == [(0, 1), (1, 0)]
    assert rows == {2}
    assert columns == set()


def test_nothing_with_nothing() -> None:
    assert overlaps(boxes_of([]), boxes_of([(0, 0, 1, 1)])).shape == (0, 1)
