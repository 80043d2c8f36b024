"""Clients that others wrote add the device."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from vcam.base.clock import SystemClock
from vcam.base.rendition import Rendition

DEFAULTS = (
    Rendition("main"),
    Rendition("sub", width=640, fps=15.0, gop=30),
    Rendition("jpeg", codec="mjpeg", width=640, fps=5.0),
)
CLIENTS = ["onvif-zeep-async", "onvif-zeep", "npm-onvif", "zoneminder", "node-onvif", "onveef"]


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_client_adds_the_device(build: Any, client_named: Callable[[str], Any], name: str) -> None:
    made = build(clock=SystemClock(), streams=DEFAULTS)
    port = await made.device.start("127.0.0.1", 0)
    client = await asyncio.to_thread(client_named, name)
    done = await asyncio.to_thread(client.run, "127.0.0.1", port, "operator", "correct horse battery staple")
    refused = await asyncio.to_thread(client.run, "127.0.0.1", port, "operator", "wrong")
    await made.device.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["ok"] is True
    assert found["stream"] == "rtsp://127.0.0.1:8554/front/main"
    assert found["model"] in {"Garim virtual camera", None}
    assert found["snapshot"] in {f"http://127.0.0.1:{port}/snapshot", None}
    assert refused.returncode != 0
