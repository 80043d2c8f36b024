"""One camera's process: `python -m vcam.worker FD`, started by the supervisor with one end of a socket pair.

It reads the camera, masks, encodes and records, and tells its parent: masked access units, finished segments, its
state. It ends when told to, when the parent is gone, or by an error that it cannot mend; the supervisor then starts
another.
"""

from __future__ import annotations

import collections
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence

import cv2
import structlog

from models.analyst import Analyst
from models.imported import imported
from recorder.descriptor import SegmentDescriptor
from recorder.epochs import Epochs
from recorder.masked import MaskedWriter
from recorder.raw import RawWriter
from recorder.shares.store import FILE
from vcam.base.channel import (
    CameraState,
    Keys,
    Message,
    Order,
    Segment,
    Setup,
    State,
    Stop,
    Unit,
    Unpacker,
    pack,
)
from vcam.base.clock import Clock, SystemClock
from vcam.base.errors import GarimError, SourceError
from vcam.base.logs import configure
from vcam.base.media import AudioUnit, MaskedUnit
from vcam.base.ports import MaskedSink, RawSink
from vcam.base.scene import Scene, Tampering
from vcam.base.settings import CameraSettings, RecorderSettings, SiteSettings
from vcam.base.settings_custody import CustodySettings
from vcam.live import Live
from vcam.pipeline import Pipeline
from vcam.source import open_source

log = structlog.get_logger()

BACKLOG = 16 * 1024 * 1024
"""Bytes of masked units that wait for the parent before units are skipped up to the next IDR."""


class Channel:
    """The worker's end of the socket pair. Sending never waits: a thread of its own writes what the socket has no
    room for."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._unpacker = Unpacker()
        self._waiting: collections.deque[bytes] = collections.deque()
        self._bytes = 0
        self._skipping: set[str] = set()
        self._closed = False
        self._changed = threading.Condition()
        self._writer = threading.Thread(target=self._write, name="channel", daemon=True)
        self._writer.start()

    def send(self, message: Message) -> None:
        """Queue `message`. A masked unit is skipped, up to its stream's next IDR, while the parent lags too far
        behind, and so are scenes."""
        with self._changed:
            if isinstance(message, Unit) and self._skip(message.unit):
                return
            if isinstance(message, Scene) and self._bytes > BACKLOG:
                return
            data = pack(message)
            if not self._waiting:
                data = self._send_now(data)
            if data:
                self._bytes += len(data)
                self._waiting.append(data)
                self._changed.notify()

    def receive(self) -> list[Message]:
        """The next messages of the parent; an empty list when it is gone."""
        while True:
            try:
                data = self._connection.recv(65536)
            except OSError:
                return []
            if not data:
                return []
            if messages := list(self._unpacker.feed(data)):
                return messages

    def close(self) -> None:
        """Send what waits, then close."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._writer.join(timeout=5)
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _skip(self, unit: MaskedUnit) -> bool:
        if self._bytes > BACKLOG:
            self._skipping.add(unit.stream)
        elif unit.key:
            self._skipping.discard(unit.stream)
        return unit.stream in self._skipping

    def _send_now(self, data: bytes) -> bytes:
        """Send what the socket has room for; what is left of `data`."""
        try:
            return data[self._connection.send(data, socket.MSG_DONTWAIT) :]
        except OSError:
            return data  # no room; or the parent is gone, which the writing thread will see

    def _write(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if not self._waiting:
                    return
                data = self._waiting[0]
            try:
                self._connection.sendall(data)
            except OSError:
                return  # the parent is gone; the control thread sees it too and ends the worker
            with self._changed:
                # not before: while anything waits, nobody else writes
                self._waiting.popleft()
                self._bytes -= len(data)


class ChannelSink:
    """Hands the masked streams to the parent, and what is told beside them."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def masked(self, unit: MaskedUnit) -> None:
        self._channel.send(Unit(unit))

    def audio(self, unit: AudioUnit) -> None:
        """Sound goes to the recording only."""

    def scene(self, scene: Scene) -> None:
        self._channel.send(scene)

    def tampering(self, tampering: Tampering) -> None:
        self._channel.send(tampering)

    def close(self) -> None:
        """The channel outlives the stream: it still carries the last segments."""


def _sinks(
    camera: CameraSettings,
    recorder: RecorderSettings,
    *,
    epochs: Callable[[], Epochs],
    channel: Channel,
    sink: ChannelSink,
    clock: Clock,
) -> tuple[RawSink | None, list[MaskedSink]]:
    def finished(descriptor: SegmentDescriptor) -> None:
        channel.send(Segment(descriptor.to_json()))

    raw: RawSink | None = None
    outputs: list[MaskedSink] = [sink]
    if recorder.enabled and recorder.keep_original:
        raw = RawWriter(
            recorder.folder,
            camera.name,
            recorder.recipients,
            recorder.segment,
            finished,
            clock=clock,
            epochs=epochs(),
        )
    if recorder.enabled and recorder.keep_masked:
        outputs.append(MaskedWriter(recorder.folder, camera.name, recorder.segment, finished, clock=clock))
    return raw, outputs


def _obey(channel: Channel, live: Live, orders: Sequence[Message]) -> None:
    """Carry out `orders` and those that the parent still gives, until it says stop or is gone."""
    while not any(isinstance(order, Stop) for order in orders):
        for order in orders:
            if isinstance(order, Order):
                live.obey(order)
        orders = channel.receive()
        if not orders:
            break
    live.stop()


def work(setup: Setup, orders: Sequence[Message], channel: Channel, clock: Clock) -> None:
    """Run the camera of `setup` until stopped. `orders` are those that came with it."""
    # One core serves several cameras: the mask is cheaper in one thread than spread over many.
    cv2.setNumThreads(1)
    camera = CameraSettings.model_validate(setup.camera)
    recorder = RecorderSettings.model_validate(setup.recorder)
    site = SiteSettings.model_validate(setup.site)
    custody = CustodySettings.model_validate(setup.custody)

    def tell(state: CameraState, error: SourceError | None) -> None:
        channel.send(State(state, error.what if error else "", error.mend if error else ""))

    mask = camera.mask.at_any_hour()
    analyst = Analyst(mask.kinds, preset=mask.preset, device=site.device, extra=imported(mask, site))
    sink = ChannelSink(channel)

    def keys(error: GarimError | None) -> None:
        channel.send(Keys(error.what if error else "", error.mend if error else ""))

    def epochs() -> Epochs:
        return Epochs(
            site.state / FILE, camera.name, custody.threshold, recorder.recipients, clock, on_trouble=keys
        )

    raw, outputs = _sinks(camera, recorder, epochs=epochs, channel=channel, sink=sink, clock=clock)
    source = open_source(camera.source, camera.name, clock, on_state=tell)
    pipeline = Pipeline(camera.mask, camera.encode, analyst, outputs, observer=sink)
    live = Live(source, pipeline, analyst, raw, delay=camera.mask.delay, clock=clock, on_stats=channel.send)
    threading.Thread(target=_obey, args=(channel, live, orders), name="control", daemon=True).start()
    live.run()


def main() -> int:
    """Serve the parent on the socket whose descriptor is the only argument."""
    # Ctrl-C, and a service manager's SIGTERM, go to the whole group: the parent decides when and in which order to
    # stop, and when it is gone the channel ends.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    messages = channel.receive()
    if not messages or not isinstance(messages[0], Setup):
        return 2
    # A site that is stopped while the worker starts has said so by now.
    setup, orders = messages[0], messages[1:]
    configure(setup.log["level"], setup.log["format"])
    structlog.contextvars.bind_contextvars(camera=setup.camera["name"], pid=os.getpid())
    try:
        work(setup, orders, channel, SystemClock())
    except GarimError as error:
        log.error("the camera's process ends", error=error.what, mend=error.mend)
        channel.send(State("lost", error.what, error.mend))
        return 1
    finally:
        channel.close()
    return 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    # Not sys.exit: a detector may still be at work in its thread, and the C++ beneath it aborts the process when
    # Python takes that thread away.
    os._exit(status)
