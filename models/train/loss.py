"""What is taught: focal loss (arXiv:1708.02002) on scores, generalised IoU (arXiv:1902.09630) on boxes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from models.train.net import PRIOR, STRIDES
from models.train.sample import IGNORED, UNKNOWN

_RANGES = ((0.0, 84.0), (56.0, 170.0), (116.0, 1e9))
"""Sizes in pixels that each level answers for; the width, or twice the height of tall plates."""
_ALPHA, _GAMMA = 0.3, 2.0
_SURE = 0.3
"""Where labels may be missing, cells that score more than this are let be: they may well be plates."""
_BOX_SHARE = 2.0


@dataclass(frozen=True, slots=True)
class Losses:
    """Means over the positive cells of a batch."""

    total: Tensor
    score: float
    box: float
    positives: int


def boxes_of(numbers: Tensor, stride: int) -> Tensor:
    """Boxes x1, y1, x2, y2 in pixels, (n, h, w, 4), of a level's numbers, (n, 5, h, w)."""
    height, width = numbers.shape[2:]
    rows = torch.arange(height, dtype=numbers.dtype).view(1, -1, 1) + 0.5
    columns = torch.arange(width, dtype=numbers.dtype).view(1, 1, -1) + 0.5
    x, y = columns + numbers[:, 1], rows + numbers[:, 2]
    half_width = numbers[:, 3].clamp(max=5.0).exp() * (PRIOR[0] / 2)
    half_height = numbers[:, 4].clamp(max=5.0).exp() * (PRIOR[1] / 2)
    return torch.stack((x - half_width, y - half_height, x + half_width, y + half_height), dim=-1) * stride


def _assign(
    boxes: Tensor, stride: int, sizes: tuple[float, float], shape: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """For each cell of a level the index of its plate or -1, and whether it is let be, both (n, h, w).

    `boxes` (n, m, 4) is padded with rows of zeros.
    """
    height, width = shape
    x = ((torch.arange(width) + 0.5) * stride).view(1, 1, 1, -1)
    y = ((torch.arange(height) + 0.5) * stride).view(1, 1, -1, 1)
    left, top, right, bottom = (boxes[..., side, None, None] for side in range(4))
    wide, high = right - left, bottom - top
    size = torch.maximum(wide, 2 * high)
    here = (wide > 0) & (size > sizes[0]) & (size <= sizes[1])
    far_x, far_y = (x - (left + right) / 2).abs(), (y - (top + bottom) / 2).abs()
    # at least the cell that holds the centre, at most three by three
    near_x = (wide / 4).clamp(0.5 * stride, 1.5 * stride)
    near_y = (high / 4).clamp(0.5 * stride, 1.5 * stride)
    inside = here & (far_x <= near_x) & (far_y <= near_y)
    beside = here & (far_x <= near_x + stride) & (far_y <= near_y + 0.5 * stride)
    # of several plates the one whose centre is nearest
    distance = torch.where(inside, far_x + far_y, torch.inf)
    least, owner = distance.min(dim=1)
    owner = torch.where(least.isfinite(), owner, -1)
    return owner, beside.any(dim=1) & (owner < 0)


def _known_at(known: Tensor, factor: int) -> Tensor:
    """The map of what is known, (n, h, w), with cells `factor` times as large; the least known counts."""
    if factor == 1:
        return known
    return -functional.max_pool2d(-known[:, None].float(), factor)[:, 0].to(known.dtype)


def _giou(first: Tensor, second: Tensor) -> Tensor:
    low, high = torch.maximum(first[:, :2], second[:, :2]), torch.minimum(first[:, 2:], second[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=1)
    area = (first[:, 2:] - first[:, :2]).prod(dim=1) + (second[:, 2:] - second[:, :2]).prod(dim=1)
    union = (area - shared).clamp(min=1e-6)
    hull = (torch.maximum(first[:, 2:], second[:, 2:]) - torch.minimum(first[:, :2], second[:, :2])).prod(dim=1)
    return shared / union - (hull - union) / hull.clamp(min=1e-6)


def losses(levels: tuple[Tensor, ...], boxes: Tensor, known: Tensor) -> Losses:
    """Of a batch's outputs against its `boxes` (n, m, 4), padded with zeros, and `known` (n, h / 8, w / 8)."""
    score_sum = torch.zeros(())
    box_sum = torch.zeros(())
    positives = 0
    for numbers, stride, sizes in zip(levels, STRIDES, _RANGES, strict=True):
        numbers = numbers.float()  # noqa: PLW2901 - losses are summed in full precision
        shape = (numbers.shape[2], numbers.shape[3])
        owner, let_be = _assign(boxes, stride, sizes, shape)
        state = _known_at(known, stride // STRIDES[0])
        logits = numbers[:, 0]
        mine = owner >= 0
        chance = logits.sigmoid()
        missed = functional.softplus(-logits) * (1 - chance) ** _GAMMA * _ALPHA
        wrong = functional.softplus(logits) * chance**_GAMMA * (1 - _ALPHA)
        with torch.no_grad():
            counts = ~let_be & (state != IGNORED) & ~((state == UNKNOWN) & (chance > _SURE))
        score_sum = score_sum + torch.where(mine, missed, wrong * counts).sum()
        if not bool(mine.any()):
            continue
        batch, row, column = mine.nonzero(as_tuple=True)
        found = boxes_of(numbers, stride)[batch, row, column]
        box_sum = box_sum + (1 - _giou(found, boxes[batch, owner[batch, row, column]])).sum()
        positives += len(batch)
    share = max(positives, 1)
    score, box = score_sum / share, box_sum / share
    return Losses(score + _BOX_SHARE * box, float(score.detach()), float(box.detach()), positives)
