"""What is fuzzed: a whole station with a virtual device and an RTSP server, its worker replaced by a short film."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from vcam.base.clock import ManualClock
from vcam.base.media import MaskedUnit, Picture
from vcam.base.settings import EncodeSettings, Settings
from vcam.encode.encoder import Encoder
from vcam.station import Station

USER, PASSWORD = "nvr", "battery staple 91"
CAMERA = {
    "camera's address": "198.51.100.77",
    "camera's user": "canary-user-7f3a",
    "camera's password": "canary-secret-7f3a",
    "camera's path": "canary-path-7f3a",
}
"""What only Garim and the physical camera know."""
NOW = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z"""


@dataclass
class Subject:
    """A station that serves on the loopback. `advance` lets time pass for it."""

    station: Station
    clock: ManualClock
    secrets: Mapping[str, str]
    port: int
    rtsp_port: int


def film(count: int = 4) -> list[MaskedUnit]:
    """Masked access units, the first an IDR picture."""
    encoder = Encoder(EncodeSettings(bit_rate=200_000), 64, 48, 25.0)
    units: list[MaskedUnit] = []
    for index in range(count):
        frame = VideoFrame.from_ndarray(np.full((72, 64), 16 + index, np.uint8), format="yuv420p")
        units += encoder.encode(Picture(frame, index, index * 3600, NOW + index * 40_000), ())
    return units


def _settings(folder: Path) -> Settings:
    secret = folder / "camera.password"
    secret.write_text(CAMERA["camera's password"] + "\n", encoding="utf-8")
    source = {
        "url": "rtsp://{}:5554/{}".format(CAMERA["camera's address"], CAMERA["camera's path"]),
        "user": CAMERA["camera's user"],
        "password": {"file": str(secret)},
    }
    return Settings.model_validate(
        {
            "site": {"state": str(folder / "state")},
            "recorder": {"enabled": False, "keep_original": False},
            "onvif": {"bind": "127.0.0.1", "user": USER, "discovery": False},
            "camera": [{"name": "front", "source": source}],
        }
    )


@contextlib.asynccontextmanager
async def subject() -> AsyncIterator[Subject]:
    """A started station, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="garim-fuzz-") as name:
        folder = Path(name)
        clock = ManualClock(utc=NOW, monotonic=1000.0)
        settings = _settings(folder)
        station = Station(
            settings.camera[0],
            settings,
            uuid.UUID(int=7),
            password=PASSWORD,
            on_segment=lambda _: None,
            clock=clock,
        )
        await station.start(0, 0)
        for unit in itertools.islice(film(), 4):
            station._unit(unit)
        address = station.addresses("127.0.0.1")
        rtsp_port = int(address.rtsp_url.rsplit(":", 1)[1].partition("/")[0])
        secrets = {
            **CAMERA,
            "password": PASSWORD,
            "folder": str(folder),
            "place of the code": str(Path(__file__).parents[2]),
        }
        try:
            yield Subject(station, clock, secrets, address.port, rtsp_port)
        finally:
            await station.close()
