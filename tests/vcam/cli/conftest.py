"""A site in a temporary folder with two seconds of recorded footage of a grey wall."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from recorder.descriptor import SegmentDescriptor
from recorder.index import Index
from recorder.keys import new_identity
from recorder.masked import MaskedWriter
from recorder.raw import RawWriter
from vcam.app import index_url
from vcam.base.clock import SystemClock
from vcam.base.media import TICKS, AccessUnit, MaskedUnit, StreamInfo
from vcam.base.settings import Settings
from vcam.base.settings_file import load

BEGIN = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""
COUNT = 50
SIZE = (128, 96)


@dataclass(frozen=True)
class Site:
    """A settings file, the settings in it, the key of its originals, and what its camera sent."""

    config: Path
    settings: Settings
    key: Path
    stream: bytes


def _units() -> list[tuple[bytes, bool]]:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = SIZE
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "25", "repeat-headers": "1"}
    units: list[tuple[bytes, bool]] = []
    for number in range(COUNT):
        picture = np.full((SIZE[1] * 3 // 2, SIZE[0]), 100 + number, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = number
        units += [(bytes(packet), packet.is_keyframe) for packet in encoder.encode(frame)]
    return units + [(bytes(packet), packet.is_keyframe) for packet in encoder.encode(None)]


def _record(settings: Settings, units: list[tuple[bytes, bool]]) -> list[SegmentDescriptor]:
    found: list[SegmentDescriptor] = []
    folder, clock = settings.recorder.folder, SystemClock()
    raw = RawWriter(folder, "gate", settings.recorder.recipients, 60, found.append, clock)
    masked = MaskedWriter(folder, "gate", 60, found.append, clock)
    raw.stream(StreamInfo("h264", *SIZE, 25.0))
    for number, (data, key) in enumerate(units):
        pts, time = number * TICKS // 25, BEGIN + number * 40_000
        raw.raw(AccessUnit(data, pts, time, key))
        masked.masked(MaskedUnit(data, pts, pts, time, key, number, *SIZE))
    raw.close()
    masked.close()
    return found


@pytest.fixture
def site(tmp_path: Path) -> Site:
    key = tmp_path / "officer.key"
    recipient = new_identity(key, SystemClock())
    config = tmp_path / "garim.toml"
    config.write_text(
        f'[recorder]\nrecipients = ["{recipient}"]\nretention_days = 3650\nretention_reason = "a test"\n'
        '[[camera]]\nname = "gate"\nsource = { url = "rtsp://192.0.2.7/" }\n',
        encoding="utf-8",
    )
    settings = load(config)
    settings.site.state.mkdir()
    settings.recorder.folder.mkdir()
    units = _units()
    found = _record(settings, units)
    index = Index.open(index_url(settings), retention_days=settings.recorder.retention_days)
    for descriptor in found:
        index.add(descriptor)
    index.close()
    return Site(config, settings, key, b"".join(data for data, _ in units))
