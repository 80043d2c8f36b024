"""The one door: every scheme reaches its kind of camera."""

from __future__ import annotations

from pathlib import Path

import pytest

import vcam.source
from vcam.base.clock import SystemClock
from vcam.base.errors import NotVideo, SourceError, Unreachable
from vcam.base.media import AudioUnit, Picture, StreamInfo
from vcam.base.settings import SourceSettings


def first_error(url: str) -> SourceError:
    errors: list[SourceError] = []

    def on_state(state: str, error: SourceError | None) -> None:
        if error is not None:
            errors.append(error)
            source.close()

    chosen = SourceSettings.model_validate({"url": url, "timeout": 0.5})
    source = vcam.source.open_source(chosen, "gate", SystemClock(), on_state=on_state)
    assert list(source.events()) == []
    return errors[0]


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://127.0.0.1:1/x",
        "rtsps://127.0.0.1:1/x",
        "onvif://127.0.0.1:1",
        "v4l2:/dev/video250",
        "file:/none",
    ],
)
def test_each_scheme_says_where_it_failed(url: str) -> None:
    error = first_error(url)
    assert isinstance(error, Unreachable)
    assert "camera 'gate'" in error.what
    assert url.partition(":")[2].lstrip("/") in error.what
    assert error.mend


def test_a_file_that_is_no_video_is_told_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"x" * 5000)
    assert isinstance(first_error(f"file:{tmp_path}/film.mp4"), NotVideo)


@pytest.mark.parametrize("form", ["file:{}", "file://{}"])
def test_a_file_plays_once_when_not_looped(clip: Path, form: str) -> None:
    states: list[str] = []
    chosen = SourceSettings.model_validate({"url": form.format(clip), "loop": False, "rotate": 90})
    source = vcam.source.open_source(
        chosen, "gate", SystemClock(), on_state=lambda state, error: states.append(state)
    )
    events = list(source.events())
    assert isinstance(events[0], StreamInfo)
    assert (events[0].width, events[0].height) == (240, 320)
    assert sum(isinstance(event, Picture) for event in events) == 50
    assert not any(isinstance(event, AudioUnit) for event in events)
    assert states == ["connecting", "running"]
