"""Clips made on the spot, and cameras that nobody here wrote."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from ipaddress import IPv4Address
from pathlib import Path
from typing import TypedDict

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SYSTEM_PYTHON = Path("/usr/bin/python3")
HERE = Path(__file__).parent
HAVE_GSTREAMER = (
    "import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0'); "
    "from gi.repository import Gst, GstRtspServer; Gst.init(None); "
    "assert all(map(Gst.ElementFactory.find, ['h264parse', 'rtph264pay', 'qtdemux', 'rtpjpegpay', 'alawenc']))"
)


def scene(index: int, width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A picture that differs from every other: a gradient, a bar that moves, and noise."""
    rng = np.random.default_rng(index)
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = np.linspace(0, 255, width, dtype=np.uint8)
    picture[..., 1] = np.linspace(0, 255, height, dtype=np.uint8)[:, None]
    picture[:, (index * 7) % width : (index * 7) % width + 16] = 230
    picture[: height // 4, : width // 4] = rng.integers(0, 255, (height // 4, width // 4, 3))
    return picture


def write_clip(
    path: Path, options: dict[str, str], *, codec: str = "libx264", pictures: int = 50, fps: int = 25
) -> Path:
    """A clip of `pictures` scenes of 320x240, in the container that the name's end asks for."""
    width, height = 320, 240
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        for index in range(pictures):
            frame = av.VideoFrame.from_ndarray(scene(index, width, height), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of H.264 in MP4: no reordering, several slices, an IDR every 10 pictures."""
    return write_clip(
        tmp_path_factory.mktemp("clip") / "plain.mp4",
        {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x264-params": "keyint=10:slices=3:bframes=0:scenecut=0",
        },
    )


@pytest.fixture(scope="session")
def reordered_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with B pictures."""
    return write_clip(
        tmp_path_factory.mktemp("clip") / "reordered.mp4",
        {"preset": "veryfast", "x264-params": "keyint=20:bframes=2:b-adapt=0:scenecut=0"},
    )


@pytest.fixture(scope="session")
def hevc_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten pictures of H.265 in MP4."""
    path = tmp_path_factory.mktemp("clip") / "hevc.mp4"
    options = {"preset": "ultrafast", "x265-params": "log-level=none:pools=none"}
    return write_clip(path, options, codec="libx265", pictures=10)


@pytest.fixture(scope="session")
def eval_folder() -> Path:
    """Real footage that is not part of the project."""
    folder = Path(os.environ.get("GARIM_EVAL", Path(__file__).parents[4] / "shared" / "eval"))
    if not (folder / "codecs" / "manifest.json").is_file():
        pytest.skip("no evaluation footage: set GARIM_EVAL")
    return folder


class Expected(TypedDict, total=False):
    decoded: int
    open_error: str
    fps: float
    sizes: list[list[int]]


@pytest.fixture(scope="session")
def codec_files(eval_folder: Path) -> dict[Path, Expected]:
    """Every odd or broken file with what it should give."""
    manifest: dict[str, Expected] = json.loads((eval_folder / "codecs" / "manifest.json").read_text())
    return {eval_folder / "codecs" / name: expected for name, expected in manifest.items()}


@dataclass
class Camera:
    """A running RTSP server."""

    process: subprocess.Popen[str]
    port: int
    scheme: str = "rtsp"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/cam"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def gstreamer() -> None:
    if not SYSTEM_PYTHON.exists():
        pytest.skip("no system Python")
    probe = subprocess.run([SYSTEM_PYTHON, "-c", HAVE_GSTREAMER], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip("GStreamer's RTSP server is absent: apt-get install gir1.2-gst-rtsp-server-1.0 and plugins")


@pytest.fixture
def serve(gstreamer: None) -> Iterator[Callable[..., Camera]]:
    """Start GStreamer's RTSP server: `serve(pipeline, user=..., password=..., pem=...)`."""
    with ExitStack() as stack:

        def start(pipeline: str, *, user: str = "", password: str = "", pem: Path | None = None) -> Camera:
            command = [str(SYSTEM_PYTHON), str(HERE / "gst_rtsp.py"), pipeline]
            if user:
                command += ["--user", user, "--password", password]
            if pem is not None:
                command += ["--pem", str(pem)]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            stack.callback(_end, process)
            assert process.stdout is not None
            port = int(process.stdout.readline())
            return Camera(process, port, "rtsps" if pem is not None else "rtsp")

        yield start


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def h264_pipeline(clip: Path, *, audio: bool = False) -> str:
    """A pipeline that serves an MP4's H.264 as it is."""
    video = f"filesrc location={clip} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96"
    sound = "audiotestsrc is-live=true num-buffers=300 ! audio/x-raw,rate=8000,channels=1"
    return f"( {video} {sound} ! alawenc ! rtppcmapay name=pay1 pt=8 )" if audio else f"( {video} )"


@contextmanager
def listener(answer: bytes | None) -> Iterator[int]:
    """A TCP server that answers every request with `answer`, or with silence. Gives its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        connections: list[socket.socket] = []
        done = threading.Event()

        def run() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                if done.is_set():
                    connection.close()
                    return
                connections.append(connection)
                if answer is not None:
                    with suppress(OSError):  # the client may hang up at the first octet
                        connection.recv(4096)
                        connection.sendall(answer)
                        connection.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=run)
        thread.start()
        port = server.getsockname()[1]
        try:
            yield port
        finally:
            done.set()
            socket.create_connection(("127.0.0.1", port)).close()
            thread.join()
            for connection in connections:
                connection.close()


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "camera.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path
