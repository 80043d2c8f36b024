"""How many bits and pictures a second a stream gets."""

from __future__ import annotations

import math
from fractions import Fraction

from vcam.base.settings import EncodeSettings

_REFERENCE = 1920 * 1080 * 25
_LEAST = 200_000


def bit_rate(settings: EncodeSettings, width: int, height: int, fps: float) -> int:
    """Bits a second for a stream of this size and rate.

    `settings.bit_rate` holds for 1920x1080 at 25 pictures a second. Neighbouring samples are the less alike the
    fewer there are of them, so the share goes with the power 0.75 of the samples a second. It never falls under
    200 kb/s, unless the setting itself does.
    """
    share = math.pow(width * height * picture_rate(fps) / _REFERENCE, 0.75)
    return max(round(settings.bit_rate * share), min(settings.bit_rate, _LEAST))


def picture_rate(fps: float) -> Fraction:
    """A nominal rate that an encoder accepts: 1 to 240 pictures a second, 25 when it is not known."""
    if not 0 < fps < float("inf"):
        return Fraction(25)
    return Fraction(min(max(fps, 1.0), 240.0)).limit_denominator(1001)


def bounds(rate: int) -> dict[str, str]:
    """FFmpeg's options for `rate` bits a second held over two seconds, with bursts of half as much again."""
    return {"b": str(rate), "maxrate": str(rate * 3 // 2), "bufsize": str(rate * 2)}
