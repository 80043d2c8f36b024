"""Video encoder configurations: how a stream is encoded, and how clients may have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from onvif_server.media.multicast import Multicast
from onvif_server.media.picture import Picture, Size
from onvif_server.media.profile import Name
from onvif_server.media.tokens import encoder_token
from onvif_server.soap import Fault, invalid
from onvif_server.video import VideoStatus
from vcam.base.media import Codec
from vcam.base.rendition import Rendition

Encoding = Literal["H264", "H265", "JPEG"]

ENCODINGS: dict[Codec, Encoding] = {"h264": "H264", "h265": "H265", "mjpeg": "JPEG"}
"""ONVIF's names of what streams may be (tt:VideoEncodingMimeNames)."""
CODECS: dict[str, Codec] = {name: codec for codec, name in ENCODINGS.items()}

LEAST_BIT_RATE = 64
MOST_BIT_RATE = 100_000
"""Kilobits a second; what is asked beyond them is brought within."""
MOST_QUALITY = 100
_FIXED_QUALITY = 5
_GOP_SECONDS = 10
_OWN = 0


@dataclass(frozen=True, slots=True)
class Encoder:
    """How one stream is encoded. `rendition` and `multicast` are None where nobody has set them."""

    stream: str
    name: Name
    rendition: Rendition | None = None
    multicast: Multicast | None = None

    @property
    def token(self) -> str:
        return encoder_token(self.stream)


@dataclass(frozen=True, slots=True)
class Values:
    """An encoder configuration in ONVIF's units, as it is told and as a client asks for it.

    `fps` in pictures a second, `bit_rate` in kilobits a second, `gop` in pictures; None where not asked.
    """

    encoding: str
    size: Size
    quality: float
    fps: float | None = None
    bit_rate: int | None = None
    gop: int | None = None
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Ranges:
    """What a stream may be set to in one encoding: sizes, and least and most of the rest (units as `Values`)."""

    encoding: Encoding
    sizes: tuple[Size, ...]
    rates: tuple[int, ...]
    bit_rate: tuple[int, int]
    gop: tuple[int, int]
    quality: tuple[int, int]
    profile: str


def told(rendition: Rendition, video: VideoStatus, picture: Picture) -> Values:
    """What is told of a stream that is asked for as `rendition` and was last seen as `video`."""
    jpeg = rendition.codec == "mjpeg"
    size = rendition.width, rendition.height
    return Values(
        encoding=ENCODINGS[rendition.codec],
        size=size if all(size) else picture.scaled(rendition.width or picture.width, jpeg=jpeg),
        quality=rendition.quality if jpeg else _FIXED_QUALITY,
        fps=min(max(1, round(rendition.fps or picture.rate)), picture.rate),
        bit_rate=_bit_rate(rendition, video),
        gop=1 if jpeg else rendition.gop or max(1, video.gop),
        profile=_profile(rendition.codec, video),
    )


def offered(rendition: Rendition, video: VideoStatus, picture: Picture) -> tuple[Ranges, ...]:
    """What a stream may be set to, one entry for each encoding, the present one first.

    What is set now is always among it. A stream of JPEG pictures stays one: who wants it may read nothing else.
    """
    now = told(rendition, video, picture)
    sizes = tuple(sorted({*picture.sizes(jpeg=rendition.codec == "mjpeg"), now.size}, reverse=True))
    rates = picture.rates()
    gop = (1, max(_GOP_SECONDS * picture.rate, now.gop or 1))
    if rendition.codec == "mjpeg":
        no_limit = (MOST_BIT_RATE, MOST_BIT_RATE)
        return (Ranges("JPEG", sizes, rates, no_limit, (1, 1), (1, MOST_QUALITY), ""),)
    codecs: tuple[Codec, Codec] = ("h264", "h265") if rendition.codec == "h264" else ("h265", "h264")
    bit_rate = (LEAST_BIT_RATE, MOST_BIT_RATE)
    quality = (_FIXED_QUALITY, _FIXED_QUALITY)
    return tuple(
        Ranges(ENCODINGS[codec], sizes, rates, bit_rate, gop, quality, _profile(codec, video))
        for codec in codecs
    )


def asked(wanted: Values, rendition: Rendition, video: VideoStatus, picture: Picture) -> Rendition:
    """The rendition that a client wants in place of `rendition`.

    What it leaves as it is told stays as it is asked for: a stream that follows the camera's size goes on to do so.
    Rates out of range and quality are adapted, as the specification of the service has it. Raises Fault.
    """
    now = told(rendition, video, picture)
    within = _within(wanted, offered(rendition, video, picture))
    changed = replace(rendition, codec=CODECS[within.encoding])
    if wanted.size != now.size:
        width, height = wanted.size if wanted.size != picture.size else (_OWN, _OWN)
        changed = replace(changed, width=width, height=height)
    if wanted.fps is not None and wanted.fps != now.fps:
        changed = replace(changed, fps=_OWN if wanted.fps >= picture.rate else max(1.0, float(wanted.fps)))
    if within.encoding == "JPEG":
        return replace(changed, quality=min(max(round(wanted.quality), 1), MOST_QUALITY))
    if wanted.gop is not None and wanted.gop != now.gop:
        changed = replace(changed, gop=wanted.gop)
    kbits = wanted.bit_rate
    if kbits is not None and (changed != rendition or kbits != now.bit_rate):
        changed = replace(changed, bit_rate=1000 * min(max(kbits, LEAST_BIT_RATE), MOST_BIT_RATE))
    return changed


def _within(wanted: Values, offers: Sequence[Ranges]) -> Ranges:
    """Those of the ranges that `wanted` chooses among. Raises Fault where it leaves them."""
    found = [each for each in offers if each.encoding == wanted.encoding]
    if not found:
        able = " or ".join(each.encoding for each in offers)
        raise _refused(f"This stream cannot be {wanted.encoding}; it can be {able}")
    within = found[0]
    if wanted.size not in within.sizes:
        raise _refused(f"{wanted.size[0]}x{wanted.size[1]} is not among the resolutions offered")
    if wanted.profile and wanted.profile != within.profile:
        raise _refused(f"{wanted.encoding} comes in profile {within.profile} only")
    low, high = within.gop
    if wanted.gop is not None and within.encoding != "JPEG" and not low <= wanted.gop <= high:
        raise _refused(f"A GOP of {wanted.gop} pictures is not between {low} and {high}")
    if wanted.fps is not None and not wanted.fps > 0:
        raise _refused("The frame rate must be above 0")
    return within


def _bit_rate(rendition: Rendition, video: VideoStatus) -> int:
    if rendition.codec == "mjpeg":
        return MOST_BIT_RATE
    return min(max((rendition.bit_rate or video.bit_rate) // 1000, LEAST_BIT_RATE), MOST_BIT_RATE)


def _profile(codec: Codec, video: VideoStatus) -> str:
    if codec == "h264":
        return video.profile
    return "Main" if codec == "h265" else ""


def _refused(reason: str) -> Fault:
    return invalid(reason, "ConfigModify")
