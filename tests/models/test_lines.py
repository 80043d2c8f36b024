from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.boxes import Floats
from models.lines import join

places = st.integers(0, 400)


@st.composite
def pieces(draw: st.DrawFn) -> Floats:
    rows = draw(
        st.lists(st.tuples(places, places, st.integers(2, 90), st.integers(2, 40)), min_size=0, max_size=12)
    )
    return np.array([(x, y, x + w, y + h) for x, y, w, h in rows], np.float32).reshape(-1, 4)


def scored(boxes: Floats) -> Floats:
    return np.linspace(0.3, 0.9, len(boxes), dtype=np.float32)


@given(pieces())
def test_every_piece_lies_in_a_line_that_scores_no_less(boxes: Floats) -> None:
    lines, scores = join(boxes, scored(boxes))
    assert len(lines) == len(scores) <= len(boxes)
    for box, score in zip(boxes, scored(boxes), strict=True):
        assert any(
            (line[:2] <= box[:2]).all() and (line[2:] >= box[2:]).all() and best >= score
            for line, best in zip(lines, scores, strict=True)
        )


@given(pieces(), st.randoms(use_true_random=False))
def test_the_order_of_pieces_does_not_matter(boxes: Floats, random: np.random.Generator) -> None:
    order = list(range(len(boxes)))
    random.shuffle(order)
    lines, scores = join(boxes, scored(boxes))
    others, other_scores = join(boxes[order], scored(boxes)[order])
    told = sorted((*line, score) for line, score in zip(lines.tolist(), scores.tolist(), strict=True))
    again = sorted((*line, score) for line, score in zip(others.tolist(), other_scores.tolist(), strict=True))
    assert told == again


@pytest.mark.parametrize(
    ("second", "lines"),
    [
        ((115, 100, 160, 120), 1),
        ((115, 95, 160, 122), 1),
        ((50, 102, 160, 119), 1),
        ((125, 100, 160, 120), 2),  # too far off
        ((115, 112, 160, 132), 2),  # the line below
        ((115, 100, 160, 140), 2),  # a headline beside it
    ],
)
def test_pieces_of_one_line_are_joined(second: tuple[float, ...], lines: int) -> None:
    boxes = np.array([(20, 100, 100, 120), second], np.float32)
    joined, scores = join(boxes, np.array([0.5, 0.8], np.float32))
    assert len(joined) == lines
    if lines == 1:
        assert scores.tolist() == pytest.approx([0.8])


def test_a_chain_of_words_is_one_line() -> None:
    boxes = np.array([(x, 50, x + 30, 70) for x in (160, 0, 80, 40, 120)], np.float32)
    joined, _ = join(boxes, np.full(5, 0.5, np.float32))
    assert joined.tolist() == [[0, 50, 190, 70]]
