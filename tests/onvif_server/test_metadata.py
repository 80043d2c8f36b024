"""The metadata stream's documents, by ONVIF's own schema."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from onvif_server.metadata import OBJECT_TYPES, document
from onvif_server.notice import Notice
from onvif_server.notification import TT, WSNT
from tests.onvif_server.schema import problems
from vcam.base.media import Kind, Region
from vcam.base.scene import Scene

TIME = 1_767_225_600_250_000
NAMES = {"tt": TT, "wsnt": WSNT}
NOTICE = Notice("VideoSource/MotionAlarm", TIME, {"Source": "s"}, {"State": True}, "Changed")

COORDINATE = st.floats(-5000, 5000) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1920.0, 1080.0])
REGION = st.builds(
    Region,
    *[COORDINATE] * 4,
    kind=st.sampled_from(Kind),
    track=st.integers(0, 10**9),
    score=st.floats(-1, 2),
)


def parse(scene: Scene | None, notices: tuple[Notice, ...] = ()) -> etree._Element:
    root = etree.fromstring(document(scene, notices))
    assert problems(root) == []
    return root


def scene(*regions: Region) -> Scene:
    return Scene(TIME, 0, 1920, 1080, regions)


@given(st.lists(REGION, max_size=6), st.booleans())
def test_any_scene_is_valid_and_stays_within_the_picture(regions: list[Region], told: bool) -> None:
    root = parse(scene(*regions), (NOTICE,) if told else ())
    for box in root.iter(f"{{{TT}}}BoundingBox"):
        left, right, bottom, top = (float(box.get(side, "")) for side in ("left", "right", "bottom", "top"))
        assert -1 <= left <= right <= 1
        assert -1 <= bottom <= top <= 1


def test_boxes_are_in_normalised_coordinates() -> None:
    root = parse(scene(Region(480, 270, 960, 1080, Kind.PERSON, 7, 0.75)))
    frame = root.find("tt:VideoAnalytics/tt:Frame", NAMES)
    assert frame is not None
    assert frame.get("UtcTime") == "2026-01-01T00:00:00.250000Z"
    (found,) = frame.findall("tt:Object", NAMES)
    assert found.get("ObjectId") == "7"
    box = found.find("tt:Appearance/tt:Shape/tt:BoundingBox", NAMES)
    assert box is not None
    assert {side: float(box.get(side, "")) for side in ("left", "top", "right", "bottom")} == {
        "left": -0.5,
        "top": 0.5,
        "right": 0.0,
        "bottom": -1.0,
    }
    middle = found.find("tt:Appearance/tt:Shape/tt:CenterOfGravity", NAMES)
    assert middle is not None
    assert (float(middle.get("x", "")), float(middle.get("y", ""))) == (-0.25, -0.25)
    kind = found.find("tt:Appearance/tt:Class/tt:Type", NAMES)
    assert kind is not None
    assert (kind.text, kind.get("Likelihood")) == ("Human", "0.75")


@pytest.mark.parametrize("kind", list(Kind))
def test_objects_are_named_as_onvif_names_them_and_places_are_none(kind: Kind) -> None:
    root = parse(scene(Region(0, 0, 10, 10, kind, 1)))
    types = [each.text for each in root.iter(f"{{{TT}}}Type")]
    assert types == ([OBJECT_TYPES[kind]] if kind in OBJECT_TYPES else [])
    objects = list(root.iter(f"{{{TT}}}Object"))
    assert len(objects) == (0 if kind in {Kind.ZONE, Kind.WHOLE} else 1)


def test_an_empty_scene_is_an_empty_frame() -> None:
    root = parse(scene())
    assert len(root.findall("tt:VideoAnalytics/tt:Frame", NAMES)) == 1
    assert not list(root.iter(f"{{{TT}}}Object"))


def test_events_come_with_a_scene_or_alone() -> None:
    for shown in (scene(), None):
        root = parse(shown, (NOTICE, NOTICE))
        assert len(root.findall("tt:Event/wsnt:NotificationMessage", NAMES)) == 2
        assert (root.find("tt:VideoAnalytics", NAMES) is None) == (shown is None)
        assert root.find(".//wsnt:SubscriptionReference", NAMES) is None
