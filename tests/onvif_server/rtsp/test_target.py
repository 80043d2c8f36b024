from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp.mount import Mount
from onvif_server.rtsp.refusal import Refusal
from onvif_server.rtsp.target import resolve

MOUNTS = {"/main": Mount(metadata=False), "/a b/sub": Mount(metadata=False)}


@pytest.mark.parametrize(
    ("uri", "path", "base", "control"),
    [
        ("rtsp://cam:8554/main", "/main", "rtsp://cam:8554/main/", None),
        ("rtsp://cam/main/", "/main", "rtsp://cam/main/", None),
        ("rtsps://u:secret@cam/main/trackID=0", "/main", "rtsps://cam/main/", "trackID=0"),
        ("rtsp://[::1]:9/main?profile=1", "/main", "rtsp://[::1]:9/main/", None),
        ("rtsp://cam/main?profile=1/trackID=0", "/main", "rtsp://cam/main/", "trackID=0"),
        ("rtsp://cam/a%20b/sub", "/a b/sub", "rtsp://cam/a%20b/sub/", None),
        ("/main", "/main", "rtsp://192.0.2.1/main/", None),
    ],
)
def test_urls_name_mounts_and_tracks(uri: str, path: str, base: str, control: str | None) -> None:
    target = resolve(uri, MOUNTS, "192.0.2.1")
    assert (target.mount, target.path, target.base, target.control) == (MOUNTS[path], path, base, control)
    assert target.track is MOUNTS[path].video


@pytest.mark.parametrize(
    ("uri", "status"),
    [
        ("rtsp://cam/", 404),
        ("*", 404),
        ("rtsp://cam/main/../main", 404),
        ("rtsp://cam/main/trackID=1", 404),
        ("rtsp://cam:x/main", 400),
        ("rtsp://[cam/main", 400),
    ],
)
def test_other_urls_name_nothing(uri: str, status: int) -> None:
    with pytest.raises(Refusal) as caught:
        resolve(uri, MOUNTS, "192.0.2.1")
    assert caught.value.response.status == status


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126)))
def test_no_url_breaks_it(uri: str) -> None:
    try:
        target = resolve(uri, MOUNTS, "192.0.2.1")
    except Refusal:
        return
    assert target.path in MOUNTS
