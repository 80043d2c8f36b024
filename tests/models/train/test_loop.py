from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from models.train.loop import Plan

torch = pytest.importorskip("torch", reason="PyTorch, which training alone needs, is not installed here")


def small_plan(steps: int, save: int = 200) -> Plan:
    from models.train.loop import Plan

    return Plan(steps=steps, batch=2, workers=0, save=save, bank=12)


@pytest.mark.timeout(400)  # five on an idle machine, which it may have to share
def test_fifty_steps_lower_the_loss(drawn_folder: Path, tmp_path: Path) -> None:
    from models.train.loop import Plan, Training
    from models.train.pictures import load

    plan = Plan(steps=50, batch=4, workers=0, bank=12)
    course = Training(load(drawn_folder), plan, tmp_path).run()
    assert len(course) == 50
    assert np.mean(course[-10:]) < 0.8 * np.mean(course[:10])
    assert (tmp_path / "plates.onnx").stat().st_size > 1_000_000
    lines = [json.loads(line) for line in (tmp_path / "training.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [25, 50]


def test_an_interrupted_training_goes_on_as_if_nothing_had_been(
    drawn_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.train.loop import Training
    from models.train.pictures import load

    pictures = load(drawn_folder)
    whole = Training(pictures, small_plan(6), tmp_path / "whole").run()
    first = Training(pictures, small_plan(6, save=3), tmp_path / "parts")
    save = first._save

    def save_and_die() -> None:
        save()
        raise KeyboardInterrupt

    monkeypatch.setattr(first, "_save", save_and_die)
    with pytest.raises(KeyboardInterrupt):
        first.run()
    again = Training(pictures, small_plan(6, save=3), tmp_path / "parts", resume=True)
    assert again.step == 3
    rest = again.run()
    np.testing.assert_allclose(rest, whole[3:], rtol=1e-3)


def test_nothing_to_resume_from_is_an_error(drawn_folder: Path, tmp_path: Path) -> None:
    from models.train.loop import Training
    from models.train.pictures import load
    from vcam.base.errors import WeightsError

    with pytest.raises(WeightsError, match="--resume"):
        Training(load(drawn_folder), small_plan(6), tmp_path, resume=True)


def test_the_rate_begins_anew_at_the_restart() -> None:
    from models.train.loop import rate

    course = [rate(step, 3000, 1000) for step in range(3000)]
    assert course[:1000] == [rate(step, 1000) for step in range(1000)]
    assert course[1000:] == [rate(step, 2000) for step in range(2000)]
    # a restart that lies outside the training is none
    assert rate(500, 1000, 1000) == rate(500, 1000, 4000) == rate(500, 1000)


def test_the_rate_rises_and_falls() -> None:
    from models.train.loop import rate

    course = [rate(step, 1000) for step in range(1000)]
    top = int(np.argmax(course))
    assert 150 < top < 250
    assert course[:top] == sorted(course[:top])
    assert course[top:] == sorted(course[top:], reverse=True)
    assert course[-1] < course[top] / 50
