"""The pipeline: one encoder for each size, one time line, every output served and closed."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from tests.support.patch import PatchAnalyst, PatchScene, luma, shows_patch
from tests.support.portrait import footage, wall, write
from vcam.base.channel import Aim, CameraState, Demand, Encode, ForceKey, Stats
from vcam.base.clock import SystemClock
from vcam.base.errors import EncodeError, RecordError, SourceError
from vcam.base.media import TICKS, AudioUnit, Kind, MaskedUnit, Picture, StreamInfo
from vcam.base.rendition import Overlay, Rendition
from vcam.base.scene import Scene, Tampering
from vcam.base.settings import EncodeSettings, MaskSettings, SourceSettings
from vcam.encode.h264 import ParameterSets
from vcam.live import Live
from vcam.pipeline import Pipeline
from vcam.source import open_source
from vcam.track.tamper import TURNING


class Tape:
    """An output that keeps what it is given, and fails when told to."""

    def __init__(self, *, broken: bool = False) -> None:
        self.units: list[MaskedUnit] = []
        self.sound: list[AudioUnit] = []
        self.closed = 0
        self._broken = broken

    def masked(self, unit: MaskedUnit) -> None:
        self.units.append(unit)

    def audio(self, unit: AudioUnit) -> None:
        self.sound.append(unit)

    def close(self) -> None:
        self.closed += 1
        if self._broken:
            raise RecordError("The disk is gone", mend="Find it")

    def pictures(self) -> list[VideoFrame]:
        decoder = CodecContext.create("h264", "r")
        assert isinstance(decoder, VideoCodecContext)
        found = [frame for unit in self.units for frame in decoder.decode(Packet(unit.data))]
        return found + decoder.decode(None)


def info(scene: PatchScene) -> StreamInfo:
    return StreamInfo("h264", scene.width, scene.height, 25.0)


def feed(
    pipeline: Pipeline, analyst: PatchAnalyst, scene: PatchScene, numbers: range, *, start: float = 0.0
) -> None:
    """Show `scene` at its own pace, from the second `start` of whoever watches; its own time begins at 0."""
    for count, number in enumerate(numbers):
        picture = scene.picture(number, pts=count * TICKS // 25)
        now = start + count / 25
        pipeline.push(picture, now)
        if work := pipeline.owed(picture):
            pipeline.learn(analyst.analyse(work.picture, work.passes, work.tracked))
        pipeline.release(now)


@pytest.fixture
def tape() -> Tape:
    return Tape()


@pytest.fixture
def analyst() -> PatchAnalyst:
    return PatchAnalyst()


@pytest.fixture
def pipeline(tape: Tape, analyst: PatchAnalyst) -> Pipeline:
    return Pipeline(MaskSettings(delay=0.5), EncodeSettings(gop=1), analyst, [tape])


def test_what_goes_in_comes_out_masked_and_is_counted(
    pipeline: Pipeline, tape: Tape, analyst: PatchAnalyst
) -> None:
    scene = PatchScene()
    pipeline.open(info(scene))
    feed(pipeline, analyst, scene, range(20, 80))
    assert pipeline.counters.frames_in == 60
    assert pipeline.counters.frames_out == len(tape.units) < 60  # the others are held back
    pipeline.close()
    counters = pipeline.counters
    assert counters.frames_out == len(tape.units) == 60
    proven = [unit for unit in tape.units if all(r.kind is not Kind.WHOLE for r in unit.regions)]
    assert counters.whole == 60 - len(proven)
    assert counters.regions == sum(len(unit.regions) for unit in proven) > 0
    assert not any(map(shows_patch, tape.pictures()))
    assert [unit.index for unit in tape.units] == list(range(60))
    assert [unit.pts for unit in tape.units if unit.key][:2] == [0, TICKS]


def test_a_new_size_gets_a_new_encoder_and_starts_with_an_idr(
    pipeline: Pipeline, tape: Tape, analyst: PatchAnalyst
) -> None:
    small, large = PatchScene(320, 180), PatchScene(640, 360)
    pipeline.open(info(small))
    feed(pipeline, analyst, small, range(20, 40))
    pipeline.open(info(large))
    feed(pipeline, analyst, large, range(20, 40), start=1.0)
    pipeline.close()
    assert [(unit.width, unit.height) for unit in tape.units] == [(320, 180)] * 20 + [(640, 360)] * 20
    assert tape.units[20].key
    assert ParameterSets.of(tape.units[20].data) != ParameterSets.of(tape.units[0].data) is not None
    assert [frame.width for frame in tape.pictures()] == [320] * 20 + [640] * 20
    assert not any(map(shows_patch, tape.pictures()))


def test_a_new_size_that_nobody_announced_is_no_error(
    pipeline: Pipeline, tape: Tape, analyst: PatchAnalyst
) -> None:
    pipeline.open(info(PatchScene()))
    feed(pipeline, analyst, PatchScene(), range(20, 40))
    feed(pipeline, analyst, PatchScene(320, 180), range(20, 40), start=1.0)
    pipeline.close()
    assert [unit.width for unit in tape.units] == [640] * 20 + [320] * 20
    assert not any(map(shows_patch, tape.pictures()))


def test_time_goes_on_after_a_reconnect_by_as_much_as_passed(
    pipeline: Pipeline, tape: Tape, analyst: PatchAnalyst
) -> None:
    scene = PatchScene()
    for start in (0.0, 10.0, 20.0):
        pipeline.open(info(scene))
        feed(pipeline, analyst, scene, range(20, 40), start=start)
        pipeline.audio(AudioUnit(b"sound", 0, 0, "aac", 8000, 1))
    pipeline.close()
    stamps = [unit.pts for unit in tape.units]
    assert stamps == sorted(set(stamps))
    assert [stamps[20 * n] for n in range(3)] == pytest.approx([0, 10 * TICKS, 20 * TICKS], abs=2)
    assert [unit.key for unit in tape.units[::20]] == [True] * 3
    assert [unit.pts for unit in tape.sound] == [stamps[20 * n] for n in range(3)]  # beside its pictures
    assert not any(map(shows_patch, tape.pictures()))


def test_an_idr_comes_when_asked_for(pipeline: Pipeline, tape: Tape, analyst: PatchAnalyst) -> None:
    scene = PatchScene()
    pipeline.obey(ForceKey())  # nothing is encoded yet, and the first picture is an IDR anyway
    pipeline.open(info(scene))
    feed(pipeline, analyst, scene, range(20, 40))
    sent = len(tape.units)
    pipeline.obey(ForceKey())
    pipeline.close()
    assert [unit.index for unit in tape.units if unit.key] == [0, sent]


def test_every_output_gets_the_same_and_is_closed_though_another_fails(analyst: PatchAnalyst) -> None:
    outputs = [Tape(), Tape(broken=True), Tape()]
    pipeline = Pipeline(MaskSettings(delay=0.5), EncodeSettings(), analyst, outputs)
    pipeline.open(info(PatchScene()))
    feed(pipeline, analyst, PatchScene(), range(20, 40))
    with pytest.raises(RecordError):
        pipeline.close()
    assert [output.closed for output in outputs] == [1, 1, 1]
    assert outputs[0].units == outputs[1].units == outputs[2].units
    assert len(outputs[0].units) == 20


class Onlooker:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.units: list[MaskedUnit] = []
        self.scenes: list[Scene] = []
        self.told: list[Tampering] = []

    def masked(self, unit: MaskedUnit) -> None:
        self.units.append(unit)

    def scene(self, scene: Scene) -> None:
        self.scenes.append(scene)

    def tampering(self, tampering: Tampering) -> None:
        self.told.append(tampering)


def test_other_streams_go_to_the_observer_while_they_are_wanted(tape: Tape, analyst: PatchAnalyst) -> None:
    onlooker, scene = Onlooker(), PatchScene()
    pipeline = Pipeline(MaskSettings(delay=0.5), EncodeSettings(gop=1), analyst, [tape], observer=onlooker)
    pipeline.open(info(scene))
    feed(pipeline, analyst, scene, range(20, 45))
    assert onlooker.units == []
    sent = len(tape.units)
    pipeline.obey(Demand(("sub", "jpeg")))
    pipeline.obey(Encode((Rendition("sub", width=320, height=180, fps=5.0),)))
    feed(pipeline, analyst, scene, range(45, 95), start=1.0)
    pipeline.close()
    assert len(tape.units) == 75
    assert not any(unit.key for unit in tape.units[sent : sent + 5])
    streams = {unit.stream for unit in onlooker.units}
    assert streams == {"sub", "jpeg"}
    first = next(unit for unit in onlooker.units if unit.stream == "sub")
    assert (first.index, first.key, first.width, first.height) == (sent, True, 320, 180)
    for stream, codec in (("sub", "h264"), ("jpeg", "mjpeg")):
        units = [unit for unit in onlooker.units if unit.stream == stream]
        assert len(units) <= 13
        decoder = CodecContext.create(codec, "r")
        assert isinstance(decoder, VideoCodecContext)
        frames = [frame for unit in units for frame in decoder.decode(Packet(unit.data))] + decoder.decode(None)
        assert len(frames) == len(units)
        assert not any(map(shows_patch, frames))


@pytest.mark.parametrize("ordered", [False, True])
def test_another_view_is_tampering_unless_it_was_ordered(
    tape: Tape, analyst: PatchAnalyst, ordered: bool
) -> None:
    def view(seed: int) -> VideoFrame:
        walls = np.random.default_rng(seed).integers(0, 256, (9, 16), np.uint8)
        luma = np.kron(walls, np.ones((20, 20), np.uint8))
        return VideoFrame.from_ndarray(luma, format="gray").reformat(format="yuv420p")

    onlooker = Onlooker()
    pipeline = Pipeline(MaskSettings(), EncodeSettings(), analyst, [tape], observer=onlooker)
    pipeline.open(StreamInfo("h264", 320, 180, 4.0))
    views = [view(1)] * 40 + [view(2)] * round(4 * (TURNING + 10))
    for index, frame in enumerate(views):
        if index == 40 and ordered:
            pipeline.obey(Aim())
        pipeline.push(Picture(frame, index, index * TICKS // 4, index * 250_000), index / 4)
    assert [told.moved for told in onlooker.told] == ([] if ordered else [True])


def test_the_scene_is_told_five_times_a_second_at_most(tape: Tape, analyst: PatchAnalyst) -> None:
    onlooker, scene = Onlooker(), PatchScene()
    pipeline = Pipeline(MaskSettings(delay=0.5), EncodeSettings(), analyst, [tape], observer=onlooker)
    pipeline.open(info(scene))
    feed(pipeline, analyst, scene, range(20, 95))
    pipeline.close()
    assert [told.pts for told in onlooker.scenes] == [number * TICKS // 5 for number in range(15)]
    units = {unit.pts: unit for unit in tape.units}
    assert all(told.regions == units[told.pts].regions for told in onlooker.scenes)
    assert any(told.regions for told in onlooker.scenes)
    assert {(told.width, told.height) for told in onlooker.scenes} == {(640, 360)}


def test_overlays_are_drawn_over_the_mask_in_every_stream(tape: Tape, analyst: PatchAnalyst) -> None:
    onlooker = Onlooker()
    pipeline = Pipeline(MaskSettings(delay=0.5), EncodeSettings(), analyst, [tape], observer=onlooker)
    pipeline.open(info(PatchScene()))
    pipeline.obey(Demand(("jpeg",)))
    pipeline.obey(Encode((), (Overlay("a", text="정문", x=-1, y=1, size=200),)))
    analyst.failing = True  # so that every picture is masked whole
    for number in range(20, 45):
        pipeline.push(PatchScene().picture(number), number / 25)
        pipeline.release(number / 25)
    pipeline.close()
    decoder = CodecContext.create("mjpeg", "r")
    jpegs = [frame for unit in onlooker.units for frame in decoder.decode(Packet(unit.data))]
    for frame in [*tape.pictures(), *jpegs]:
        assert (luma(frame)[:100, :160] > 200).mean() > 0.05
        assert not (luma(frame)[:, 200:] > 200).any()


def test_outputs_are_closed_though_the_encoder_fails(
    pipeline: Pipeline, tape: Tape, analyst: PatchAnalyst, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise EncodeError("x264 has failed")

    pipeline.open(info(PatchScene()))
    feed(pipeline, analyst, PatchScene(), range(20, 30))
    monkeypatch.setattr("vcam.encode.view.Encoder.encode", fail)
    with pytest.raises(EncodeError):
        pipeline.close()
    assert tape.closed == 1


class Camera:
    """A file played as a camera through source, pipeline and encoder, in a thread, like a worker does."""

    def __init__(self, path: Path, *, failing: bool) -> None:
        self.name = path.name
        self.tape = Tape()
        self.states: list[tuple[CameraState, SourceError | None]] = []
        self.stats = Stats()
        self.defects: list[BaseException] = []
        clock, mask = SystemClock(), MaskSettings(delay=0.2)
        analyst = PatchAnalyst(failing=failing)
        settings = SourceSettings(url=f"file:{path}")
        source = open_source(settings, "gate", clock, on_state=lambda *state: self.states.append(state))
        pipeline = Pipeline(mask, EncodeSettings(), analyst, [self.tape])
        self.live = Live(source, pipeline, analyst, None, delay=0.2, clock=clock, on_stats=self._count)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _count(self, stats: Stats) -> None:
        self.stats = stats

    def _run(self) -> None:
        try:
            self.live.run()
        except BaseException as error:  # noqa: BLE001 - judged by the test
            self.defects.append(error)

    @property
    def settled(self) -> bool:
        """Whether pictures have come out, or an error that says why none do."""
        return len(self.tape.units) >= 3 or any(error for _, error in self.states) or bool(self.defects)


@pytest.mark.parametrize("failing", [False, True], ids=["sound", "blind"])
def test_whatever_a_camera_sends_is_masked_or_explained_and_disturbs_no_other(
    failing: bool, tmp_path: Path
) -> None:
    files = sorted(file for file in footage("codecs").iterdir() if file.suffix != ".json")
    good = write(tmp_path / "good.mp4", [wall((320, 180))] * 50)
    other = Camera(good, failing=False)
    assert files
    try:
        for first in range(0, len(files), 8):
            before = other.stats.frames_out
            cameras = [Camera(file, failing=failing) for file in files[first : first + 8]]
            judge(cameras, failing)
            deadline = time.monotonic() + 20
            while other.stats.frames_out <= before:
                assert time.monotonic() < deadline, "the good camera has stopped"
                time.sleep(0.02)
    finally:
        other.live.stop()
        other.thread.join(20)
    assert not other.defects
    assert all(error is None for _, error in other.states)


def judge(cameras: list[Camera], failing: bool) -> None:
    deadline = time.monotonic() + 30
    with contextlib.suppress(StopIteration):
        while time.monotonic() < deadline:
            next(camera for camera in cameras if not camera.settled)
            time.sleep(0.02)
    for camera in cameras:
        camera.live.stop()
    for camera in cameras:
        camera.thread.join(20)
        assert not camera.thread.is_alive(), camera.name
        assert not camera.defects, camera.name
        assert camera.settled, camera.name
        assert camera.stats.frames_in == camera.stats.frames_out == len(camera.tape.units), camera.name
        for _, error in camera.states:
            assert error is None or ("gate" in error.what and camera.name in error.what and error.mend)
        for unit in camera.tape.units:
            whole = any(region.kind is Kind.WHOLE for region in unit.regions)
            assert whole or not failing, f"{camera.name}: picture {unit.index} was not masked"
