"""What is told of an encoder, offered for it, and taken over from a client."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server import VideoStatus
from onvif_server.media.encoder import Values, asked, offered, told
from onvif_server.media.picture import Picture
from onvif_server.soap import Fault
from vcam.base.rendition import Rendition

PICTURE = Picture(1920, 1080, 25.0)
VIDEO = VideoStatus(1920, 1080, 25.0, 4_000_000, 50, "High")
MAIN = Rendition("main")
SUB = Rendition("sub", width=640, fps=15.0, gop=30)
JPEG = Rendition("jpeg", codec="mjpeg", width=640, fps=5.0)

pictures = st.sampled_from(
    [PICTURE, Picture(704, 480, 29.97), Picture(2592, 1944, 12.5), Picture(1080, 1920, 7.0)]
)
renditions = st.sampled_from([MAIN, SUB, JPEG, replace(MAIN, codec="h265"), replace(JPEG, width=0)])


@given(renditions, pictures)
def test_what_is_told_is_offered(rendition: Rendition, picture: Picture) -> None:
    now = told(rendition, VIDEO, picture)
    offer = offered(rendition, VIDEO, picture)[0]
    assert offer.encoding == now.encoding
    assert now.size in offer.sizes
    assert now.fps in offer.rates or 1 <= (now.fps or 0) <= offer.rates[0]
    assert offer.bit_rate[0] <= (now.bit_rate or 0) <= offer.bit_rate[1]
    assert offer.gop[0] <= (now.gop or 0) <= offer.gop[1]
    assert offer.quality[0] <= now.quality <= offer.quality[1]


@given(renditions, pictures)
def test_what_is_written_back_changes_nothing(rendition: Rendition, picture: Picture) -> None:
    assert asked(told(rendition, VIDEO, picture), rendition, VIDEO, picture) == rendition


@given(st.data(), renditions, pictures)
def test_whatever_is_offered_can_be_had(data: st.DataObject, rendition: Rendition, picture: Picture) -> None:
    offer = data.draw(st.sampled_from(offered(rendition, VIDEO, picture)))
    wanted = Values(
        offer.encoding,
        data.draw(st.sampled_from(offer.sizes)),
        data.draw(st.integers(*offer.quality)),
        data.draw(st.sampled_from(offer.rates)),
        data.draw(st.integers(*offer.bit_rate)),
        data.draw(st.integers(*offer.gop)),
        offer.profile,
    )
    after = asked(wanted, rendition, VIDEO, picture)
    found = told(after, VIDEO, picture)
    if offer.encoding == "JPEG":
        wanted = replace(wanted, gop=found.gop)
    assert found == wanted
    assert after.name == rendition.name
    # What one client has set, the next one finds among what is offered.
    assert found.size in offered(after, VIDEO, picture)[0].sizes


def test_the_cameras_own_size_and_rate_are_followed() -> None:
    small = replace(MAIN, width=640, height=360, fps=5.0)
    back = replace(told(small, VIDEO, PICTURE), size=PICTURE.size, fps=25)
    after = asked(back, small, VIDEO, PICTURE)
    assert (after.width, after.height, after.fps) == (0, 0, 0)
    assert told(after, VIDEO, Picture(1280, 720, 30.0)).size == (1280, 720)


@pytest.mark.parametrize(("kbits", "bits"), [(1, 64_000), (512, 512_000), (2**31 - 1, 100_000_000)])
def test_a_bit_rate_out_of_range_is_adapted(kbits: int, bits: int) -> None:
    wanted = replace(told(MAIN, VIDEO, PICTURE), bit_rate=kbits)
    assert asked(wanted, MAIN, VIDEO, PICTURE).bit_rate == bits


@pytest.mark.parametrize(("fps", "kept"), [(60.0, 0.0), (25.0, 0.0), (12.5, 12.5), (0.5, 1.0)])
def test_a_frame_rate_is_at_most_the_cameras(fps: float, kept: float) -> None:
    wanted = replace(told(MAIN, VIDEO, PICTURE), fps=fps)
    assert asked(wanted, MAIN, VIDEO, PICTURE).fps == kept


@pytest.mark.parametrize(
    ("rendition", "change"),
    [
        (MAIN, {"size": (1921, 1081)}),
        (MAIN, {"size": (0, 0)}),
        (MAIN, {"encoding": "JPEG"}),
        (MAIN, {"encoding": "MPV4-ES"}),
        (JPEG, {"encoding": "H264"}),
        (JPEG, {"size": (426, 240)}),
        (MAIN, {"profile": "Baseline"}),
        (MAIN, {"gop": 0}),
        (MAIN, {"gop": 251}),
        (MAIN, {"fps": 0}),
        (MAIN, {"fps": -1.0}),
        (MAIN, {"fps": float("nan")}),
    ],
)
def test_what_is_not_offered_is_refused(rendition: Rendition, change: dict[str, object]) -> None:
    wanted = replace(told(rendition, VIDEO, PICTURE), **change)  # type: ignore[arg-type]
    with pytest.raises(Fault) as caught:
        asked(wanted, rendition, VIDEO, PICTURE)
    assert caught.value.subcodes == ("InvalidArgVal", "ConfigModify")


def test_a_stream_may_become_h265() -> None:
    now = told(MAIN, VIDEO, PICTURE)
    after = asked(replace(now, encoding="H265", profile="Main"), MAIN, VIDEO, PICTURE)
    assert after.codec == "h265"
    assert [offer.encoding for offer in offered(after, VIDEO, PICTURE)] == ["H265", "H264"]
