"""A camera's process: it obeys from its first moment, and ends when its parent is gone."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from models.shelf import Shelf
from tests.support.portrait import portrait, wall, write
from tests.support.yolonet import add, scene
from vcam.base.channel import ForceKey, Message, Setup, State, Stats, Stop, Unit, Unpacker, pack
from vcam.base.media import MaskedUnit
from vcam.base.settings import CameraSettings, MaskSettings, RecorderSettings, SiteSettings, SourceSettings
from vcam.worker import Channel

Heard = TypeVar("Heard", bound=Message)

PATIENCE = 12.0
"""Seconds that a worker may take to end; a supervisor kills it after 15."""


@dataclass
class Worker:
    """A worker and the parent's end of its channel."""

    process: subprocess.Popen[bytes]
    connection: socket.socket
    unpacker: Unpacker = field(default_factory=Unpacker)
    heard: list[Message] = field(default_factory=list)

    def say(self, messages: Sequence[Message]) -> None:
        self.connection.sendall(b"".join(map(pack, messages)))

    def hear(self, kind: type[Heard], wanted: Callable[[Heard], bool] = lambda _: True) -> None:
        """Listen until a message of `kind` that is `wanted` has come."""
        while not any(isinstance(message, kind) and wanted(message) for message in self.heard):
            data = self.connection.recv(65536)
            assert data, f"it hung up before it sent a {kind.__name__}"
            self.heard += self.unpacker.feed(data)


@pytest.fixture
def worker() -> Iterator[Worker]:
    portrait()  # skips when there are no detectors
    ours, theirs = socket.socketpair()
    ours.settimeout(40)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "vcam.worker", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stderr=subprocess.PIPE,
        )
    with ours, process:
        try:
            yield Worker(process, ours)
        finally:
            process.kill()


def setup(path: Path, mask: MaskSettings | None = None, site: SiteSettings | None = None) -> Setup:
    camera = CameraSettings(name="gate", source=SourceSettings(url=f"file:{path}"), mask=mask or MaskSettings())
    recorder = RecorderSettings(enabled=False)
    log = {"level": "info", "format": "json"}
    where = (site or SiteSettings(device="cpu")).model_dump(mode="json")
    return Setup(camera.model_dump(mode="json"), recorder.model_dump(mode="json"), log, where)


def ended(worker: Worker) -> tuple[int, bytes]:
    """Its exit status and its log."""
    with contextlib.suppress(TimeoutError):
        while worker.connection.recv(65536):
            pass
    assert worker.process.stderr is not None
    log = worker.process.stderr.read()
    return worker.process.wait(PATIENCE), log


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write(tmp_path / "gate.mp4", [wall((320, 180))] * 50)


def test_what_a_slow_parent_has_not_taken_waits_in_order() -> None:
    ours, theirs = socket.socketpair()
    channel = Channel(theirs)
    sizes = [3, 400_000, 5, 70_000, 1]
    sent = [
        Unit(MaskedUnit(bytes(size), number, number, number, number == 0, number, 64, 64))
        for number, size in enumerate(sizes)
    ]
    for message in sent:  # far more than the socket has room for, and nobody reads
        channel.send(message)
    heard: list[Message] = []
    with ours:
        ours.settimeout(PATIENCE)
        unpacker = Unpacker()
        while len(heard) < len(sent):
            heard += unpacker.feed(ours.recv(65536))
        channel.close()
    assert heard == sent


@pytest.mark.parametrize("orders", [[Stop()], [ForceKey(), Stop()]])
def test_stop_that_comes_while_it_starts_is_obeyed(orders: list[Message], worker: Worker, clip: Path) -> None:
    worker.say([setup(clip), *orders])
    worker.connection.settimeout(PATIENCE)
    code, log = ended(worker)
    assert code == 0
    assert b"Traceback" not in log


def test_it_tells_how_it_is_and_stops_when_told(worker: Worker, clip: Path) -> None:
    worker.say([setup(clip)])
    worker.hear(Unit)
    worker.hear(Stats)
    states = [message.state for message in worker.heard if isinstance(message, State)]
    assert states == ["connecting", "running"]
    first = next(message.unit for message in worker.heard if isinstance(message, Unit))
    assert first.key
    worker.say([ForceKey(), Stop()])
    code, log = ended(worker)
    assert code == 0
    assert b"Traceback" not in log


def test_it_ends_when_its_parent_is_gone(worker: Worker, clip: Path) -> None:
    worker.say([setup(clip)])
    worker.hear(Unit)
    worker.connection.close()
    assert worker.process.wait(PATIENCE) == 0


def test_it_ends_when_its_parent_never_was(worker: Worker) -> None:
    worker.connection.close()
    assert worker.process.wait(40) == 2


def test_an_imported_detector_masks_too(worker: Worker, tmp_path: Path) -> None:
    site = SiteSettings(device="cpu", state=tmp_path / "state")
    add(Shelf(tmp_path / "state" / "models"))
    patch = scene(320, 180, [(96, 64, 224, 128)])[..., ::-1]
    clip = write(tmp_path / "patch.mp4", [np.ascontiguousarray(patch)] * 75)
    worker.say([setup(clip, MaskSettings(models=["magenta"]), site)])
    # a picture that is masked by regions: the imported detector alone sees something
    worker.hear(Stats, lambda stats: stats.regions > 0)
    worker.say([Stop()])
    assert ended(worker)[0] == 0


def test_one_that_is_not_there_ends_it(worker: Worker, clip: Path, tmp_path: Path) -> None:
    worker.say([setup(clip, MaskSettings(models=["magenta"]), SiteSettings(state=tmp_path))])
    code, log = ended(worker)
    assert code == 1
    assert b"magenta" in log
    assert b"Traceback" not in log
    assert not any(isinstance(message, Unit) for message in worker.heard)
