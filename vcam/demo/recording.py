"""Records footage of some hours ago: the recorder's own parts, by a clock that is behind.

The key of an hour is destroyed when no more footage can come to it. A story that ends with a purge cannot wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from models.analyst import Analyst
from recorder.descriptor import SegmentDescriptor
from recorder.epochs import Epochs
from recorder.index import Index
from recorder.masked import MaskedWriter
from recorder.policy import Policy
from recorder.raw import RawWriter
from recorder.shares.store import FILE
from recorder.signing import RECORDER, SigningKey
from vcam.base.clock import Clock, SystemClock
from vcam.base.settings import CameraSettings, Settings
from vcam.live import Live
from vcam.pipeline import Pipeline
from vcam.source import open_source


@dataclass(frozen=True, slots=True)
class Behind:
    """The host's clocks, the one for the record being `seconds` late."""

    seconds: float
    clock: Clock

    def monotonic(self) -> float:
        return self.clock.monotonic()

    def utc(self) -> int:
        return self.clock.utc() - round(self.seconds * 1_000_000)


def record(settings: Settings, seconds: float, *, ago: float) -> None:
    """Record the first camera of a site for `seconds`, as of `ago` seconds ago, and note it in the site's index.

    Raises GarimError.
    """
    camera, recorder = settings.camera[0], settings.recorder
    clock = Behind(ago, SystemClock())
    index = Index.open(
        f"sqlite:///{settings.site.state / 'index.sqlite'}",
        policy=Policy.of(settings),
        signer=SigningKey.open(settings.site.state / "keys", RECORDER),
    )

    def finished(descriptor: SegmentDescriptor) -> None:
        index.add(descriptor)

    epochs = Epochs(settings.site.state / FILE, camera.name, settings.custody.threshold, [], clock)
    try:
        raw = RawWriter(recorder.folder, camera.name, [], recorder.segment, finished, clock, epochs=epochs)
        masked = MaskedWriter(recorder.folder, camera.name, recorder.segment, finished, clock)
        _play(camera, clock, raw, masked, seconds)
    finally:
        index.close()


def _play(camera: CameraSettings, clock: Clock, raw: RawWriter, masked: MaskedWriter, seconds: float) -> None:
    analyst = Analyst(camera.mask.kinds, preset=camera.mask.preset)
    pipeline = Pipeline(camera.mask, camera.encode, analyst, [masked])
    source = open_source(camera.source, camera.name, clock, on_state=_quiet)
    live = Live(source, pipeline, analyst, raw, delay=camera.mask.delay, clock=clock, on_stats=_quiet)
    end = threading.Timer(seconds, live.stop)
    end.start()
    try:
        live.run()
    finally:
        end.cancel()


_quiet: Callable[..., None] = lambda *_: None  # noqa: E731 - told of states and figures that nobody asks for
