"""Files: every odd and broken one, loops, pace."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event, Thread

import av
import numpy as np
import pytest

from vcam.base.annexb import nal_units
from vcam.base.clock import ManualClock
from vcam.base.errors import GarimError, NotVideo, Unreachable
from vcam.base.media import TICKS, AccessUnit, AudioUnit, Picture, StreamInfo
from vcam.source.container import SourceEvent
from vcam.source.file import FileSource
from vcam.source.upright import planes

from .conftest import Expected, scene


def pictures(events: Iterable[SourceEvent]) -> list[Picture]:
    return [event for event in events if isinstance(event, Picture)]


def pictures_one_by_one(path: Path) -> Iterator[Picture]:
    return (event for event in FileSource(path).events() if isinstance(event, Picture))


def frames_alive() -> int:
    return sum(type(thing) is av.VideoFrame for thing in gc.get_objects())


def infos(events: Iterable[SourceEvent]) -> list[StreamInfo]:
    return [event for event in events if isinstance(event, StreamInfo)]


def test_every_odd_file_plays_or_says_what_to_do(codec_files: dict[Path, Expected]) -> None:
    for path, expected in codec_files.items():
        if "open_error" in expected:
            with pytest.raises(NotVideo) as caught:
                list(FileSource(path).events())
            assert path.name in caught.value.what
            assert caught.value.mend
            continue
        events = list(FileSource(path).events())
        assert isinstance(events[0], StreamInfo)
        shown = pictures(events)
        assert len(shown) == expected["decoded"], path.name
        assert [picture.index for picture in shown] == list(range(len(shown)))
        stamps = [picture.pts for picture in shown]
        assert stamps == sorted(set(stamps))
        times = [picture.time for picture in shown]
        assert times == sorted(set(times))
        _sizes_are_announced(events)


def _sizes_are_announced(events: list[SourceEvent]) -> None:
    size = (0, 0)
    for event in events:
        if isinstance(event, StreamInfo):
            size = event.width, event.height
        if isinstance(event, Picture):
            assert (event.width, event.height) == size
            assert event.frame.format.name == "yuv420p"
            assert event.width % 2 == event.height % 2 == 0


def odd_file(files: dict[Path, Expected], name: str) -> Path:
    return next(path for path in files if path.name == name)


def test_a_change_of_size_is_announced(codec_files: dict[Path, Expected]) -> None:
    events = list(FileSource(odd_file(codec_files, "der_resolution_change.ts")).events())
    sizes = [(info.width, info.height) for info in infos(events)]
    assert (sizes[0], sizes[-1]) == ((360, 640), (240, 426))


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("real_rotated90_decord.mov", (320, 568)),
        ("real_rotated180_decord.mov", (568, 320)),
        ("real_rotated270_decord.mov", (320, 568)),
        ("der_mjpeg_odd_241x427.avi", (242, 428)),
    ],
)
def test_pictures_stand_upright_and_are_even(
    codec_files: dict[Path, Expected], name: str, size: tuple[int, int]
) -> None:
    path = odd_file(codec_files, name)
    (info, *_) = infos(FileSource(path).events())
    assert (info.width, info.height) == size
    (turned, *_) = infos(FileSource(path, rotate=90).events())
    assert (turned.width, turned.height) == size[::-1]


def test_damage_is_told(codec_files: dict[Path, Expected]) -> None:
    def damaged(name: str) -> list[bool]:
        return [picture.damaged for picture in pictures(FileSource(odd_file(codec_files, name)).events())]

    assert not any(damaged("der_h264_bframes_longgop_aac.mp4"))
    lost = damaged("der_packet_loss.ts")
    assert any(lost)
    assert not all(lost)
    assert all(damaged("der_bitflips.ts"))


def test_full_range_stays_full(codec_files: dict[Path, Expected]) -> None:
    shown = pictures(FileSource(odd_file(codec_files, "real_bt709_full_range_torchcodec.mp4")).events())
    assert {(int(picture.frame.color_range), int(picture.frame.colorspace)) for picture in shown} == {(2, 1)}


def test_pictures_are_those_of_a_plain_decoder(reordered_clip: Path) -> None:
    with av.open(str(reordered_clip)) as container:
        wanted = [frame.to_ndarray() for frame in container.decode(video=0)]
    shown = pictures(FileSource(reordered_clip).events())
    assert [picture.pts for picture in shown] == [index * 3600 for index in range(50)]
    for picture, want in zip(shown, wanted, strict=True):
        assert np.array_equal(picture.frame.to_ndarray(), want)
        assert picture.frame.pts == picture.pts


def test_pictures_that_have_been_used_do_not_wait_for_the_garbage_collector(reordered_clip: Path) -> None:
    gc.collect()
    gc.disable()
    try:
        before = frames_alive()
        keys = shown = 0
        for picture in pictures_one_by_one(reordered_clip):
            shown += 1
            keys += picture.frame.key_frame
        alive = frames_alive() - before
    finally:
        gc.enable()
    # only key pictures are asked for side data, which holds on to them
    assert alive <= keys + 1 < shown / 2


def test_access_units_decode_by_themselves(reordered_clip: Path) -> None:
    events = list(FileSource(reordered_clip).events())
    (info,) = infos(events)
    units = [event for event in events if isinstance(event, AccessUnit)]
    assert len(units) == 50
    assert [unit.key for unit in units] == [index in {0, 20, 40} for index in range(50)]
    context = av.CodecContext.create("h264", "r")
    packets = context.parse(info.parameter_sets + b"".join(unit.data for unit in units)) + context.parse(None)
    frames = [frame for packet in packets for frame in context.decode(packet)] + context.decode(None)
    for frame, picture in zip(frames, pictures(events), strict=True):
        assert np.array_equal(frame.to_ndarray(), picture.frame.to_ndarray())
    assert {unit.pts for unit in units} == {picture.pts for picture in pictures(events)}
    assert all(list(nal_units(unit.data)) for unit in units)


def test_loops_run_on_without_a_new_stream(clip: Path) -> None:
    source = FileSource(clip, loop=True)
    shown: list[Picture] = []
    announced = 0
    for event in source.events():
        announced += isinstance(event, StreamInfo)
        if isinstance(event, Picture):
            shown.append(event)
            if len(shown) == 120:
                source.close()
    assert announced == 1
    assert [picture.pts for picture in shown] == [index * 3600 for index in range(120)]
    assert [picture.index for picture in shown] == list(range(120))
    assert not any(picture.damaged for picture in shown)
    assert np.array_equal(planes(shown[3].frame)[0], planes(shown[53].frame)[0])


class Ticking(ManualClock):
    """A clock that moves on by 10 ms whenever it is looked at."""

    def monotonic(self) -> float:
        self.advance(0.01)
        return super().monotonic()


def test_a_paced_file_keeps_its_own_pace(clip: Path) -> None:
    clock = Ticking(utc=1_000_000_000)
    start = clock.monotonic()
    for count, event in enumerate(FileSource(clip, paced=True, clock=clock).events()):
        if isinstance(event, Picture):
            assert clock.monotonic() - start >= event.pts / 90_000
        if count > 20:
            break


def test_when_held_up_play_goes_on_from_there(clip: Path) -> None:
    clock = Ticking(utc=1_000_000_000)
    shown: list[tuple[float, Picture]] = []
    for event in FileSource(clip, paced=True, clock=clock).events():
        if isinstance(event, Picture):
            shown.append((clock.monotonic(), event))
            if len(shown) == 5:
                clock.advance(10)
            if len(shown) == 8:
                break
    assert shown[7][0] - shown[5][0] >= 0.06
    assert 9_000_000 < shown[7][1].time - shown[4][1].time < 11_000_000


def test_close_ends_a_wait(clip: Path) -> None:
    source, begun = FileSource(clip, paced=True, loop=True, clock=ManualClock()), Event()

    def run() -> None:
        for event in source.events():
            if isinstance(event, Picture):
                begun.set()

    thread = Thread(target=run)
    thread.start()
    assert begun.wait(10)
    source.close()
    thread.join(10)
    assert not thread.is_alive()


def test_sound_only_when_asked_for(codec_files: dict[Path, Expected]) -> None:
    path = odd_file(codec_files, "der_h264_bframes_longgop_aac.mp4")
    assert not any(isinstance(event, AudioUnit) for event in FileSource(path).events())
    units = [event for event in FileSource(path, audio=True).events() if isinstance(event, AudioUnit)]
    assert {(unit.codec, unit.extradata != b"") for unit in units} == {("aac", True)}
    assert len(units) > 50


@pytest.mark.parametrize("content", [None, b"", b"no video at all", b"#EXTM3U\nhttp://127.0.0.1:9/x.ts\n"])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "film.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises((NotVideo, Unreachable)) as caught:
        list(FileSource(path, name="gate").events())
    assert isinstance(caught.value, GarimError)
    assert "film.mp4" in caught.value.what
    assert "gate" in caught.value.what
    assert caught.value.mend


def test_a_folder_and_a_file_without_video_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        list(FileSource(tmp_path).events())
    sound = tmp_path / "sound.wav"
    with av.open(str(sound), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(NotVideo, match="holds no video"):
        list(FileSource(sound).events())


def test_the_scenes_come_through(clip: Path) -> None:
    shown = pictures(FileSource(clip).events())
    got = shown[7].frame.to_ndarray(format="rgb24").astype(int)
    assert np.abs(got - scene(7, 320, 240))[80:].mean() < 12


@pytest.mark.parametrize("rate", [1, 2, 25])
def test_reordered_pictures_keep_their_times_at_any_rate(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "slow.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"bf": "8", "x264-params": "b-adapt=0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(24):
            frame = av.VideoFrame.from_ndarray(np.full((72, 64), 5 * number, np.uint8), format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    events = list(FileSource(path).events())
    assert [picture.pts for picture in pictures(events)] == [number * TICKS // rate for number in range(24)]
    assert len(infos(events)) == 1
