"""JPEG pictures are such as RFC 2435 can carry."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from vcam.base.errors import EncodeError
from vcam.encode.mjpeg import open_encoder, scale

STANDARD = {
    (0, 0): "00010501010101010100000000000000000102030405060708090a0b",
    (0, 1): "00030101010101010101010000000000000102030405060708090a0b",
}
"""Classes DC of luma and chroma by ITU-T T.81, K.3: counts of the code lengths, then the values."""


def jpeg(quality: int = 70, width: int = 320, height: int = 200) -> bytes:
    encoder = open_encoder(width, height, quality)
    ramp = np.add.outer(np.arange(height * 3 // 2), np.arange(width)) % 200
    frame = VideoFrame.from_ndarray(ramp.astype(np.uint8), format="yuvj420p")
    frame.pts, frame.time_base = 0, Fraction(1, 90_000)
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def segments(data: bytes) -> list[tuple[int, bytes]]:
    """Markers with their payloads, up to the start of the scan."""
    found, at = [], 2
    while True:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        found.append((marker, data[at + 4 : at + 2 + length]))
        if marker == 0xDA:
            return found
        at += 2 + length


def test_it_is_baseline_420_with_the_standard_tables() -> None:
    found = segments(jpeg())
    tables: dict[int, bytes] = {}
    codes: dict[tuple[int, int], str] = {}
    for marker, body in found:
        if marker == 0xDB:
            tables |= {body[at]: body[at + 1 : at + 65] for at in range(0, len(body), 65)}
        elif marker == 0xC4:
            at = 0
            while at < len(body):
                count = sum(body[at + 1 : at + 17])
                codes[body[at] >> 4, body[at] & 15] = body[at + 1 : at + 17 + count].hex()
                at += 17 + count
    assert set(tables) == {0, 1}  # 8 bits, one for luma and one for chroma
    assert {key: codes[key] for key in STANDARD} == STANDARD
    [frame] = [body for marker, body in found if marker == 0xC0]
    assert (int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")) == (200, 320)
    assert [frame[at + 1] for at in (6, 9, 12)] == [0x22, 0x11, 0x11]
    # Receivers take table 0 for luma and 1 for chroma, whatever the header named.
    assert [tables[frame[at + 2]] for at in (6, 9, 12)] == [tables[0], tables[1], tables[1]]
    assert not {0xDD, 0xFE, 0xC2} & {marker for marker, _ in found}  # no restarts, no comment, not progressive


def test_another_decoder_reads_it() -> None:
    picture = cv2.imdecode(np.frombuffer(jpeg(), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (200, 320, 3)


def test_a_better_quality_is_never_smaller() -> None:
    sizes = [len(jpeg(quality)) for quality in (1, 20, 40, 60, 80, 100)]
    assert all(less <= more for less, more in pairwise(sizes))
    assert sizes[0] < sizes[-1] / 2
    assert (scale(1), scale(100)) == (31, 2)


@pytest.mark.parametrize("size", [(322, 200), (320, 204), (2048, 1152), (8, 2048), (0, 0)])
def test_sizes_that_rtp_has_no_number_for_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(EncodeError, match=f"{size[0]}x{size[1]}"):
        open_encoder(*size, 70)
