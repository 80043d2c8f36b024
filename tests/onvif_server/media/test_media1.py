"""The Media service, version 1, asked by zeep's strict client."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from zeep.exceptions import Fault

from onvif_server import VideoStatus
from onvif_server.dispatch import Call
from onvif_server.media import MediaService
from onvif_server.soap import Fault as OnvifFault
from onvif_server.soap import Request
from onvif_server.wsdl import MEDIA
from tests.support.physical import StandInPhysical
from vcam.base.errors import EncodeError
from vcam.base.rendition import Rendition

STREAMS = (Rendition("main"), Rendition("sub", width=640), Rendition("jpeg", codec="mjpeg", width=640))
SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
TEXT = {
    "token": "",
    "VideoSourceConfigurationToken": "camera_whole",
    "Type": "Text",
    "Position": {"Type": "UpperLeft"},
    "TextString": {"Type": "Plain", "PlainText": "Gate 4"},
}


def _setup(protocol: str, stream: str = "RTP-Unicast") -> dict[str, Any]:
    return {"Stream": stream, "Transport": {"Protocol": protocol}}


async def test_profiles_and_their_parts_fit_together(media1: Any) -> None:
    profiles = await media1("GetProfiles")
    assert [each.token for each in profiles] == ["main", "sub", "jpeg"]
    assert all(each.fixed for each in profiles)
    (source,) = await media1("GetVideoSources")
    encoders = [each.VideoEncoderConfiguration for each in profiles]
    assert [each.Encoding for each in encoders] == ["H264", "H264", "JPEG"]
    for profile, encoder in zip(profiles, encoders, strict=True):
        whole = profile.VideoSourceConfiguration
        assert whole.SourceToken == source.token
        assert (whole.Bounds.width, whole.Bounds.height) == (source.Resolution.Width, source.Resolution.Height)
        assert encoder.SessionTimeout.total_seconds() == 60
        assert encoder.RateControl.FrameRateLimit >= 1
        assert await media1("GetProfile", ProfileToken=profile.token) == profile
        assert await media1("GetVideoEncoderConfiguration", ConfigurationToken=encoder.token) == encoder
        found = await media1("GetCompatibleVideoEncoderConfigurations", ProfileToken=profile.token)
        assert found == encoders
        metadata = profile.MetadataConfiguration
        assert await media1("GetMetadataConfiguration", ConfigurationToken=metadata.token) == metadata
        assert await media1("GetCompatibleMetadataConfigurations", ProfileToken=profile.token) == [metadata]
        found = await media1("GetCompatibleVideoSourceConfigurations", ProfileToken=profile.token)
        assert found == [whole] == await media1("GetVideoSourceConfigurations")
        assert await media1("GetVideoSourceConfiguration", ConfigurationToken=whole.token) == whole
    assert await media1("GetVideoEncoderConfigurations") == encoders
    number = await media1("GetGuaranteedNumberOfVideoEncoderInstances", ConfigurationToken="camera_whole")
    assert (number.TotalNumber, number.H264, number.JPEG) == (3, 2, 1)


async def test_it_tells_the_stream_as_it_is_now(media1: Any, running: Any) -> None:
    running.camera.status = VideoStatus(704, 480, 29.97, 1_500_000, 60, "Main")
    main, sub, jpeg = [each.VideoEncoderConfiguration for each in await media1("GetProfiles")]
    assert (main.Resolution.Width, main.Resolution.Height) == (704, 480)
    assert (main.RateControl.FrameRateLimit, main.RateControl.BitrateLimit) == (30, 1500)
    assert (main.H264.GovLength, main.H264.H264Profile) == (60, "Main")
    assert (sub.Resolution.Width, sub.Resolution.Height, sub.RateControl.FrameRateLimit) == (640, 436, 15)
    assert (jpeg.Resolution.Width, jpeg.Resolution.Height, jpeg.RateControl.FrameRateLimit) == (640, 440, 5)
    bounds = (await media1("GetVideoSourceConfigurationOptions")).BoundsRange
    assert (bounds.WidthRange.Max, bounds.HeightRange.Max) == (704, 480)


async def test_options_are_of_the_encoder_that_is_asked_for(media1: Any) -> None:
    every = await media1("GetVideoEncoderConfigurationOptions")
    assert every.H264.ResolutionsAvailable
    assert every.JPEG.ResolutionsAvailable
    of_jpeg = await media1("GetVideoEncoderConfigurationOptions", ConfigurationToken="jpeg_encoder")
    assert of_jpeg.H264 is None
    assert (of_jpeg.QualityRange.Min, of_jpeg.QualityRange.Max) == (1, 100)
    of_main = await media1("GetVideoEncoderConfigurationOptions", ProfileToken="main")
    assert of_main.JPEG is None
    assert of_main.H264.H264ProfilesSupported == ["High"]
    assert [each.Width for each in of_main.H264.ResolutionsAvailable] == [1280, 960, 852, 640, 426, 320]


async def test_a_setting_acts_on_the_stream_and_stays(media1: Any, running: Any) -> None:
    encoder = await media1("GetVideoEncoderConfiguration", ConfigurationToken="main_h264")
    encoder.Resolution.Width, encoder.Resolution.Height = 640, 360
    encoder.RateControl.FrameRateLimit, encoder.RateControl.BitrateLimit = 10, 500
    encoder.H264.GovLength = 20
    await media1("SetVideoEncoderConfiguration", Configuration=encoder, ForcePersistence=True)
    assert running.camera.streams[0] == Rendition("main", "h264", 640, 360, 10.0, 500_000, 20)
    assert await media1("GetVideoEncoderConfiguration", ConfigurationToken="main_h264") == encoder
    # The source is what it was, whatever is made of it.
    (source,) = await media1("GetVideoSources")
    assert source.Resolution.Width == 1280


async def test_jpeg_has_a_quality(media1: Any, running: Any) -> None:
    encoder = await media1("GetVideoEncoderConfiguration", ConfigurationToken="jpeg_encoder")
    encoder.Quality = 40
    await media1("SetVideoEncoderConfiguration", Configuration=encoder, ForcePersistence=False)
    assert running.camera.streams[2].quality == 40


async def test_a_wrong_setting_changes_nothing(media1: Any, running: Any, refused: Any) -> None:
    encoder = await media1("GetVideoEncoderConfiguration", ConfigurationToken="main_h264")
    encoder.Resolution.Width = 641
    wrong = {"Configuration": encoder, "ForcePersistence": True}
    assert await refused(media1, "SetVideoEncoderConfiguration", **wrong) == ["InvalidArgVal", "ConfigModify"]
    encoder.Resolution.Width, encoder.Encoding = 1280, "JPEG"
    assert await refused(media1, "SetVideoEncoderConfiguration", **wrong) == ["InvalidArgVal", "ConfigModify"]
    assert running.camera.streams[0] == Rendition("main")


async def test_what_the_camera_refuses_is_a_fault(
    media1: Any, running: Any, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def encode(*_: object) -> None:
        raise EncodeError("The encoder cannot be opened", mend="Choose another size")

    monkeypatch.setattr(running.camera, "encode", encode)
    before = await media1("GetVideoEncoderConfiguration", ConfigurationToken="main_h264")
    encoder = await media1("GetVideoEncoderConfiguration", ConfigurationToken="main_h264")
    encoder.H264.GovLength = 10
    wrong = {"Configuration": encoder, "ForcePersistence": True}
    assert await refused(media1, "SetVideoEncoderConfiguration", **wrong) == ["InvalidArgVal", "ConfigModify"]
    assert await media1("GetVideoEncoderConfiguration", ConfigurationToken="main_h264") == before


async def test_a_client_may_make_a_profile_of_its_own(media1: Any, notices: list[Any]) -> None:
    empty = await media1("CreateProfile", Name="Wall", Token="wall")
    assert (empty.token, empty.fixed, empty.VideoSourceConfiguration) == ("wall", False, None)
    wall = {"ProfileToken": "wall"}
    await media1("AddVideoSourceConfiguration", ConfigurationToken="camera_whole", **wall)
    await media1("AddVideoEncoderConfiguration", ConfigurationToken="sub_encoder", **wall)
    await media1("AddMetadataConfiguration", ConfigurationToken="metadata", **wall)
    made = await media1("GetProfile", **wall)
    assert made.VideoEncoderConfiguration.token == "sub_encoder"
    assert made.VideoEncoderConfiguration.UseCount == 2
    uri = await media1("GetStreamUri", StreamSetup=SETUP, **wall)
    assert uri.Uri.endswith("/front/sub")
    await media1("RemoveMetadataConfiguration", **wall)
    await media1("RemoveMetadataConfiguration", **wall)
    await media1("RemoveVideoEncoderConfiguration", **wall)
    await media1("RemoveVideoSourceConfiguration", **wall)
    assert await media1("GetProfile", **wall) == empty
    await media1("DeleteProfile", **wall)
    assert "wall" not in [each.token for each in await media1("GetProfiles")]
    assert [each.topic for each in notices] == ["Media/ProfileChanged"] * 8
    assert {each.source["Token"] for each in notices} == {"wall"}


async def test_what_a_client_leaves_out_of_an_encoder_stays(media1: Any, running: Any) -> None:
    before = await media1("GetVideoEncoderConfiguration", ConfigurationToken="sub_encoder")
    call = Call("127.0.0.1:80", "127.0.0.1", "127.0.0.1", "operator", level="Administrator")

    async def ask(token: str, inner: str) -> None:
        asked = etree.fromstring(
            f'<SetVideoEncoderConfiguration xmlns="{MEDIA}" xmlns:tt="http://www.onvif.org/ver10/schema">'
            f'<Configuration token="{token}">{inner}</Configuration>'
            "<ForcePersistence>true</ForcePersistence></SetVideoEncoderConfiguration>"
        )
        await running.device._dispatcher.answer(Request("1.2", asked), call)

    await ask("sub_encoder", "<tt:H264><tt:GovLength>45</tt:GovLength></tt:H264>")
    after = await media1("GetVideoEncoderConfiguration", ConfigurationToken="sub_encoder")
    assert after.H264.GovLength == 45
    after.H264.GovLength = before.H264.GovLength
    assert after == before
    for token, inner in (
        ("other", ""),
        ("sub_encoder", "<tt:H264><tt:GovLength>x</tt:GovLength></tt:H264>"),
        ("sub_encoder", "<tt:Name>a</tt:Name><tt:Name>b</tt:Name>"),
    ):
        with pytest.raises(OnvifFault):
            await ask(token, inner)


@pytest.mark.parametrize("protocol", ["UDP", "TCP", "RTSP"])
@pytest.mark.parametrize("profile", ["main", "sub", "jpeg"])
async def test_the_stream_is_where_the_client_is(media1: Any, protocol: str, profile: str) -> None:
    found = await media1("GetStreamUri", StreamSetup=_setup(protocol), ProfileToken=profile)
    assert found.Uri == f"rtsp://127.0.0.1:8554/front/{profile}"
    assert "@" not in found.Uri


async def test_the_tunnel_is_on_the_web_servers_port(media1: Any, running: Any) -> None:
    found = await media1("GetStreamUri", StreamSetup=_setup("HTTP"), ProfileToken="sub")
    assert found.Uri == f"http://127.0.0.1:{running.port}/front/sub"


async def test_multicast_is_started_and_stopped(media1: Any, notices: list[Any]) -> None:
    found = await media1("GetStreamUri", StreamSetup=_setup("UDP", "RTP-Multicast"), ProfileToken="main")
    assert found.Uri.endswith("/front/main")

    async def started() -> list[bool]:
        return [each.Multicast.AutoStart for each in await media1("GetVideoEncoderConfigurations")]

    assert await started() == [False] * 3
    await media1("StartMulticastStreaming", ProfileToken="sub")
    assert await started() == [False, True, False]
    await media1("StopMulticastStreaming", ProfileToken="sub")
    await media1("StopMulticastStreaming", ProfileToken="sub")
    assert await started() == [False] * 3
    assert {each.source["Token"] for each in notices} == {"sub_encoder", "metadata"}


async def test_snapshots_follow_the_profile(media1: Any, running: Any) -> None:
    assert (await media1("GetSnapshotUri", ProfileToken="main")).Uri == f"{running.url}/snapshot"
    assert (await media1("GetSnapshotUri", ProfileToken="sub")).Uri == f"{running.url}/snapshot/sub"


async def test_a_synchronisation_point_forces_a_key_picture(media1: Any, running: Any) -> None:
    await media1("SetSynchronizationPoint", ProfileToken="sub")
    assert running.camera.keys == ["sub"]


async def test_text_is_drawn_into_the_picture(media1: Any, running: Any) -> None:
    token = await media1("CreateOSD", OSD=TEXT)
    token = getattr(token, "OSDToken", token)
    (overlay,) = running.camera.overlays
    assert (overlay.text, overlay.x, overlay.y) == ("Gate 4", -1.0, 1.0)
    osd = (await media1("GetOSD", OSDToken=token)).OSD
    osd.TextString.PlainText = "Gate 5"
    await media1("SetOSD", OSD=osd)
    (found,) = await media1("GetOSDs", ConfigurationToken="camera_whole")
    assert found.TextString.PlainText == running.camera.overlays[0].text == "Gate 5"
    await media1("DeleteOSD", OSDToken=token)
    assert running.camera.overlays == ()


async def test_the_metadata_configuration_is_set(media1: Any, running: Any, notices: list[Any]) -> None:
    (metadata,) = await media1("GetMetadataConfigurations")
    metadata.Analytics = False
    metadata.Multicast.Address.IPv4Address, metadata.Multicast.Port = "239.7.7.7", 7000
    await media1("SetMetadataConfiguration", Configuration=metadata, ForcePersistence=True)
    assert running.device.media.metadata.analytics is False
    assert running.device.media.metadata_multicast()[:2] == ("239.7.7.7", 7000)
    assert [each.source for each in notices] == [{"Token": "metadata", "Type": "Metadata"}]
    options = await media1("GetMetadataConfigurationOptions")
    assert options.PTZStatusFilterOptions.PanTiltStatusSupported is False


async def test_the_source_configuration_has_a_name_to_change(media1: Any, refused: Any) -> None:
    (whole,) = await media1("GetVideoSourceConfigurations")
    whole.Name = "Yard"
    await media1("SetVideoSourceConfiguration", Configuration=whole, ForcePersistence=True)
    assert await media1("GetVideoSourceConfigurations") == [whole]
    whole.Bounds.width = 640
    wrong = {"Configuration": whole, "ForcePersistence": True}
    assert await refused(media1, "SetVideoSourceConfiguration", **wrong) == ["InvalidArgVal", "ConfigModify"]


@pytest.mark.parametrize(
    ("operation", "arguments", "subcodes"),
    [
        ("GetProfile", {"ProfileToken": "other"}, ["InvalidArgVal", "NoProfile"]),
        ("GetSnapshotUri", {"ProfileToken": "other"}, ["InvalidArgVal", "NoProfile"]),
        ("GetStreamUri", {"StreamSetup": SETUP, "ProfileToken": "other"}, ["InvalidArgVal", "NoProfile"]),
        ("SetSynchronizationPoint", {"ProfileToken": "other"}, ["InvalidArgVal", "NoProfile"]),
        ("StartMulticastStreaming", {"ProfileToken": "other"}, ["InvalidArgVal", "NoProfile"]),
        ("DeleteProfile", {"ProfileToken": "other"}, ["InvalidArgVal", "NoProfile"]),
        ("DeleteProfile", {"ProfileToken": "main"}, ["Action", "DeletionOfFixedProfile"]),
        ("CreateProfile", {"Name": "x", "Token": "main"}, ["InvalidArgVal", "ProfileExists"]),
        ("RemoveVideoSourceConfiguration", {"ProfileToken": "main"}, ["Action", "ConfigurationConflict"]),
        ("GetVideoSourceConfiguration", {"ConfigurationToken": "other"}, ["InvalidArgVal", "NoConfig"]),
        ("GetVideoEncoderConfiguration", {"ConfigurationToken": "other"}, ["InvalidArgVal", "NoConfig"]),
        ("GetMetadataConfiguration", {"ConfigurationToken": "other"}, ["InvalidArgVal", "NoConfig"]),
        ("GetVideoEncoderConfigurationOptions", {"ProfileToken": "other"}, ["InvalidArgVal", "NoProfile"]),
        (
            "GetGuaranteedNumberOfVideoEncoderInstances",
            {"ConfigurationToken": "other"},
            ["InvalidArgVal", "NoConfig"],
        ),
        (
            "AddVideoEncoderConfiguration",
            {"ProfileToken": "main", "ConfigurationToken": "other"},
            ["InvalidArgVal", "NoConfig"],
        ),
        (
            "AddPTZConfiguration",
            {"ProfileToken": "main", "ConfigurationToken": "ptz"},
            ["ActionNotSupported", "PTZNotSupported"],
        ),
        (
            "GetStreamUri",
            {"StreamSetup": _setup("RTSP", "RTP-Multicast"), "ProfileToken": "main"},
            ["InvalidArgVal", "InvalidStreamSetup"],
        ),
        ("GetOSD", {"OSDToken": "other"}, ["InvalidArgVal", "NoConfig"]),
        ("DeleteOSD", {"OSDToken": "other"}, ["InvalidArgVal", "NoConfig"]),
        ("GetOSDOptions", {"ConfigurationToken": "other"}, ["InvalidArgVal", "NoConfig"]),
    ],
)
async def test_what_is_wrong_is_named(
    media1: Any, refused: Any, operation: str, arguments: Any, subcodes: list[str]
) -> None:
    assert await refused(media1, operation, **arguments) == subcodes


async def test_profiles_turn_a_camera_that_can_be_turned(build: Any) -> None:
    device = build(streams=STREAMS, physical=StandInPhysical()).device
    call = Call("127.0.0.1:80", "127.0.0.1", "127.0.0.1", "operator")
    service = MediaService(device.media)
    profiles: Any = (await service.GetProfiles(call))["Profiles"]
    assert [each["PTZConfiguration"]["token"] for each in profiles] == ["ptz"] * 3
    await service.RemovePTZConfiguration(call, "sub")
    assert device.media.holding("PTZ") == {"main": True, "sub": False, "jpeg": True}
    left: Any = (await service.GetProfile(call, "main"))["Profile"]
    assert left["PTZConfiguration"]["UseCount"] == 2
    with pytest.raises(OnvifFault) as caught:
        await service.AddPTZConfiguration(call, "sub", "other")
    assert caught.value.subcodes == ("InvalidArgVal", "NoConfig")
    await service.AddPTZConfiguration(call, "sub", "ptz")
    assert device.media.holding("PTZ")["sub"]


async def test_an_empty_profile_has_no_stream(media1: Any, refused: Any) -> None:
    await media1("CreateProfile", Name="Empty", Token="empty")
    found = await refused(media1, "GetStreamUri", StreamSetup=SETUP, ProfileToken="empty")
    assert found == ["Action", "IncompleteConfiguration"]
    found = await refused(media1, "StartMulticastStreaming", ProfileToken="empty")
    assert found == ["Action", "IncompleteConfiguration"]


@pytest.mark.parametrize("operation", ["GetAudioSources", "GetAudioEncoderConfigurations"])
async def test_what_is_absent_is_not_implemented(media1: Any, operation: str) -> None:
    with pytest.raises(Fault, match="not implemented"):
        await media1(operation)
