from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="PyTorch, which training alone needs, is not installed here")


def test_shapes_and_size() -> None:
    from models.train.net import PlateNet

    net = PlateNet().eval()
    levels = net(torch.zeros(2, 3, 96, 160))
    assert [tuple(level.shape) for level in levels] == [(2, 5, 12, 20), (2, 5, 6, 10), (2, 5, 3, 5)]
    assert 300_000 < sum(one.numel() for one in net.parameters()) < 800_000


def test_nothing_looks_like_a_plate_before_training() -> None:
    from models.train.net import PlateNet

    torch.manual_seed(1)
    with torch.no_grad():
        levels = PlateNet().eval()(torch.rand(1, 3, 64, 64) * 255)
    assert all(float(level[:, 0].sigmoid().max()) < 0.2 for level in levels)
