"""The clip that all contenders work on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.frame import VideoFrame

from models.manifest import weights
from vcam.base.errors import NotVideo
from vcam.demo.folder import write_clip
from vcam.demo.scene import Scene

SCALE = 1.5
"""The demo's scene at 1920 x 1080."""
NOISE = 2.0
"""Standard deviation of its sensor noise in grey levels."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A video file. `fps` is nominal."""

    path: Path
    width: int
    height: int
    fps: float
    codec: str


def drawn(folder: Path, pictures: int) -> Path:
    """Draw the demo's scene into a file of at most one loop. Raises WeightsError, EncodeError."""
    path = folder / "scene.mp4"
    write_clip(path, Scene(weights("astronaut"), scale=SCALE, noise=NOISE), pictures)
    return path


def inspect(path: Path) -> Clip:
    """What is known of a clip. Raises NotVideo."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            rate = float(stream.average_rate or 25)
            return Clip(path, stream.width, stream.height, rate, stream.codec_context.name)
    except (FFmpegError, OSError, IndexError) as error:
        raise NotVideo(
            f"{path} is no video that can be decoded ({type(error).__name__})", mend="Give another CLIP"
        ) from None


def pictures(path: Path, limit: int) -> Iterator[VideoFrame]:
    """The first `limit` pictures, decoded by one thread. Raises FFmpegError."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for count, frame in enumerate(container.decode(stream)):
            if count == limit:
                return
            yield frame
