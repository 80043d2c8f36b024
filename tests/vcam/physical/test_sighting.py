"""What a camera is, and whether it can be used."""

from __future__ import annotations

import pytest

from onvif_server.wsdl import types
from vcam.base.clock import SystemClock
from vcam.physical.search import Candidate
from vcam.physical.sighting import Sighting, look

from .conftest import PASSWORD, USER, Odd, Served, profile, real

SCOPES = ("onvif://www.onvif.org/name/Acme", "onvif://www.onvif.org/hardware/Dome%207")


async def seen(port: int, credentials: tuple[str, str] | None = None) -> Sighting | None:
    candidate = Candidate("127.0.0.1", port, scopes=SCOPES)
    return await look(candidate, credentials, types=types(), clock=SystemClock(), timeout=5)


async def test_a_camera_that_can_be_used(odd: Odd) -> None:
    real(odd, profile("small", "H264", 640, 360), profile("large", "H265", 1920, 1080), rtsp=odd.port)
    found = await seen(odd.port)
    assert found is not None
    assert (found.vendor, found.model, found.problem) == ("Zeiss", "Eye 4", "")
    assert found.streams == "H.265 1920x1080, H.264 640x360"
    assert found.url == f"onvif://127.0.0.1:{odd.port}"
    assert Sighting(Candidate("192.0.2.7", 80), "", "").url == "onvif://192.0.2.7"


async def test_why_not(odd: Odd, free_ports: list[int]) -> None:
    async def why() -> str:
        found = await seen(odd.port)
        assert found is not None
        return found.problem

    real(odd, profile("a", "H264", 640, 360), rtsp=free_ports[0])
    assert "RTSP" in await why()
    odd.replies["GetStreamUri"] = (200, "<trt:GetStreamUriResponse/>")
    assert "RTSP" in await why()
    real(odd, profile("a", "MPEG4", 640, 360), rtsp=odd.port)
    assert "MPEG4" in await why()
    real(odd, rtsp=odd.port)
    assert "no profile" in await why()
    odd.replies["GetProfiles"] = (401, b"")
    assert "user name and password" in await why()
    odd.replies.pop("GetProfiles")
    assert "declines" in await why()
    odd.replies = {"GetServices": (200, b"nonsense")}
    found = await seen(odd.port, (USER, PASSWORD))
    assert found is not None
    # What the scopes say is all that is known of it.
    assert (found.vendor, found.model, found.profiles) == ("Acme", "Dome 7", ())
    assert "does not speak ONVIF" in found.problem
    odd.replies = {"GetServices": (401, b""), "GetSystemDateAndTime": (401, b"")}
    found = await seen(odd.port, (USER, PASSWORD))
    assert found is not None
    assert found.problem == "refuses these credentials"


async def test_media_2_alone(odd: Odd) -> None:
    real(odd, rtsp=odd.port)
    odd.replies["GetServices"] = (
        200,
        "<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver20/media/wsdl</tds:Namespace>"
        "<tds:XAddr>/m</tds:XAddr></tds:Service></tds:GetServicesResponse>",
    )
    odd.replies["GetProfiles"] = (
        200,
        '<x:GetProfilesResponse><x:Profiles token="a"><x:Configurations><x:VideoEncoder><y:Encoding>H265</y:Encoding>'
        "<y:Resolution><y:Width>1280</y:Width><y:Height>720</y:Height></y:Resolution></x:VideoEncoder>"
        "</x:Configurations></x:Profiles></x:GetProfilesResponse>",
    )
    odd.replies["GetStreamUri"] = (
        200,
        f"<x:GetStreamUriResponse><x:Uri>rtsp://127.0.0.1:{odd.port}/</x:Uri></x:GetStreamUriResponse>",
    )
    found = await seen(odd.port)
    assert found is not None
    assert (found.streams, found.problem) == ("H.265 1280x720", "")


@pytest.mark.parametrize("scopes", [(), ("onvif://www.onvif.org/hardware/Garim%20virtual%20camera",)])
async def test_our_own_are_left_out(served: Served, scopes: tuple[str, ...]) -> None:
    """Known by their scopes, and by their maker where the scopes say nothing."""
    candidate = Candidate("127.0.0.1", served.port, scopes=scopes)
    credentials = (USER, PASSWORD)
    assert await look(candidate, credentials, types=types(), clock=SystemClock(), timeout=5) is None
