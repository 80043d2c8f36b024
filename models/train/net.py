"""The plate detector's network: a slim residual trunk, a feature pyramid, one head a level.

Anchor-free, one box a cell, in the manner of FCOS (arXiv:1904.01355) and YuNet (10.1007/s11633-023-1423-y).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

STRIDES = (8, 16, 32)
"""Pixels a cell at each level."""
PRIOR = (4.0, 1.5)
"""Width and height in strides of the box whose logarithms are zero."""
CHANNELS = 5
"""A cell's numbers: logit of the score, offsets of the centre in strides, logarithms of width and height."""

_START = -4.6
"""First bias of the scores: 1 in 100 cells looks like a plate before anything has been learnt."""


class _Conv(nn.Sequential):
    """Convolution, batch normalisation, ReLU."""

    def __init__(self, ins: int, outs: int, size: int = 3, stride: int = 1, groups: int = 1) -> None:
        super().__init__(
            nn.Conv2d(ins, outs, size, stride, size // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outs),
            nn.ReLU(inplace=True),
        )


class _Bottleneck(nn.Module):
    """Residual block: narrow to half, look around, widen."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.narrow = _Conv(channels, half, 1)
        self.look = _Conv(half, half, 3)
        self.widen = nn.Sequential(nn.Conv2d(half, channels, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.widen(self.look(self.narrow(x))))


class _Head(nn.Module):
    """Two convolutions and the numbers of each cell."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = _Conv(channels, channels)
        self.out = nn.Conv2d(channels, CHANNELS, 1)
        nn.init.normal_(self.out.weight, std=0.01)
        with torch.no_grad():
            self.out.bias.zero_()
            self.out.bias[0] = _START

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.out(self.body(x))
        return out


class PlateNet(nn.Module):
    """Takes pictures as floats of 8-bit values, BGR (n, 3, height, width), sides multiples of 32.

    Gives one tensor a level, (n, 5, height / stride, width / stride).
    """

    def __init__(self, widths: tuple[int, int, int, int, int] = (16, 32, 64, 96, 128), neck: int = 64) -> None:
        super().__init__()
        first, second, third, fourth, fifth = widths
        self.stem = nn.Sequential(_Conv(3, first, 3, 2), _Conv(first, second, 3, 2))
        self.third = nn.Sequential(_Conv(second, third, 3, 2), _Bottleneck(third), _Bottleneck(third))
        self.fourth = nn.Sequential(
            _Conv(third, fourth, 3, 2), _Bottleneck(fourth), _Bottleneck(fourth), _Bottleneck(fourth)
        )
        self.fifth = nn.Sequential(_Conv(fourth, fifth, 3, 2), _Bottleneck(fifth), _Bottleneck(fifth))
        self.sides = nn.ModuleList(_Conv(width, neck, 1) for width in (third, fourth, fifth))
        self.merge = nn.ModuleList(_Conv(neck, neck, 3) for _ in range(2))
        self.heads = nn.ModuleList(_Head(neck) for _ in STRIDES)
        self.up = nn.Upsample(scale_factor=2.0, mode="nearest")

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.stem((pictures - 127.5) * (1 / 64))
        third = self.third(x)
        fourth = self.fourth(third)
        fifth = self.fifth(fourth)
        low = self.sides[2](fifth)
        middle = self.merge[1](self.sides[1](fourth) + self.up(low))
        high = self.merge[0](self.sides[0](third) + self.up(middle))
        return self.heads[0](high), self.heads[1](middle), self.heads[2](low)
