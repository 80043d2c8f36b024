"""Processes of the demo."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vcam.base.errors import WorkerError
from vcam.demo.process import Process


def python(text: str, folder: Path) -> Process:
    return Process("child", [sys.executable, "-u", "-c", text], folder / "log", {"WORD": "hello"})


def test_it_gives_lines_of_json_and_ends(tmp_path: Path) -> None:
    text = "import os, json, signal\nprint('noise')\nprint(json.dumps({'word': os.environ['WORD']}))\nsignal.pause()"
    with python(text, tmp_path) as child:
        assert child.line(30) == {"word": "hello"}
        assert child.running
    assert not child.running


def test_one_that_dies_is_named_with_its_log(tmp_path: Path) -> None:
    with python("import sys; sys.exit('no luck')", tmp_path) as child:
        with pytest.raises(WorkerError, match="child has ended with status 1") as caught:
            child.line(30)
        assert str(tmp_path / "log") in str(caught.value)
    assert (tmp_path / "log").read_text() == "no luck\n"


def test_one_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    with (
        python("import signal; signal.pause()", tmp_path) as child,
        pytest.raises(WorkerError, match="does not serve"),
    ):
        child.line(0.3)


def test_one_that_will_not_end_is_killed(tmp_path: Path) -> None:
    text = (
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('{}')\nwhile True: signal.pause()"
    )
    child = python(text, tmp_path)
    child.line(30)
    assert child.end(seconds=0.2) == -9
    assert child.end() == -9
