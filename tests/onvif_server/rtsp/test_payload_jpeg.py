"""What GStreamer and OpenCV make of our packets, and what they are made of."""

from __future__ import annotations

import itertools
import struct
from fractions import Fraction

import cv2
import numpy as np
import pytest
from av.codec.context import CodecContext
from av.video.frame import VideoFrame

from onvif_server.rtsp.payload import Unpackable
from onvif_server.rtsp.payload_jpeg import JpegPayload

LIMIT = 1388


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (height, width, 3), dtype=np.uint8)


def opencv(width: int = 320, height: int = 192, *options: int) -> bytes:
    return cv2.imencode(".jpg", noise(width, height), options)[1].tobytes()


def ffmpeg(width: int = 320, height: int = 192, form: str = "yuvj420p", *, threads: int = 1) -> bytes:
    encoder = CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, form
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = threads
    encoder.options = {"huffman": "default"}
    frame = VideoFrame.from_ndarray(noise(width, height), format="bgr24").reformat(format=form)
    return bytes((encoder.encode(frame) + encoder.encode(None))[0])


@pytest.mark.parametrize(
    ("picture", "kind"),
    [
        (opencv(), 1),
        (opencv(320, 192, cv2.IMWRITE_JPEG_QUALITY, 30), 1),
        (opencv(320, 192, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422), 0),
        (opencv(320, 192, cv2.IMWRITE_JPEG_RST_INTERVAL, 5), 65),
        (ffmpeg(), 1),
        (ffmpeg(threads=4), 65),
        (opencv(2040, 1224), 1),
    ],
)
def test_the_packets_hold_the_picture(picture: bytes, kind: int) -> None:
    payloads = list(JpegPayload().payloads(picture, LIMIT))
    scan = b""
    for payload in payloads:
        offset, told, quality, _, _ = struct.unpack_from("!IBBBB", payload)
        assert (offset, told, quality) == (len(scan), kind, 255)
        rest = payload[12 if kind > 63 else 8 :]
        if offset == 0:
            assert rest[:4] == b"\x00\x00\x00\x80"
            rest = rest[4 + 128 :]
        scan += rest
    assert all(len(payload) <= LIMIT for payload in payloads)
    assert picture.endswith(scan + b"\xff\xd9")
    assert len(scan) > len(picture) // 2


@pytest.mark.parametrize(("width", "blocks"), [(320, 40), (322, 41), (2040, 255)])
def test_sizes_count_blocks(width: int, blocks: int) -> None:
    first = next(JpegPayload().payloads(opencv(width, 64), LIMIT))
    assert (first[6], first[7]) == (blocks, 8)


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (b"", "no JPEG"),
        (b"\xff\xd8\xff\xd9", "no scan"),
        (opencv(2048, 64), "2048x64"),
        (opencv(320, 192, cv2.IMWRITE_JPEG_PROGRESSIVE, 1), "not baseline"),
        (opencv(320, 192, cv2.IMWRITE_JPEG_OPTIMIZE, 1), "Huffman"),
        (
            opencv(320, 192, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
            "neither 4:2:0 nor 4:2:2",
        ),
        (cv2.imencode(".jpg", noise(64, 64)[:, :, 0])[1].tobytes(), "three components"),
    ],
)
def test_what_cannot_be_carried_is_named(picture: bytes, reason: str) -> None:
    with pytest.raises(Unpackable, match=reason):
        list(JpegPayload().payloads(picture, LIMIT))


def test_no_cut_picture_breaks_it() -> None:
    whole = opencv(64, 64)
    for end, flip in itertools.product(range(0, len(whole), 7), (0, 0xFF)):
        cut = bytearray(whole[:end])
        if cut:
            cut[end // 2] ^= flip
        try:
            list(JpegPayload().payloads(bytes(cut), LIMIT))
        except Unpackable:
            continue
