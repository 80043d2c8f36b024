"""H.264 by x264 through PyAV: one thread, no delay."""

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


def encoder_options(
    settings: EncodeSettings, width: int, height: int, fps: float, rate: int = 0
) -> dict[str, str]:
    """Options of FFmpeg's libx264, complete but for size, pixel format, colour and picture rate.

    GOPs are closed and end where `Encoder` forces an IDR picture, hence no key interval and no scene cut
    detection of x264's own. Captions and user data of the camera's pictures are not copied. `rate` is in bits a
    second, 0 for what `settings` give this size.
    """
    return {
        "preset": settings.preset,
        "tune": "zerolatency",
        "threads": "1",
        **bounds(rate or bit_rate(settings, width, height, fps)),
        "forced-idr": "1",
        "a53cc": "0",
        "udu_sei": "0",
        "x264-params": "annexb=1:repeat-headers=1:keyint=infinite:scenecut=0:open-gop=0",
    }


def open_encoder(
    settings: EncodeSettings,
    width: int,
    height: int,
    fps: float,
    colour: Colour | None = None,
    *,
    rate: int = 0,
) -> VideoCodecContext:
    """An opened libx264 with exactly the settings of the masked stream: yuv420p, time base 1/90000.

    Raises EncodeError when x264 refuses the size.
    """
    context = CodecContext.create("libx264", "w")
    context.width = width
    context.height = height
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, TICKS)
    context.framerate = picture_rate(fps)
    (colour or Colour()).write_to(context)
    context.options = encoder_options(settings, width, height, fps, rate)
    try:
        context.open(strict=False)
    except (FFmpegError, ValueError) as error:
        raise EncodeError(
            f"x264 cannot be opened for pictures of {width}x{height} ({error})",
            mend="Choose an even size of at most 16384x16384",
        ) from error
    return context
