from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from torch import Tensor

torch = pytest.importorskip("torch", reason="PyTorch, which training alone needs, is not installed here")

SIDE = 160


def silent() -> list[Tensor]:
    levels = [torch.zeros(1, 5, SIDE // stride, SIDE // stride) for stride in (8, 16, 32)]
    for level in levels:
        level[:, 0] = -8.0
    return levels


def loss_of(levels: list[Tensor], boxes: list[list[float]], known: int) -> tuple[float, float, int]:
    from models.train.loss import losses

    padded = torch.zeros(1, 4, 4)
    if boxes:
        padded[0, : len(boxes)] = torch.tensor(boxes)
    state = torch.full((1, SIDE // 8, SIDE // 8), known, dtype=torch.uint8)
    found = losses(tuple(levels), padded, state)
    return found.score, found.box, found.positives


def test_a_perfect_answer_costs_next_to_nothing() -> None:
    from models.train.sample import KNOWN

    levels = silent()
    # a plate of 32 x 12 pixels, its centre in the middle of cell (4, 6) at stride 8
    levels[0][0, 0, 4, 6] = 8.0
    score, box, positives = loss_of(levels, [[36.0, 30.0, 68.0, 42.0]], KNOWN)
    assert positives >= 1
    assert score < 0.01 * positives or positives > 1
    assert box < 0.5


@pytest.mark.parametrize(("width", "level"), [(16.0, 0), (100.0, 1), (150.0, 2)])
def test_each_size_has_its_level(width: float, level: int) -> None:
    from models.train.sample import KNOWN

    plate = [[80 - width / 2, 80 - width / 6, 80 + width / 2, 80 + width / 6]]
    missed, _, positives = loss_of(silent(), plate, KNOWN)
    levels = silent()
    levels[level][:, 0] = 8.0
    assert positives >= 1
    found, _, _ = loss_of(levels, plate, KNOWN)
    rest = sum(level.shape[2] * level.shape[3] for level in levels)
    assert missed > 1.0
    assert found < missed * rest


def test_what_is_not_known_is_not_punished() -> None:
    from models.train.sample import IGNORED, KNOWN, UNKNOWN

    levels = silent()
    levels[0][0, 0, 4, 6] = 4.0
    assert loss_of(levels, [], KNOWN)[0] > 1.0
    assert loss_of(levels, [], UNKNOWN)[0] < 0.1
    assert loss_of(levels, [], IGNORED)[0] == 0.0
    # a weak answer is brought down all the same
    levels[0][0, 0, 4, 6] = -1.0
    assert loss_of(levels, [], UNKNOWN)[0] > 0.005


def test_a_box_is_drawn_to_its_plate() -> None:
    from models.train.loss import boxes_of, losses
    from models.train.sample import KNOWN

    levels = [level.requires_grad_() for level in silent()]
    plate = torch.tensor([[[30.0, 50.0, 70.0, 66.0]]])
    state = torch.full((1, SIDE // 8, SIDE // 8), KNOWN, dtype=torch.uint8)
    optimizer = torch.optim.Adam(levels, lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        losses(tuple(levels), plate, state).total.backward()
        optimizer.step()
    best = levels[0][0, 0].detach().flatten().argmax()
    box = boxes_of(levels[0].detach(), 8)[0].reshape(-1, 4)[best]
    assert torch.allclose(box, plate[0, 0], atol=1.5)
