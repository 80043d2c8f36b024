"""Any decoded frame made into what a Picture holds: upright, yuv420p of 8 bits, even-sized."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.buffer import Buffer
from av.sidedata.sidedata import Type

Plane: TypeAlias = npt.NDArray[np.uint8]

_MPEG, _JPEG = 1, 2  # AVColorRange: limited and full
_SMPTE170M = 6  # AVColorSpace
_ROTATE = {1: cv2.ROTATE_90_CLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True, slots=True)
class Turn:
    """What makes a picture upright: mirrored left to right where `mirror`, then `quarters` clockwise."""

    quarters: int = 0
    mirror: bool = False

    def then(self, degrees: int) -> Turn:
        """This, and then `degrees` clockwise, a multiple of 90."""
        return Turn((self.quarters + degrees // 90) % 4, self.mirror)

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Size of a `width` x `height` frame once upright and even."""
        if self.quarters % 2:
            width, height = height, width
        return width + width % 2, height + height % 2


def display_turn(frame: av.VideoFrame) -> Turn:
    """What the frame's display matrix asks for (ISO/IEC 14496-12, 8.2.2), to the nearest quarter."""
    turned = Turn(round(-frame.rotation / 90) % 4)
    if not frame.format.name.startswith("yuv"):
        # PyAV's list of side data crashes on what PNG files bring (a named ICC profile), and no camera sends RGB.
        return turned
    try:
        side_data = cast(Mapping[Type, Buffer], frame.side_data)
    except ValueError:
        # The list cannot be had when one piece is of a type that PyAV does not know, such as EXIF.
        return turned
    if Type.DISPLAYMATRIX not in side_data:
        return Turn()
    return matrix_turn(bytes(side_data[Type.DISPLAYMATRIX]))


def matrix_turn(matrix: bytes) -> Turn:
    """The same, from FFmpeg's 3x3 matrix of native int32: x' = ax + cy, y' = bx + dy, y downwards."""
    a, b, _, c, d = struct.unpack_from("=5i", matrix)
    mirror = a * d - b * c < 0
    if mirror:
        a, b = -a, -b
    return Turn(round(math.degrees(math.atan2(b, a)) / 90) % 4, mirror)


def planes(frame: av.VideoFrame) -> tuple[Plane, Plane, Plane]:
    """Writable views of a yuv420p frame's Y, U and V planes: uint8, (rows, columns)."""
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in frame.planes
    )
    return y, u, v


def make_upright(frame: av.VideoFrame, turn: Turn) -> av.VideoFrame:
    """The upright frame, with its colour attributes; the frame itself when there is nothing to be done.

    Planes are copied once at the most. Formats other than 4:2:0 of 8 bits go through swscale without
    a change of range; RGB becomes BT.601, limited range. Odd sizes grow by one replicated row or column.
    """
    name = frame.format.name
    if name not in {"yuv420p", "yuvj420p"}:
        frame = _converted(frame)
    if turn == Turn() and frame.width % 2 == 0 and frame.height % 2 == 0 and frame.format.name == "yuv420p":
        frame.pict_type = 0  # else an encoder would repeat the camera's choice of picture types
        return frame
    width, height = turn.size(frame.width, frame.height)
    upright = av.VideoFrame(width, height, "yuv420p")
    for source, target in zip(planes(frame), planes(upright), strict=True):
        _copy(source, target, turn)
    upright.color_range = _JPEG if name == "yuvj420p" else frame.color_range
    upright.colorspace = frame.colorspace
    upright.color_primaries = frame.color_primaries
    upright.color_trc = frame.color_trc
    return upright


def _copy(source: Plane, target: Plane, turn: Turn) -> None:
    if turn.mirror:
        source = np.fliplr(source)
    rows, columns = source.shape[::-1] if turn.quarters % 2 else source.shape
    inner = target[:rows, :columns]
    if turn.quarters:
        cv2.rotate(source, _ROTATE[turn.quarters], dst=inner)
    else:
        np.copyto(inner, source)
    if target.shape[0] > rows:
        target[rows, :columns] = target[rows - 1, :columns]
    if target.shape[1] > columns:
        target[:, columns] = target[:, columns - 1]


def _converted(frame: av.VideoFrame) -> av.VideoFrame:
    """`frame` as yuv420p by swscale, of the same range."""
    name = frame.format.name
    rgb = frame.format.is_rgb or frame.format.has_palette
    full = frame.color_range == _JPEG or name.startswith("yuvj")
    if rgb:
        converted = frame.reformat(format="yuv420p", dst_color_range=_MPEG, dst_colorspace=_SMPTE170M)
        converted.color_range = _MPEG
        converted.colorspace = _SMPTE170M
        return converted
    # swscale takes any grey for full range: said of both sides, the samples stay as they are.
    scale = _JPEG if full or name.startswith("gray") else _MPEG
    converted = frame.reformat(format="yuv420p", src_color_range=scale, dst_color_range=scale)
    converted.color_range = _JPEG if full else frame.color_range
    converted.colorspace = frame.colorspace
    converted.color_primaries = frame.color_primaries
    converted.color_trc = frame.color_trc
    return converted
