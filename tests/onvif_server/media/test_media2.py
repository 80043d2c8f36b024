"""The Media service, version 2, asked by zeep's strict client, and beside version 1."""

from __future__ import annotations

from typing import Any

import pytest

from vcam.base.rendition import Rendition

TEXT = {
    "token": "",
    "VideoSourceConfigurationToken": "camera_whole",
    "Type": "Text",
    "Position": {"Type": "Custom", "Pos": {"x": 0.5, "y": -0.25}},
    "TextString": {"Type": "DateAndTime", "DateFormat": "dd/MM/yyyy", "TimeFormat": "HH:mm:ss", "FontSize": 40},
}


async def _set(media2: Any, token: str, **changes: Any) -> Any:
    (encoder,) = await media2("GetVideoEncoderConfigurations", ConfigurationToken=token)
    for name, value in changes.items():
        setattr(encoder, name, value)
    await media2("SetVideoEncoderConfiguration", Configuration=encoder)
    (found,) = await media2("GetVideoEncoderConfigurations", ConfigurationToken=token)
    return encoder, found


async def test_profiles_hold_what_is_asked_for(media2: Any) -> None:
    assert [each.token for each in await media2("GetProfiles")] == ["main", "sub", "jpeg"]
    assert all(each.Configurations is None for each in await media2("GetProfiles"))
    (main,) = await media2("GetProfiles", Token="main", Type=["VideoEncoder", "Metadata"])
    held = main.Configurations
    assert (held.VideoSource, held.VideoEncoder.token, held.Metadata.token) == (None, "main_h264", "metadata")
    for profile in await media2("GetProfiles", Type=["All"]):
        held = profile.Configurations
        assert await media2("GetVideoEncoderConfigurations", ConfigurationToken=held.VideoEncoder.token) == [
            held.VideoEncoder
        ]
        assert await media2("GetVideoSourceConfigurations", ProfileToken=profile.token) == [held.VideoSource]
        assert await media2("GetMetadataConfigurations", ProfileToken=profile.token) == [held.Metadata]


async def test_both_versions_tell_the_same(media1: Any, media2: Any) -> None:
    old = {each.token: each for each in await media1("GetProfiles")}
    new = {each.token: each for each in await media2("GetProfiles", Type=["All"])}
    assert list(old) == list(new)
    for token, profile in new.items():
        one, two = old[token].VideoEncoderConfiguration, profile.Configurations.VideoEncoder
        assert (one.token, one.Name, one.UseCount, one.Encoding) == (
            two.token,
            two.Name,
            two.UseCount,
            two.Encoding,
        )
        assert (one.Resolution.Width, one.Resolution.Height) == (two.Resolution.Width, two.Resolution.Height)
        assert one.RateControl.FrameRateLimit == two.RateControl.FrameRateLimit
        assert one.RateControl.BitrateLimit == two.RateControl.BitrateLimit
        assert (one.Quality, one.Multicast.Address.IPv4Address) == (
            two.Quality,
            two.Multicast.Address.IPv4Address,
        )
        if one.H264 is not None:
            assert (one.H264.GovLength, one.H264.H264Profile) == (two.GovLength, two.Profile)
        assert (
            old[token].VideoSourceConfiguration.Bounds.width == profile.Configurations.VideoSource.Bounds.width
        )
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        uri = await media1("GetStreamUri", StreamSetup=setup, ProfileToken=token)
        assert uri.Uri == await media2("GetStreamUri", Protocol="RTSP", ProfileToken=token)
        still = await media1("GetSnapshotUri", ProfileToken=token)
        assert still.Uri == await media2("GetSnapshotUri", ProfileToken=token)


async def test_what_is_offered_by_one_version_is_taken_by_both(media1: Any, media2: Any) -> None:
    offers = await media2("GetVideoEncoderConfigurationOptions", ConfigurationToken="sub_encoder")
    assert [each.Encoding for each in offers] == ["H264", "H265"]
    old = await media1("GetVideoEncoderConfigurationOptions", ConfigurationToken="sub_encoder")
    sizes = [(each.Width, each.Height) for each in offers[0].ResolutionsAvailable]
    assert sizes == [(each.Width, each.Height) for each in old.H264.ResolutionsAvailable]
    assert offers[0].FrameRatesSupported[0] == old.H264.FrameRateRange.Max
    assert list(offers[0].GovLengthRange) == [old.H264.GovLengthRange.Min, old.H264.GovLengthRange.Max]
    assert [each.Encoding for each in await media2("GetVideoEncoderConfigurationOptions")] == [
        "H264",
        "H265",
        "JPEG",
    ]


async def test_h265_is_for_this_version_alone(media1: Any, media2: Any, running: Any, refused: Any) -> None:
    _, found = await _set(media2, "main_h264", Encoding="H265", Profile="Main")
    assert running.camera.streams[0].codec == "h265"
    assert (found.Encoding, found.Profile) == ("H265", "Main")
    assert [each.token for each in await media1("GetProfiles")] == ["sub", "jpeg"]
    assert [each.token for each in await media1("GetVideoEncoderConfigurations")] == [
        "sub_encoder",
        "jpeg_encoder",
    ]
    no_config = ["InvalidArgVal", "NoConfig"]
    assert await refused(media1, "GetVideoEncoderConfiguration", ConfigurationToken="main_h264") == no_config
    assert await refused(media1, "GetProfile", ProfileToken="main") == ["InvalidArgVal", "NoProfile"]
    assert (await media1("GetVideoEncoderConfigurationOptions")).H264 is not None
    await _set(media2, "main_h264", Encoding="H264", Profile="High")
    assert [each.token for each in await media1("GetProfiles")] == ["main", "sub", "jpeg"]


async def test_a_setting_acts_on_the_stream_and_stays(media2: Any, running: Any, notices: list[Any]) -> None:
    control = {"FrameRateLimit": 12.5, "BitrateLimit": 300, "ConstantBitRate": False}
    size = {"Width": 320, "Height": 180}
    asked, found = await _set(media2, "sub_encoder", Resolution=size, RateControl=control, GovLength=40)
    assert running.camera.streams[1] == Rendition("sub", "h264", 320, 180, 12.5, 300_000, 40)
    assert (found.Resolution.Width, found.GovLength, found.RateControl.BitrateLimit) == (320, 40, 300)
    assert asked.token == found.token
    assert [(each.topic, dict(each.source)) for each in notices] == [
        ("Media/ConfigurationChanged", {"Token": "sub_encoder", "Type": "VideoEncoder"})
    ]


async def test_a_bit_rate_out_of_range_is_adapted(media2: Any) -> None:
    control = {"FrameRateLimit": 25, "BitrateLimit": 10_000_000}
    _, found = await _set(media2, "main_h264", RateControl=control)
    (offer, _) = await media2("GetVideoEncoderConfigurationOptions", ConfigurationToken="main_h264")
    assert found.RateControl.BitrateLimit == offer.BitrateRange.Max


async def test_a_profile_is_made_with_its_configurations(media2: Any, refused: Any, notices: list[Any]) -> None:
    references = [
        {"Type": "VideoSource", "Token": "camera_whole"},
        {"Type": "VideoEncoder", "Token": "sub_encoder"},
    ]
    token = await media2("CreateProfile", Name="Wall", Configuration=references)
    (made,) = await media2("GetProfiles", Token=token, Type=["All"])
    assert (made.Name, made.fixed, made.Configurations.VideoEncoder.token) == ("Wall", False, "sub_encoder")
    change = [{"Type": "VideoEncoder", "Token": "jpeg_encoder"}, {"Type": "Metadata", "Token": "metadata"}]
    await media2("AddConfiguration", ProfileToken=token, Name="Wall 2", Configuration=change)
    (made,) = await media2("GetProfiles", Token=token, Type=["All"])
    assert (made.Name, made.Configurations.VideoEncoder.token) == ("Wall 2", "jpeg_encoder")
    conflict = ["Action", "ConfigurationConflict"]
    source = {"ProfileToken": token, "Configuration": [{"Type": "VideoSource"}]}
    assert await refused(media2, "RemoveConfiguration", **source) == conflict
    await media2("RemoveConfiguration", ProfileToken=token, Configuration=[{"Type": "All"}])
    (made,) = await media2("GetProfiles", Token=token, Type=["All"])
    assert made.Configurations is None
    lone = {"ProfileToken": token, "Configuration": [{"Type": "VideoEncoder", "Token": "main_h264"}]}
    assert await refused(media2, "AddConfiguration", **lone) == conflict
    await media2("DeleteProfile", Token=token)
    assert [each.source["Token"] for each in notices] == [token] * 4


@pytest.mark.parametrize("protocol", ["RtspUnicast", "RtspMulticast", "RTSP"])
async def test_the_stream_is_where_the_client_is(media2: Any, protocol: str) -> None:
    found = await media2("GetStreamUri", Protocol=protocol, ProfileToken="sub")
    assert found == "rtsp://127.0.0.1:8554/front/sub"


async def test_the_tunnel_is_on_the_web_servers_port(media2: Any, running: Any) -> None:
    found = await media2("GetStreamUri", Protocol="RtspOverHttp", ProfileToken="sub")
    assert found == f"{running.url}/front/sub"


async def test_over_tls_the_stream_has_a_url_of_its_own(media2: Any, running: Any) -> None:
    running.camera.secure = True
    found = await media2("GetStreamUri", Protocol="RtspsUnicast", ProfileToken="sub")
    assert found == "rtsps://127.0.0.1:8322/front/sub"


async def test_encoder_instances_fit_the_streams(media2: Any) -> None:
    info = await media2("GetVideoEncoderInstances", ConfigurationToken="camera_whole")
    assert info.Total == 3
    assert {each.Encoding: each.Number for each in info.Codec} == {"JPEG": 1, "H264": 2, "H265": 2}
    capabilities = await media2("GetServiceCapabilities")
    assert capabilities.ProfileCapabilities.MaximumNumberOfProfiles >= 3 + info.Total
    assert capabilities.ProfileCapabilities.ConfigurationsSupported == [
        "VideoSource",
        "VideoEncoder",
        "Metadata",
        "Analytics",
    ]


async def test_text_is_drawn_into_the_picture(media2: Any, running: Any, refused: Any) -> None:
    options = await media2("GetOSDOptions", ConfigurationToken="camera_whole")
    token = await media2("CreateOSD", OSD=TEXT)
    (overlay,) = running.camera.overlays
    assert (overlay.kind, overlay.x, overlay.y, overlay.size) == ("date_and_time", 0.5, -0.25, 40)
    (osd,) = await media2("GetOSDs", OSDToken=token)
    assert (osd.Position.Pos.x, osd.TextString.DateFormat) == (0.5, "dd/MM/yyyy")
    for text_type in options.TextOption.Type:
        osd.TextString = {"Type": text_type, "PlainText": "Gate"}
        for position in options.PositionOption:
            osd.Position = {"Type": position, "Pos": {"x": 0, "y": 0} if position == "Custom" else None}
            await media2("SetOSD", OSD=osd)
    osd.TextString = {"Type": "Plain"}
    assert await refused(media2, "SetOSD", OSD=osd) == ["InvalidArgVal", "ConfigModify"]
    for _ in range(options.MaximumNumberOfOSDs.Total - 1):
        await media2("CreateOSD", OSD=TEXT)
    assert await refused(media2, "CreateOSD", OSD=TEXT) == ["Action", "MaxOSDs"]
    await media2("DeleteOSD", OSDToken=token)
    assert len(await media2("GetOSDs", ConfigurationToken="camera_whole")) == len(running.camera.overlays) == 7


async def test_metadata_carries_events_or_not(media2: Any, running: Any) -> None:
    media = running.device.media
    (metadata,) = await media2("GetMetadataConfigurations")
    assert media.metadata.events
    metadata.Events = None
    await media2("SetMetadataConfiguration", Configuration=metadata)
    assert not media.metadata.events
    metadata.Events = {"Filter": None}
    await media2("SetMetadataConfiguration", Configuration=metadata)
    assert media.metadata.events


@pytest.mark.parametrize(
    ("operation", "arguments", "subcodes"),
    [
        ("GetProfiles", {"Token": "other"}, ["InvalidArgVal", "NoProfile"]),
        ("DeleteProfile", {"Token": "main"}, ["Action", "DeletionOfFixedProfile"]),
        (
            "CreateProfile",
            {"Name": "x", "Configuration": [{"Type": "VideoEncoder", "Token": "main_h264"}]},
            ["Action", "ConfigurationConflict"],
        ),
        (
            "CreateProfile",
            {"Name": "x", "Configuration": [{"Type": "AudioSource", "Token": "a"}]},
            ["InvalidArgVal", "NoConfig"],
        ),
        (
            "AddConfiguration",
            {"ProfileToken": "other", "Configuration": []},
            ["InvalidArgVal", "NoProfile"],
        ),
        (
            "AddConfiguration",
            {"ProfileToken": "main", "Configuration": [{"Type": "VideoEncoder", "Token": "other"}]},
            ["InvalidArgVal", "NoConfig"],
        ),
        ("GetVideoEncoderConfigurations", {"ConfigurationToken": "other"}, ["InvalidArgVal", "NoConfig"]),
        ("GetVideoSourceConfigurationOptions", {"ProfileToken": "other"}, ["InvalidArgVal", "NoProfile"]),
        (
            "GetStreamUri",
            {"Protocol": "RtspsUnicast", "ProfileToken": "main"},
            ["InvalidArgVal", "InvalidStreamSetup"],
        ),
        ("GetVideoEncoderInstances", {"ConfigurationToken": "other"}, ["InvalidArgVal", "NoConfig"]),
        ("SetSynchronizationPoint", {"ProfileToken": "other"}, ["InvalidArgVal", "NoProfile"]),
    ],
)
async def test_what_is_wrong_is_named(
    media2: Any, refused: Any, operation: str, arguments: Any, subcodes: list[str]
) -> None:
    before = await media2("GetProfiles", Type=["All"])
    assert await refused(media2, operation, **arguments) == subcodes
    assert await media2("GetProfiles", Type=["All"]) == before
