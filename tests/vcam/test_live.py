"""The live threads: no recorded unit is lost, nothing unlooked-at gets out, all ends when told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from av.codec.context import CodecContext
from av.packet import Packet

from tests.support.patch import PatchAnalyst, PatchScene, shows_patch
from vcam.base.channel import ForceKey, Stats
from vcam.base.clock import SystemClock
from vcam.base.errors import StreamLost, WorkerError
from vcam.base.media import AccessUnit, Analysis, AudioUnit, MaskedUnit, Picture, Region, StreamInfo
from vcam.base.settings import EncodeSettings, MaskSettings
from vcam.live import Live
from vcam.pipeline import Pipeline


@dataclass
class Camera:
    """A source of `count` pictures, `pace` seconds apart, then an end, an error, or silence until closed."""

    count: int
    pace: float = 0.0
    error: Exception | None = None
    silent: bool = False
    closed: threading.Event = field(default_factory=threading.Event)

    def events(self) -> Iterator[StreamInfo | AccessUnit | AudioUnit | Picture]:
        scene = PatchScene()
        yield StreamInfo("h264", scene.width, scene.height, 25.0)
        for number in range(self.count):
            if self.closed.wait(self.pace):
                return
            picture = scene.picture(number + 20)
            yield AccessUnit(b"unit %d" % number, picture.pts, 0, key=True)
            yield picture
        if self.silent:
            self.closed.wait(30)
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        self.closed.set()


class Tape:
    """Keeps what it is given, as a raw sink and as a masked sink."""

    def __init__(self) -> None:
        self.units: list[AccessUnit] = []
        self.masked_units: list[MaskedUnit] = []
        self.closed = 0

    def stream(self, info: StreamInfo) -> None:
        self.info = info

    def raw(self, unit: AccessUnit) -> None:
        self.units.append(unit)

    def masked(self, unit: MaskedUnit) -> None:
        self.masked_units.append(unit)

    def audio(self, unit: AudioUnit) -> None:
        pass

    def close(self) -> None:
        self.closed += 1

    def shows_patch(self, start: int = 0) -> bool:
        """Whether the patch can be made out in any picture from number `start` on."""
        decoder = CodecContext.create("h264", "r")
        frames = [f for unit in self.masked_units for f in decoder.decode(Packet(unit.data))]
        frames += decoder.decode(None)
        assert len(frames) == len(self.masked_units)
        return any(shows_patch(frame) for frame in frames[start:])


@dataclass
class Run:
    live: Live
    original: Tape
    copy: Tape
    stats: list[Stats]


def live(camera: Camera, analyst: PatchAnalyst, delay: float = 0.5) -> Run:
    original, copy, stats = Tape(), Tape(), list[Stats]()
    pipeline = Pipeline(MaskSettings(delay=delay), EncodeSettings(), analyst, [copy])
    one = Live(camera, pipeline, analyst, original, delay=delay, clock=SystemClock(), on_stats=stats.append)
    return Run(one, original, copy, stats)


@pytest.mark.parametrize("delay", [0.0, 0.5])
def test_every_picture_comes_out_masked_and_every_unit_is_kept(delay: float) -> None:
    run = live(Camera(60, pace=0.02), PatchAnalyst(), delay)
    run.live.run()
    assert [unit.data for unit in run.original.units] == [b"unit %d" % n for n in range(60)]
    assert [unit.index for unit in run.copy.masked_units] == list(range(60))
    assert run.copy.masked_units[0].key
    # Without a delay a track must be seen twice before its motion is known.
    assert not run.copy.shows_patch(start=0 if delay else 25)
    assert run.original.closed == run.copy.closed == 1
    assert run.stats[-1].frames_out == 60
    assert run.stats[-1].regions > 0


def test_a_broken_detector_is_counted_and_everything_is_masked_whole() -> None:
    run = live(Camera(40, pace=0.01), PatchAnalyst(failing=True))
    run.live.run()
    assert run.stats[-1].whole == run.stats[-1].frames_out == 40
    assert run.stats[-1].detect_errors > 0
    assert not run.copy.shows_patch()
    assert len(run.original.units) == 40


class Stuck(PatchAnalyst):
    """An analyst that does not answer until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def analyse(self, picture: Picture, passes: tuple[str, ...], tracked: Sequence[Region]) -> Analysis:
        self.go.wait(30)
        return super().analyse(picture, passes, tracked)


def test_a_stuck_detector_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    analyst = Stuck()
    run = live(Camera(40, pace=0.03), analyst)
    thread = threading.Thread(target=run.live.run)
    thread.start()
    while thread.is_alive() and len(run.copy.masked_units) < 20:
        time.sleep(0.01)
    analyst.go.set()
    thread.join(20)
    assert not thread.is_alive()
    assert run.stats[-1].frames_out == 40
    assert run.stats[-1].whole >= 20
    assert not run.copy.shows_patch()


def test_a_detector_that_never_answers_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcam.live.HUNG", 0.2)
    analyst = Stuck()
    run = live(Camera(1000, pace=0.02), analyst)
    threading.Timer(1.0, analyst.go.set).start()
    with pytest.raises(WorkerError, match="has not answered"):
        run.live.run()
    assert not run.copy.shows_patch()
    assert run.original.closed == 1


def test_a_defect_in_the_analyst_ends_the_worker() -> None:
    class Defective(PatchAnalyst):
        def analyse(self, picture: Picture, passes: tuple[str, ...], tracked: Sequence[Region]) -> Analysis:
            raise ZeroDivisionError

    run = live(Camera(1000, pace=0.005), Defective())
    with pytest.raises(WorkerError, match="has died"):
        run.live.run()
    assert not run.copy.shows_patch()


@dataclass
class Restless(Camera):
    """A camera that announces its stream anew with every picture."""

    def events(self) -> Iterator[StreamInfo | AccessUnit | AudioUnit | Picture]:
        for event in super().events():
            yield event
            if isinstance(event, Picture):
                yield StreamInfo("h264", event.width, event.height, 25.0)


def test_a_reader_that_nobody_listens_to_any_more_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Defective(PatchAnalyst):
        def analyse(self, picture: Picture, passes: tuple[str, ...], tracked: Sequence[Region]) -> Analysis:
            raise ZeroDivisionError

    monkeypatch.setattr("vcam.live.BACKLOG", 2)
    run = live(Restless(1000), Defective())
    with pytest.raises(WorkerError, match="has died"):
        run.live.run()
    assert run.original.closed == 1
    assert "source" not in {thread.name for thread in threading.enumerate()}


def test_the_source_s_error_is_the_run_s_error_and_what_was_held_goes_out() -> None:
    run = live(Camera(30, error=StreamLost("Camera gate: gone")), PatchAnalyst())
    with pytest.raises(StreamLost):
        run.live.run()
    assert len(run.copy.masked_units) == run.stats[-1].frames_in > 0
    assert not run.copy.shows_patch()


def test_pictures_leave_on_time_though_the_camera_falls_silent_and_stop_ends_it() -> None:
    run = live(Camera(10, silent=True), PatchAnalyst(), 0.5)
    thread = threading.Thread(target=run.live.run)
    thread.start()
    deadline = time.monotonic() + 20
    while len(run.copy.masked_units) < 10 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(run.copy.masked_units) == 10
    run.live.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_an_idr_comes_when_asked_for() -> None:
    run = live(Camera(120, pace=0.01), PatchAnalyst(), 0.0)
    thread = threading.Thread(target=run.live.run)
    thread.start()
    while thread.is_alive() and len(run.copy.masked_units) < 10:
        time.sleep(0.005)
    before = len(run.copy.masked_units)
    run.live.obey(ForceKey())
    thread.join(30)
    assert any(unit.key for unit in run.copy.masked_units[before : before + 30])
