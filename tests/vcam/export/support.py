"""Opened footage for tests of exports: the patch that moves over grey, as a camera would have sent it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import av

from recorder.evidence.manifest import Source
from tests.recorder.requests.conftest import MINUTE, NOON
from tests.support.patch import RATE, PatchScene
from vcam.base.media import TICKS, AccessUnit, StreamInfo
from vcam.export.footage import Row

BEGIN = NOON - 5 * MINUTE
"""When the footage begins, us UTC; within the scope of the tests' requests."""
SECOND = 1_000_000
COUNT = 50
SIZE = (320, 192)
INFO = StreamInfo("h264", *SIZE, float(RATE))


def units(count: int = COUNT, *, gop: int = 25, reorder: int = 0, begin: int = BEGIN) -> list[AccessUnit]:
    """Pictures of the patch, losslessly in H.264, in decoding order; with `reorder` B pictures between others."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = SIZE
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, RATE)
    encoder.framerate = Fraction(RATE)
    encoder.options = {
        "preset": "superfast",
        "qp": "10" if reorder else "0",  # what is lossless has no B pictures
        "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={reorder}:b-adapt=0"
        ":repeat-headers=1:annexb=1",
    }
    scene = PatchScene(*SIZE)
    packets = []
    for number in range(count):
        frame = scene.picture(number + 20).frame
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    found = []
    for packet in packets:
        assert packet.pts is not None
        time = begin + packet.pts * SECOND // RATE
        found.append(AccessUnit(bytes(packet), packet.pts * TICKS // RATE, time, packet.is_keyframe))
    return found


@dataclass(frozen=True)
class Segment:
    """A row of the index, as far as an export looks at it."""

    uid: str
    camera: str
    start: int
    end: int
    sha256: str = "ab" * 32
    previous: str = ""
    digest: str = "cd" * 32
    signature: str = "c2ln"


@dataclass
class Opened:
    """What a release has opened, held in memory."""

    footage: dict[str, list[AccessUnit]]
    info: StreamInfo = INFO
    forms: list[StreamInfo] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def cameras(self) -> tuple[str, ...]:
        return tuple(self.footage)

    def streams(self, camera: str) -> Sequence[StreamInfo]:
        return self.forms or ([self.info] if self.footage[camera] else [])

    def units(self, camera: str) -> Iterator[AccessUnit]:
        return iter(self.footage[camera])

    def segments(self, camera: str) -> Sequence[Row]:
        found = self.footage[camera]
        uid = hashlib.sha256(camera.encode()).hexdigest()[:16]
        return [Segment(uid, camera, found[0].time, found[-1].time + 40_000)] if found else []


def source(camera: str = "gate") -> Source:
    """The manifest's line for the only segment of a camera with footage of `COUNT` pictures."""
    row = Opened({camera: units()}).segments(camera)[0]
    return Source(row.uid, camera, row.start, row.end, row.sha256, row.previous, row.digest, row.signature)
