from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from models.train import __main__ as command


def test_training_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert command.main(["--data", str(tmp_path), "--out", str(tmp_path)]) == 1
    assert "PyTorch" in capsys.readouterr().err


def test_a_wrong_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch", reason="PyTorch, which training alone needs, is not installed here")
    assert command.main(["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--steps", "5"]) == 1
    assert "--data" in capsys.readouterr().err


def test_the_command_trains(drawn_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="PyTorch, which training alone needs, is not installed here")
    words = [
        "--data",
        str(drawn_folder),
        "--out",
        str(tmp_path),
        "--steps",
        "2",
        "--batch",
        "2",
        "--workers",
        "0",
    ]
    assert command.main(words) == 0
    assert (tmp_path / "plates.onnx").exists()
