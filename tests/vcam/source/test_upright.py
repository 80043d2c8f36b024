"""Frames made upright, against numpy and against what swscale says of single samples."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.source.upright import Turn, display_turn, make_upright, matrix_turn, planes


def noise(
    width: int, height: int, name: str = "yuv420p", *, top: int = 255, color_range: int = 0
) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, name)
    frame.color_range = color_range
    rng = np.random.default_rng(width * height)
    for plane in frame.planes:
        kind = np.uint16 if "10le" in name else np.uint8
        samples = np.frombuffer(memoryview(plane), kind)
        samples[:] = rng.integers(0, top, samples.size)
    return frame


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from(["yuv420p", "yuvj420p"]),
)
def test_turning_and_padding_are_numpys(
    width: int, height: int, quarters: int, mirror: bool, name: str
) -> None:
    frame = noise(width, height, name)
    turn = Turn(quarters, mirror)
    wanted = []
    for plane in planes(frame):
        turned = np.rot90(np.fliplr(plane) if mirror else plane, -quarters)
        wanted.append(turned.copy())
    even = turn.size(width, height)
    luma = wanted[0]
    wanted[0] = np.pad(luma, [(0, even[1] - luma.shape[0]), (0, even[0] - luma.shape[1])], mode="edge")
    upright = make_upright(frame, turn)
    assert (upright.format.name, (upright.width, upright.height)) == ("yuv420p", even)
    for got, want in zip(planes(upright), wanted, strict=True):
        assert np.array_equal(got, want)


@pytest.mark.parametrize(
    ("name", "color_range", "kept"),
    [
        ("yuvj420p", 2, 2),
        ("yuvj422p", 2, 2),
        ("yuvj444p", 2, 2),
        ("yuv422p", 1, 1),
        ("yuv444p", 0, 0),
        ("yuv420p", 2, 2),
        ("nv12", 1, 1),
        ("gray", 1, 1),
        ("gray", 2, 2),
    ],
)
def test_luma_of_8_bits_is_never_rescaled(name: str, color_range: int, kept: int) -> None:
    frame = noise(64, 48, name, color_range=color_range)
    luma = planes(frame)[0].copy() if "420" in name else _luma(frame)
    upright = make_upright(frame, Turn())
    assert upright.format.name == "yuv420p"
    assert upright.color_range == kept
    assert np.array_equal(planes(upright)[0], luma)


def _luma(frame: av.VideoFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    plane = frame.planes[0]
    return (
        np.frombuffer(memoryview(plane), np.uint8)
        .reshape(-1, plane.line_size)[: frame.height, : frame.width]
        .copy()
    )


@pytest.mark.parametrize(("name", "color_range"), [("yuv420p10le", 1), ("yuv420p10le", 2), ("gray10le", 1)])
def test_ten_bits_lose_two(name: str, color_range: int) -> None:
    frame = noise(64, 48, name, top=1023, color_range=color_range)
    plane = frame.planes[0]
    wide = np.frombuffer(memoryview(plane), np.uint16).reshape(-1, plane.line_size // 2)[:48, :64]
    wanted = wide.astype(float) / (1023 / 255 if color_range == 2 else 4)
    got = planes(make_upright(frame, Turn()))[0]
    assert np.abs(got - wanted).max() <= 1.5


def test_rgb_becomes_limited_range() -> None:
    frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 255, np.uint8), format="bgr24")
    upright = make_upright(frame, Turn())
    assert (upright.color_range, upright.colorspace) == (1, 6)
    assert {int(v) for v in planes(upright)[0].flat} <= {234, 235}


def test_an_encoder_is_not_told_the_cameras_picture_types(clip: Path) -> None:
    with av.open(str(clip)) as container:
        frame = next(container.decode(video=0))
        assert int(frame.pict_type) == 1
        assert int(make_upright(frame, Turn()).pict_type) == 0


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_display_matrices_as_ffmpeg_writes_them(tmp_path: Path, degrees: int, mirror: bool) -> None:
    path = tmp_path / "turned.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.set_display_rotation(-degrees, hflip=mirror)
        frame = noise(64, 48)
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        turn = display_turn(next(container.decode(video=0)))
    assert turn.mirror is mirror
    # FFmpeg mirrors after it turns, a Turn before.
    assert turn.quarters == (-degrees if mirror else degrees) % 360 // 90


def test_matrix_of_a_slight_slant_is_level() -> None:
    assert matrix_turn(struct.pack("=9i", 65_000, 5_000, 0, -5_000, 65_000, 0, 0, 0, 1 << 30)) == Turn()


def test_the_settings_turn_is_added() -> None:
    assert Turn(3).then(180) == Turn(1)
    assert Turn(1).size(241, 427) == (428, 242)


@pytest.mark.parametrize(("orientation", "quarters"), [(1, 0), (3, 2), (6, 1), (8, 3)])
def test_a_photograph_stands_as_its_exif_says(tmp_path: Path, orientation: int, quarters: int) -> None:
    """A JPEG with one EXIF tag (CIPA DC-008, 4.6.4): Orientation, which photographs carry."""
    written, jpeg = cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))
    assert written
    tag = struct.pack("<HHHIII", 1, 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + tag
    path = tmp_path / "photograph.jpg"
    path.write_bytes(bytes(jpeg[:2]) + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + bytes(jpeg[2:]))
    with av.open(path) as container:
        frame = next(container.decode(video=0))
    assert display_turn(frame) == Turn(quarters)
