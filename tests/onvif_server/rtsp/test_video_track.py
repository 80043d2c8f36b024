from __future__ import annotations

import dataclasses
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp.payload_h264 import H264Payload
from onvif_server.rtsp.rtp import Burst
from onvif_server.rtsp.track import Start
from onvif_server.rtsp.video_track import STALE, VideoTrack
from vcam.base.clock import ManualClock
from vcam.base.media import MaskedUnit

if TYPE_CHECKING:
    from tests.onvif_server.rtsp.conftest import Film, Tape

SETS = bytes.fromhex("000000016742c0288c0000000168ce3c80")


def unit(pts: int, *, key: bool = False, size: int = 100) -> MaskedUnit:
    data = (SETS + b"\x00\x00\x01\x65" if key else b"\x00\x00\x01\x41") + b"\x80" * size
    return MaskedUnit(data, pts, pts, 1_700_000_000_000_000 + pts, key, pts, 64, 48)


def track(clock: ManualClock, cache: int = 1 << 20) -> VideoTrack:
    return VideoTrack(H264Payload(), clock, cache)


def steps(bursts: list[Burst]) -> list[int]:
    return [(later.timestamp - earlier.timestamp) % 2**32 for earlier, later in itertools.pairwise(bursts)]


def test_it_is_described_once_its_parameter_sets_are_known(film: Film) -> None:
    one = track(ManualClock())
    assert one.media is None
    one.publish(film.units[0])
    assert one.media is not None
    assert (one.media.rtpmap, one.media.kind, one.version) == ("H264/90000", "video", 1)
    one.publish(film.units[10])
    assert one.version == 1
    one.publish(unit(10**6, key=True))
    assert one.version == 2


def test_sequence_and_time_go_on_for_all(tape: Tape, film: Film) -> None:
    one = track(ManualClock())
    one.attach(tape)
    for number in range(50):
        one.publish(film.unit(number))
    assert steps(tape.bursts) == [3600] * 49
    assert all(
        later.sequence == earlier.sequence + len(earlier.packets)
        for earlier, later in itertools.pairwise(tape.bursts)
    )
    one.detach(tape)
    one.detach(tape)
    one.publish(film.unit(50))
    assert len(tape.bursts) == 50


def test_nothing_is_sent_before_an_idr_picture(tape: Tape) -> None:
    one = track(ManualClock())
    one.attach(tape)
    one.publish(unit(0))
    assert tape.bursts == []
    one.publish(unit(1, key=True))
    one.publish(unit(2))
    one.interrupt()
    one.publish(unit(3))
    one.publish(unit(4, key=True))
    assert [burst.time - 1_700_000_000_000_000 for burst in tape.bursts] == [1, 2, 4]


@given(
    st.integers(0, 10**9),
    st.integers(-(10**9), 0),
    st.floats(0, 3600),
    st.one_of(st.floats(-4.9, 4.9), st.floats(6, 1e6), st.floats(-1e6, -6)),
)
def test_time_goes_on_when_the_stream_begins_anew(last: int, step: int, pause: float, late: float) -> None:
    """By the pictures' own instants, unless these have nothing to do with the time that passed here."""
    clock = ManualClock()
    one = track(clock)
    bursts: list[Burst] = []

    class Keep:
        def deliver(self, burst: Burst) -> None:
            bursts.append(burst)

    one.attach(Keep())
    one.publish(unit(last, key=True))
    clock.advance(pause)
    one.publish(unit(last + step))  # a slice of the new stream, but no picture to begin with
    begun = bursts[0].time
    captured = begun + round((pause + late) * 1_000_000)
    one.publish(replace(unit(last + step + 1, key=True), time=captured))
    one.publish(replace(unit(last + step + 3601), time=captured))
    first, second = steps(bursts)
    passed = max(pause + late if abs(late) < 5 else pause, 0.0)
    assert abs(first - passed * 90_000) <= 377
    assert second == 3600


def test_time_wraps(tape: Tape) -> None:
    one = track(ManualClock())
    one.attach(tape)
    for pts in (0, 2**32 - 10, 2**32 + 90):
        one.publish(unit(pts, key=True))
    assert steps(tape.bursts) == [2**32 - 10, 100]


def test_a_new_client_is_sent_the_current_gop() -> None:
    one = track(ManualClock())
    assert one.start(None) is None
    for pts in range(10):
        one.publish(unit(pts, key=pts % 4 == 0))
    bursts = one.start(None)
    assert bursts is not None
    assert [burst.key for burst in bursts.bursts] == [True, False]


def test_a_client_resumes_where_it_was() -> None:
    one = track(ManualClock())
    for pts in range(3):
        one.publish(unit(pts, key=pts == 0))
    bursts = one.start(None)
    assert bursts is not None
    first, second, third = bursts.bursts
    assert one.start(first.sequence) == Start((second, third), second.sequence)
    assert one.start(third.sequence) == Start((), third.sequence + len(third.packets))
    one.publish(unit(3, key=True))
    later = one.start(second.sequence)
    assert later is not None
    assert [burst.key for burst in later.bursts] == [True]


def test_a_gop_that_is_too_long_is_not_kept() -> None:
    one = track(ManualClock(), cache=250)
    one.publish(unit(0, key=True))
    assert one.start(None)
    one.publish(unit(1))
    one.publish(unit(2))
    assert one.start(None) is None
    one.publish(unit(3))
    assert one.start(None) is None
    one.publish(unit(4, key=True))
    assert one.start(None)


def test_the_past_is_not_shown_as_the_present() -> None:
    clock = ManualClock()
    one = track(clock)
    one.publish(unit(0, key=True))
    clock.advance(STALE + 1)
    assert one.start(None) is None


def test_a_unit_without_content_is_left_out(tape: Tape) -> None:
    one = track(ManualClock())
    one.attach(tape)
    one.publish(unit(0, key=True))
    one.publish(dataclasses.replace(unit(1), data=b""))
    assert len(tape.bursts) == 1
