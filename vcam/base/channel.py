"""What a camera's worker and the parent say to each other over a Unix socket pair.

A frame is a header of two big-endian numbers (length of what follows in 4 bytes, kind in 1), the length of a
JSON head in 4 bytes, the JSON head, and the rest as raw bytes. Only encoded, masked access units and plain
facts have a kind: a decoded picture or an unmasked access unit cannot be said in this language.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from vcam.base.errors import WorkerError
from vcam.base.media import Kind, MaskedUnit, Region
from vcam.base.rendition import MAIN, Overlay, Rendition
from vcam.base.scene import Scene, Tampering

LIMIT = 32 * 1024 * 1024
"""Longest frame in bytes that either side accepts."""

_FRAME = struct.Struct("!IB")
_HEAD = struct.Struct("!I")

CameraState = Literal["starting", "connecting", "running", "lost"]


@dataclass(frozen=True, slots=True)
class Setup:
    """Parent to worker, once: settings as JSON. Secrets stay in their files and the environment."""

    camera: dict[str, Any]
    recorder: dict[str, Any]
    log: dict[str, str]
    site: dict[str, Any] = field(default_factory=dict)
    custody: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForceKey:
    """Parent to worker: make the stream's next picture an IDR."""

    stream: str = MAIN


@dataclass(frozen=True, slots=True)
class Encode:
    """Parent to worker: from the next picture on encode so, and draw this after the mask."""

    renditions: tuple[Rendition, ...]
    overlays: tuple[Overlay, ...] = ()


@dataclass(frozen=True, slots=True)
class Demand:
    """Parent to worker: the streams beside the main one that somebody wants now."""

    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aim:
    """Parent to worker: the camera has been told to look elsewhere, so that another view is no tampering."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Parent to worker: finish what is being written and end."""


@dataclass(frozen=True, slots=True)
class State:
    """Worker to parent: how the camera is, with the error and its mend when it is lost."""

    state: CameraState
    error: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Stats:
    """Worker to parent, about once a second: counters since the worker started. It is the heartbeat too."""

    frames_in: int = 0
    frames_out: int = 0
    whole: int = 0
    regions: int = 0
    dropped: int = 0
    detect_errors: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """Worker to parent: a segment is finished on disk; `descriptor` is the recorder's own JSON."""

    descriptor: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Keys:
    """Worker to parent: the keys of its originals are in trouble and the last one goes on, or, without `error`,
    they work again."""

    error: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """Worker to parent: one access unit of a masked stream. Its regions stay behind: the worker records them."""

    unit: MaskedUnit = field(repr=False)


Order = ForceKey | Encode | Demand | Aim
"""What changes a stream, or how it is judged, while it runs."""

# Scene and Tampering go from worker to parent: the scene at most 5 times a second, tampering when it changes.
Message = Setup | Order | Stop | State | Stats | Segment | Keys | Unit | Scene | Tampering

_KINDS: tuple[type[Message], ...] = (
    Setup,
    ForceKey,
    Stop,
    State,
    Stats,
    Segment,
    Unit,
    Encode,
    Demand,
    Scene,
    Tampering,
    Aim,
    Keys,
)


def pack(message: Message) -> bytes:
    """`message` as one frame."""
    if isinstance(message, Unit):
        head, rest = _unit_head(message.unit), message.unit.data
    else:
        head, rest = _scene_head(message) if isinstance(message, Scene) else asdict(message), b""
    text = json.dumps(head, separators=(",", ":")).encode()
    kind = _KINDS.index(type(message))
    length = _HEAD.size + len(text) + len(rest)
    if length > LIMIT:
        raise WorkerError(
            f"A {type(message).__name__} of {length} bytes is too long to pass on", mend="Lower the bit rate"
        )
    return b"".join((_FRAME.pack(length, kind), _HEAD.pack(len(text)), text, rest))


def _unit_head(unit: MaskedUnit) -> dict[str, Any]:
    return {
        "pts": unit.pts,
        "dts": unit.dts,
        "time": unit.time,
        "key": unit.key,
        "index": unit.index,
        "width": unit.width,
        "height": unit.height,
        "stream": unit.stream,
        "codec": unit.codec,
    }


def _scene_head(scene: Scene) -> dict[str, Any]:
    """Regions as rows: a crowd's are many, five times a second, and `asdict` copies every part of each."""
    return {
        "time": scene.time,
        "pts": scene.pts,
        "width": scene.width,
        "height": scene.height,
        "regions": [(r.x1, r.y1, r.x2, r.y2, r.kind, r.track, r.score, r.reach) for r in scene.regions],
    }


def _parse(kind: int, body: bytes) -> Message:
    try:
        (size,) = _HEAD.unpack_from(body)
        head = json.loads(body[_HEAD.size : _HEAD.size + size])
        form = _KINDS[kind]
        if form is Unit:
            return Unit(MaskedUnit(data=body[_HEAD.size + size :], **head))
        return form(**{name: _plain(name, value) for name, value in head.items()})
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, struct.error) as error:
        raise WorkerError(
            f"A frame between worker and parent cannot be read ({type(error).__name__})",
            mend="Run the same version of Garim everywhere",
        ) from error


def _plain(name: str, value: Any) -> Any:
    """A field as its message has it: JSON knows neither tuples nor the parts of a list."""
    if name == "renditions":
        return tuple(Rendition(**one) for one in value)
    if name == "overlays":
        return tuple(Overlay(**one) for one in value)
    if name == "regions" and isinstance(value, list):
        return tuple(_region(one) for one in value)
    return tuple(value) if name == "streams" else value


def _region(one: list[Any]) -> Region:
    x1, y1, x2, y2, kind, track, score, reach = one
    return Region(x1, y1, x2, y2, Kind(kind), track, score, None if reach is None else tuple(reach))


class Unpacker:
    """Cuts a byte stream back into messages. Raises WorkerError on bytes that are no frame."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Add `data`; yield each message that is now complete."""
        self._buffer += data
        while len(self._buffer) >= _FRAME.size:
            length, kind = _FRAME.unpack_from(self._buffer)
            if length > LIMIT:
                raise WorkerError(f"A frame of {length} bytes exceeds the limit", mend="Restart the camera")
            end = _FRAME.size + length
            if len(self._buffer) < end:
                return
            body = bytes(memoryview(self._buffer)[_FRAME.size : end])
            del self._buffer[:end]
            yield _parse(kind, body)
