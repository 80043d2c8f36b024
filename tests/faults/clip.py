"""What the camera shows in a run: clips whose faces and plates are known, whole and damaged."""

from __future__ import annotations

import bisect
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import av
from av.video.stream import VideoStream

from models.manifest import weights
from tests.faults.reference import Truth, able, follow, reference
from vcam.base.media import Kind, Picture, StreamInfo
from vcam.demo.folder import write_clip
from vcam.demo.leaks import VISIBLE
from vcam.demo.scene import Scene
from vcam.source import FileSource

SCALE: Final = 0.5
"""Of the drawn scene, whose full size is 1280 x 720."""
_FACES, _PLATES = (Kind.FACE,), (Kind.PLATE,)
REAL: Final[dict[str, tuple[int, tuple[Kind, ...]]]] = {
    "dev_11_pedestrians_plaza.mp4": (240, _FACES),
    "dev_03_street_tokyo.mp4": (160, _FACES),
    "dev_02_plate_closeup.mp4": (110, _PLATES),
    "dev_05_face_portrait.mp4": (90, _FACES),
    "dev_01_tollgate_plates.mp4": (90, _PLATES),
    "dev_04_entrance_crowd_1080p.mp4": (50, _FACES),
}
"""Clips of the evaluation footage: pictures used of each, and what is known in it."""
_TS: Final = 188
"""Bytes of a packet of an MPEG transport stream."""
_SPARED: Final = 40
"""Packets at a transport stream's start that stay whole, so that it opens."""

Truths = tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class Clip:
    """A file, the time stamps of those of its pictures that are used, and what each of them shows.

    `known` is all that is known to be there, `truth` what the product's detectors are able to see of it.
    """

    path: Path
    info: StreamInfo
    stamps: tuple[int, ...]
    known: tuple[Truths, ...]
    truth: tuple[Truths, ...] = ()

    @property
    def name(self) -> str:
        return self.path.stem

    def number(self, pts: int) -> int | None:
        """Number of the picture at `pts`, in 1/90000 s from the file's first; None when it is not used."""
        at = bisect.bisect_left(self.stamps, pts - 100)
        return at if at < len(self.stamps) and abs(self.stamps[at] - pts) <= 100 else None


def _inspected(path: Path, seen: Sequence[Sequence[Truth]]) -> Clip:
    info = StreamInfo("", 0, 0, 0)
    stamps: list[int] = []
    for event in FileSource(path).events():
        if isinstance(event, StreamInfo):
            info = event
        elif isinstance(event, Picture):
            if len(stamps) == len(seen):
                break
            stamps.append(event.pts)
    known = follow(seen[: len(stamps)], info.fps)
    return Clip(path, info, tuple(stamps), tuple(map(tuple, known)))


def drawn(folder: Path, count: int = 300) -> Clip:
    """The first `count` pictures of the drawn scene, with its exact truth. Raises DetectError."""
    scene = Scene(weights("astronaut"), scale=SCALE, noise=1.5)
    path = folder / f"drawn-{count}.mp4"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"part-{path.name}"
        write_clip(part, scene, count)
        part.replace(path)
    seen = [
        [Truth(t.kind, (t.x1, t.y1, t.x2, t.y2)) for t in scene.truth(number) if t.visible >= VISIBLE]
        for number in range(count)
    ]
    return _inspected(path, seen)


def filmed(footage: Path, name: str, cache: Path, count: int | None = None) -> Clip:
    """A clip of `REAL` in the folder `footage`, or its first `count` pictures, with what is known of it."""
    used, kinds = REAL[name]
    path = footage / name
    return _inspected(path, reference(path, min(used, count or used), kinds, cache))


def with_ability(clip: Clip, cache: Path) -> Clip:
    """`clip`, and what of it the product's detectors are able to see. Numbers are kept in `cache`.

    Raises DetectError, SourceError.
    """
    seen = able(clip.path, clip.info.fps, clip.known, (Kind.FACE, Kind.PLATE), cache)
    return replace(clip, truth=tuple(map(tuple, seen)))


def damaged(clip: Clip, target: Path, dice: random.Random, how: str) -> Path:
    """`clip` as a transport stream at `target`, with its bits flipped, or packets or whole access units lost."""
    _as_transport_stream(clip, target, dice if how == "units lost" else None)
    packets = target.read_bytes()
    out = bytearray()
    for at in range(0, len(packets), _TS):
        packet = bytearray(packets[at : at + _TS])
        hit = at >= _SPARED * _TS and dice.random() < 0.004
        if hit and how == "packets lost":
            continue
        if hit and how == "bits flipped":
            for _ in range(dice.randint(1, 4)):
                packet[dice.randrange(12, len(packet))] ^= 1 << dice.randrange(8)
        out += packet
    target.write_bytes(out)
    return target


def _as_transport_stream(clip: Clip, target: Path, dice: random.Random | None) -> None:
    """Written packet by packet; with `dice`, some access units are left out."""
    with av.open(str(clip.path)) as from_, av.open(str(target), "w", format="mpegts") as to:
        taken = from_.streams.video[0]
        stream = to.add_stream_from_template(taken)
        assert isinstance(stream, VideoStream)
        for number, packet in enumerate(from_.demux(taken)):
            if packet.dts is None or (dice is not None and number > 5 and dice.random() < 0.03):
                continue
            packet.stream = stream
            to.mux(packet)


def library(footage: Path, cache: Path, tell: Callable[[str], None]) -> list[Clip]:
    """The drawn scene, and the clips of `REAL` in the folder `footage`. Raises DetectError, SourceError."""
    clips = [with_ability(drawn(cache), cache)]
    for name in REAL:
        if (footage / name).is_file():
            tell(f"looking at {name}")
            clips.append(with_ability(filmed(footage, name, cache), cache))
        else:
            tell(f"{name} is absent; point GARIM_EVAL at the evaluation footage")
    return clips
