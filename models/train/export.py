"""Writes the trained network as ONNX, with open height and width."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from models.train.net import STRIDES, PlateNet

_OPSET = 13
_OUTPUTS = tuple(f"{what}{stride}" for stride in STRIDES for what in ("score", "box"))


class _Shipped(nn.Module):
    """The network with scores and boxes apart, scores as probabilities."""

    def __init__(self, net: PlateNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        levels = self.net(pictures)
        return tuple(part for numbers in levels for part in (numbers[:, :1].sigmoid(), numbers[:, 1:]))


def export(net: PlateNet, path: Path) -> None:
    """Write `net` to `path`.

    Input "picture" (batch, 3, height, width); outputs "score8" (batch, 1, height / 8, width / 8), "box8"
    (batch, 4, height / 8, width / 8) and the same for strides 16 and 32.
    """
    frozen = _Shipped(copy.deepcopy(net).to(memory_format=torch.contiguous_format)).eval()
    open_axes = {0: "batch", 2: "height", 3: "width"}
    axes = {"picture": open_axes} | {
        name: {0: "batch", 2: f"rows{name[-2:]}", 3: f"columns{name[-2:]}"} for name in _OUTPUTS
    }
    with warnings.catch_warnings():
        # the exporter through TorchScript is the one that needs no further package
        warnings.simplefilter("ignore")
        torch.onnx.export(
            frozen,
            (torch.zeros(1, 3, 64, 64),),
            str(path),
            input_names=["picture"],
            output_names=list(_OUTPUTS),
            opset_version=_OPSET,
            dynamic_axes=axes,
            dynamo=False,
        )
