"""`garim models`: what is listed, what is imported, and that what is imported masks."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from models.manifest import shipped, weights
from tests.support.yolonet import labelled, network, save, scene
from vcam.base.errors import WeightsError
from vcam.cli import main

Capture = pytest.CaptureFixture[str]

PATCH = (160, 96, 288, 192)


def settings(path: Path, models: str = "[]", kinds: str = '["face", "plate"]') -> Path:
    path.write_text(
        '[site]\ndevice = "cpu"\n[recorder]\nkeep_original = false\n'
        f'[[camera]]\nname = "gate"\nsource = {{ url = "rtsp://192.0.2.7/" }}\n'
        f"mask = {{ kinds = {kinds}, models = {models} }}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    try:
        for name in ("yunet", "centerface", "plates"):
            weights(name)
    except WeightsError as error:
        pytest.skip(f"{error.what}: {error.mend}")
    return settings(tmp_path / "garim.toml")


def bring(config: Path, file: Path, check: Path, *more: str) -> int:
    return main(
        ["models", "import", str(file), "--kind", "face", "--check", str(check), "-c", str(config), *more]
    )


def covered(config: Path, picture: Path, out: Path) -> bool:
    """Whether `garim detect` tells boxes of faces that cover the patch together."""
    assert main(["detect", str(picture), "-c", str(config), "--json", str(out)]) == 0
    boxes = [box for box in json.loads(out.read_text(encoding="utf-8"))[picture.name] if box[5] == "face"]
    return bool(boxes) and (
        min(box[0] for box in boxes) <= PATCH[0]
        and min(box[1] for box in boxes) <= PATCH[1]
        and max(box[2] for box in boxes) >= PATCH[2]
        and max(box[3] for box in boxes) >= PATCH[3]
    )


def test_every_file_is_listed_with_its_licence(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["models", "list"]) == 0
    text = capsys.readouterr().out
    for entry in shipped().file:
        assert entry.name in text
        assert entry.licence in text


@pytest.mark.parametrize(
    ("layout", "size"),
    [("v8", (640, 640)), ("v5", (640, 384)), ("end", None)],
)
def test_an_imported_detector_masks_too(
    config: Path, tmp_path: Path, capsys: Capture, layout: str, size: tuple[int, int] | None
) -> None:
    file = save(network(layout, size), tmp_path / "Best.onnx")
    assert bring(config, file, labelled(tmp_path / "set", 1), "--classes", "0") == 0
    said = capsys.readouterr()
    assert "100.0% of 1" in said.out
    assert "shipped\t0.0% of 1" in said.out
    assert 'models = ["best"]' in said.out
    assert "AGPL" in said.err
    picture = tmp_path / "scene.png"
    assert cv2.imwrite(str(picture), scene(640, 360, [PATCH]))
    assert covered(settings(config, '["best"]'), picture, tmp_path / "b.json")
    capsys.readouterr()
    assert main(["models", "list", "-c", str(config)]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("best\t")]
    assert line.split("\t")[1:2] + line.split("\t")[3:] == ["face detector", "AGPL-3.0", "ready"]


def test_without_it_nothing_is_masked_there(config: Path, tmp_path: Path) -> None:
    picture = tmp_path / "scene.png"
    assert cv2.imwrite(str(picture), scene(640, 360, [PATCH]))
    assert not covered(config, picture, tmp_path / "a.json")


def test_an_altered_one_stops_the_work(config: Path, tmp_path: Path, capsys: Capture) -> None:
    assert (
        bring(config, save(network("v8"), tmp_path / "best.onnx"), labelled(tmp_path / "s", 1), "--classes=0")
        == 0
    )
    save(network("v5"), tmp_path / "state" / "models" / "best.onnx")
    picture = tmp_path / "scene.png"
    assert cv2.imwrite(str(picture), scene(640, 360, [PATCH]))
    assert main(["detect", str(picture), "-c", str(settings(config, '["best"]'))]) == 1
    said = capsys.readouterr()
    assert "altered" in said.err
    assert "models remove" in said.err
    assert main(["models", "list", "-c", str(config)]) == 0
    assert "altered" in capsys.readouterr().out


def test_one_that_misses_is_refused(config: Path, tmp_path: Path, capsys: Capture) -> None:
    file, check = save(network("v8"), tmp_path / "best.onnx"), labelled(tmp_path / "set", 1)
    assert bring(config, file, check, "--classes", "1") == 1
    said = capsys.readouterr()
    assert "best\t0.0% of 1" in said.out
    assert "below 90.0%" in said.err
    assert "--force" in said.err
    assert not (tmp_path / "state").exists()
    assert bring(config, file, check, "--classes", "1", "--force", "--licence", "CC0-1.0") == 0
    assert "Imported though" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "code", "why"),
    [
        (["--classes", "a"], 2, "no list of classes"),
        (["--classes", "7"], 1, "no class 7"),
        ([], 1, "0 magenta, 1 green"),
        (["--classes", "0", "--threshold", "2"], 2, "threshold"),
        (["--classes", "0", "--name", "A B"], 2, "no name"),
        (["--kind", "motion"], 2, "motion"),
    ],
)
def test_what_is_wrong_is_explained(
    config: Path, tmp_path: Path, capsys: Capture, *, more: list[str], code: int, why: str
) -> None:
    file = save(network("v8"), tmp_path / "best.onnx")
    assert bring(config, file, labelled(tmp_path / "set", 1), *more) == code
    said = capsys.readouterr().err
    assert why in said
    assert "Traceback" not in said
    assert not (tmp_path / "state").exists()


def test_a_checkpoint_without_ultralytics_names_the_mend(
    config: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "ultralytics.py").write_text("raise ImportError('it is not here')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(packages))
    (tmp_path / "best.pt").write_bytes(b"a checkpoint")
    assert bring(config, tmp_path / "best.pt", labelled(tmp_path / "set", 1)) == 1
    said = capsys.readouterr().err
    assert "it is not here" in said
    assert "pip install 'garim[train]'" in said


def test_names_in_the_settings_are_checked(config: Path, tmp_path: Path, capsys: Capture) -> None:
    settings(config, '["best"]')
    assert main(["config", "check", str(config)]) == 2
    said = capsys.readouterr().err
    assert "camera[0].mask.models[0]" in said
    assert "garim models import" in said
    # the import itself must not mind
    file = save(network("v8", classes=1, notes={}), tmp_path / "best.onnx")
    assert bring(config, file, labelled(tmp_path / "set", 1)) == 0
    assert main(["config", "check", str(config)]) == 0
    settings(config, '["best"]', '["plate"]')
    capsys.readouterr()
    assert main(["config", "check", str(config)]) == 2
    assert "not masked" in capsys.readouterr().err


def test_one_is_removed_once_nobody_uses_it(config: Path, tmp_path: Path, capsys: Capture) -> None:
    file = save(network("v8", classes=1, notes={}), tmp_path / "best.onnx")
    assert bring(config, file, labelled(tmp_path / "set", 1)) == 0
    settings(config, '["best"]')
    assert main(["models", "remove", "best", "-c", str(config)]) == 2
    assert "Camera gate uses best" in capsys.readouterr().err
    settings(config)
    assert main(["models", "remove", "best", "-c", str(config)]) == 0
    assert not (tmp_path / "state" / "models" / "best.onnx").exists()
    capsys.readouterr()
    assert main(["models", "remove", "best", "-c", str(config)]) == 2
    assert "best" in capsys.readouterr().err
