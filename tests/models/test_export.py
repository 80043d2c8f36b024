"""The exporter's process. Ultralytics itself is stood in for by a package that writes a network as it would."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from models.export import export
from models.onnxinfo import inspect
from tests.support.yolonet import network, save
from vcam.base.errors import WeightsError

STAND_IN = """
import os, shutil, sys
from pathlib import Path

class YOLO:
    def __init__(self, path):
        self.path = Path(path)
        if self.path.read_bytes() != b"a checkpoint":
            raise TypeError("this is no checkpoint")

    def export(self, **options):
        assert options == {"format": "onnx", "dynamic": True, "simplify": False, "half": False}, options
        assert "GATE_PASSWORD" not in os.environ
        assert os.environ["YOLO_AUTOINSTALL"] == "false"
        out = self.path.with_suffix(".onnx")
        shutil.copyfile(Path(__file__).with_name("made.onnx"), out)
        return str(out)
"""


@pytest.fixture
def ultralytics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a package that stands in for Ultralytics, where the exporter finds it."""
    folder = tmp_path / "packages" / "ultralytics"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(STAND_IN, encoding="utf-8")
    save(network("v8"), folder / "made.onnx")
    monkeypatch.setenv("PYTHONPATH", str(folder.parent))
    monkeypatch.setenv("GATE_PASSWORD", "a secret")
    return folder


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "best.pt"
    path.parent.mkdir()
    path.write_bytes(b"a checkpoint")
    return path


@pytest.mark.usefixtures("ultralytics")
def test_a_checkpoint_becomes_onnx(checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.onnx"
    export(checkpoint, out)
    assert inspect(out.read_bytes()).outputs[0].name == "output0"
    # nothing was written beside the checkpoint
    assert list(checkpoint.parent.iterdir()) == [checkpoint]


@pytest.mark.usefixtures("ultralytics")
def test_what_is_no_checkpoint_is_told_in_its_words(checkpoint: Path, tmp_path: Path) -> None:
    checkpoint.write_bytes(b"something else")
    with pytest.raises(WeightsError, match=r"cannot export best\.pt: TypeError: this is no checkpoint"):
        export(checkpoint, tmp_path / "out.onnx")


@pytest.mark.parametrize(
    "broken", ["raise ImportError('No module named torchvision')", "from torchvision_ import x"]
)
def test_without_ultralytics_the_mend_is_named(
    ultralytics: Path, checkpoint: Path, tmp_path: Path, broken: str
) -> None:
    (ultralytics / "__init__.py").write_text(broken, encoding="utf-8")
    with pytest.raises(WeightsError, match="torchvision") as caught:
        export(checkpoint, tmp_path / "out.onnx")
    assert "pip install 'garim[train]'" in caught.value.mend


@pytest.mark.parametrize(
    ("does", "why"),
    [
        ("pass", "gave no reason"),
        ("import sys; sys.exit('\\x1b[1mout of memory')", r"\[1mout of memory"),
        ("import os; os.abort()", "cannot export"),
    ],
)
def test_an_exporter_that_writes_nothing_is_an_error(
    checkpoint: Path, tmp_path: Path, does: str, why: str
) -> None:
    with pytest.raises(WeightsError, match=why):
        export(checkpoint, tmp_path / "out.onnx", (sys.executable, "-c", does))


def test_an_exporter_that_hangs_is_ended(checkpoint: Path, tmp_path: Path) -> None:
    hang = (sys.executable, "-c", "import threading; threading.Event().wait()")
    with pytest.raises(WeightsError, match="within 0 s"):
        export(checkpoint, tmp_path / "out.onnx", hang, timeout=0.2)
