"""A camera's process: it obeys from its first moment, and ends when its parent is gone."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from models.shelf import Shelf
from recorder.shares.store import FILE, ShareStore
from recorder.vault.keys import Identity
from tests.support.portrait import portrait, wall, write
from tests.support.yolonet import add, scene
from vcam.base.channel import (
    Demand,
    Encode,
    ForceKey,
    Keys,
    Message,
    Segment,
    Setup,
    State,
    Stats,
    Stop,
    Unit,
    Unpacker,
    pack,
)
from vcam.base.media import MaskedUnit
from vcam.base.rendition import Overlay, Rendition
from vcam.base.scene import Scene
from vcam.base.settings import CameraSettings, MaskSettings, RecorderSettings, SiteSettings, SourceSettings
from vcam.base.settings_custody import CustodySettings
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
def command() -> Sequence[str]:
    """What runs a worker, but for its descriptor."""
    return ("-m", "vcam.worker")


@pytest.fixture
def worker(command: Sequence[str]) -> Iterator[Worker]:
    portrait()  # skips when there are no detectors
    ours, theirs = socket.socketpair()
    ours.settimeout(40)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, *command, str(theirs.fileno())],
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


def test_while_the_parent_lags_each_stream_is_skipped_up_to_its_next_idr(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vcam.worker.BACKLOG", 200_000)
    ours, theirs = socket.socketpair()
    channel = Channel(theirs)

    def unit(number: int, stream: str, size: int = 10, *, key: bool = False) -> MaskedUnit:
        return MaskedUnit(bytes(size), number, number, number, key, number, 64, 64, stream=stream)

    channel.send(Unit(unit(0, "main", 4_000_000, key=True)))  # far more than the socket has room for
    channel.send(Unit(unit(1, "main")))
    channel.send(Unit(unit(2, "sub", key=True)))
    channel.send(Scene(0, 0, 64, 64))
    heard: list[Message] = []
    with ours:
        ours.settimeout(PATIENCE)
        unpacker = Unpacker()
        while not heard:
            heard += unpacker.feed(ours.recv(65536))
        while channel._bytes:
            time.sleep(0.001)
        for one in (
            unit(3, "sub"),
            unit(4, "main"),
            unit(5, "main", key=True),
            unit(6, "sub"),
            unit(7, "main"),
        ):
            channel.send(Unit(one))
        channel.send(Unit(unit(8, "sub", key=True)))
        while len(heard) < 4:
            heard += unpacker.feed(ours.recv(65536))
        channel.close()
    assert [message.unit.pts for message in heard if isinstance(message, Unit)] == [0, 5, 7, 8]


BUSY = """
import runpy, sys
import cv2, numpy
from models.analyst import Analyst

def load(*_):
    picture = numpy.zeros((64, 64), numpy.uint8)
    while True:
        cv2.blur(picture, (3, 3))

Analyst.load = load
sys.argv[:] = ["worker", sys.argv[1]]
runpy.run_module("vcam.worker", run_name="__main__", alter_sys=True)
"""
"""A worker whose detectors are never ready."""


@pytest.mark.parametrize("command", [("-c", BUSY)])
def test_when_the_parent_vanishes_while_detectors_load_it_ends_in_order(worker: Worker, clip: Path) -> None:
    worker.say([setup(clip)])
    worker.hear(State, lambda state: state.state == "running")
    worker.connection.shutdown(socket.SHUT_RDWR)
    status, log = ended(worker)
    assert (status, b"Traceback" in log) == (0, False)


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
    worker.hear(Scene)
    worker.say([Demand(("sub", "jpeg")), Encode((Rendition("main", "h265"),), (Overlay("a", text="정문"),))])
    for stream, codec in (("main", "h265"), ("sub", "h264"), ("jpeg", "mjpeg")):
        worker.hear(Unit, lambda told: (told.unit.stream, told.unit.codec) == (stream, codec))  # noqa: B023
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


def test_originals_are_sealed_to_the_hours_key_that_custodians_share(
    worker: Worker, clip: Path, tmp_path: Path
) -> None:
    site = SiteSettings(device="cpu", state=tmp_path / "state")
    store = ShareStore.open(site.state / FILE)
    for number in range(3):
        store.put_custodian(f"custodian-{number}", Identity.generate().recipient)
    recorder = RecorderSettings(folder=tmp_path / "media", segment=2, keep_masked=False)
    plain = setup(clip, site=site)
    custody = CustodySettings(threshold=3).model_dump(mode="json")
    worker.say([Setup(plain.camera, recorder.model_dump(mode="json"), plain.log, plain.site, custody)])
    worker.hear(Stats, lambda stats: stats.frames_in > 10)
    worker.say([Stop()])
    worker.hear(Segment)
    told = next(message for message in worker.heard if isinstance(message, Segment)).descriptor
    epoch = store.epoch(told["epoch"])
    assert epoch is not None
    assert told["recipients"] == [epoch.recipient]
    assert epoch.threshold == 3
    assert [share.custodian for share in store.shares(epoch.id)] == [f"custodian-{n}" for n in range(3)]
    store.close()


def test_trouble_with_keys_reaches_the_parent(worker: Worker, clip: Path, tmp_path: Path) -> None:
    site = SiteSettings(device="cpu", state=tmp_path / "state")
    site.state.mkdir()
    (site.state / FILE).write_bytes(b"no share store at all" * 100)
    recorder = RecorderSettings(
        folder=tmp_path / "media", segment=2, keep_masked=False, recipients=[Identity.generate().recipient]
    )
    plain = setup(clip, site=site)
    worker.say([Setup(plain.camera, recorder.model_dump(mode="json"), plain.log, plain.site, plain.custody)])
    worker.hear(Keys, lambda keys: "cannot be used" in keys.error)
    worker.hear(Unit)
    worker.say([Stop()])
    worker.hear(Segment)  # recording goes on all the same
