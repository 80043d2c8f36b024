from __future__ import annotations

import numpy as np

from models.train.signs import draw_sign


def test_signs_are_drawn_near_their_box() -> None:
    changed = 0
    for seed in range(120):
        picture = np.full((120, 160, 3), 100, np.uint8)
        draw_sign(picture, (50, 40, 110, 70), np.random.default_rng(seed))
        changed += bool((picture != 100).any())
        # what is drawn without a panel may lean out of its box, but not far
        assert (picture[:8] == 100).all()
        assert (picture[110:] == 100).all()
    assert changed > 110


def test_a_sign_is_the_same_again() -> None:
    one, other = (np.full((120, 160, 3), 100, np.uint8) for _ in range(2))
    for picture in (one, other):
        draw_sign(picture, (20, 20, 140, 60), np.random.default_rng(7))
    np.testing.assert_array_equal(one, other)
