"""Cameras that were found, as settings."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from vcam.base.ids import SLUG
from vcam.physical.blocks import blocks
from vcam.physical.media import Profile
from vcam.physical.search import Candidate, shown
from vcam.physical.sighting import Sighting

PROFILE = Profile("1", codec="H264", width=1920, height=1080)


def test_a_block_and_a_comment() -> None:
    usable = Sighting(Candidate("192.0.2.7", 8080, "urn:uuid:1"), "Zeiss", "Eye 4", (PROFILE,))
    other = Sighting(Candidate("192.0.2.8", 80), "", "", (), "wants a user name and password")
    text = blocks([usable, other], "admin", Path("/etc/garim/camera.password"))
    assert tomllib.loads(text) == {
        "camera": [
            {
                "name": "camera-b362f508",
                "source": {
                    "url": "onvif://192.0.2.7:8080",
                    "user": "admin",
                    "password": {"file": "/etc/garim/camera.password"},
                },
            }
        ]
    }
    assert "# Zeiss Eye 4: H.264 1920x1080\n" in text
    assert "# A camera at 192.0.2.8 wants a user name and password.\n" in text
    assert blocks([], None, None) == ""


def test_names_do_not_tell_nvrs_which_camera_is_behind_and_last() -> None:
    def names(*found: Candidate) -> list[str]:
        read = tomllib.loads(blocks([Sighting(one, "Zeiss", "Eye 4", (PROFILE,)) for one in found], None, None))
        return [camera["name"] for camera in read["camera"]]

    known, unknown = Candidate("192.0.2.7", 80, "urn:uuid:1"), Candidate("192.0.2.8", 80)
    first, other = names(known, unknown)
    assert names(Candidate("192.0.2.9", 80, "urn:uuid:1")) == [first]
    assert first != other
    for name in (first, other):
        assert re.fullmatch("camera-[0-9a-f]{8}", name)
    assert names(known, known)[1] != first


WORDS = st.text(max_size=80).map(shown)


@given(
    st.lists(
        st.builds(
            Sighting,
            st.builds(Candidate, st.sampled_from(["192.0.2.7", "192.0.2.77"]), st.integers(1, 65535)),
            WORDS,
            WORDS,
            st.just((PROFILE,)),
        ),
        max_size=6,
    ),
    st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable() or "\x7f" in text),
)
def test_whatever_cameras_say_of_themselves_the_blocks_are_right(found: list[Sighting], user: str) -> None:
    read = tomllib.loads(blocks(found, user, None)).get("camera", [])
    names = [camera["name"] for camera in read]
    assert len(set(names)) == len(found)
    assert all(SLUG.fullmatch(name) for name in names)
    assert [camera["source"] for camera in read] == [{"url": each.url, "user": user} for each in found]
