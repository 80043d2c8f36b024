"""A film to publish, a server to publish it with, and a client that speaks RTSP by hand."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from fractions import Fraction
from typing import cast

import numpy as np
import pytest
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from onvif_server.digest import DigestAuthority
from onvif_server.rtsp import Limits, Mount, RtspServer
from onvif_server.rtsp.rtp import Burst
from vcam.base.clock import Clock, SystemClock
from vcam.base.media import MaskedUnit, Picture
from vcam.base.settings import EncodeSettings
from vcam.encode.encoder import Encoder

EPOCH = 1_700_000_000_000_000
USER, PASSWORD = "nvr", "correct horse"
HANGUL = "관제실"
"""Another user, with the same password."""


class Film:
    """50 access units, five GOPs, of a noisy picture; played over and over by `unit`."""

    def __init__(self, width: int = 320, height: int = 192, bit_rate: int = 30_000_000) -> None:
        encoder = Encoder(EncodeSettings(bit_rate=bit_rate, gop=0.4), width, height, 25.0)
        random = np.random.default_rng(7)
        still = random.integers(16, 235, (height * 3 // 2, width), dtype=np.uint8)
        self.units: list[MaskedUnit] = []
        for index in range(50):
            moved = np.roll(still, 5 * index, axis=1)
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(moved), format="yuv420p")
            self.units += encoder.encode(Picture(frame, index, index * 3600, EPOCH + index * 40_000), ())
        self.digests = self.decoded(unit.data for unit in self.units)

    def unit(self, number: int) -> MaskedUnit:
        return dataclasses.replace(
            self.units[number % len(self.units)],
            pts=number * 3600,
            dts=number * 3600,
            time=EPOCH + number * 40_000,
            index=number,
        )

    @staticmethod
    def decoded(units: Iterable[bytes], codec: str = "h264") -> list[str]:
        """SHA-256 of each decoded picture's samples."""
        decoder = cast(VideoCodecContext, CodecContext.create(codec, "r"))
        decoder.thread_count = 1
        frames: list[VideoFrame] = []
        for number, data in enumerate(units):
            packet = Packet(data)
            packet.pts, packet.time_base = number, Fraction(1, 25)
            frames += decoder.decode(packet)
        frames += decoder.decode(None)
        return [hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest() for frame in frames]


@pytest.fixture(scope="session")
def film() -> Film:
    return Film()


@dataclasses.dataclass
class Answer:
    """A response as the client sees it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def get(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key == name.lower())


class Client:
    """An RTSP client by hand: what is sent is what the test says."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, url: str) -> None:
        self.reader = reader
        self.writer = writer
        self.url = url
        self.cseq = 0
        self.session = ""
        self.challenges: list[str] = []
        self.credentials: tuple[str, str] | None = None
        self.frames: list[tuple[int, bytes]] = []

    def text(self, method: str, uri: str, **headers: str) -> bytes:
        self.cseq += 1
        lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {self.cseq}"]
        if self.session:
            lines.append(f"Session: {self.session}")
        if self.credentials and self.challenges:
            lines.append(f"Authorization: {self.authorization(method, uri)}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def authorization(self, method: str, uri: str) -> str:
        """RFC 7616, with SHA-256."""
        assert self.credentials is not None
        challenge = next(value for value in self.challenges if "SHA-256" in value)
        fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        user, password = self.credentials

        def digest(text: str) -> str:
            return hashlib.sha256(text.encode()).hexdigest()

        count = f"{self.cseq:08x}"
        first = digest(f"{user}:{fields['realm']}:{password}")
        answer = digest(f"{first}:{fields['nonce']}:{count}:abcd:auth:{digest(f'{method}:{uri}')}")
        return (
            f'Digest username="{user}", realm="{fields["realm"]}", nonce="{fields["nonce"]}", uri="{uri}", '
            f'algorithm=SHA-256, qop=auth, nc={count}, cnonce="abcd", response="{answer}"'
        )

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def ask(self, method: str, uri: str = "", **headers: str) -> Answer:
        """Send a request and give its response; interleaved frames that come before it go to `frames`."""
        await self.send(self.text(method, uri or self.url, **headers))
        answer = await self.answer()
        assert answer.get("cseq") == str(self.cseq)
        challenges = [value for key, value in answer.headers if key == "www-authenticate"]
        if challenges:
            self.challenges = challenges
        if answer.get("session"):
            self.session = answer.get("session").partition(";")[0]
        return answer

    async def answer(self) -> Answer:
        async with asyncio.timeout(20):
            while (first := await self.reader.readexactly(1)) == b"$":
                self.frames.append(await self._frame())
            lines = (first + await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = [
                (key.lower(), value.strip()) for key, _, value in (line.partition(":") for line in lines[1:-2])
            ]
            length = next((int(value) for key, value in headers if key == "content-length"), 0)
            return Answer(int(lines[0].split()[1]), headers, await self.reader.readexactly(length))

    async def _frame(self) -> tuple[int, bytes]:
        head = await self.reader.readexactly(3)
        return head[0], await self.reader.readexactly(int.from_bytes(head[1:], "big"))

    async def frame(self) -> tuple[int, bytes]:
        """The next interleaved frame: its channel and its bytes."""
        if self.frames:
            return self.frames.pop(0)
        async with asyncio.timeout(20):
            assert await self.reader.readexactly(1) == b"$"
            return await self._frame()

    async def rest(self) -> list[tuple[int, bytes]]:
        """All interleaved frames until the server closes the connection."""
        frames = self.frames
        async with asyncio.timeout(20):
            with contextlib.suppress(asyncio.IncompleteReadError):
                while await self.reader.readexactly(1) == b"$":
                    frames.append(await self._frame())
        return frames

    async def log_in(self, user: str = USER, password: str = PASSWORD) -> None:
        self.credentials = user, password
        await self.ask("DESCRIBE")

    async def play(self, transport: str = "RTP/AVP/TCP;unicast;interleaved=0-1") -> Answer:
        """SETUP and PLAY."""
        setup = await self.ask("SETUP", f"{self.url}/trackID=0", Transport=transport)
        assert setup.status == 200, setup
        return await self.ask("PLAY", Range="npt=0.000-")

    async def ended(self) -> bool:
        """Wait for the server to close the connection."""
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionError):
                while await self.reader.read(65_536):
                    pass
        return True


class Stage:
    """A server with one mount at /main on loopback, and what publishes to it."""

    def __init__(
        self, film: Film, limits: Limits, clock: Clock, *, secured: bool, codec: str, metadata: bool
    ) -> None:
        self.film = film
        self.clock = clock
        self.mount = Mount(codec, clock=clock, metadata=metadata)
        self.users = dict.fromkeys((USER, HANGUL), PASSWORD)
        authority = DigestAuthority("Garim", self.users.get, clock, lenient=True) if secured else None
        self.mounts = {"/main": self.mount}
        self.server = RtspServer(self.mounts, authority, limits=limits, clock=clock)
        self.host = "127.0.0.1"
        self.port = 0
        self.number = 0
        self._clients: list[Client] = []
        self._tasks: list[asyncio.Task[None]] = []

    @staticmethod
    def document(number: int) -> bytes:
        """The metadata published with one picture; some need several packets."""
        return f"<seen>{'x' * (97 * number % 4000)} {number}</seen>".encode()

    def url(self, *, credentials: bool = True, path: str = "/main") -> str:
        user = f"{USER}:{PASSWORD.replace(' ', '%20')}@" if credentials else ""
        return f"rtsp://{user}{self.host}:{self.port}{path}"

    def publish(self, count: int) -> None:
        """Publish the next units at once."""
        for _ in range(count):
            unit = self.film.unit(self.number)
            self.mount.publish(unit)
            if self.mount.metadata is not None:
                self.mount.metadata.publish(self.document(self.number), unit.time)
            self.number += 1

    def roll(self, clients: int = 1, every: float = 0.01) -> None:
        """Publish the first GOP now, and from when that many clients play, one unit every so many seconds."""
        self.publish(10)

        async def go_on() -> None:
            while self.server.clients < clients:
                await asyncio.sleep(0.01)
            while True:
                self.publish(1)
                await asyncio.sleep(every)

        self._tasks.append(asyncio.create_task(go_on()))

    async def client(self) -> Client:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        client = Client(reader, writer, self.url(credentials=False))
        self._clients.append(client)
        return client

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that the server will come to."""
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.server.stop()
        for client in self._clients:
            client.writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await client.writer.wait_closed()


@pytest.fixture
async def stage(film: Film) -> AsyncIterator[Callable[..., Awaitable[Stage]]]:
    made: list[Stage] = []

    async def start(
        *,
        limits: Limits | None = None,
        secured: bool = False,
        clock: Clock | None = None,
        film: Film = film,
        codec: str = "h264",
        metadata: bool = False,
    ) -> Stage:
        clock = clock or SystemClock()
        one = Stage(film, limits or Limits(), clock, secured=secured, codec=codec, metadata=metadata)
        one.port = await one.server.start("127.0.0.1", 0)
        made.append(one)
        return one

    yield start
    for one in made:
        await one.close()


class Tape:
    """A sink that keeps what a track delivers."""

    def __init__(self) -> None:
        self.bursts: list[Burst] = []

    def deliver(self, burst: Burst) -> None:
        self.bursts.append(burst)


@pytest.fixture
def tape() -> Tape:
    return Tape()


Run = Callable[..., Awaitable[tuple[int, bytes, str]]]
Gst = Callable[..., Awaitable[str]]


@pytest.fixture
def run() -> Run:
    """Runs a program to its end: exit code, output, errors. The test is skipped where it is not installed."""

    async def to_its_end(*command: str) -> tuple[int, bytes, str]:
        program = command[4] if command[0] == "ip" else command[0]
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
        try:
            async with asyncio.timeout(90):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        assert process.returncode is not None
        return process.returncode, out, err.decode()

    return to_its_end


@pytest.fixture
def gst(run: Run) -> Gst:
    """Runs a pipeline of GStreamer to its end and gives what went wrong.

    When rtspsrc 1.22 is stopped its CLOSE may cut off the PAUSE that it has just begun, and it tells that as its own
    error. Nothing else pauses, so such an error comes after the last picture and says nothing of the server.
    """

    async def to_its_end(*words: str, within: tuple[str, ...] = ()) -> str:
        code, _, errors = await run(*within, "gst-launch-1.0", "-q", *words)
        told = re.findall(r"\(\d+\): (\w+) \(\):", errors)
        if "gst_rtspsrc_pause" in told and set(told) <= {"gst_rtspsrc_pause", "gst_rtspsrc_try_send"}:
            return ""
        return errors or f"exit code {code}" if code else ""

    return to_its_end
