"""The Media service, version 1 (media.wsdl): one method for each operation, named after it.

It has no word for H.265: encoders set to it, and profiles with them, are the Media2 service's alone.
"""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from lxml import etree

from onvif_server.dispatch import Call, Patch
from onvif_server.media import common, written1
from onvif_server.media.common import Written
from onvif_server.media.encoder import Encoder, Ranges, Values
from onvif_server.media.live import Media
from onvif_server.media.omitted import whole
from onvif_server.media.profile import Profile
from onvif_server.media.state import State, checked_source, no_configuration
from onvif_server.media.tokens import METADATA_CONFIGURATION, VIDEO_SOURCE, Kind
from onvif_server.media.uri import snapshot_uri, stream_uri, tunnel_uri
from onvif_server.soap import invalid
from onvif_server.wsdl import MEDIA

_UNICAST = frozenset({"UDP", "TCP", "RTSP", "HTTP"})


def capabilities(media: Media) -> Written:
    """What GetServiceCapabilities tells."""
    return {
        "SnapshotUri": True,
        "Rotation": False,
        "VideoSourceMode": False,
        "OSD": True,
        "ProfileCapabilities": {"MaximumNumberOfProfiles": media.state.most_profiles},
        "StreamingCapabilities": {**streaming(), "NonAggregateControl": False, "NoRTSPStreaming": False},
    }


def streaming() -> Written:
    """What GetCapabilities tells."""
    return {"RTPMulticast": True, "RTP_TCP": True, "RTP_RTSP_TCP": True}


class MediaService:
    """The Media service of one virtual device. `patches` as Dispatcher has them."""

    def __init__(self, media: Media) -> None:
        self._media = media
        self.patches: Mapping[str, Patch] = {"SetVideoEncoderConfiguration": self._whole}

    def _whole(self, request: etree._Element) -> etree._Element:
        """A request that sets an encoder, with what of its configuration the client does not want to change."""

        def present(token: str) -> Written:
            return written1.encoder(self._media, self._encoder(token))

        return whole(request, f"{{{MEDIA}}}GetVideoEncoderConfiguration", present)

    # What this version of the service can see

    def _encoders(self) -> list[Encoder]:
        return [each for each in self._media.state.encoders if self._visible(each)]

    def _visible(self, encoder: Encoder) -> bool:
        return self._media.rendition(encoder.stream).codec != "h265"

    def _encoder(self, token: str) -> Encoder:
        encoder = self._media.state.encoder(token)
        if not self._visible(encoder):
            raise no_configuration(token)
        return encoder

    def _profiles(self) -> list[Profile]:
        return [each for each in self._media.state.profiles if self._shown(each)]

    def _shown(self, profile: Profile) -> bool:
        token = profile.configurations.get("VideoEncoder")
        return token is None or self._visible(self._media.state.encoder(token))

    def _profile(self, token: str) -> Profile:
        profile = self._media.state.profile(token)
        if not self._shown(profile):
            raise invalid(f"The profile {token!r} is H.265, which this service cannot tell", "NoProfile")
        return profile

    async def GetServiceCapabilities(self, call: Call) -> Written:
        return {"Capabilities": capabilities(self._media)}

    async def GetVideoSources(self, call: Call) -> Written:
        picture = self._media.picture()
        resolution = {"Width": picture.width, "Height": picture.height}
        source = {"token": VIDEO_SOURCE, "Framerate": picture.fps, "Resolution": resolution}
        return {"VideoSources": [source]}

    async def CreateProfile(self, call: Call, Name: str, Token: str | None) -> Written:
        created: list[Profile] = []

        def create(state: State) -> State:
            after, profile = state.creating(Name, Token or None)
            created.append(profile)
            return after

        await self._media.change(create)
        return {"Profile": written1.profile(self._media, created[-1])}

    async def GetProfiles(self, call: Call) -> Written:
        return {"Profiles": [written1.profile(self._media, each) for each in self._profiles()]}

    async def GetProfile(self, call: Call, ProfileToken: str) -> Written:
        return {"Profile": written1.profile(self._media, self._profile(ProfileToken))}

    async def DeleteProfile(self, call: Call, ProfileToken: str) -> Written:
        self._profile(ProfileToken)
        await self._media.change(lambda state: state.deleting(ProfileToken))
        return {}

    async def _add(self, kind: Kind, profile: str, token: str) -> Written:
        self._profile(profile)
        self._media.known(kind, token)
        if kind == "VideoEncoder":
            self._encoder(token)
        await self._media.change(lambda state: state.adding(profile, {kind: token}))
        return {}

    async def _remove(self, kind: Kind, profile: str) -> Written:
        self._profile(profile)
        await self._media.change(lambda state: state.removing(profile, {kind}))
        return {}

    async def AddVideoSourceConfiguration(
        self, call: Call, ProfileToken: str, ConfigurationToken: str
    ) -> Written:
        return await self._add("VideoSource", ProfileToken, ConfigurationToken)

    async def RemoveVideoSourceConfiguration(self, call: Call, ProfileToken: str) -> Written:
        return await self._remove("VideoSource", ProfileToken)

    async def AddVideoEncoderConfiguration(
        self, call: Call, ProfileToken: str, ConfigurationToken: str
    ) -> Written:
        return await self._add("VideoEncoder", ProfileToken, ConfigurationToken)

    async def RemoveVideoEncoderConfiguration(self, call: Call, ProfileToken: str) -> Written:
        return await self._remove("VideoEncoder", ProfileToken)

    async def AddMetadataConfiguration(self, call: Call, ProfileToken: str, ConfigurationToken: str) -> Written:
        return await self._add("Metadata", ProfileToken, ConfigurationToken)

    async def RemoveMetadataConfiguration(self, call: Call, ProfileToken: str) -> Written:
        return await self._remove("Metadata", ProfileToken)

    async def AddVideoAnalyticsConfiguration(
        self, call: Call, ProfileToken: str, ConfigurationToken: str
    ) -> Written:
        return await self._add("Analytics", ProfileToken, ConfigurationToken)

    async def RemoveVideoAnalyticsConfiguration(self, call: Call, ProfileToken: str) -> Written:
        return await self._remove("Analytics", ProfileToken)

    async def AddPTZConfiguration(self, call: Call, ProfileToken: str, ConfigurationToken: str) -> Written:
        return await self._add("PTZ", ProfileToken, ConfigurationToken)

    async def RemovePTZConfiguration(self, call: Call, ProfileToken: str) -> Written:
        return await self._remove("PTZ", ProfileToken)

    async def GetVideoSourceConfigurations(self, call: Call) -> Written:
        return {"Configurations": [common.source_configuration(self._media)]}

    async def GetVideoSourceConfiguration(self, call: Call, ConfigurationToken: str) -> Written:
        checked_source(ConfigurationToken)
        return {"Configuration": common.source_configuration(self._media)}

    async def GetCompatibleVideoSourceConfigurations(self, call: Call, ProfileToken: str) -> Written:
        self._profile(ProfileToken)
        return {"Configurations": [common.source_configuration(self._media)]}

    async def GetVideoSourceConfigurationOptions(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> Written:
        if ConfigurationToken:
            checked_source(ConfigurationToken)
        if ProfileToken:
            self._profile(ProfileToken)
        return {"Options": common.source_options(self._media)}

    async def SetVideoSourceConfiguration(
        self, call: Call, Configuration: Any, ForcePersistence: bool
    ) -> Written:
        await common.set_source(self._media, Configuration)
        return {}

    async def GetVideoEncoderConfigurations(self, call: Call) -> Written:
        return {"Configurations": [written1.encoder(self._media, each) for each in self._encoders()]}

    async def GetVideoEncoderConfiguration(self, call: Call, ConfigurationToken: str) -> Written:
        return {"Configuration": written1.encoder(self._media, self._encoder(ConfigurationToken))}

    async def GetCompatibleVideoEncoderConfigurations(self, call: Call, ProfileToken: str) -> Written:
        self._profile(ProfileToken)
        return {"Configurations": [written1.encoder(self._media, each) for each in self._encoders()]}

    async def GetVideoEncoderConfigurationOptions(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> Written:
        encoders = self._encoders()
        if ProfileToken:
            held = self._profile(ProfileToken).configurations.get("VideoEncoder")
            encoders = [self._encoder(held)] if held else encoders
        if ConfigurationToken:
            encoders = [self._encoder(ConfigurationToken)]
        return {"Options": written1.options([self._ranges(each) for each in encoders])}

    def _ranges(self, encoder: Encoder) -> Ranges:
        return self._media.ranges(encoder.stream)[0]

    async def SetVideoEncoderConfiguration(
        self, call: Call, Configuration: Any, ForcePersistence: bool
    ) -> Written:
        encoder = self._encoder(Configuration.token)
        control, h264 = Configuration.RateControl, Configuration.H264
        if Configuration.Encoding != self._ranges(encoder).encoding:
            raise invalid(f"{encoder.token} cannot be {Configuration.Encoding}", "ConfigModify")
        wanted = Values(
            encoding=Configuration.Encoding,
            size=(Configuration.Resolution.Width, Configuration.Resolution.Height),
            quality=Configuration.Quality,
            fps=control.FrameRateLimit if control is not None else None,
            bit_rate=control.BitrateLimit if control is not None else None,
            gop=h264.GovLength if h264 is not None else None,
            profile=h264.H264Profile if h264 is not None else None,
        )
        group = common.read_group(Configuration.Multicast)
        await common.set_encoder(self._media, encoder, Configuration.Name, wanted, group)
        return {}

    async def GetGuaranteedNumberOfVideoEncoderInstances(self, call: Call, ConfigurationToken: str) -> Written:
        checked_source(ConfigurationToken)
        codecs = [self._media.rendition(stream).codec for stream in self._media.state.streams]
        jpeg = codecs.count("mjpeg")
        return {"TotalNumber": len(codecs), "JPEG": jpeg, "H264": len(codecs) - jpeg}

    async def GetMetadataConfigurations(self, call: Call) -> Written:
        return {"Configurations": [common.metadata_configuration(self._media)]}

    async def GetMetadataConfiguration(self, call: Call, ConfigurationToken: str) -> Written:
        self._media.known("Metadata", ConfigurationToken)
        return {"Configuration": common.metadata_configuration(self._media)}

    async def GetCompatibleMetadataConfigurations(self, call: Call, ProfileToken: str) -> Written:
        self._profile(ProfileToken)
        return {"Configurations": [common.metadata_configuration(self._media)]}

    async def GetMetadataConfigurationOptions(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> Written:
        self._media.known("Metadata", ConfigurationToken or METADATA_CONFIGURATION)
        if ProfileToken:
            self._profile(ProfileToken)
        return {"Options": common.metadata_options(self._media)}

    async def SetMetadataConfiguration(self, call: Call, Configuration: Any, ForcePersistence: bool) -> Written:
        await common.set_metadata(self._media, call, Configuration)
        return {}

    async def GetVideoAnalyticsConfigurations(self, call: Call) -> Written:
        other = common.other_configuration(self._media, "Analytics")
        return {"Configurations": [] if other is None else [other]}

    async def GetVideoAnalyticsConfiguration(self, call: Call, ConfigurationToken: str) -> Written:
        self._media.known("Analytics", ConfigurationToken)
        return {"Configuration": common.other_configuration(self._media, "Analytics")}

    async def GetCompatibleVideoAnalyticsConfigurations(self, call: Call, ProfileToken: str) -> Written:
        self._profile(ProfileToken)
        return await self.GetVideoAnalyticsConfigurations(call)

    async def GetStreamUri(self, call: Call, StreamSetup: Any, ProfileToken: str) -> Written:
        profile = self._profile(ProfileToken)
        protocol = StreamSetup.Transport.Protocol
        allowed = _UNICAST if StreamSetup.Stream == "RTP-Unicast" else {"UDP"}
        if protocol not in allowed:
            raise invalid(f"{StreamSetup.Stream} does not go over {protocol}", "InvalidStreamSetup")
        told = tunnel_uri if protocol == "HTTP" else stream_uri
        return {"MediaUri": _uri(told(call, self._media, profile))}

    async def GetSnapshotUri(self, call: Call, ProfileToken: str) -> Written:
        return {"MediaUri": _uri(snapshot_uri(call, self._media, self._profile(ProfileToken)))}

    async def StartMulticastStreaming(self, call: Call, ProfileToken: str) -> Written:
        self._profile(ProfileToken)
        await common.set_multicast(self._media, ProfileToken, on=True)
        return {}

    async def StopMulticastStreaming(self, call: Call, ProfileToken: str) -> Written:
        self._profile(ProfileToken)
        await common.set_multicast(self._media, ProfileToken, on=False)
        return {}

    async def SetSynchronizationPoint(self, call: Call, ProfileToken: str) -> Written:
        await self._media.synchronise(self._media.stream(self._profile(ProfileToken)))
        return {}

    async def GetOSDs(self, call: Call, ConfigurationToken: str | None) -> Written:
        return {"OSDs": common.osds(self._media, None, ConfigurationToken)}

    async def GetOSD(self, call: Call, OSDToken: str) -> Written:
        return {"OSD": common.osd(self._media.state.osd(OSDToken))}

    async def GetOSDOptions(self, call: Call, ConfigurationToken: str) -> Written:
        checked_source(ConfigurationToken)
        return {"OSDOptions": common.osd_options()}

    async def CreateOSD(self, call: Call, OSD: Any) -> Written:
        return {"OSDToken": await common.create_osd(self._media, OSD)}

    async def SetOSD(self, call: Call, OSD: Any) -> Written:
        wanted = common.read_osd(OSD)
        await self._media.change(lambda state: state.redrawing(OSD.token, wanted))
        return {}

    async def DeleteOSD(self, call: Call, OSDToken: str) -> Written:
        await self._media.change(lambda state: state.erasing(OSDToken))
        return {}


def _uri(uri: str) -> Written:
    return {"Uri": uri, "InvalidAfterConnect": False, "InvalidAfterReboot": False, "Timeout": timedelta(0)}
