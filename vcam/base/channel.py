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
from vcam.base.media import MaskedUnit

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


@dataclass(frozen=True, slots=True)
class ForceKey:
    """Parent to worker: make the next picture an IDR."""


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
class Unit:
    """Worker to parent: one access unit of the masked stream. Its regions stay behind: the worker records them."""

    unit: MaskedUnit = field(repr=False)


Message = Setup | ForceKey | Stop | State | Stats | Segment | Unit

_KINDS: tuple[type[Message], ...] = (Setup, ForceKey, Stop, State, Stats, Segment, Unit)


def pack(message: Message) -> bytes:
    """`message` as one frame."""
    if isinstance(message, Unit):
        unit = message.unit
        head: dict[str, Any] = {
            "pts": unit.pts,
            "dts": unit.dts,
            "time": unit.time,
            "key": unit.key,
            "index": unit.index,
            "width": unit.width,
            "height": unit.height,
        }
        rest = unit.data
    else:
        head, rest = asdict(message), b""
    text = json.dumps(head, separators=(",", ":")).encode()
    kind = _KINDS.index(type(message))
    length = _HEAD.size + len(text) + len(rest)
    if length > LIMIT:
        raise WorkerError(
            f"A {type(message).__name__} of {length} bytes is too long to pass on", mend="Lower the bit rate"
        )
    return b"".join((_FRAME.pack(length, kind), _HEAD.pack(len(text)), text, rest))


def _parse(kind: int, body: bytes) -> Message:
    try:
        (size,) = _HEAD.unpack_from(body)
        head = json.loads(body[_HEAD.size : _HEAD.size + size])
        form = _KINDS[kind]
        if form is Unit:
            return Unit(MaskedUnit(data=body[_HEAD.size + size :], **head))
        return form(**head)
    except (ValueError, TypeError, KeyError, IndexError, struct.error) as error:
        raise WorkerError(
            f"A frame between worker and parent cannot be read ({type(error).__name__})",
            mend="Run the same version of Garim everywhere",
        ) from error


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
