"""Serves virtual cameras and answers WS-Discovery until its input ends: announce.py NAME=BIND:PORT...

A line of input is a discovery mode that all of them take on.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from onvif_server import Discovery, VirtualDevice, camera_identity
from onvif_server.accounts import Accounts
from onvif_server.notice import Notices
from onvif_server.store import Store
from tests.support.camera import StandInCamera
from vcam.base.clock import SystemClock


async def main() -> None:
    clock = SystemClock()
    devices = []
    for argument in sys.argv[1:]:
        name, _, place = argument.partition("=")
        host, _, port = place.partition(":")
        store = Store(Path(tempfile.mkdtemp()) / "device.json")
        device = VirtualDevice(
            camera_identity(uuid.UUID(int=7), name),
            title=name,
            site_name="City hall",
            camera=StandInCamera(name),
            accounts=Accounts(store, "operator", "secret"),
            store=store,
            notices=Notices(),
            clock=clock,
        )
        await device.start(host, int(port))
        devices.append(device)
    discovery = Discovery(devices)
    await discovery.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        for device in devices:
            device.presence.set_mode(line.strip())
    await discovery.stop()
    for device in devices:
        await device.stop()


if __name__ == "__main__":
    asyncio.run(main())
