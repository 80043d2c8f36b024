"""The RTSP server: mounts in, RTP out."""

from onvif_server.rtsp.limits import Limits
from onvif_server.rtsp.mount import Mount
from onvif_server.rtsp.multicast import Multicast
from onvif_server.rtsp.server import RtspServer

__all__ = ["Limits", "Mount", "Multicast", "RtspServer"]
