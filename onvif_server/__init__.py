"""What an NVR talks to: discovery, SOAP services, stills, and RTSP."""

from __future__ import annotations

from onvif_server.device import VirtualDevice
from onvif_server.discovery import Discovery
from onvif_server.identity import Identity, camera_identity, installation
from onvif_server.video import VideoStatus

__all__ = ["Discovery", "Identity", "VideoStatus", "VirtualDevice", "camera_identity", "installation"]
