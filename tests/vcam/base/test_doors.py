"""Where cameras listen."""

from __future__ import annotations

import pytest

from vcam.base.doors import own_address
from vcam.base.settings import (
    CameraSettings,
    OnvifSettings,
    RecorderSettings,
    Settings,
    SourceSettings,
    TlsSettings,
)

SOURCE = SourceSettings(url="rtsp://192.0.2.1/")


def site(onvif: OnvifSettings, *cameras: CameraSettings) -> Settings:
    return Settings(onvif=onvif, recorder=RecorderSettings(enabled=False), camera=list(cameras))


def where(settings: Settings, camera: int) -> dict[str, tuple[str, int]]:
    return {key: (place.host, place.port) for key, place in settings.places(camera).items()}


def test_cameras_without_an_address_count_their_ports() -> None:
    settings = site(OnvifSettings(), *(CameraSettings(name=name, source=SOURCE) for name in "ab"))
    assert where(settings, 0) == {"onvif_port": ("0.0.0.0", 8081), "rtsp_port": ("0.0.0.0", 8554)}
    assert where(settings, 1) == {"onvif_port": ("0.0.0.0", 8082), "rtsp_port": ("0.0.0.0", 8555)}


def test_a_camera_with_an_address_has_the_usual_ports_there() -> None:
    settings = site(
        OnvifSettings(bind="192.0.2.5", tls=TlsSettings(enabled=True)),
        CameraSettings(name="a", source=SOURCE, address="192.0.2.21", rtsp_port=5554),
        CameraSettings(name="b", source=SOURCE),
    )
    assert where(settings, 0) == {
        "onvif_port": ("192.0.2.21", 80),
        "rtsp_port": ("192.0.2.21", 5554),
        "https_port": ("192.0.2.21", 443),
        "rtsps_port": ("192.0.2.21", 322),
    }
    assert where(settings, 1)["https_port"] == ("192.0.2.5", 8444)


def test_free_ports_stay_free() -> None:
    settings = site(
        OnvifSettings(port=0, rtsp_port=0), *(CameraSettings(name=name, source=SOURCE) for name in "ab")
    )
    assert {port for _, port in where(settings, 1).values()} == {0}


@pytest.mark.parametrize(
    "text", ["192.0.2.21/24", "::1", "cam.local", "0.0.0.0", "239.255.255.250", "255.255.255.255"]
)
def test_what_can_be_no_address_of_one_camera_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        own_address(text)
