"""RTSP cameras: GStreamer's server as it is, killed, silent, and servers that talk nonsense."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import av
import pytest

from vcam.base.annexb import nal_units
from vcam.base.clock import SystemClock
from vcam.base.errors import NotVideo, Refused, SourceError, StreamLost, Unreachable
from vcam.base.media import AccessUnit, AudioUnit, Picture, StreamInfo
from vcam.base.settings import Secret, SourceSettings
from vcam.source.annexb import framing, to_annexb
from vcam.source.container import SourceEvent
from vcam.source.open import open_source
from vcam.source.rtsp import read_credentials, with_credentials

from .conftest import Camera, h264_pipeline, listener

Serve = Callable[..., Camera]
SECRET = "p@ss/w:rd é%"


def settings(url: str, **more: object) -> SourceSettings:
    return SourceSettings.model_validate({"url": url, "timeout": 3.0, **more})


@pytest.fixture
def tls_camera(serve: Serve, clip: Path, pem: Path) -> Camera:
    return serve(h264_pipeline(clip), pem=pem)


class Watch:
    """Reads a source until it is first lost, and keeps what came."""

    def __init__(self, chosen: SourceSettings, *, enough: int | None = None, losses: int = 1) -> None:
        self.source = open_source(chosen, "gate", SystemClock(), on_state=self._state)
        self.states: list[str] = []
        self.errors: list[SourceError] = []
        self._losses = losses
        self._enough = enough

    def events(self) -> Iterator[SourceEvent]:
        pictures = 0
        for event in self.source.events():
            yield event
            pictures += isinstance(event, Picture)
            if pictures == self._enough:
                self.source.close()

    def _state(self, state: str, error: SourceError | None) -> None:
        self.states.append(state)
        if error is not None:
            self.errors.append(error)
            if len(self.errors) >= self._losses:
                self.source.close()


def file_units(clip: Path, codec: str = "h264") -> list[bytes]:
    """The NAL units of an MP4 file, in order."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        size = framing(codec, stream.codec_context.extradata or b"").length_size
        return [
            unit
            for packet in container.demux(stream)
            if packet.size
            for unit in nal_units(to_annexb(bytes(packet), size))
        ]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_access_units_are_the_cameras_octet_for_octet(serve: Serve, clip: Path, transport: str) -> None:
    watch = Watch(settings(serve(h264_pipeline(clip)).url, transport=transport))
    events = list(watch.events())
    units = [event for event in events if isinstance(event, AccessUnit)]
    sent = file_units(clip)
    if transport == "udp":  # the server's RTCP BYE may overtake the last access unit's datagrams
        units, sent = units[:49], sent[: sum(len(list(nal_units(unit.data))) for unit in units[:49])]
        events = [event for event in events if not isinstance(event, Picture) or event.index < 49]
    assert [unit for one in units for unit in nal_units(one.data)] == sent
    assert [unit.key for unit in units] == [index % 10 == 0 for index in range(len(units))]
    assert len(units) >= 49
    info = events[0]
    assert isinstance(info, StreamInfo)
    assert (info.codec, info.width, info.height, info.fps) == ("h264", 320, 240, 25.0)
    assert [unit[0] & 0x1F for unit in nal_units(info.parameter_sets)] == [7, 8]
    pictures = [event for event in events if isinstance(event, Picture)]
    assert [picture.pts for picture in pictures] == [unit.pts for unit in units]
    assert [picture.pts for picture in pictures] == [index * 3600 for index in range(len(units))]
    assert not any(picture.damaged for picture in pictures)
    assert watch.states == ["connecting", "running", "lost"]
    assert isinstance(watch.errors[0], StreamLost)


def test_h265_is_the_cameras_octet_for_octet(serve: Serve, hevc_clip: Path) -> None:
    pipeline = f"( filesrc location={hevc_clip} ! qtdemux ! h265parse ! rtph265pay name=pay0 pt=96 )"
    events = list(Watch(settings(serve(pipeline).url)).events())
    units = [unit for event in events if isinstance(event, AccessUnit) for unit in nal_units(event.data)]
    # h265parse puts the file's parameter sets in band: compare the slices (types below 32).
    slices = [unit for unit in units if unit[0] >> 1 < 32]
    assert slices == [unit for unit in file_units(hevc_clip, "hevc") if unit[0] >> 1 < 32]
    assert len(slices) >= 10
    info = events[0]
    assert isinstance(info, StreamInfo)
    assert [(unit[0] >> 1) & 0x3F for unit in nal_units(info.parameter_sets)] == [32, 33, 34]
    assert sum(isinstance(event, Picture) for event in events) == 10


def test_reordered_pictures_keep_their_times(serve: Serve, reordered_clip: Path) -> None:
    events = list(Watch(settings(serve(h264_pipeline(reordered_clip)).url)).events())
    pictures = [event for event in events if isinstance(event, Picture)]
    assert [picture.pts for picture in pictures] == [index * 3600 for index in range(50)]
    times = [picture.time for picture in pictures]
    assert times == sorted(set(times))


def test_units_split_by_repeated_parameter_sets_are_joined(serve: Serve) -> None:
    """GStreamer's payloader repeats SPS and PPS before each slice of an IDR picture."""
    pipeline = (
        "( videotestsrc is-live=true num-buffers=60 ! video/x-raw,format=I420,width=320,height=240,framerate=25/1 ! "
        "x264enc tune=zerolatency sliced-threads=true threads=2 key-int-max=20 ! h264parse ! "
        "rtph264pay config-interval=-1 name=pay0 pt=96 )"
    )
    events = list(Watch(settings(serve(pipeline).url)).events())
    units = [list(nal_units(event.data)) for event in events if isinstance(event, AccessUnit)]
    kinds = [[unit[0] & 0x1F for unit in unit_list] for unit_list in units]
    assert any(kind.count(5) > 1 and kind.count(7) > 1 for kind in kinds)
    pictures = [event for event in events if isinstance(event, Picture)]
    assert [picture.pts for picture in pictures] == [index * 3600 for index in range(len(pictures))]
    assert len(pictures) >= 58  # GStreamer's encoder keeps the last one or two at the end
    assert not any(picture.damaged for picture in pictures)


def test_capture_time_follows_the_sender_reports(serve: Serve) -> None:
    """GStreamer's clock is the host's: a live picture was captured just before it came."""
    clock = SystemClock()
    pipeline = (
        "( videotestsrc is-live=true ! video/x-raw,format=I420,width=64,height=48,framerate=25/1 ! "
        "jpegenc ! rtpjpegpay name=pay0 pt=26 )"
    )
    watch = Watch(settings(serve(pipeline).url), enough=75)
    lag: list[int] = []
    units: list[AccessUnit] = []
    for event in watch.events():
        if isinstance(event, StreamInfo):
            assert (event.codec, event.parameter_sets) == ("mjpeg", b"")
        if isinstance(event, Picture):
            lag.append(clock.utc() - event.time)
        if isinstance(event, AccessUnit):
            units.append(event)
    assert all(unit.data[:2] == b"\xff\xd8" and unit.key for unit in units)
    assert -50_000 < sorted(lag[-25:])[12] < 1_000_000


def test_sound_is_not_even_asked_for(serve: Serve, clip: Path) -> None:
    camera = serve(h264_pipeline(clip, audio=True))
    quiet = Watch(settings(camera.url), enough=20)
    assert not any(isinstance(event, AudioUnit) for event in quiet.events())
    loud = Watch(settings(camera.url, record_audio_despite_pipa_25_5=True), enough=20)
    sound = [event for event in loud.events() if isinstance(event, AudioUnit)]
    assert {(unit.codec, unit.rate, unit.channels) for unit in sound} == {("pcm_alaw", 8000, 1)}
    assert len(sound) > 1


def test_a_silent_picture_is_noticed_though_sound_goes_on(serve: Serve, clip: Path) -> None:
    camera = serve(h264_pipeline(clip, audio=True))
    watch = Watch(settings(camera.url, timeout=1.5, record_audio_despite_pipa_25_5=True))
    list(watch.events())
    assert isinstance(watch.errors[0], StreamLost)
    assert "sound" in watch.errors[0].what


@pytest.mark.parametrize(("user", "given"), [("admin", "wrong"), (None, None), ("nobody", SECRET)])
def test_wrong_credentials_are_refused(
    serve: Serve, clip: Path, monkeypatch: pytest.MonkeyPatch, user: str | None, given: str | None
) -> None:
    camera = serve(h264_pipeline(clip), user="admin", password=SECRET)
    more: dict[str, object] = {}
    if user is not None and given is not None:
        monkeypatch.setenv("GATE_PASSWORD", given)
        more = {"user": user, "password": Secret(env="GATE_PASSWORD")}
    watch = Watch(settings(camera.url, **more))
    assert list(watch.events()) == []
    (error,) = watch.errors
    assert isinstance(error, Refused)
    assert "'gate'" in error.what
    assert error.mend
    assert given is None or given not in str(error)


def test_a_password_mended_at_the_camera_is_taken(serve: Serve, clip: Path, tmp_path: Path) -> None:
    camera = serve(h264_pipeline(clip), user="admin", password=SECRET)
    file = tmp_path / "password"
    file.write_text("wrong\n")
    watch = Watch(settings(camera.url, user="admin", password={"file": str(file)}), enough=3, losses=9)
    states = watch.states

    def mend(state: str, error: SourceError | None) -> None:
        states.append(state)
        if state == "lost":
            file.write_text(SECRET + "\n")

    watch.source = open_source(
        settings(camera.url, user="admin", password={"file": str(file)}), "gate", SystemClock(), on_state=mend
    )
    assert any(isinstance(event, Picture) for event in watch.events())
    assert states == ["connecting", "lost", "connecting", "running"]


def test_a_password_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    chosen = settings("rtsp://127.0.0.1:9/", user="admin", password={"file": str(tmp_path / "absent")})
    with pytest.raises(Refused, match="absent"):
        read_credentials(chosen, "gate")
    assert read_credentials(settings("rtsp://127.0.0.1:9/", user="admin"), "gate") == ("admin", "")


def test_a_killed_camera_is_lost_and_comes_back(serve: Serve, clip: Path) -> None:
    camera = serve(h264_pipeline(clip))
    watch = Watch(settings(camera.url))
    for event in watch.events():
        if isinstance(event, Picture) and event.index == 5:
            camera.kill()
    assert isinstance(watch.errors[0], StreamLost)


def test_time_runs_on_over_a_reconnect(serve: Serve, clip: Path) -> None:
    watch = Watch(settings(serve(h264_pipeline(clip)).url), enough=60, losses=9)
    events = list(watch.events())
    pictures = [event for event in events if isinstance(event, Picture)]
    assert [picture.index for picture in pictures] == list(range(60))
    steps = [after.pts - before.pts for before, after in pairwise(pictures)]
    assert steps[:49] == [3600] * 49
    assert 20_000 < steps[49] < 1_000_000
    assert sum(isinstance(event, StreamInfo) for event in events) == 2
    assert watch.states == ["connecting", "running", "lost", "connecting", "running"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, Unreachable),
        (b"\x00\x01garbage, and no RTSP\r\n\r\n" * 20, SourceError),
        (b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n", SourceError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", SourceError),
        (b"", SourceError),
    ],
)
def test_servers_that_are_no_cameras(answer: bytes | None, kind: type[SourceError]) -> None:
    with listener(answer) as port:
        watch = Watch(settings(f"rtsp://127.0.0.1:{port}/cam", timeout=1.0))
        assert list(watch.events()) == []
    (error,) = watch.errors
    assert isinstance(error, kind)
    assert "'gate'" in error.what
    assert f"127.0.0.1:{port}" in error.what
    assert error.mend


def test_nobody_listens() -> None:
    with listener(None) as port:
        pass
    watch = Watch(settings(f"rtsp://127.0.0.1:{port}/cam"))
    assert list(watch.events()) == []
    assert isinstance(watch.errors[0], Unreachable)


def test_a_stream_that_is_no_video(serve: Serve) -> None:
    pipeline = (
        "( audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay0 pt=8 )"
    )
    watch = Watch(settings(serve(pipeline).url))
    assert list(watch.events()) == []
    assert isinstance(watch.errors[0], NotVideo)


@pytest.mark.parametrize(("verify", "trusted"), [(True, False), (False, False), (True, True)])
def test_certificates_are_verified(
    tls_camera: Camera, pem: Path, monkeypatch: pytest.MonkeyPatch, verify: bool, trusted: bool
) -> None:
    plays = trusted or not verify
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    watch = Watch(settings(tls_camera.url, verify_tls=verify), enough=5)
    assert bool(list(watch.events())) is plays
    assert bool(watch.errors) is not plays


def test_credentials_are_percent_encoded() -> None:
    url = with_credentials("rtsp://10.0.0.7:554/a?b=c", ("us er", "p@s:s/%"))
    assert url == "rtsp://us%20er:p%40s%3As%2F%25@10.0.0.7:554/a?b=c"
    assert with_credentials(url, None) == "rtsp://10.0.0.7:554/a?b=c"
