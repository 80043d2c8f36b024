"""Attempts, waits and states."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from threading import Event, Thread

import av
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.clock import ManualClock
from vcam.base.errors import Refused, SourceError, StreamLost, Unreachable
from vcam.base.media import Picture, StreamInfo
from vcam.source.container import SourceEvent
from vcam.source.reconnect import STEADY, Reconnecting, waits

INFO = StreamInfo("h264", 64, 48, 25.0)


class Patience(Event):
    """A stop that notes how long it is waited for, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        return self.is_set()


def picture() -> Picture:
    return Picture(av.VideoFrame(64, 48, "yuv420p"), 0, 0, 0)


@given(st.floats(1, 600))
def test_waits_double_up_to_the_longest(longest: float) -> None:
    found = list(islice(waits(longest), 16))
    assert found[0] == 0.5
    assert all(after == min(before * 2, longest) for before, after in pairwise(found))


def test_every_failure_leads_to_another_attempt_and_is_told() -> None:
    stop, states = Patience(), list[tuple[str, type[SourceError] | None]]()
    failures: list[type[SourceError]] = [Unreachable, Refused, StreamLost, Unreachable]

    def attempt() -> Iterator[SourceEvent]:
        if failures:
            kind = failures.pop(0)
            if kind is StreamLost:
                yield INFO
                yield picture()
            raise kind("camera 'gate'", mend="mend it")
        yield INFO

    source = Reconnecting(
        attempt,
        name="gate",
        longest=1.5,
        clock=ManualClock(),
        stop=stop,
        on_state=lambda state, error: states.append((state, type(error) if error else None)),
    )
    assert [type(event) for event in source.events()] == [StreamInfo, Picture, StreamInfo]
    assert states == [
        ("connecting", None),
        ("lost", Unreachable),
        ("connecting", None),
        ("lost", Refused),
        ("connecting", None),
        ("running", None),
        ("lost", StreamLost),
        ("connecting", None),
        ("lost", Unreachable),
        ("connecting", None),
    ]
    for waited, nominal in zip(stop.waited, [0.5, 1.0, 1.5, 1.5], strict=True):
        assert 0.8 * nominal <= waited <= min(1.5, 1.2 * nominal)


def test_the_wait_begins_anew_only_after_a_steady_run() -> None:
    stop, clock = Patience(), ManualClock()
    runs = iter([0.0, 0.0, STEADY, 0.0])

    def attempt() -> Iterator[SourceEvent]:
        yield picture()
        seconds = next(runs, None)
        if seconds is None:
            return
        clock.advance(seconds)
        raise StreamLost("gone")

    list(Reconnecting(attempt, name="gate", longest=60, clock=clock, stop=stop).events())
    assert 0.4 <= stop.waited[0] <= 0.6
    assert 0.8 <= stop.waited[1] <= 1.2
    assert 0.4 <= stop.waited[2] <= 0.6
    assert 0.8 <= stop.waited[3] <= 1.2


def test_close_interrupts_the_wait() -> None:
    told = Event()

    def attempt() -> Iterator[SourceEvent]:
        raise Unreachable("nobody there")
        yield  # a generator

    def on_state(state: str, error: SourceError | None) -> None:
        if state == "lost":
            told.set()

    source = Reconnecting(
        attempt, name="gate", longest=600, clock=ManualClock(), stop=Event(), on_state=on_state
    )
    thread = Thread(target=lambda: list(source.events()))
    thread.start()
    assert told.wait(10)
    source.close()
    thread.join(10)
    assert not thread.is_alive()
    assert list(source.events()) == []
