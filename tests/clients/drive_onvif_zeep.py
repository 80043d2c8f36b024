"""Adds a device with onvif-zeep, which knows only GetCapabilities and subscribes to events as it connects."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import requests
from onvif import ONVIFCamera


def add(host: str, port: int, user: str, password: str) -> dict[str, Any]:
    camera: Any = ONVIFCamera(host, port, user, password, no_cache=True, adjust_time=True)
    information = camera.devicemgmt.GetDeviceInformation()
    media = camera.create_media_service()
    profile = next(each for each in media.GetProfiles() if each.VideoEncoderConfiguration.Encoding == "H264")
    sources = [source.token for source in media.GetVideoSources()]
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    stream = media.GetStreamUri({"StreamSetup": setup, "ProfileToken": profile.token}).Uri
    snapshot = media.GetSnapshotUri({"ProfileToken": profile.token}).Uri
    digest = requests.auth.HTTPDigestAuth(user, password)
    still = requests.get(snapshot, auth=digest, timeout=10)
    return {
        "ok": profile.VideoSourceConfiguration.SourceToken in sources and still.content[:2] == b"\xff\xd8",
        "model": information.Model,
        "stream": stream,
        "snapshot": snapshot,
    }


def main() -> int:
    host, port, user = sys.argv[1:4]
    result = {"client": "onvif-zeep", **add(host, int(port), user, os.environ["ONVIF_PASSWORD"])}
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
