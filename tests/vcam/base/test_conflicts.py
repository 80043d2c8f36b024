"""Names given twice and ports that collide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vcam.base.conflicts import conflicts
from vcam.base.settings import CameraSettings, OnvifSettings, RecorderSettings, Settings, SourceSettings


def camera(name: str, **more: object) -> dict[str, object]:
    return {"name": name, **more}


def test_cameras_that_count_their_ports_are_in_no_conflict() -> None:
    assert conflicts({"camera": [camera(f"c{i}") for i in range(100)]}) == []


def test_a_port_of_ones_own_that_another_camera_counts_to() -> None:
    (found,) = conflicts({"camera": [camera("a"), camera("b"), camera("c", onvif_port=8082)]})
    assert found.path == ("camera", 2, "onvif_port")
    assert "8082" in found.what
    assert "camera[1]" in found.what


def test_onvif_and_rtsp_may_not_meet() -> None:
    data = {"onvif": {"port": 8553}, "camera": [camera("a"), camera("b")]}
    (found,) = conflicts(data)
    assert "would listen on port 8554, which is the onvif_port of camera[1]" in found.what


def test_free_ports_never_meet() -> None:
    assert conflicts({"onvif": {"port": 0, "rtsp_port": 0}, "camera": [camera("a"), camera("b")]}) == []


def test_counting_ends_at_the_last_port() -> None:
    found = conflicts({"onvif": {"port": 65535}, "camera": [camera("a"), camera("b")]})
    assert [f.path for f in found] == [("camera", 1)]
    assert "65536" in found[0].what


def test_a_name_given_twice() -> None:
    (found,) = conflicts({"camera": [camera("a"), camera("b"), camera("a")]})
    assert found.path == ("camera", 2, "name")


def test_the_model_refuses_conflicts_too() -> None:
    source = SourceSettings(url="rtsp://192.0.2.1/")
    with pytest.raises(ValidationError, match="8081"):
        Settings(
            onvif=OnvifSettings(rtsp_port=8081),
            recorder=RecorderSettings(enabled=False),
            camera=[CameraSettings(name="a", source=source)],
        )


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["camera", "onvif", "name", "port", "onvif_port"]), inner, max_size=3)
    ),
)


@given(st.dictionaries(st.sampled_from(["camera", "onvif"]), JSON))
def test_any_data_is_taken(data: dict[str, object]) -> None:
    conflicts(data)


def test_cameras_with_addresses_of_their_own_may_have_the_same_ports() -> None:
    cameras = [camera("a", address="192.0.2.21"), camera("b", address="192.0.2.22"), camera("c")]
    assert conflicts({"camera": cameras}) == []


def test_an_address_given_twice() -> None:
    cameras = [
        camera("a", address="192.0.2.21"),
        camera("b", address="192.0.2.21", onvif_port=81, rtsp_port=555),
    ]
    (found,) = conflicts({"camera": cameras})
    assert found.path == ("camera", 1, "address")


def test_a_port_at_every_address_is_taken_at_each() -> None:
    data = {"onvif": {"port": 80}, "camera": [camera("a"), camera("b", address="192.0.2.21")]}
    (found,) = conflicts(data)
    assert found.path == ("camera", 1)
    assert "port 80, which is the onvif_port of camera[0]" in found.what
    assert conflicts({**data, "onvif": {"port": 80, "bind": "192.0.2.5"}}) == []


def test_tls_ports_count_only_with_tls() -> None:
    data = {"onvif": {"port": 8443, "tls": {"enabled": True}}, "camera": [camera("a")]}
    (found,) = conflicts(data)
    assert "port 8443, which is the onvif_port of camera[0]" in found.what
    assert conflicts({**data, "onvif": {"port": 8443, "tls": {"enabled": False}}}) == []
