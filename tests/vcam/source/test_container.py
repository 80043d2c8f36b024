"""Sessions over containers made to go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import av
import pytest

from vcam.base.clock import ManualClock
from vcam.base.errors import NotVideo, StreamLost
from vcam.base.media import AccessUnit, Picture, StreamInfo
from vcam.source.container import BLIND, Playing, Session, SourceEvent
from vcam.source.failure import camera_place
from vcam.source.timeline import CaptureClock, Timeline

PLACE = camera_place("gate", "rtsp://10.0.0.7/1", named=False)


class Hurried(ManualClock):
    """Each look at it finds it a second later."""

    def monotonic(self) -> float:
        self.advance(1.0)
        return super().monotonic()


def remuxed(clip: Path, path: Path, *, spoil: int = 1000, leap: int = 1000) -> Path:
    """`clip` in Matroska: from packet `spoil` on nothing can be decoded, from packet `leap` on 100 s are missing."""
    with av.open(str(clip)) as source, av.open(str(path), "w", format="matroska") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if not packet.size:
                continue
            if number >= spoil:
                packet.update((packet.size - 4).to_bytes(4, "big") + b"\x06" + b"\xff" * (packet.size - 5))
            if number >= leap and packet.pts is not None and packet.dts is not None:
                packet.pts += int(100 / packet.time_base)
                packet.dts += int(100 / packet.time_base)
            packet.stream = stream
            target.mux(packet)
    return path


def live(path: Path, clock: ManualClock) -> Iterator[SourceEvent]:
    with av.open(str(path)) as container:
        playing = Playing(PLACE, clock, Event(), live=True)
        yield from Session(container, playing, Timeline(), CaptureClock()).events()


def until_lost(events: Iterator[SourceEvent], why: str) -> list[SourceEvent]:
    """What comes before StreamLost, which says `why`."""
    seen: list[SourceEvent] = []
    try:
        for event in events:
            seen.append(event)  # a comprehension would lose what came before the error
    except StreamLost as error:
        told = error.what
    else:
        pytest.fail("the stream was not lost")
    assert why in told
    return seen


def test_data_without_pictures_is_no_stream(clip: Path, tmp_path: Path) -> None:
    path = remuxed(clip, tmp_path / "x.mkv", spoil=1)
    events = until_lost(live(path, Hurried(utc=10**15)), f"for {BLIND:.0f} s")
    assert sum(isinstance(event, Picture) for event in events) == 1
    with pytest.raises(NotVideo):
        list(live(remuxed(clip, tmp_path / "y.mkv", spoil=0), Hurried(utc=10**15)))


def test_the_end_of_a_live_stream_is_a_loss_told_after_its_last_picture(reordered_clip: Path) -> None:
    events = until_lost(live(reordered_clip, ManualClock(utc=10**15)), "ended")
    assert sum(isinstance(event, Picture) for event in events) == 50
    assert sum(isinstance(event, AccessUnit) for event in events) == 50
    assert isinstance(events[0], StreamInfo)


def test_a_leap_of_the_time_stamps_starts_a_new_stream(clip: Path, tmp_path: Path) -> None:
    path = remuxed(clip, tmp_path / "x.mkv", leap=20)
    seen = until_lost(live(path, ManualClock(utc=10**15)), "ended")
    pictures = [event.pts for event in seen if isinstance(event, Picture)]
    assert pictures == [index * 3600 for index in range(50)]
    announced = [place for place, event in enumerate(seen) if isinstance(event, StreamInfo)]
    assert len(announced) == 2
    assert sum(isinstance(event, Picture) for event in seen[: announced[1]]) == 20


def test_stop_ends_a_session(clip: Path) -> None:
    stop = Event()
    shown = 0
    with av.open(str(clip)) as container:
        session = Session(container, Playing(PLACE, ManualClock(), stop, live=True), Timeline(), CaptureClock())
        for event in session.events():
            shown += isinstance(event, Picture)
            if shown == 3:
                stop.set()
    assert shown == 3
