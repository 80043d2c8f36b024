"""Names by which clients know what a virtual device has. NVRs keep them, so they never change."""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal["VideoSource", "VideoEncoder", "Metadata", "Analytics", "PTZ"]
"""Configurations that a profile may hold: those of tr2:ConfigurationEnumeration that this device has."""
KINDS: tuple[Kind, ...] = get_args(Kind)

VIDEO_SOURCE = "camera"
"""The one video source."""
SOURCE_CONFIGURATION = "camera_whole"
"""The one video source configuration: the whole picture."""
METADATA_CONFIGURATION = "metadata"
ANALYTICS_CONFIGURATION = "analytics"
PTZ_CONFIGURATION = "ptz"


def encoder_token(stream: str) -> str:
    """The video encoder configuration of a stream."""
    return "main_h264" if stream == "main" else f"{stream}_encoder"
