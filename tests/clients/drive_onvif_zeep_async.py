"""Adds a device with onvif-zeep-async, in the order in which Home Assistant calls it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import os
import sys
from typing import Any

from onvif import ONVIFCamera
from onvif.exceptions import ONVIFError
from zeep.exceptions import Fault


async def events(camera: Any) -> str:
    """What Home Assistant falls back to: a pull point, else a web hook, else none."""
    capabilities = await camera.get_capabilities()
    if (capabilities.get("Events") or {}).get("WSPullPointSupport") is not False:
        with contextlib.suppress(ONVIFError, Fault):
            manager = await camera.create_pullpoint_manager(datetime.timedelta(seconds=60), lambda: None)
            await manager.shutdown()
            return "pull point"
    with contextlib.suppress(ONVIFError, Fault):
        await camera.create_notification_manager(
            "http://127.0.0.1/", datetime.timedelta(seconds=60), lambda: None
        )
        return "web hook"
    return "none"


async def add(host: str, port: int, user: str, password: str) -> dict[str, Any]:
    camera: Any = ONVIFCamera(host, port, user, password, no_cache=True)
    try:
        await camera.update_xaddrs()
        device = await camera.create_devicemgmt_service()
        time = await device.GetSystemDateAndTime()
        information = await device.GetDeviceInformation()
        macs = [each.Info.HwAddress for each in await device.GetNetworkInterfaces() if each.Enabled]
        media = await camera.create_media_service()
        capabilities = await media.GetServiceCapabilities()
        for absent in ("ptz", "imaging"):
            with contextlib.suppress(ONVIFError):
                camera.get_definition(absent)
        profiles = [
            each for each in await media.GetProfiles() if each.VideoEncoderConfiguration.Encoding == "H264"
        ]
        token = profiles[0].token
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        stream = (await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": token})).Uri
        kind = await events(camera)
        snapshot = await camera.get_snapshot_uri(token)
        still = await camera.get_snapshot(token)
        return {
            "ok": bool(capabilities.SnapshotUri and macs and time.UTCDateTime and still[:2] == b"\xff\xd8"),
            "model": information.Model,
            "stream": stream,
            "snapshot": snapshot,
            "mac": macs[-1],
            "events": kind,
        }
    finally:
        await camera.close()


def main() -> int:
    host, port, user = sys.argv[1:4]
    password = os.environ["ONVIF_PASSWORD"]
    result = {"client": "onvif-zeep-async", **asyncio.run(add(host, int(port), user, password))}
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
