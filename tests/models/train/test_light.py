from __future__ import annotations

import numpy as np

from models.train.light import spoil


def test_pictures_keep_their_shape_and_are_spoilt_alike_again() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (64, 96, 3), np.uint8)
    means = []
    for seed in range(40):
        one = spoil(picture, np.random.default_rng(seed))
        assert one.shape == picture.shape
        assert one.dtype == np.uint8
        np.testing.assert_array_equal(one, spoil(picture, np.random.default_rng(seed)))
        means.append(float(one.mean()))
    assert min(means) < 80
    assert max(means) > 140
