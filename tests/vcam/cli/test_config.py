"""`garim config`."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.keys import new_identity
from vcam.base.clock import ManualClock
from vcam.base.settings_example import example, reference
from vcam.cli import main

Capture = pytest.CaptureFixture[str]


def test_the_printed_example_is_right(tmp_path: Path, capsys: Capture) -> None:
    assert main(["config", "example"]) == 0
    text = capsys.readouterr().out
    assert text == example()
    path = tmp_path / "garim.toml"
    path.write_text(text, encoding="utf-8")
    assert main(["config", "check", str(path)]) == 0
    assert capsys.readouterr().out == f"{path} is right: 1 camera\n"


def test_an_example_for_a_key_keeps_originals(tmp_path: Path, capsys: Capture) -> None:
    recipient = new_identity(tmp_path / "key", ManualClock())
    main(["config", "example", "--recipient", recipient])
    text = capsys.readouterr().out
    assert f'recipients = ["{recipient}"]' in text
    assert "\nkeep_original = false" not in text
    path = tmp_path / "garim.toml"
    path.write_text(text, encoding="utf-8")
    assert main(["config", "check", str(path)]) == 0


def test_mistakes_are_named_by_line_key_value_and_mend(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "garim.toml"
    path.write_text(example().replace("#timeout = 5.0", "timout = 5.0"), encoding="utf-8")
    assert main(["config", "check", str(path)]) == 2
    error = capsys.readouterr().err
    line = path.read_text(encoding="utf-8").splitlines().index("timout = 5.0") + 1
    assert f"line {line}: camera[0].source.timout = 5.0: is no setting. Did you mean 'timeout'?" in error


def test_a_key_copied_with_a_slip_is_named_by_its_line(tmp_path: Path, capsys: Capture) -> None:
    recipient = new_identity(tmp_path / "key", ManualClock())
    wrong = recipient[:20] + ("q" if recipient[20] != "q" else "p") + recipient[21:]
    path = tmp_path / "garim.toml"
    path.write_text(example(wrong), encoding="utf-8")
    assert main(["config", "check", str(path)]) == 2
    assert "recorder.recipients[0]: " in capsys.readouterr().err


def test_the_reference_lists_every_setting(capsys: Capture) -> None:
    assert main(["config", "reference"]) == 0
    assert capsys.readouterr().out == reference()
