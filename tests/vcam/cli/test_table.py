"""Tables for people and for programs."""

from __future__ import annotations

import pytest

from vcam.cli.table import show

Capture = pytest.CaptureFixture[str]


def test_a_pipe_gets_tabs(capsys: Capture) -> None:
    show(("Camera", "State"), [("gate", "present"), ("hall", "damaged: .mp4 is missing")])
    assert capsys.readouterr().out == "Camera\tState\ngate\tpresent\nhall\tdamaged: .mp4 is missing\n"


def test_a_terminal_gets_a_drawing(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    show(("Camera", "State"), [("gate", "present")])
    text = capsys.readouterr().out
    assert "gate" in text
    assert "│" in text
