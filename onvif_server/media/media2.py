"""The Media service, version 2 (ver20/media/wsdl/media.wsdl): one method for each operation, named after it."""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from onvif_server.dispatch import Call
from onvif_server.media import common, written2
from onvif_server.media.common import Written
from onvif_server.media.encoder import Encoder, Values
from onvif_server.media.live import Media
from onvif_server.media.profile import Profile
from onvif_server.media.state import State, checked_source
from onvif_server.media.tokens import KINDS, Kind
from onvif_server.media.uri import secure_uri, snapshot_uri, stream_uri, tunnel_uri
from onvif_server.soap import invalid

_URIS: Mapping[str, Callable[[Call, Media, Profile], str | None]] = {
    "RtspUnicast": stream_uri,
    "RtspMulticast": stream_uri,
    "RTSP": stream_uri,
    "RtspOverHttp": tunnel_uri,
    # RTP within the RTSP connection and its TLS: there is no SRTP, hence no SecureRTSPStreaming among capabilities.
    "RtspsUnicast": secure_uri,
}
"""What tells the URL, by tr2:TransportProtocol."""


def capabilities(media: Media) -> Written:
    """What GetServiceCapabilities tells."""
    return {
        "SnapshotUri": True,
        "Rotation": False,
        "VideoSourceMode": False,
        "OSD": True,
        "TemporaryOSDText": False,
        "Mask": False,
        "SourceMask": False,
        "ProfileCapabilities": {
            "MaximumNumberOfProfiles": media.state.most_profiles,
            "ConfigurationsSupported": list(media.kinds()),
        },
        "StreamingCapabilities": {
            "RTSPStreaming": True,
            "RTPMulticast": True,
            "RTP_RTSP_TCP": True,
            "NonAggregateControl": False,
            "AutoStartMulticast": True,
            "SecureRTSPStreaming": False,
        },
    }


class Media2Service:
    """The Media2 service of one virtual device."""

    def __init__(self, media: Media) -> None:
        self._media = media

    async def GetServiceCapabilities(self, call: Call) -> Written:
        return {"Capabilities": capabilities(self._media)}

    async def CreateProfile(self, call: Call, Name: str, Configuration: list[Any] | None) -> Written:
        wanted = self._references(Configuration)
        created: list[str] = []

        def create(state: State) -> State:
            after, profile = state.creating(Name)
            created.append(profile.token)
            return after.adding(profile.token, wanted)

        await self._media.change(create)
        return {"Token": created[-1]}

    async def GetProfiles(self, call: Call, Token: str | None, Type: list[str] | None) -> Written:
        state, types = self._media.state, set(Type or ())
        profiles: Iterable[Profile] = [state.profile(Token)] if Token else state.profiles
        return {"Profiles": [written2.profile(self._media, each, types) for each in profiles]}

    async def AddConfiguration(
        self, call: Call, ProfileToken: str, Name: str | None, Configuration: list[Any] | None
    ) -> Written:
        self._media.state.profile(ProfileToken)
        wanted = self._references(Configuration)
        await self._media.change(lambda state: state.adding(ProfileToken, wanted, Name or None))
        return {}

    async def RemoveConfiguration(self, call: Call, ProfileToken: str, Configuration: list[Any]) -> Written:
        types = {each.Type for each in Configuration}
        kinds = KINDS if "All" in types else [kind for kind in KINDS if kind in types]
        await self._media.change(lambda state: state.removing(ProfileToken, kinds))
        return {}

    async def DeleteProfile(self, call: Call, Token: str) -> Written:
        await self._media.change(lambda state: state.deleting(Token))
        return {}

    async def GetVideoSourceConfigurations(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> Written:
        self._check("VideoSource", ConfigurationToken, ProfileToken)
        return {"Configurations": [common.source_configuration(self._media)]}

    async def GetVideoSourceConfigurationOptions(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> Written:
        self._check("VideoSource", ConfigurationToken, ProfileToken)
        return {"Options": common.source_options(self._media)}

    async def SetVideoSourceConfiguration(self, call: Call, Configuration: Any) -> Written:
        await common.set_source(self._media, Configuration)
        return {}

    async def GetVideoEncoderConfigurations(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> Written:
        self._check("VideoEncoder", ConfigurationToken, ProfileToken)
        state = self._media.state
        encoders = [state.encoder(ConfigurationToken)] if ConfigurationToken else state.encoders
        return {"Configurations": [written2.encoder(self._media, each) for each in encoders]}

    async def GetVideoEncoderConfigurationOptions(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> Written:
        self._check("VideoEncoder", ConfigurationToken, ProfileToken)
        state = self._media.state
        held = state.profile(ProfileToken).configurations.get("VideoEncoder") if ProfileToken else None
        token = ConfigurationToken or held
        encoders: Iterable[Encoder] = [state.encoder(token)] if token else state.encoders
        offers = [offer for each in encoders for offer in self._media.ranges(each.stream)]
        # Without a token, one entry tells of an encoding.
        firsts = {offer.encoding: offer for offer in reversed(offers)}
        return {"Options": [written2.options(offer) for offer in reversed(firsts.values())]}

    async def SetVideoEncoderConfiguration(self, call: Call, Configuration: Any) -> Written:
        encoder = self._media.state.encoder(Configuration.token)
        control = Configuration.RateControl
        wanted = Values(
            encoding=Configuration.Encoding,
            size=(Configuration.Resolution.Width, Configuration.Resolution.Height),
            quality=Configuration.Quality,
            fps=control.FrameRateLimit if control is not None else None,
            bit_rate=control.BitrateLimit if control is not None else None,
            gop=Configuration.GovLength,
            profile=Configuration.Profile,
        )
        group = common.read_group(Configuration.Multicast)
        await common.set_encoder(self._media, encoder, Configuration.Name, wanted, group)
        return {}

    async def GetVideoEncoderInstances(self, call: Call, ConfigurationToken: str) -> Written:
        checked_source(ConfigurationToken)
        codecs = [self._media.rendition(stream).codec for stream in self._media.state.streams]
        jpeg = codecs.count("mjpeg")
        numbers = {"JPEG": jpeg, "H264": len(codecs) - jpeg, "H265": len(codecs) - jpeg}
        codec = [{"Encoding": name, "Number": number} for name, number in numbers.items() if number]
        return {"Info": {"Codec": codec, "Total": len(codecs)}}

    async def GetMetadataConfigurations(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> Written:
        self._check("Metadata", ConfigurationToken, ProfileToken)
        return {"Configurations": [common.metadata_configuration(self._media)]}

    async def GetMetadataConfigurationOptions(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> Written:
        self._check("Metadata", ConfigurationToken, ProfileToken)
        return {"Options": common.metadata_options(self._media)}

    async def SetMetadataConfiguration(self, call: Call, Configuration: Any) -> Written:
        await common.set_metadata(self._media, call, Configuration)
        return {}

    async def GetAnalyticsConfigurations(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> Written:
        self._check("Analytics", ConfigurationToken, ProfileToken)
        other = common.other_configuration(self._media, "Analytics")
        return {"Configurations": [] if other is None else [other]}

    async def GetStreamUri(self, call: Call, Protocol: str, ProfileToken: str) -> Written:
        profile = self._media.state.profile(ProfileToken)
        uri = _URIS[Protocol](call, self._media, profile) if Protocol in _URIS else None
        if uri is None:
            raise invalid(f"Streams do not go by {Protocol}", "InvalidStreamSetup")
        return {"Uri": uri}

    async def GetSnapshotUri(self, call: Call, ProfileToken: str) -> Written:
        return {"Uri": snapshot_uri(call, self._media, self._media.state.profile(ProfileToken))}

    async def StartMulticastStreaming(self, call: Call, ProfileToken: str) -> Written:
        await common.set_multicast(self._media, ProfileToken, on=True)
        return {}

    async def StopMulticastStreaming(self, call: Call, ProfileToken: str) -> Written:
        await common.set_multicast(self._media, ProfileToken, on=False)
        return {}

    async def SetSynchronizationPoint(self, call: Call, ProfileToken: str) -> Written:
        await self._media.synchronise(self._media.stream(self._media.state.profile(ProfileToken)))
        return {}

    async def GetOSDs(self, call: Call, OSDToken: str | None, ConfigurationToken: str | None) -> Written:
        return {"OSDs": common.osds(self._media, OSDToken, ConfigurationToken)}

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

    def _check(self, kind: Kind, configuration: str | None, profile: str | None) -> None:
        """Raises Fault for tokens that nothing has."""
        if profile:
            self._media.state.profile(profile)
        if configuration:
            self._media.known(kind, configuration)

    def _references(self, references: Iterable[Any] | None) -> dict[Kind, str]:
        """Tokens by kind of a list of tr2:ConfigurationRef. Raises Fault."""
        found: dict[Kind, str] = {}
        for each in references or ():
            if each.Type == "All":
                continue
            kinds = [kind for kind in KINDS if kind == each.Type]
            if not kinds:
                raise invalid(f"There are no configurations of type {each.Type!r}", "NoConfig")
            token = each.Token or self._media.token(kinds[0]) or ""
            self._media.known(kinds[0], token)
            found[kinds[0]] = token
        return found
