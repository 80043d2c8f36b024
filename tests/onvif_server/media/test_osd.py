"""Texts in the picture, as clients ask for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onvif_server.media.osd import CORNERS, TEXT_TYPES, OsdValues, osd
from onvif_server.soap import Fault
from vcam.base.rendition import Overlay

PLAIN = OsdValues("Custom", (0.25, -0.5), "Plain", "Gate 4")


def test_a_text_becomes_what_the_camera_draws() -> None:
    found = osd("osd_1", replace(PLAIN, size=50))
    assert found.overlay == Overlay("osd_1", "plain", "Gate 4", 0.25, -0.5, 50)
    assert found.token == "osd_1"


@pytest.mark.parametrize(("position", "place"), CORNERS.items())
def test_corners_are_where_onvif_has_them(position: str, place: tuple[float, float]) -> None:
    found = osd("osd_1", replace(PLAIN, position=position, place=None))
    assert (found.overlay.x, found.overlay.y) == place
    assert position.startswith("Upper" if place[1] > 0 else "Lower")
    assert position.endswith("Right" if place[0] > 0 else "Left")


@pytest.mark.parametrize("text_type", TEXT_TYPES)
def test_what_a_client_does_not_say_stays(text_type: str) -> None:
    first = osd(
        "a", replace(PLAIN, text_type=text_type, size=80, date_format="dd/MM/yyyy", time_format="hh:mm:ss tt")
    )
    after = osd("a", replace(PLAIN, text_type=text_type, text="Other"), first)
    assert after.overlay == replace(first.overlay, text="Other")


@pytest.mark.parametrize(("size", "kept"), [(1, 10), (30, 30), (5000, 100), (-4, 10)])
def test_a_font_size_is_adapted(size: int, kept: int) -> None:
    assert osd("a", replace(PLAIN, size=size)).overlay.size == kept


@pytest.mark.parametrize(
    "change",
    [
        {"text_type": "Image"},
        {"text_type": ""},
        {"text": ""},
        {"text": None},
        {"text": "x" * 129},
        {"text": "two\nlines"},
        {"position": "Middle"},
        {"place": None},
        {"place": (1.5, 0.0)},
        {"place": (float("nan"), 0.0)},
        {"date_format": "%Y"},
        {"time_format": "ss"},
    ],
)
def test_what_cannot_be_drawn_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Fault) as caught:
        osd("osd_1", replace(PLAIN, **change))  # type: ignore[arg-type]
    assert caught.value.subcodes == ("InvalidArgVal", "ConfigModify")
