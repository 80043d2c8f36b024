"""The Media services, versions 1 and 2, over one state: profiles, configurations, text in the picture."""

from __future__ import annotations

from onvif_server.media.live import Media
from onvif_server.media.media1 import MediaService
from onvif_server.media.media2 import Media2Service
from onvif_server.media.metadata import Metadata
from onvif_server.media.tokens import ANALYTICS_CONFIGURATION, PTZ_CONFIGURATION, VIDEO_SOURCE

__all__ = [
    "ANALYTICS_CONFIGURATION",
    "PTZ_CONFIGURATION",
    "VIDEO_SOURCE",
    "Media",
    "Media2Service",
    "MediaService",
    "Metadata",
]
