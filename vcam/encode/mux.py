"""Puts access units of the masked stream, as they are, into a file that players open."""

from __future__ import annotations

import errno
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from av.packet import Packet

from vcam.base.errors import EncodeError
from vcam.base.media import TICKS, MaskedUnit
from vcam.encode.h264 import ParameterSets

_TIME_BASE = Fraction(1, TICKS)


class Muxer:
    """A file of masked access units; its format is chosen by the file's ending, as FFmpeg does.

    It knows a unit's duration only when the next one comes, so it writes one unit behind.
    """

    def __init__(
        self, path: Path, first: MaskedUnit, fps: float, format_name: str | None = None, *, name: str = ""
    ) -> None:
        """Open `path` for a stream that begins with the IDR unit `first`. Raises EncodeError.

        `name` is what messages call the file, where it is not the name of `path`.
        """
        self._name = name or path.name
        sets = ParameterSets.of(first.data)
        if sets is None:
            raise EncodeError(f"{self._name} cannot begin", mend="The first access unit must be an IDR picture")
        self._frame = round(TICKS / fps) if fps > 0 else TICKS // 25
        self._waiting: MaskedUnit | None = None
        try:
            self._container = av.open(str(path), "w", format=format_name)
            self._stream = self._container.add_mux_stream(
                "h264",
                width=first.width,
                height=first.height,
                time_base=_TIME_BASE,
                extradata=sets.annex_b,
            )
        except (FFmpegError, OSError, ValueError) as error:
            raise self._failed(error) from error
        if self._container.format.no_file:
            raise self._failed(ValueError("a playlist has its pictures in other files"))

    def add(self, unit: MaskedUnit) -> None:
        """Add the next access unit. Raises EncodeError when the file cannot be written."""
        if self._waiting is not None:
            self._write(self._waiting, unit.dts - self._waiting.dts)
        self._waiting = unit

    def close(self) -> None:
        """Write what waits and finish the file. Raises EncodeError when it cannot be written."""
        try:
            if self._waiting is not None:
                self._write(self._waiting, self._frame)
                self._waiting = None
        finally:
            try:
                self._container.close()
            except (FFmpegError, OSError) as error:
                raise self._failed(error) from error

    def _write(self, unit: MaskedUnit, duration: int) -> None:
        packet = Packet(unit.data)
        packet.pts, packet.dts, packet.duration = unit.pts, unit.dts, duration
        packet.time_base = _TIME_BASE
        packet.stream = self._stream
        packet.is_keyframe = unit.key
        try:
            self._container.mux(packet)
        except (FFmpegError, OSError, ValueError) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> EncodeError:
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return EncodeError(
            f"{self._name} cannot be written ({why})",
            mend="Make room on the disk" if full else "Choose another folder or ending, such as .mp4",
        )
