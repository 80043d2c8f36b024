"""The least that any pipeline must do: decode, and encode with exactly our encoder's settings, one thread each."""

from __future__ import annotations

from pathlib import Path

from av.video.frame import PictureType

from bench.clip import inspect, pictures
from bench.meter import Cost, Meter
from vcam.base.media import TICKS
from vcam.base.settings import EncodeSettings
from vcam.encode.x264 import open_encoder


def run(path: Path, limit: int, warm: int) -> Cost:
    """Decode and encode the first `limit` pictures, with nothing between."""
    clip = inspect(path)
    settings = EncodeSettings()
    encoder = open_encoder(settings, clip.width & ~1, clip.height & ~1, clip.fps)
    gop = max(1, round(settings.gop * clip.fps))
    meter = Meter(warm)
    for count, frame in enumerate(pictures(path, limit)):
        ready = frame
        if (frame.format.name, frame.width, frame.height) != ("yuv420p", encoder.width, encoder.height):
            ready = frame.reformat(encoder.width, encoder.height, "yuv420p")
        ready.pts = round(count * TICKS / clip.fps)
        ready.pict_type = PictureType.I if count % gop == 0 else PictureType.NONE
        encoder.encode(ready)
        meter.picture()
    encoder.encode(None)
    return meter.cost()
