from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch, which training alone needs, is not installed here")


def test_the_file_answers_as_the_network_does(tmp_path: Path) -> None:
    import onnxruntime

    from models.train.export import export
    from models.train.net import PlateNet

    torch.manual_seed(2)
    net = PlateNet().eval()
    export(net, tmp_path / "plates.onnx")
    assert (tmp_path / "plates.onnx").stat().st_size < 4_000_000
    session = onnxruntime.InferenceSession(tmp_path / "plates.onnx", providers=["CPUExecutionProvider"])
    for shape in ((1, 3, 64, 96), (2, 3, 160, 32)):
        picture = torch.rand(*shape) * 255
        answer = dict(
            zip(
                (one.name for one in session.get_outputs()),
                session.run(None, {"picture": picture.numpy()}),
                strict=True,
            )
        )
        with torch.no_grad():
            levels = net(picture)
        for stride, level in zip((8, 16, 32), levels, strict=True):
            np.testing.assert_allclose(answer[f"score{stride}"], level[:, :1].sigmoid(), atol=1e-4)
            np.testing.assert_allclose(answer[f"box{stride}"], level[:, 1:], atol=1e-3)
