"""Keeps one worker process alive for each camera, each on its own.

A worker that dies, falls silent or breaks the protocol is ended and replaced after a wait that doubles from half a
second; a minute of good work resets the wait. One camera's trouble never reaches another.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from vcam.base.channel import (
    Demand,
    Encode,
    Keys,
    Message,
    Order,
    Segment,
    Setup,
    State,
    Stats,
    Stop,
    Unit,
    Unpacker,
    pack,
)
from vcam.base.clock import Clock
from vcam.base.errors import WorkerError
from vcam.base.media import MaskedUnit
from vcam.base.scene import Scene, Tampering
from vcam.base.settings import CameraSettings, RecorderSettings, SiteSettings
from vcam.base.settings_custody import CustodySettings

log = structlog.get_logger()

SILENT = 60.0
"""Seconds without a message after which a worker is ended: it sends its counters every second."""
STOP = 15.0
"""Seconds that a worker has to finish its segments when told to stop."""
WORKER = (sys.executable, "-m", "vcam.worker")
"""The worker's command; the descriptor of its socket is added."""
LAST_WORDS = 2.0
"""Seconds that a worker has to exit once it has hung up or broken the protocol."""
FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
HEALTHY = 60.0
"""Seconds of running after which the next restart does not wait long."""


def _ignore(_: Scene | Tampering | Keys) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told what a camera's worker says. Called in the event loop; must not block."""

    unit: Callable[[MaskedUnit], None]
    segment: Callable[[Segment], None]
    state: Callable[[State], None]
    scene: Callable[[Scene], None] = _ignore
    tampering: Callable[[Tampering], None] = _ignore
    keys: Callable[[Keys], None] = _ignore


class Supervisor:
    """One camera's worker, replaced whenever it dies, until `stop`."""

    def __init__(
        self,
        camera: CameraSettings,
        recorder: RecorderSettings,
        site: SiteSettings,
        custody: CustodySettings | None = None,
        *,
        listener: Listener,
        clock: Clock,
        command: Sequence[str] = WORKER,
    ) -> None:
        self._command = command
        self._camera = camera
        self._listener = listener
        self._clock = clock
        self._setup = Setup(
            camera.model_dump(mode="json"),
            recorder.model_dump(mode="json"),
            {"level": site.log, "format": site.log_format},
            site.model_dump(mode="json"),
            (custody or CustodySettings()).model_dump(mode="json"),
        )
        self._log = log.bind(camera=camera.name)
        self._stopping = asyncio.Event()
        self._connection: socket.socket | None = None
        self._sending = asyncio.Lock()
        self._lasting: dict[type[Order], Order] = {}
        """The latest orders that every new worker is given too."""
        self._past = Stats()
        self._now = Stats()
        self.restarts = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Process number of the latest worker."""
        return self._process.pid if self._process else None

    @property
    def stats(self) -> Stats:
        """Counters since the supervisor started, over all workers."""
        return _sum(self._past, self._now)

    async def run(self) -> None:
        """Keep a worker running until `stop`."""
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            began = self._clock.monotonic()
            try:
                await self._one_worker()
            except (WorkerError, OSError) as error:
                self._log.error("the worker is replaced", error=str(error), wait=wait)
            if self._stopping.is_set():
                return
            self.restarts += 1
            if self._clock.monotonic() - began > HEALTHY:
                wait = FIRST_WAIT
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def stop(self) -> None:
        """Let the worker finish; `run` then ends, within little more than `STOP` seconds."""
        self._stopping.set()
        await self._say(Stop())
        asyncio.get_running_loop().call_later(STOP, self._kill)

    async def restart(self) -> None:
        """Let the worker finish, and another begin."""
        await self._say(Stop())

    async def order(self, order: Order) -> None:
        """Let the worker carry `order` out. What is to last is repeated to every worker that comes after it."""
        if isinstance(order, Encode | Demand):
            self._lasting[type(order)] = order
        await self._say(order)

    async def _one_worker(self) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with ours:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *self._command,
                    str(theirs.fileno()),
                    pass_fds=(theirs.fileno(),),
                    stdin=asyncio.subprocess.DEVNULL,
                )
            self._process = process
            self._log.info("worker started", pid=process.pid)
            try:
                await self._greet(ours)
                await self._listen(ours)
            finally:
                self._connection = None
                code = await self._end(process)
                self._past, self._now = self.stats, Stats()
        if not self._stopping.is_set():
            raise WorkerError(f"Camera {self._camera.name}: its process {process.pid} ended with code {code}")

    async def _greet(self, connection: socket.socket) -> None:
        async with self._sending:
            self._connection = connection
            await self._send(self._setup, *self._lasting.values())
        if self._stopping.is_set():
            await self._say(Stop())

    async def _listen(self, connection: socket.socket) -> None:
        unpacker = Unpacker()
        # A descriptor of its own: the loop lets nobody send on one that a stream reads from.
        reader, writer = await asyncio.open_connection(sock=connection.dup())
        with contextlib.closing(writer):
            while True:
                try:
                    async with asyncio.timeout(SILENT):
                        data = await reader.read(1 << 18)
                except TimeoutError:
                    raise WorkerError(
                        f"Camera {self._camera.name}: its process said nothing for {SILENT:.0f} s"
                    ) from None
                if not data:
                    return
                for message in unpacker.feed(data):
                    self._hear(message)

    def _hear(self, message: Message) -> None:
        if isinstance(message, Unit):
            self._listener.unit(message.unit)
        elif isinstance(message, Stats):
            self._now = message
        elif isinstance(message, Segment):
            self._listener.segment(message)
        elif isinstance(message, State):
            self._listener.state(message)
        elif isinstance(message, Scene):
            self._listener.scene(message)
        elif isinstance(message, Tampering):
            self._listener.tampering(message)
        elif isinstance(message, Keys):
            self._listener.keys(message)
        else:
            raise WorkerError(f"Camera {self._camera.name}: its process sent a {type(message).__name__}")

    async def _say(self, message: Message) -> None:
        async with self._sending:
            await self._send(message)

    async def _send(self, *messages: Message) -> None:
        if self._connection is None:
            return
        data = b"".join(map(pack, messages))
        with contextlib.suppress(OSError):  # the worker has died; `_listen` sees it
            await asyncio.get_running_loop().sock_sendall(self._connection, data)

    async def _end(self, process: asyncio.subprocess.Process) -> int:
        try:
            return await asyncio.wait_for(process.wait(), LAST_WORDS)
        except TimeoutError:
            process.kill()
            return await process.wait()

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()


def _sum(a: Stats, b: Stats) -> Stats:
    return Stats(*(getattr(a, name) + getattr(b, name) for name in Stats.__slots__))
