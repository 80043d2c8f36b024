"""What Profile S 1.3 and Profile T 1.0 ask of a device, and which of them one has whole.

Operations are told by the handlers that a dispatcher really has, the other rows by what the device answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import dataclass

from lxml import etree

from onvif_server.wsdl import ANALYTICS, DEVICE, DEVICEIO, EVENTS, IMAGING, MEDIA, MEDIA2, PTZ, WSNT

Ask = Callable[[str], Awaitable[etree._Element]]
"""The reply's element to a request without arguments, by the request's name."""

_FOUND_AND_MANAGED = """
    GetCapabilities GetWsdlUrl
    GetDiscoveryMode SetDiscoveryMode GetScopes SetScopes AddScopes RemoveScopes
    GetHostname SetHostname GetDNS SetDNS GetNetworkInterfaces SetNetworkInterfaces GetNetworkProtocols
    SetNetworkProtocols GetNetworkDefaultGateway SetNetworkDefaultGateway
    GetDeviceInformation GetSystemDateAndTime SetSystemDateAndTime SetSystemFactoryDefault SystemReboot
    GetUsers CreateUsers DeleteUsers SetUser
"""
_AIMED = (
    "GetNodes GetNode GetConfigurations GetConfiguration GetConfigurationOptions ContinuousMove Stop GetStatus"
)


@dataclass(frozen=True, slots=True)
class Feature:
    """What a reply must say: `xpath` is true of the reply to `request`. Names are local, `*` where any will do."""

    what: str
    request: str
    xpath: str


@dataclass(frozen=True, slots=True)
class Profile:
    """The mandatory rows. `conditional` ones hold where the device has the service at all."""

    operations: Mapping[str, str]
    conditional: Mapping[str, str]
    features: tuple[Feature, ...]


def _topic(path: str) -> Feature:
    steps = "/".join(f"*[local-name()='{name}']" for name in path.split("/"))
    return Feature(f"topic {path}", f"{{{EVENTS}}}GetEventProperties", f"boolean(//{steps})")


_MEDIA2_CAPABILITIES = f"{{{MEDIA2}}}GetServiceCapabilities"
PROFILES: Mapping[str, Profile] = {
    "Streaming": Profile(
        {
            DEVICE: _FOUND_AND_MANAGED,
            EVENTS: "SetSynchronizationPoint CreatePullPointSubscription PullMessages GetEventProperties",
            WSNT: "Subscribe Renew Unsubscribe",
            MEDIA: """
                GetProfiles GetProfile CreateProfile DeleteProfile GetStreamUri GetVideoSources
                GetVideoSourceConfigurations GetVideoSourceConfiguration AddVideoSourceConfiguration
                RemoveVideoSourceConfiguration SetVideoSourceConfiguration GetCompatibleVideoSourceConfigurations
                GetVideoSourceConfigurationOptions
                GetVideoEncoderConfigurations GetVideoEncoderConfiguration AddVideoEncoderConfiguration
                RemoveVideoEncoderConfiguration SetVideoEncoderConfiguration GetCompatibleVideoEncoderConfigurations
                GetVideoEncoderConfigurationOptions GetGuaranteedNumberOfVideoEncoderInstances
                GetMetadataConfigurations GetMetadataConfiguration AddMetadataConfiguration
                RemoveMetadataConfiguration SetMetadataConfiguration GetCompatibleMetadataConfigurations
                GetMetadataConfigurationOptions
            """,
        },
        {PTZ: f"{_AIMED} SetConfiguration"},
        (
            Feature(
                "MJPEG",
                f"{{{MEDIA}}}GetVideoEncoderConfigurations",
                "boolean(//*[local-name()='Encoding'][.='JPEG'])",
            ),
        ),
    ),
    "T": Profile(
        {
            DEVICE: f"{_FOUND_AND_MANAGED} GetServices GetServiceCapabilities",
            EVENTS: """GetServiceCapabilities SetSynchronizationPoint CreatePullPointSubscription PullMessages
                GetEventProperties""",
            WSNT: "Renew Unsubscribe",
            MEDIA2: """
                GetServiceCapabilities GetProfiles CreateProfile DeleteProfile AddConfiguration RemoveConfiguration
                GetStreamUri GetSnapshotUri SetSynchronizationPoint StartMulticastStreaming StopMulticastStreaming
                GetVideoSourceConfigurations GetVideoSourceConfigurationOptions SetVideoSourceConfiguration
                GetVideoEncoderConfigurations GetVideoEncoderConfigurationOptions SetVideoEncoderConfiguration
                GetVideoEncoderInstances
                GetMetadataConfigurations GetMetadataConfigurationOptions SetMetadataConfiguration
                CreateOSD GetOSDs GetOSDOptions SetOSD DeleteOSD
            """,
            IMAGING: "GetServiceCapabilities GetImagingSettings SetImagingSettings GetOptions",
            DEVICEIO: "GetServiceCapabilities GetVideoSources",
        },
        {PTZ: f"{_AIMED} GetServiceCapabilities AbsoluteMove", ANALYTICS: "GetServiceCapabilities"},
        (
            Feature(
                "two pull points",
                f"{{{EVENTS}}}GetServiceCapabilities",
                "number(//@MaxPullPoints) >= 2",
            ),
            Feature("multicast", _MEDIA2_CAPABILITIES, "string(//@RTPMulticast) = 'true'"),
            Feature("RTSP over TCP", _MEDIA2_CAPABILITIES, "string(//@RTP_RTSP_TCP) = 'true'"),
            Feature("snapshot", _MEDIA2_CAPABILITIES, "string(//@SnapshotUri) = 'true'"),
            Feature("OSD", _MEDIA2_CAPABILITIES, "string(//@OSD) = 'true'"),
            Feature(
                "H.264 or H.265",
                f"{{{MEDIA2}}}GetVideoEncoderConfigurations",
                "boolean(//*[local-name()='Encoding'][.='H264' or .='H265'])",
            ),
            Feature(
                "a topic for tampering",
                f"{{{EVENTS}}}GetEventProperties",
                "boolean(//*[local-name()='VideoSource']/*[local-name()='GlobalSceneChange' or"
                " local-name()='ImageTooBlurry' or local-name()='ImageTooDark' or local-name()='ImageTooBright'])",
            ),
            _topic("VideoSource/MotionAlarm"),
            _topic("Media/ProfileChanged"),
            _topic("Media/ConfigurationChanged"),
        ),
    ),
}
"""Profiles by the names that their scopes bear."""


def _names(rows: Mapping[str, str]) -> set[str]:
    return {f"{{{namespace}}}{name}" for namespace, names in rows.items() for name in names.split()}


async def missing(profile: Profile, served: Set[str], ask: Ask) -> list[str]:
    """What of a profile a device lacks that serves the requests `served`; empty when it has it whole."""
    namespaces = {etree.QName(name).namespace for name in served}
    wanted = _names(profile.operations)
    wanted |= _names({each: names for each, names in profile.conditional.items() if each in namespaces})
    lacking = sorted(wanted - served)
    for feature in profile.features:
        if feature.request not in served or not (await ask(feature.request)).xpath(feature.xpath):
            lacking.append(feature.what)
    return lacking
