"""A camera's process: it obeys from its first moment, and ends when its parent is gone."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.portrait import portrait, wall, write
from vcam.base.channel import ForceKey, Message, Setup, State, Stats, Stop, Unit, Unpacker, pack
from vcam.base.settings import CameraSettings, RecorderSettings, SourceSettings

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

    def hear(self, kind: type[Message]) -> None:
        """Listen until a message of `kind` has come."""
        while not any(isinstance(message, kind) for message in self.heard):
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


def setup(path: Path) -> Setup:
    camera = CameraSettings(name="gate", source=SourceSettings(url=f"file:{path}"))
    recorder = RecorderSettings(enabled=False)
    log = {"level": "info", "format": "json"}
    return Setup(camera.model_dump(mode="json"), recorder.model_dump(mode="json"), log)


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
