"""Devices of this machine. None is attached where tests run: what is absent, and what is no camera."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from vcam.base.clock import SystemClock
from vcam.base.errors import SourceError, Unreachable
from vcam.source.container import Playing
from vcam.source.timeline import Timeline
from vcam.source.v4l2 import device_place, play_v4l2


def attempt(path: str) -> SourceError:
    playing = Playing(device_place(path, "gate"), SystemClock(), Event(), live=True)
    with pytest.raises(SourceError) as caught:
        list(play_v4l2(path, playing, Timeline()))
    return caught.value


def test_an_absent_device_is_named(tmp_path: Path) -> None:
    error = attempt("/dev/video250")
    assert isinstance(error, Unreachable)
    assert "'gate' at /dev/video250" in error.what
    assert "plugged in" in error.mend
    (tmp_path / "file").write_bytes(b"")
    assert "no device" in attempt(str(tmp_path / "file")).what


def test_a_device_that_is_no_camera_is_told() -> None:
    error = attempt("/dev/null")
    assert "'gate' at /dev/null" in error.what
    assert error.mend
