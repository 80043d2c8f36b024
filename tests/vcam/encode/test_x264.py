from __future__ import annotations

import itertools
import shutil
import subprocess
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.annexb import nal_units
from vcam.base.errors import EncodeError
from vcam.base.media import Kind, MaskedUnit, Picture, Region
from vcam.base.settings import EncodeSettings
from vcam.encode import h264
from vcam.encode.colour import Colour
from vcam.encode.encoder import Encoder
from vcam.encode.rate import bit_rate
from vcam.encode.x264 import encoder_options

if TYPE_CHECKING:
    from tests.vcam.encode.conftest import Judge, Scene

SETTINGS = EncodeSettings()


def run(encoder: Encoder, pictures: list[Picture]) -> list[MaskedUnit]:
    units = list(itertools.chain.from_iterable(encoder.encode(picture, ()) for picture in pictures))
    return units + encoder.flush()


def test_units_carry_what_their_pictures_had(scene: Scene) -> None:
    made = scene.pictures(10)
    region = Region(1, 2, 3, 4, Kind.FACE, 7)
    encoder = Encoder(SETTINGS, 320, 192, 25.0)
    units = [unit for picture in made for unit in encoder.encode(picture, (region,) * picture.index)]
    assert encoder.flush() == []
    assert [(unit.pts, unit.time, unit.index) for unit in units] == [(p.pts, p.time, p.index) for p in made]
    assert [len(unit.regions) for unit in units] == list(range(10))
    assert all(unit.dts == unit.pts and (unit.width, unit.height) == (320, 192) for unit in units)


def test_decoders_see_the_pictures(scene: Scene, judge: Judge) -> None:
    made = scene.pictures(30)
    originals = [scene.frame(index) for index in range(30)]
    frames = judge.decode(run(Encoder(SETTINGS, 320, 192, 25.0), made))
    assert [frame.pts for frame in frames] == [picture.pts for picture in made]
    assert min(judge.psnr(one, other) for one, other in zip(originals, frames, strict=True)) > 33


def test_every_idr_carries_its_parameter_sets_and_can_be_joined_at(scene: Scene, judge: Judge) -> None:
    units = run(Encoder(EncodeSettings(gop=0.4), 320, 192, 25.0), scene.pictures(35))
    keys = [number for number, unit in enumerate(units) if unit.key]
    assert keys == [0, 10, 20, 30]
    for unit in units:
        kinds = {h264.nal_type(nal) for nal in nal_units(unit.data)}
        assert (h264.NAL_IDR in kinds) == unit.key
        assert (h264.ParameterSets.of(unit.data) is not None) == unit.key
    whole = [judge.samples(frame) for frame in judge.decode(units)]
    assert [judge.samples(frame) for frame in judge.decode(units[20:])] == whole[20:]


def test_idr_pictures_follow_time_not_count(scene: Scene) -> None:
    # 10 pictures a second with some missing: IDR pictures still come each second.
    instants = [index * 9000 + 37 * (index % 3) for index in range(60) if index % 7]
    units = run(Encoder(EncodeSettings(gop=1.0), 320, 192, 25.0), scene.pictures(pts=instants))
    keys = [unit.pts for unit in units if unit.key]
    assert [unit.pts for unit in units] == instants
    assert all(80_000 <= later - earlier <= 110_000 for earlier, later in itertools.pairwise(keys))


@given(st.lists(st.integers(1, 400_000), min_size=1, max_size=30), st.floats(0.2, 10), st.floats(0, 300))
def test_any_increasing_pts_comes_out_as_it_went_in(steps: list[int], gop: float, fps: float) -> None:
    instants = list(itertools.accumulate(steps))
    encoder = Encoder(EncodeSettings(gop=gop), 64, 48, fps)
    frame = VideoFrame(64, 48, "yuv420p")
    units = run(encoder, [Picture(frame, index, pts, index) for index, pts in enumerate(instants)])
    assert [unit.pts for unit in units] == [unit.dts for unit in units] == instants
    assert units[0].key


def test_forced_key_comes_next_and_restarts_the_gop(scene: Scene) -> None:
    encoder = Encoder(EncodeSettings(gop=0.4), 320, 192, 25.0)
    keys = []
    for picture in scene.pictures(20):
        if picture.index == 7:
            encoder.force_key()
        keys += [unit.index for unit in encoder.encode(picture, ()) if unit.key]
    assert keys == [0, 7, 17]


def test_picture_types_of_the_camera_are_not_followed(scene: Scene, judge: Judge) -> None:
    intra = Encoder(EncodeSettings(gop=0.2), 320, 192, 5.0)
    camera = [unit for picture in scene.pictures(12) for unit in intra.encode(picture, ())]
    again = [Picture(frame, index, index * 3600, 0) for index, frame in enumerate(judge.decode(camera))]
    units = run(Encoder(SETTINGS, 320, 192, 25.0), again)
    assert sum(unit.key for unit in camera) > 1
    assert [unit.index for unit in units if unit.key] == [0]


def test_colour_is_kept(scene: Scene, judge: Judge) -> None:
    colour = Colour(range=2, primaries=1, transfer=13, matrix=6)
    frames = judge.decode(run(Encoder(SETTINGS, 320, 192, 25.0, colour), scene.pictures(3)))
    assert all(Colour.of(frame) == colour for frame in frames)


def test_user_data_of_the_camera_does_not_pass(scene: Scene) -> None:
    secret = bytes(range(0x41, 0x51)) + b"operator at the gate"
    sei = b"\x00\x00\x00\x01\x06\x05" + bytes([len(secret)]) + secret + b"\x80"
    camera = run(Encoder(SETTINGS, 320, 192, 25.0), scene.pictures(5))
    decoder = CodecContext.create("h264", "r")
    frames: list[VideoFrame] = []
    for unit in camera:
        frames += decoder.decode(Packet(sei + unit.data))
    frames += decoder.decode(None)
    assert all("SEI_UNREGISTERED" in str(list(frame.side_data)) for frame in frames)
    units = run(Encoder(SETTINGS, 320, 192, 25.0), [Picture(f, i, i * 3600, 0) for i, f in enumerate(frames)])
    assert units
    assert not any(secret[:16] in unit.data for unit in units)


@pytest.mark.parametrize(
    ("size", "form"), [((322, 192), "yuv420p"), ((320, 190), "yuv420p"), ((320, 192), "yuv422p")]
)
def test_a_picture_of_another_kind_is_refused(size: tuple[int, int], form: str) -> None:
    encoder = Encoder(SETTINGS, 320, 192, 25.0)
    with pytest.raises(EncodeError, match=f"{size[0]}x{size[1]} {form}"):
        encoder.encode(Picture(VideoFrame(*size, form), 0, 0, 0), ())


def test_time_must_not_stand_still(scene: Scene) -> None:
    encoder = Encoder(SETTINGS, 320, 192, 25.0)
    first, second = scene.pictures(pts=[900, 900])
    encoder.encode(first, ())
    with pytest.raises(EncodeError, match="pts 900 after 900"):
        encoder.encode(second, ())


def test_nothing_is_taken_after_the_end(scene: Scene) -> None:
    encoder = Encoder(SETTINGS, 320, 192, 25.0)
    first, second = scene.pictures(2)
    encoder.encode(first, ())
    encoder.flush()
    assert encoder.flush() == []
    with pytest.raises(EncodeError, match="after the end"):
        encoder.encode(second, ())


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(EncodeError, match="321x191"):
        Encoder(SETTINGS, 321, 191, 25.0)


@given(
    st.integers(64_000, 100_000_000), st.integers(8, 2000), st.integers(8, 2000), st.floats(0.5, 120, width=32)
)
def test_bigger_and_faster_streams_get_more(setting: int, width: int, height: int, fps: float) -> None:
    settings = EncodeSettings(bit_rate=setting)
    rate = bit_rate(settings, 2 * width, 2 * height, fps)
    assert rate >= min(setting, 200_000)
    assert bit_rate(settings, 4 * width, 2 * height, fps) >= rate
    assert bit_rate(settings, 2 * width, 2 * height, 2 * fps) >= rate


def test_the_setting_is_the_rate_at_1080p25() -> None:
    assert bit_rate(SETTINGS, 1920, 1080, 25.0) == 4_000_000
    assert bit_rate(SETTINGS, 1920, 1080, float("nan")) == 4_000_000
    options = encoder_options(SETTINGS, 1920, 1080, 25.0)
    assert (options["preset"], options["tune"], options["b"]) == ("ultrafast", "zerolatency", "4000000")


def test_the_rate_is_held(scene: Scene) -> None:
    settings = EncodeSettings(bit_rate=40_000_000)  # about 1.4 Mb/s at this size
    units = run(Encoder(settings, 320, 192, 25.0), scene.pictures(100))
    wanted = bit_rate(settings, 320, 192, 25.0)
    assert 0.6 * wanted < sum(len(unit.data) for unit in units) * 8 / 4 < 1.25 * wanted


def test_another_decoder_reads_the_stream(scene: Scene, judge: Judge) -> None:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed")
    units = run(Encoder(EncodeSettings(gop=0.4), 320, 192, 25.0), scene.pictures(30))
    answer = subprocess.run(
        [ffmpeg, "-v", "error", "-f", "h264", "-i", "-", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
        input=b"".join(unit.data for unit in units),
        capture_output=True,
        check=True,
    )
    assert answer.stderr == b""
    assert answer.stdout == b"".join(judge.samples(frame) for frame in judge.decode(units))


def test_time_base_is_that_of_the_pictures(scene: Scene) -> None:
    picture = scene.pictures(1)[0]
    picture.frame.pts, picture.frame.time_base = 5, Fraction(1, 25)
    picture.pts = 123_456
    [unit] = Encoder(SETTINGS, 320, 192, 25.0).encode(picture, ())
    assert unit.pts == 123_456
