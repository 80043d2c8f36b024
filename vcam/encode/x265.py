"""H.265 by x265 through PyAV: one thread, no delay."""

from __future__ import annotations

from fractions import Fraction

from av.codec.context import CodecContext
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

from vcam.base.errors import EncodeError
from vcam.base.media import TICKS
from vcam.base.settings import EncodeSettings
from vcam.encode.colour import Colour
from vcam.encode.rate import bit_rate, bounds, picture_rate

_PARAMETERS = (
    "annexb=1:repeat-headers=1:info=0:keyint=-1:scenecut=0:open-gop=0:pools=none:frame-threads=1:log-level=none"
)


def open_encoder(
    settings: EncodeSettings,
    width: int,
    height: int,
    fps: float,
    colour: Colour | None = None,
    *,
    rate: int = 0,
) -> VideoCodecContext:
    """An opened libx265: yuv420p, time base 1/90000, parameter sets at each IDR picture.

    It always has the preset ultrafast, which costs several times what x264's does. GOPs end where `Encoder` forces
    an IDR picture. `rate` as in `vcam.encode.x264`. Raises EncodeError when x265 refuses the size.
    """
    context = CodecContext.create("libx265", "w")
    context.width = width
    context.height = height
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, TICKS)
    context.framerate = picture_rate(fps)
    (colour or Colour()).write_to(context)
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        **bounds(rate or bit_rate(settings, width, height, fps)),
        "forced-idr": "1",
        "a53cc": "0",
        "udu_sei": "0",
        "x265-params": _PARAMETERS,
    }
    try:
        context.open(strict=False)
    except (FFmpegError, ValueError) as error:
        raise EncodeError(
            f"x265 cannot be opened for pictures of {width}x{height} ({error})",
            mend="Choose an even size of at least 64x64 and at most 8192x4320",
        ) from error
    return context
