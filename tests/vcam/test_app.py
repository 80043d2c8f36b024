"""A site as it is run: `garim run` in a process of its own, with one good camera between two bad ones."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import cv2
import httpx
import numpy as np
import pytest
import requests
import zeep
from lxml import etree
from requests.auth import HTTPDigestAuth

from onvif_server.schemas import schema_file
from onvif_server.wsdl import FILES, MEDIA2
from recorder.audit.entry import Action
from recorder.audit.log import Wanted, entries
from recorder.check import Abandoned
from recorder.keys import new_identity
from recorder.shares.store import FILE
from tests.recorder.test_index import described
from tests.support.patch import luma
from tests.support.portrait import FACE, Picture, change, frames, masked, walk, write
from vcam.app import Keeper, open_index
from vcam.base.channel import Segment
from vcam.base.clock import SystemClock
from vcam.base.settings import CameraSettings, RecorderSettings, Settings, SiteSettings, SourceSettings
from vcam.base.settings_custody import CustodySettings

USER = "garim"
PASSWORD = "correct-horse-battery"
CAMERA_PASSWORD = "staple-of-the-camera"
COUNT = 100
BITS = 7
CELL = 24
CORE = 36
"""Half the side of the square in the middle of the face that must never be seen."""
PATIENCE = 40.0

CONFIG = """
[site]
log_format = "json"
[onvif]
bind = "127.0.0.1"
port = 0
rtsp_port = 0
discovery = false
password = {{ file = "onvif.password" }}
[onvif.tls]
enabled = true
https_port = 0
rtsps_port = 0
[recorder]
recipients = ["{recipient}"]
segment = 2
[[camera]]
name = "dead"
source = {{ url = "rtsp://127.0.0.1:{port}/", user = "admin", password = {{ file = "camera.password" }} }}
[[camera]]
name = "gate"
title = "The gate"
source = {{ url = "file:gate.mp4" }}
encode = {{ bit_rate = 60000000, gop = 1 }}
[[camera]]
name = "noise"
source = {{ url = "file:noise.mp4" }}
"""


def until(what: str, found: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait until `found`, and fail by the name of `what` when it does not come."""
    deadline = time.monotonic() + patience
    while not found():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def numbered(pictures: Iterator[Picture]) -> Iterator[Picture]:
    """`pictures` with their number in black and white cells along the bottom, a white and a black one first."""
    for number, picture in enumerate(pictures):
        cells = [True, False, *(bool(number >> bit & 1) for bit in range(BITS))]
        for place, white in enumerate(cells):
            picture[-CELL:, place * CELL : (place + 1) * CELL] = 255 if white else 0
        yield picture


def number_in(frame: av.VideoFrame) -> int | None:
    """The number in a picture's cells, None where they are masked."""
    rows = luma(frame)[-CELL:, : (BITS + 2) * CELL]
    cells = [rows[6:-6, place * CELL + 6 : (place + 1) * CELL - 6] for place in range(BITS + 2)]
    if any(60 < int(cell.mean()) < 190 or int(cell.std()) > 20 for cell in cells):
        return None
    first, second, *bits = (int(cell.mean()) > 128 for cell in cells)
    return sum(bit << place for place, bit in enumerate(bits)) if first and not second else None


@dataclass
class Run:
    """One `garim run`."""

    folder: Path
    process: subprocess.Popen[str] = field(init=False)
    cameras: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log = self.folder / f"log.{time.monotonic_ns()}"
        self.stats = self.log.with_suffix(".stats")
        command = [sys.executable, "-m", "vcam.cli", "run", "--config", "garim.toml", "--print-json"]
        with self.log.open("wb") as errors:
            self.process = subprocess.Popen(
                [*command, "--stats-json", self.stats],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = json.loads(line)
            self.cameras[found["name"]] = found

    def camera(self, name: str) -> dict[str, Any]:
        until(f"camera {name}", lambda: name in self.cameras or self.process.poll() is not None)
        return self.cameras[name]

    def events(self, event: str, camera: str) -> list[dict[str, Any]]:
        """What has been logged under that name of that camera. Every line of the log must be JSON."""
        lines = map(json.loads, self.log.read_text(encoding="utf-8").splitlines())
        return [line for line in lines if line["event"] == event and line.get("camera") == camera]

    def workers(self, camera: str) -> list[int]:
        return [line["pid"] for line in self.events("worker started", camera)]

    def end(self, number: int = signal.SIGTERM, patience: float = 20) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(patience)
        finally:
            self.process.kill()
            self.process.wait()
            self._reader.join()
            assert self.process.stdout is not None
            self.process.stdout.close()


@dataclass
class Viewer:
    """Plays an RTSP stream in a thread and keeps its pictures."""

    url: str
    options: dict[str, str] = field(default_factory=dict)
    pictures: list[av.VideoFrame] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __enter__(self) -> Viewer:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._play)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _play(self) -> None:
        try:
            with av.open(self.url, options={"rtsp_transport": "tcp", **self.options}, timeout=20) as container:
                for frame in container.decode(video=0):
                    self.pictures.append(frame)
                    if self._stop.is_set():
                        return
        except (av.FFmpegError, OSError) as error:
            self.errors.append(type(error).__name__)


@dataclass
class Site:
    folder: Path
    source: list[av.VideoFrame]
    run: Run

    def start(self) -> Run:
        self.run = Run(self.folder)
        return self.run

    def garim(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "vcam.cli", *arguments, "--config", str(self.folder / "garim.toml")],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    options = {"qp": "8", "preset": "ultrafast", "g": "25", "tune": "zerolatency"}
    clip = write(folder / "gate.mp4", numbered(walk(COUNT)), options=options)
    (folder / "noise.mp4").write_bytes(np.random.default_rng(2).bytes(50_000))
    (folder / "onvif.password").write_text(PASSWORD + "\n", encoding="utf-8")
    (folder / "camera.password").write_text(CAMERA_PASSWORD + "\n", encoding="utf-8")
    recipient = new_identity(folder / "officer.key", SystemClock())
    with socket.socket() as closed:  # bound, but nobody listens
        closed.bind(("127.0.0.1", 0))
        text = CONFIG.format(recipient=recipient, port=closed.getsockname()[1])
        (folder / "garim.toml").write_text(text, encoding="utf-8")
        made = Site(folder, frames(clip), Run(folder))
        try:
            yield made
        finally:
            made.run.end(signal.SIGKILL)


def viewer(run: Run) -> Viewer:
    url: str = run.camera("gate")["rtsp_url"]
    return Viewer(url.replace("rtsp://", f"rtsp://{USER}:{PASSWORD}@"))


def hides_face(site: Site, frame: av.VideoFrame) -> bool:
    """Whether a picture of the gate hides the face. One whose number is masked is masked as a whole."""
    number = number_in(frame)
    if number is None:
        return masked(frame, (0, 0, frame.width, frame.height), noise=24)
    x, y = 20 + 3 * number + FACE[0], 60 + FACE[1]
    core = (x - CORE, y - CORE, x + CORE, y + CORE)
    return masked(frame, core, noise=24) and change(site.source[number], frame, core) > 8


def identity(run: Run) -> tuple[str, ...]:
    """Serial number, MAC address and endpoint reference, as ONVIF tells them."""
    gate = run.camera("gate")
    device = "http://www.onvif.org/ver10/device/wsdl"
    found: list[str] = []
    with httpx.Client(auth=httpx.DigestAuth(USER, PASSWORD), timeout=20) as client:
        for operation, name in (
            ("GetDeviceInformation", "SerialNumber"),
            ("GetNetworkInterfaces", "HwAddress"),
            ("GetEndpointReference", "GUID"),
        ):
            envelope = (
                '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
                f'<{operation} xmlns="{device}"/></s:Body></s:Envelope>'
            )
            headers = {"Content-Type": f'application/soap+xml; action="{device}/{operation}"'}
            answer = client.post(gate["onvif_url"], content=envelope, headers=headers)
            assert answer.status_code == 200, answer.text
            (element,) = etree.fromstring(answer.content).findall(f".//{{*}}{name}")
            assert element.text
            found.append(element.text)
    return tuple(found)


def gone(pid: int) -> bool:
    """Whether a process has ended, though its parent may not have heard of it yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


def test_each_camera_says_where_it_is(site: Site) -> None:
    for name in ("gate", "dead", "noise"):
        told = site.run.camera(name)
        plain = ["name", "host", "port", "onvif_url", "rtsp_url", "snapshot_url"]
        assert list(told) == [*plain, "https_url", "rtsps_url"]
        assert told["host"] == "127.0.0.1"
        assert told["onvif_url"].startswith(f"http://127.0.0.1:{told['port']}/")
        assert told["snapshot_url"].startswith(f"http://127.0.0.1:{told['port']}/")
        assert told["rtsp_url"].startswith("rtsp://127.0.0.1:")
        assert told["https_url"].startswith("https://127.0.0.1:")
        assert told["rtsps_url"].startswith("rtsps://127.0.0.1:")
    assert len({camera["port"] for camera in site.run.cameras.values()}) == 3


def test_the_good_camera_is_seen_and_its_face_is_not(site: Site) -> None:
    with viewer(site.run) as seen:
        until(
            "pictures masked by regions", lambda: sum(number_in(f) is not None for f in [*seen.pictures]) > 30
        )
    assert not seen.errors
    assert all(hides_face(site, frame) for frame in seen.pictures)
    assert not any(hides_face(site, frame) for frame in site.source)  # the yardstick knows a face


def test_over_tls_an_onvif_client_finds_the_stream_and_the_tunnel(site: Site) -> None:
    gate = site.run.camera("gate")
    certificate = str(site.folder / "state" / "tls" / "gate.crt")
    session = requests.Session()
    session.verify, session.trust_env, session.auth = certificate, False, HTTPDigestAuth(USER, PASSWORD)
    with session:
        Client: Any = zeep.Client  # noqa: N806
        Transport: Any = zeep.Transport  # noqa: N806
        client = Client(str(schema_file(FILES[MEDIA2])), transport=Transport(session=session))
        media = client.create_service(f"{{{MEDIA2}}}Media2Binding", gate["https_url"])
        found = {name: media.GetStreamUri(name, "main") for name in ("RtspsUnicast", "RtspOverHttp")}
        still = session.get(media.GetSnapshotUri("main"), timeout=20)
    assert found["RtspsUnicast"] == gate["rtsps_url"]
    tunnel = gate["https_url"].replace("/onvif/device_service", "/main")
    assert found["RtspOverHttp"] == tunnel
    assert (still.status_code, still.headers["content-type"]) == (200, "image/jpeg")
    trusted = {"tls_verify": "1", "ca_file": certificate}
    for url, options in (
        (gate["rtsps_url"], trusted),
        (tunnel.replace("https:", "rtsp:"), {**trusted, "rtsp_transport": "https"}),
    ):
        with Viewer(url.replace("://", f"://{USER}:{PASSWORD}@"), options) as seen:
            until("pictures", lambda seen=seen: len(seen.pictures) > 5 or seen.errors)  # type: ignore[misc]
        assert not seen.errors
        assert all(hides_face(site, frame) for frame in seen.pictures)
    assert "RTSP connection failed" not in site.run.log.read_text(encoding="utf-8")


def test_a_stranger_sees_nothing(site: Site) -> None:
    gate = site.run.camera("gate")
    with pytest.raises(av.error.HTTPUnauthorizedError):
        av.open(gate["rtsp_url"], options={"rtsp_transport": "tcp"}, timeout=20)
    assert httpx.get(gate["snapshot_url"], timeout=20).status_code == 401


def test_the_snapshot_is_a_jpeg(site: Site, tmp_path: Path) -> None:
    with httpx.Client(auth=httpx.DigestAuth(USER, PASSWORD), timeout=20) as client:
        answer = client.get(site.run.camera("gate")["snapshot_url"])
        none = client.get(site.run.camera("noise")["snapshot_url"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (480, 640, 3)
    (tmp_path / "snapshot.jpg").write_bytes(answer.content)
    (frame,) = frames(tmp_path / "snapshot.jpg")
    assert hides_face(site, frame)
    assert none.status_code in {404, 503}


def test_the_bad_cameras_say_what_is_wrong(site: Site) -> None:
    for name, what in (
        ("dead", "refuses the connection"),
        ("noise", "nothing that can be understood as video"),
    ):
        until(f"the error of {name}", lambda name=name: site.run.events("source lost", name))  # type: ignore[misc]
        lost = site.run.events("source lost", name)[0]
        assert f"camera '{name}'" in lost["why"]
        assert what in lost["why"]
        assert lost["mend"]
        assert len(site.run.workers(name)) == 1  # a bad camera is no reason to replace its process


def test_a_killed_worker_is_replaced_while_the_viewer_looks_on(site: Site) -> None:
    with viewer(site.run) as seen:
        until("pictures", lambda: len(seen.pictures) > 5)
        os.kill(site.run.workers("gate")[-1], signal.SIGKILL)
        until("another worker", lambda: len(site.run.workers("gate")) == 2)
        before = len(seen.pictures)
        until("pictures of the new worker", lambda: len(seen.pictures) > before + 60)
    assert not seen.errors
    assert all(hides_face(site, frame) for frame in seen.pictures)
    stamps = [frame.pts for frame in seen.pictures if frame.pts is not None]
    assert stamps == sorted(set(stamps))
    assert len(site.run.workers("dead")) == len(site.run.workers("noise")) == 1


def test_the_end_is_orderly(site: Site) -> None:
    before = identity(site.run)
    workers = [pid for name in ("gate", "dead", "noise") for pid in site.run.workers(name)]
    until("segments", lambda: len(list((site.folder / "media").rglob("*.json"))) > 1)
    assert site.run.end() == 0
    assert all(map(gone, workers))
    stats = json.loads(site.run.stats.read_text(encoding="utf-8"))
    assert stats["gate"]["frames_out"] > 0
    assert stats["dead"]["frames_in"] == stats["noise"]["frames_in"] == 0
    log = site.run.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert PASSWORD not in log
    assert CAMERA_PASSWORD not in log
    left = site.garim("check", "--deep")  # of the worker that was killed
    assert left.returncode == 0
    assert all("a segment" in line and line.endswith("(mended)") for line in left.stdout.splitlines()[:-1])
    checked = site.garim("check", "--deep")
    assert (checked.returncode, checked.stdout) == (0, "Recordings and index agree\n")
    for kind in ("masked", "original"):
        listed = site.garim("footage", "list", "--camera", "gate", "--kind", kind)
        assert listed.returncode == 0
        assert "gate" in listed.stdout
    assert site.garim("audit", "verify").returncode == 0
    told = [entry["action"] for entry in json.loads(site.garim("audit", "list", "--json").stdout)]
    assert [each for each in told if each.startswith("site.")] == ["site.started", "site.stopped"]
    assert {"login", "audit.head"} <= set(told)
    run = site.start()
    assert identity(run) == before


def test_when_the_parent_is_killed_its_workers_end_and_the_next_start_mends(site: Site) -> None:
    run = site.run
    run.camera("gate")
    workers = [pid for name in ("gate", "dead", "noise") for pid in run.workers(name)]
    assert len(workers) == 3
    run.process.kill()
    until("the workers' end", lambda: all(map(gone, workers)), 15)
    run.end()
    assert "Traceback" not in run.log.read_text(encoding="utf-8")
    again = site.start()
    again.camera("gate")
    assert again.end() == 0
    assert "Traceback" not in again.log.read_text(encoding="utf-8")
    checked = site.garim("check", "--deep")
    assert (checked.returncode, checked.stdout) == (0, "Recordings and index agree\n")


async def test_a_recorder_starts_without_its_share_store_and_ends_what_was_cut_short(tmp_path: Path) -> None:
    """Neither a share store that cannot be read nor half an export keeps cameras from being recorded."""
    settings = Settings(
        site=SiteSettings(state=tmp_path / "state"),
        recorder=RecorderSettings(folder=tmp_path / "media", ballast=0),
        custody=CustodySettings(exports=tmp_path / "exports"),
        camera=[CameraSettings(name="gate", source=SourceSettings(url="rtsp://192.0.2.7/"))],
    )
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / FILE).write_bytes(b"no share store at all" * 100)
    half = tmp_path / "exports" / ".E20260101-00000000.part"
    half.mkdir(parents=True)
    keeper = Keeper(settings, SystemClock())
    await keeper.start()
    await keeper.stop()
    assert not half.exists()
    index = open_index(settings)
    with index.database.read() as connection:
        (told,) = entries(connection, Wanted(actions=[Action.CHECKED]))
    index.close()
    assert "share store" in str(told.entry.details["what"])


async def test_segments_are_taken_while_the_check_of_a_large_store_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a start nor an end waits for a check that takes minutes."""
    settings = Settings(
        site=SiteSettings(state=tmp_path / "state"),
        recorder=RecorderSettings(folder=tmp_path / "media", ballast=0, keep_original=False),
        custody=CustodySettings(exports=tmp_path / "exports"),
        camera=[CameraSettings(name="gate", source=SourceSettings(url="rtsp://192.0.2.7/"))],
    )
    begun = threading.Event()

    def endless(*_: object, ended: threading.Event, **__: object) -> None:
        begun.set()
        assert ended.wait(60)
        raise Abandoned("ended", mend="")

    monkeypatch.setattr("vcam.app.check", endless)
    keeper = Keeper(settings, SystemClock())
    async with asyncio.timeout(30):
        await keeper.start()
        assert await asyncio.to_thread(begun.wait, 20)
        described_one = described(1, 1_700_000_000_000_000)
        keeper.add(Segment(described_one.model_dump(mode="json")))
        await keeper.stop()
    index = open_index(settings)
    assert [row.uid for row in index.all()] == [described_one.id]
    index.close()
