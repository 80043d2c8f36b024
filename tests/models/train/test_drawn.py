from __future__ import annotations

import numpy as np

from models.train.drawn import draw_bank, lay, paint_over, seen_at
from vcam.demo.plate import FORMATS


def test_the_bank_holds_every_format() -> None:
    bank = draw_bank(30, np.random.default_rng(1))
    sizes = {(round(one.width * 0.6), round(one.height * 0.6)) for one in FORMATS.values()}
    assert {(plate.shape[1], plate.shape[0]) for plate in bank} == sizes
    assert len(bank) == 30


def test_a_plate_is_laid_where_it_belongs() -> None:
    rng = np.random.default_rng(2)
    plate = draw_bank(9, rng)[0]
    for _ in range(20):
        picture = np.full((200, 200, 3), 90, np.uint8)
        quad = seen_at((100.0, 100.0), 80.0, 20.0, 4.0, rng)
        lay(picture, plate, quad, rng)
        rows, columns = np.nonzero((picture != 90).any(axis=2))
        assert quad[:, 0].min() - 2 <= columns.min() <= quad[:, 0].min() + 6
        assert quad[:, 0].max() - 6 <= columns.max() <= quad[:, 0].max() + 2
        assert quad[:, 1].min() - 2 <= rows.min() <= rows.max() <= quad[:, 1].max() + 2


def test_a_plate_at_the_edge_or_beyond_does_no_harm() -> None:
    rng = np.random.default_rng(3)
    plate = draw_bank(9, rng)[0]
    picture = np.full((60, 60, 3), 90, np.uint8)
    for centre in ((0.0, 0.0), (60.0, 30.0), (-200.0, 30.0), (30.0, 400.0)):
        lay(picture, plate, seen_at(centre, 40.0, 12.0, 0.0, rng), rng)
    assert (picture != 90).any()


def test_nothing_of_a_painted_plate_remains() -> None:
    rng = np.random.default_rng(4)
    picture = np.full((60, 100, 3), 90, np.uint8)
    picture[20:30, 30:70] = rng.integers(0, 256, (10, 40, 3))
    paint_over(picture, (28, 18, 72, 32), rng)
    assert np.abs(picture.astype(int) - 90).max() < 25
