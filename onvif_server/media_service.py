"""The Media service, version 1 (media.wsdl): one method for each operation, named after it."""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from onvif_server.camera import Camera
from onvif_server.dispatch import Call
from onvif_server.soap import invalid
from onvif_server.video import VideoStatus

SNAPSHOT_PATH = "/snapshot"
"""Path of the still picture."""

CAPABILITIES: dict[str, object] = {
    "SnapshotUri": True,
    "Rotation": False,
    "VideoSourceMode": False,
    "OSD": False,
    "ProfileCapabilities": {"MaximumNumberOfProfiles": 1},
    "StreamingCapabilities": {
        "RTPMulticast": False,
        "RTP_TCP": True,
        "RTP_RTSP_TCP": True,
        "NonAggregateControl": False,
        "NoRTSPStreaming": False,
    },
}
"""What GetServiceCapabilities tells."""
STREAMING: dict[str, object] = {"RTPMulticast": False, "RTP_TCP": True, "RTP_RTSP_TCP": True}
"""What GetCapabilities tells of it."""

PROFILE = "main"
VIDEO_SOURCE = "camera"
SOURCE_CONFIGURATION = "camera_whole"
ENCODER_CONFIGURATION = "main_h264"

_QUALITY = 5.0


class _Transport(Protocol):
    Protocol: str


class StreamSetup(Protocol):
    """tt:StreamSetup as parsed."""

    Stream: str
    Transport: _Transport


def _known(token: str, own: str, fault: str) -> None:
    if token != own:
        raise invalid(f"There is no {token!r}", fault)


class MediaService:
    """The Media service of one virtual device with one video source and one profile."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera

    def _status(self) -> VideoStatus:
        return self._camera.video(PROFILE) or VideoStatus()

    def _source(self) -> dict[str, object]:
        video = self._status()
        return {
            "token": VIDEO_SOURCE,
            "Framerate": video.fps,
            "Resolution": {"Width": video.width, "Height": video.height},
        }

    def _source_configuration(self) -> dict[str, object]:
        video = self._status()
        return {
            "token": SOURCE_CONFIGURATION,
            "Name": "Whole picture",
            "UseCount": 1,
            "SourceToken": VIDEO_SOURCE,
            "Bounds": {"x": 0, "y": 0, "width": video.width, "height": video.height},
        }

    def _encoder_configuration(self) -> dict[str, object]:
        video = self._status()
        return {
            "token": ENCODER_CONFIGURATION,
            "Name": "Masked H.264",
            "UseCount": 1,
            "Encoding": "H264",
            "Resolution": {"Width": video.width, "Height": video.height},
            "Quality": _QUALITY,
            "RateControl": {
                "FrameRateLimit": max(1, round(video.fps)),
                "EncodingInterval": 1,
                "BitrateLimit": max(1, video.bit_rate // 1000),
            },
            "H264": {"GovLength": video.gop, "H264Profile": video.profile},
            "Multicast": {
                "Address": {"Type": "IPv4", "IPv4Address": "0.0.0.0"},  # noqa: S104  "no multicast" in ONVIF
                "Port": 0,
                "TTL": 0,
                "AutoStart": False,
            },
            "SessionTimeout": timedelta(seconds=60),
        }

    def _profile(self) -> dict[str, object]:
        return {
            "token": PROFILE,
            "fixed": True,
            "Name": PROFILE,
            "VideoSourceConfiguration": self._source_configuration(),
            "VideoEncoderConfiguration": self._encoder_configuration(),
        }

    async def GetServiceCapabilities(self, call: Call) -> dict[str, object]:
        return {"Capabilities": CAPABILITIES}

    async def GetVideoSources(self, call: Call) -> dict[str, object]:
        return {"VideoSources": [self._source()]}

    async def GetProfiles(self, call: Call) -> dict[str, object]:
        return {"Profiles": [self._profile()]}

    async def GetProfile(self, call: Call, ProfileToken: str) -> dict[str, object]:
        _known(ProfileToken, PROFILE, "NoProfile")
        return {"Profile": self._profile()}

    async def GetVideoSourceConfigurations(self, call: Call) -> dict[str, object]:
        return {"Configurations": [self._source_configuration()]}

    async def GetVideoSourceConfiguration(self, call: Call, ConfigurationToken: str) -> dict[str, object]:
        _known(ConfigurationToken, SOURCE_CONFIGURATION, "NoConfig")
        return {"Configuration": self._source_configuration()}

    async def GetCompatibleVideoSourceConfigurations(self, call: Call, ProfileToken: str) -> dict[str, object]:
        _known(ProfileToken, PROFILE, "NoProfile")
        return {"Configurations": [self._source_configuration()]}

    async def GetVideoSourceConfigurationOptions(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> dict[str, object]:
        _known(ConfigurationToken or SOURCE_CONFIGURATION, SOURCE_CONFIGURATION, "NoConfig")
        _known(ProfileToken or PROFILE, PROFILE, "NoProfile")
        video = self._status()
        nought = {"Min": 0, "Max": 0}
        return {
            "Options": {
                "BoundsRange": {
                    "XRange": nought,
                    "YRange": nought,
                    "WidthRange": {"Min": video.width, "Max": video.width},
                    "HeightRange": {"Min": video.height, "Max": video.height},
                },
                "VideoSourceTokensAvailable": [VIDEO_SOURCE],
            }
        }

    async def GetVideoEncoderConfigurations(self, call: Call) -> dict[str, object]:
        return {"Configurations": [self._encoder_configuration()]}

    async def GetVideoEncoderConfiguration(self, call: Call, ConfigurationToken: str) -> dict[str, object]:
        _known(ConfigurationToken, ENCODER_CONFIGURATION, "NoConfig")
        return {"Configuration": self._encoder_configuration()}

    async def GetCompatibleVideoEncoderConfigurations(self, call: Call, ProfileToken: str) -> dict[str, object]:
        _known(ProfileToken, PROFILE, "NoProfile")
        return {"Configurations": [self._encoder_configuration()]}

    async def GetVideoEncoderConfigurationOptions(
        self, call: Call, ConfigurationToken: str | None, ProfileToken: str | None
    ) -> dict[str, object]:
        _known(ConfigurationToken or ENCODER_CONFIGURATION, ENCODER_CONFIGURATION, "NoConfig")
        _known(ProfileToken or PROFILE, PROFILE, "NoProfile")
        video = self._status()
        fps = max(1, round(video.fps))
        return {
            "Options": {
                "QualityRange": {"Min": int(_QUALITY), "Max": int(_QUALITY)},
                "H264": {
                    "ResolutionsAvailable": [{"Width": video.width, "Height": video.height}],
                    "GovLengthRange": {"Min": video.gop, "Max": video.gop},
                    "FrameRateRange": {"Min": fps, "Max": fps},
                    "EncodingIntervalRange": {"Min": 1, "Max": 1},
                    "H264ProfilesSupported": [video.profile],
                },
            }
        }

    async def GetGuaranteedNumberOfVideoEncoderInstances(
        self, call: Call, ConfigurationToken: str
    ) -> dict[str, object]:
        _known(ConfigurationToken, SOURCE_CONFIGURATION, "NoConfig")
        return {"TotalNumber": 1, "H264": 1}

    async def GetStreamUri(self, call: Call, StreamSetup: StreamSetup, ProfileToken: str) -> dict[str, object]:
        _known(ProfileToken, PROFILE, "NoProfile")
        if StreamSetup.Stream != "RTP-Unicast" or StreamSetup.Transport.Protocol == "HTTP":
            raise invalid("Streams are RTP unicast over UDP or RTSP", "InvalidStreamSetup")
        return {"MediaUri": _uri(self._camera.rtsp_url(call.host, PROFILE))}

    async def GetSnapshotUri(self, call: Call, ProfileToken: str) -> dict[str, object]:
        _known(ProfileToken, PROFILE, "NoProfile")
        return {"MediaUri": _uri(f"http://{call.authority}{SNAPSHOT_PATH}")}


def _uri(uri: str) -> dict[str, object]:
    return {"Uri": uri, "InvalidAfterConnect": False, "InvalidAfterReboot": False, "Timeout": timedelta(0)}
