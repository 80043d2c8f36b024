"""The Media service, asked by zeep's strict client."""

from __future__ import annotations

from typing import Any

import pytest
from zeep.exceptions import Fault

from onvif_server import VideoStatus
from onvif_server.wsdl import MEDIA

SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}


@pytest.fixture
def media(client: Any) -> Any:
    return client(MEDIA)


async def test_a_profile_and_its_source_fit_together(media: Any) -> None:
    (profile,) = await media("GetProfiles")
    (source,) = await media("GetVideoSources")
    assert profile.VideoSourceConfiguration.SourceToken == source.token
    encoder = profile.VideoEncoderConfiguration
    assert encoder.Encoding == "H264"
    assert encoder.RateControl.FrameRateLimit == 25
    assert encoder.SessionTimeout.total_seconds() == 60
    assert await media("GetProfile", ProfileToken=profile.token) == profile
    assert await media("GetVideoEncoderConfigurations") == [encoder]
    assert await media("GetVideoEncoderConfiguration", ConfigurationToken=encoder.token) == encoder
    assert await media("GetCompatibleVideoEncoderConfigurations", ProfileToken=profile.token) == [encoder]
    whole = profile.VideoSourceConfiguration
    assert await media("GetVideoSourceConfigurations") == [whole]
    assert await media("GetVideoSourceConfiguration", ConfigurationToken=whole.token) == whole
    assert await media("GetCompatibleVideoSourceConfigurations", ProfileToken=profile.token) == [whole]
    number = await media("GetGuaranteedNumberOfVideoEncoderInstances", ConfigurationToken=whole.token)
    assert (number.TotalNumber, number.H264) == (1, 1)
    assert (await media("GetServiceCapabilities")).SnapshotUri is True


async def test_it_tells_the_stream_as_it_is_now(media: Any, running: Any) -> None:
    running.camera.status = VideoStatus(704, 480, 29.97, 1_500_000, 60, "High")
    (profile,) = await media("GetProfiles")
    encoder = profile.VideoEncoderConfiguration
    assert (encoder.Resolution.Width, encoder.Resolution.Height) == (704, 480)
    assert (encoder.RateControl.FrameRateLimit, encoder.RateControl.BitrateLimit) == (30, 1500)
    assert (encoder.H264.GovLength, encoder.H264.H264Profile) == (60, "High")
    options = await media("GetVideoEncoderConfigurationOptions")
    assert options.H264.H264ProfilesSupported == ["High"]
    assert options.H264.ResolutionsAvailable[0].Width == 704
    bounds = (await media("GetVideoSourceConfigurationOptions")).BoundsRange
    assert (bounds.WidthRange.Max, bounds.HeightRange.Max) == (704, 480)


@pytest.mark.parametrize("protocol", ["UDP", "TCP", "RTSP"])
async def test_the_stream_is_where_the_client_is(media: Any, protocol: str) -> None:
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": protocol}}
    found = await media("GetStreamUri", StreamSetup=setup, ProfileToken="main")
    assert found.Uri == "rtsp://127.0.0.1:8554/front/main"
    assert "@" not in found.Uri


async def test_the_still_is_where_the_client_is(media: Any, running: Any) -> None:
    assert (await media("GetSnapshotUri", ProfileToken="main")).Uri == f"{running.url}/snapshot"


@pytest.mark.parametrize(
    ("operation", "arguments", "subcode"),
    [
        ("GetProfile", {"ProfileToken": "other"}, "NoProfile"),
        ("GetSnapshotUri", {"ProfileToken": "other"}, "NoProfile"),
        ("GetStreamUri", {"StreamSetup": SETUP, "ProfileToken": "other"}, "NoProfile"),
        ("GetVideoSourceConfiguration", {"ConfigurationToken": "other"}, "NoConfig"),
        ("GetVideoEncoderConfiguration", {"ConfigurationToken": "other"}, "NoConfig"),
        ("GetVideoEncoderConfigurationOptions", {"ProfileToken": "other"}, "NoProfile"),
        ("GetGuaranteedNumberOfVideoEncoderInstances", {"ConfigurationToken": "other"}, "NoConfig"),
        (
            "GetStreamUri",
            {"StreamSetup": {**SETUP, "Stream": "RTP-Multicast"}, "ProfileToken": "main"},
            "InvalidStreamSetup",
        ),
        (
            "GetStreamUri",
            {"StreamSetup": {**SETUP, "Transport": {"Protocol": "HTTP"}}, "ProfileToken": "main"},
            "InvalidStreamSetup",
        ),
    ],
)
async def test_what_is_not_there_is_named(media: Any, operation: str, arguments: Any, subcode: str) -> None:
    with pytest.raises(Fault) as caught:
        await media(operation, **arguments)
    assert [each.localname for each in caught.value.subcodes] == ["InvalidArgVal", subcode]


@pytest.mark.parametrize("operation", ["GetAudioSources", "GetMetadataConfigurations"])
async def test_what_is_absent_is_not_implemented(media: Any, operation: str) -> None:
    with pytest.raises(Fault, match="not implemented"):
        await media(operation)
