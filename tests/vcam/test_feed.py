"""One stream as its parent sees it: told as it is, and following what really comes."""

from __future__ import annotations

import pytest

from onvif_server.rtsp.mount import Mount
from vcam.base.clock import ManualClock
from vcam.base.media import TICKS, Codec, MaskedUnit
from vcam.base.rendition import Rendition
from vcam.base.settings import EncodeSettings
from vcam.feed import Feed

PICTURE = (1920, 1080)


def feed(rendition: Rendition) -> Feed:
    return Feed(rendition, EncodeSettings(), Mount(rendition.codec, clock=ManualClock()))


def unit(number: int, codec: Codec = "h264", fps: float = 25.0) -> MaskedUnit:
    pts = round(number * TICKS / fps)
    return MaskedUnit(b"\0\0\0\1\x65x", pts, pts, 0, number == 0, number, 640, 360, stream="sub", codec=codec)


@pytest.mark.parametrize(
    ("rendition", "told"),
    [
        (Rendition("main"), (1920, 1080, 25.0, 4_000_000, 50)),
        (Rendition("sub", width=640, fps=15.0, gop=30), (640, 360, 15.0, 525_000, 30)),
        (Rendition("sub", "h265", 800, 600, bit_rate=1_000_000), (800, 600, 25.0, 1_000_000, 50)),
    ],
    ids=["main", "sub", "as asked"],
)
def test_a_stream_that_does_not_flow_is_told_as_it_would_be(
    rendition: Rendition, told: tuple[int, int, float, int, int]
) -> None:
    status = feed(rendition).status(PICTURE, 25.0)
    assert (status.width, status.height, status.fps, status.gop) == (*told[:3], told[4])
    assert status.bit_rate == pytest.approx(told[3], rel=0.02)


def test_no_stream_is_faster_than_its_camera() -> None:
    assert feed(Rendition("sub", fps=15.0)).status(PICTURE, 8.0).fps == 8.0


def test_the_rate_is_measured_and_forgotten_when_the_camera_is_lost() -> None:
    one = feed(Rendition("sub", width=640))
    for number in range(30):
        one.publish(unit(number, fps=12.5))
    assert one.fps == pytest.approx(12.5, abs=0.01)
    assert one.status(PICTURE, 25.0).fps == one.fps
    one.interrupt()
    assert one.fps == 0.0


def test_the_mount_follows_what_comes() -> None:
    one = feed(Rendition("sub", width=640))
    one.change(Rendition("sub", "h265", 640))
    assert one.mount.codec == "h265"  # nothing flows: who comes now is told of what will
    one.publish(unit(0, "h265"))
    one.change(Rendition("sub", width=640))
    assert one.mount.codec == "h265"  # until the first picture of the other codec has come
    one.publish(unit(1, "h265"))
    one.publish(unit(2))
    assert one.mount.codec == "h264"
    one.change(Rendition("sub", "h265", 640))
    one.rest()
    assert one.mount.codec == "h265"
