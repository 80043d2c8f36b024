"""What a store may hold of a device's media state."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from onvif_server.media.kept import keep, recall
from onvif_server.media.osd import OsdValues
from onvif_server.media.state import State
from onvif_server.media.tokens import SOURCE_CONFIGURATION
from vcam.base.errors import ConfigError
from vcam.base.rendition import Rendition

DEVICE = uuid.UUID(int=7)
STREAMS = ("main", "sub")


def _kept() -> Any:
    state, profile = State.first(DEVICE, STREAMS).creating("wall")
    state = state.adding(profile.token, {"VideoSource": SOURCE_CONFIGURATION, "VideoEncoder": "sub_encoder"})
    state = state.encoding("main_h264", "Small", Rendition("main", width=640, height=360))
    return keep(state.drawing(OsdValues("UpperLeft", None, "Plain", "Gate"))[0])


def test_nothing_kept_is_the_first_state() -> None:
    assert recall(None, DEVICE, STREAMS) == State.first(DEVICE, STREAMS)


def test_only_what_clients_have_changed_is_kept() -> None:
    first = keep(State.first(DEVICE, STREAMS))
    assert (first["profiles"], first["encoders"], first["osds"]) == ([], [], [])
    assert [each["stream"] for each in _kept()["encoders"]] == ["main"]
    assert recall(_kept(), DEVICE, STREAMS).encoder("main_h264").name == "Small"


def _set(place: list[Any], value: object) -> Any:
    read = _kept()
    inner = read
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return read


@pytest.mark.parametrize(
    "read",
    [
        [],
        "text",
        {},
        _set(["profiles", 0, "token"], ""),
        _set(["profiles", 0, "name"], "x" * 65),
        _set(["profiles", 0, "configurations"], {"VideoEncoder": "main_h264"}),
        _set(["profiles", 0, "configurations"], {"VideoSource": "other"}),
        _set(["profiles", 0, "configurations"], {"VideoSource": SOURCE_CONFIGURATION, "Metadata": "other"}),
        _set(["profiles", 0, "configurations"], {"Sound": "microphone"}),
        _set(["profiles"], [_kept()["profiles"][0]] * 2),
        _set(["encoders", 0, "rendition", "codec"], "av1"),
        _set(["encoders", 0, "rendition", "width"], -2),
        _set(["encoders", 0, "rendition", "fps"], -1),
        _set(["encoders", 0, "rendition", "quality"], 0),
        _set(["encoders", 0, "rendition", "name"], "sub"),
        _set(["osds"], _kept()["osds"] * 2),
        _set(["osds", 0, "overlay", "kind"], "picture"),
        _set(["metadata"], None),
        _set(["metadata", "filter"], "tns1:VideoSource"),
        _set(["metadata", "filter"], "<Filter/>"),
    ],
)
def test_what_was_never_kept_is_named(read: object) -> None:
    with pytest.raises(ConfigError) as caught:
        recall(read, DEVICE, STREAMS)
    assert caught.value.mend
