"""The product at its shipped defaults: source, detectors, tracker, mask, encoder, both recordings, and the parent."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2

from bench.meter import Cost, Meter
from models.analyst import Analyst
from recorder.descriptor import SegmentDescriptor
from recorder.masked import MaskedWriter
from recorder.raw import RawWriter
from recorder.vault.keys import Identity
from vcam.base.channel import Segment
from vcam.base.clock import SystemClock
from vcam.base.errors import WorkerError
from vcam.base.media import TICKS, AccessUnit, Picture, StreamInfo
from vcam.base.settings import EncodeSettings, MaskSettings, RecorderSettings
from vcam.pipeline import Pipeline
from vcam.source import FileSource
from vcam.worker import Channel, ChannelSink

CAMERA = "bench"


@dataclass(frozen=True, slots=True)
class _Parent:
    channel: Channel
    process: subprocess.Popen[str]

    def milliseconds(self) -> float:
        """End the parent; its CPU a picture."""
        self.channel.close()
        out, _ = self.process.communicate(timeout=60)
        if self.process.returncode:
            raise WorkerError("The bench's parent process failed", mend="Read what it printed")
        return float(json.loads(out))


def _parent(warm: int) -> _Parent:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.parent", str(theirs.fileno()), str(warm)],
            pass_fds=(theirs.fileno(),),
            stdout=subprocess.PIPE,
            text=True,
        )
    return _Parent(Channel(ours), process)


def run(path: Path, limit: int, warm: int) -> Cost:
    """Take the first `limit` pictures through everything that serves a camera."""
    cv2.setNumThreads(1)  # as the worker does
    parent = _parent(warm)
    channel, clock, meter = parent.channel, SystemClock(), Meter(warm)

    def finished(segment: SegmentDescriptor) -> None:
        channel.send(Segment(segment.to_json()))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recorder = RecorderSettings(folder=folder, recipients=[Identity.generate().recipient])
        raw = RawWriter(folder, CAMERA, recorder.recipients, recorder.segment, finished, clock=clock)
        masked = MaskedWriter(folder, CAMERA, recorder.segment, finished, clock=clock)
        mask = MaskSettings()
        analyst = Analyst(mask.kinds, preset=mask.preset)
        sink = ChannelSink(channel)
        pipeline = Pipeline(mask, EncodeSettings(), analyst, [sink, masked], observer=sink)
        with contextlib.closing(raw), contextlib.closing(pipeline):
            own = _work(path, limit, pipeline, analyst, raw=raw, meter=meter)
    return own.plus(parent.milliseconds())


def _work(
    path: Path, limit: int, pipeline: Pipeline, analyst: Analyst, *, raw: RawWriter, meter: Meter
) -> Cost:
    """What `vcam.live` does, in one thread and without haste, so that no pass of a detector is skipped.

    Measured from one picture's coming in to another's: what waits in the delay buffer is as much at both ends.
    """
    count = 0
    with contextlib.closing(FileSource(path, name=CAMERA)) as source:
        for event in source.events():
            if isinstance(event, StreamInfo):
                raw.stream(event)
                pipeline.open(event)
            elif isinstance(event, AccessUnit):
                raw.raw(event)
            elif isinstance(event, Picture):
                now = event.pts / TICKS
                pipeline.push(event, now)
                if (work := pipeline.owed(event)) is not None:
                    pipeline.learn(analyst.analyse(work.picture, work.passes, work.tracked))
                pipeline.release(now)
                meter.picture()
                count += 1
                if count == limit:
                    break
    return meter.cost()
