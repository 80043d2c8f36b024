"""ONVIF cameras: which profile, which address, clocks that are wrong, answers that are no ONVIF."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.clients import clients
from tests.support.ports import free_ports
from vcam.base.clock import SystemClock
from vcam.base.errors import NotVideo, Refused, SourceError, Unreachable
from vcam.base.media import Picture
from vcam.base.settings import SourceSettings
from vcam.source.failure import camera_place
from vcam.source.onvif import at_host, best_profile, find_stream
from vcam.source.open import open_source

from .conftest import Camera, h264_pipeline, listener

PLACE = camera_place("gate", "onvif://10.0.0.7", named=True)
SKEW = timedelta(days=400)

ENVELOPE = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error">'
    "<s:Body>{}</s:Body></s:Envelope>"
)
FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode>"
    '</s:Code><s:Reason><s:Text xml:lang="en">Sender not authorized</s:Text></s:Reason></s:Fault>'
)
PROFILE = (
    '<trt:Profiles token="{0}" fixed="true"><tt:Name>{0}</tt:Name>'
    '<tt:VideoEncoderConfiguration token="e{0}"><tt:Name>e</tt:Name><tt:UseCount>1</tt:UseCount>'
    "<tt:Encoding>{1}</tt:Encoding><tt:Resolution><tt:Width>{2}</tt:Width><tt:Height>{3}</tt:Height>"
    "</tt:Resolution><tt:Quality>5</tt:Quality><tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type></tt:Address>"
    "<tt:Port>0</tt:Port><tt:TTL>0</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
    "<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration></trt:Profiles>"
)


class Device(BaseHTTPRequestHandler):
    """A camera whose clock is 400 days slow and which knows one user only."""

    stream = "rtsp://0.0.0.0:554/cam"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        operation = re.search(r"Body[^>]*><(?:\w+:)?(\w+)", body)
        assert operation is not None
        name = operation[1]
        now = datetime.now(UTC) - SKEW
        signed = re.search(r"Created[^>]*>([^<]+)<", body)
        trusted = signed is not None and abs(datetime.fromisoformat(signed[1]) - now) < timedelta(seconds=30)
        if name != "GetSystemDateAndTime" and not (trusted and ">admin<" in body):
            self.answer(400, FAULT)
            return
        self.answer(200, getattr(self, name)(now))

    def answer(self, status: int, content: str) -> None:
        data = ENVELOPE.format(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def GetSystemDateAndTime(self, now: datetime) -> str:  # noqa: N802  # named after the operation
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime>"
            f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
            f"<tt:Second>{now.second}</tt:Second></tt:Time>"
            f"<tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day>"
            "</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def GetServices(self, _: datetime) -> str:  # noqa: N802
        host = self.headers["Host"]
        services = "".join(
            f"<tds:Service><tds:Namespace>http://www.onvif.org/ver10/{name}/wsdl</tds:Namespace>"
            f"<tds:XAddr>http://{host}/onvif/{name}</tds:XAddr><tds:Version><tt:Major>2</tt:Major>"
            "<tt:Minor>0</tt:Minor></tds:Version></tds:Service>"
            for name in ("device", "media")
        )
        return f"<tds:GetServicesResponse>{services}</tds:GetServicesResponse>"

    def GetProfiles(self, _: datetime) -> str:  # noqa: N802
        profiles = PROFILE.format("small", "H264", 640, 360) + PROFILE.format("main", "H264", 1920, 1080)
        profiles += PROFILE.format("still", "JPEG", 3840, 2160)
        return f"<trt:GetProfilesResponse>{profiles}</trt:GetProfilesResponse>"

    def GetStreamUri(self, _: datetime) -> str:  # noqa: N802
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{self.stream}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false"
            "</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>"
        )

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def device(stream: str) -> Iterator[int]:
    handler = type("Named", (Device,), {"stream": stream})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def find(port: int, credentials: tuple[str, str] | None = ("admin", "secret"), seconds: float = 20) -> str:
    place = camera_place("gate", f"onvif://127.0.0.1:{port}", named=credentials is not None)
    return find_stream(f"onvif://127.0.0.1:{port}", credentials, place, timeout=seconds, stop=Event())


def test_a_camera_with_a_wrong_clock_and_a_nonsense_address_plays(
    serve: Callable[..., Camera], clip: Path
) -> None:
    camera = serve(h264_pipeline(clip))
    with device(f"rtsp://0.0.0.0:{camera.port}/cam") as port:
        assert find(port) == camera.url
        chosen = SourceSettings.model_validate({"url": f"onvif://127.0.0.1:{port}", "user": "admin"})
        source = open_source(chosen, "gate", SystemClock())
        for event in source.events():
            if isinstance(event, Picture) and event.index == 5:
                source.close()


def test_unsigned_requests_are_refused() -> None:
    with device("rtsp://0.0.0.0/") as port, pytest.raises(Refused) as caught:
        find(port, None)
    assert "'gate'" in caught.value.what


def test_a_stream_that_is_not_rtsp_is_told() -> None:
    with device("http://127.0.0.1/x") as port, pytest.raises(NotVideo, match="no RTSP"):
        find(port)


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b""])
def test_what_is_no_onvif_is_told(answer: bytes) -> None:
    with listener(answer) as port, pytest.raises(SourceError) as caught:
        find(port)
    assert "'gate'" in caught.value.what
    assert caught.value.mend


def test_silence_and_absence_are_unreachable() -> None:
    with listener(None) as port, pytest.raises(Unreachable):
        find(port, seconds=0.6)
    with pytest.raises(Unreachable):
        find(port)


def test_close_ends_the_search() -> None:
    stop = Event()
    stop.set()
    with listener(None) as port, pytest.raises(Unreachable):
        find_stream(f"onvif://127.0.0.1:{port}", None, PLACE, timeout=60, stop=stop)


@pytest.mark.parametrize(
    ("uri", "host", "wanted"),
    [
        ("rtsp://0.0.0.0:554/a?b=c", "10.0.0.7", "rtsp://10.0.0.7:554/a?b=c"),
        ("rtsp://127.0.0.1/a", "10.0.0.7", "rtsp://10.0.0.7/a"),
        ("rtsp://127.0.0.1/a", "cam.local", "rtsp://cam.local/a"),
        ("rtsp://169.254.3.4/a", "10.0.0.7", "rtsp://10.0.0.7/a"),
        ("rtsp://239.1.1.1/a", "10.0.0.7", "rtsp://10.0.0.7/a"),
        ("rtsp://192.168.1.5/a", "8.8.8.8", "rtsp://8.8.8.8/a"),
        ("rtsp://[::]:554/a", "fd00::7", "rtsp://[fd00::7]:554/a"),
        ("rtsp://192.168.1.5/a", "10.0.0.7", "rtsp://192.168.1.5/a"),
        ("rtsp://cam.local/a", "10.0.0.7", "rtsp://cam.local/a"),
        (" rtsp://admin:pw@10.0.0.7:554/a ", "10.0.0.7", "rtsp://10.0.0.7:554/a"),
        ("rtsps://10.0.0.7/a", "10.0.0.7", "rtsps://10.0.0.7/a"),
        ("rtsp:///a", "10.0.0.7", "rtsp://10.0.0.7/a"),
    ],
)
def test_addresses_that_only_the_camera_understands_are_replaced(uri: str, host: str, wanted: str) -> None:
    assert at_host(uri, host, PLACE) == wanted


def profile(token: str, encoding: str, width: int, height: int) -> dict[str, object]:
    size = {"Width": width, "Height": height}
    return {"token": token, "VideoEncoderConfiguration": {"Encoding": encoding, "Resolution": size}}


def test_the_largest_profile_that_is_no_still_wins() -> None:
    small, large = profile("small", "H264", 640, 360), profile("large", "H265", 1920, 1080)
    still = profile("still", "JPEG", 3840, 2160)
    assert best_profile([small, large, still]) == "large"
    assert best_profile([still]) == "still"
    assert best_profile([{"token": "none"}, {"token": "x", "VideoEncoderConfiguration": None}]) is None
    assert best_profile([]) is None


def test_a_stand_in_from_pypi(tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ipycam, with WS-UsernameToken and an unprotected RTSP server."""
    try:
        ipycam = clients.install("ipycam")
    except clients.Absent as absent:
        pytest.skip(f"ipycam cannot be installed: {absent}")
    ports = dict(zip(("onvif_port", "rtsp_port", "web_port"), free_ports(3), strict=True))
    config = {"username": "admin", "password": "secret", "local_ip": "127.0.0.1", "hw_accel": "cpu", **ports}
    (tmp_path / "camera.json").write_text(str(config).replace("'", '"'))
    command = [sys.executable, "-m", "ipycam", "--config", "camera.json", "--source", str(clip), "--hw", "cpu"]
    monkeypatch.setenv("GATE_PASSWORD", "secret")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=log, stderr=log, env=os.environ | ipycam.environment
        )
    try:
        url = f"onvif://127.0.0.1:{ports['onvif_port']}"
        chosen = {"url": url, "user": "admin", "password": {"env": "GATE_PASSWORD"}, "reconnect_max": 1}
        source = open_source(SourceSettings.model_validate(chosen), "gate", SystemClock())
        shown, limit = 0, time.monotonic() + 60
        for event in source.events():
            shown += isinstance(event, Picture)
            if shown == 10 or time.monotonic() > limit:
                source.close()
        assert shown == 10
    finally:
        process.kill()
        process.wait()
