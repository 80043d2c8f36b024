"""A client that others wrote, which Home Assistant is built on, follows the device's events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from onvif_server.watcher import Watcher
from tests.onvif_server.conftest import PASSWORD, USER, make
from vcam.base.clock import SystemClock
from vcam.base.scene import Tampering

DRIVER = Path(__file__).parents[2] / "clients" / "drive_onvif_zeep_async_events.py"
STATES = [
    ["tns1:VideoSource/GlobalSceneChange/ImagingService", "source", True, "Initialized"],
    ["tns1:VideoSource/ImageTooDark/ImagingService", "source", False, "Initialized"],
    ["tns1:VideoSource/MotionAlarm", "source", False, "Initialized"],
    ["tns1:VideoSource/SignalLoss", "source", False, "Initialized"],
]


async def test_pull_points_and_notifications(client_named: Callable[[str], Any]) -> None:
    clock = SystemClock()
    made = make(clock=clock)
    watcher = Watcher(made.notices, "source", clock)
    watcher.tampering(Tampering(clock.utc(), covered=False, moved=True))
    port = await made.device.start("127.0.0.1", 0)
    client = await asyncio.to_thread(client_named, "onvif-zeep-async")
    command = [*client.command[:-1], str(DRIVER), "127.0.0.1", str(port), USER]
    done = await asyncio.to_thread(client.start, command, ONVIF_PASSWORD=PASSWORD)
    await made.device.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["pulled"] == {"first": STATES, "again": STATES}
    assert found["notified"] == {"first": STATES, "again": STATES}
    assert len(found["dialects"]) == 2
