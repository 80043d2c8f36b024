"""A camera that is connected to again and again, with a wait that grows."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from threading import Event
from typing import TypeAlias

import structlog

from vcam.base.channel import CameraState
from vcam.base.clock import Clock
from vcam.base.errors import SourceError
from vcam.base.media import Picture
from vcam.source.container import SourceEvent

OnState: TypeAlias = Callable[[CameraState, SourceError | None], None]
"""Told "connecting", "running" (the first picture of a connection has come) or "lost" with its error."""

FIRST_WAIT = 0.5
"""Seconds before the second attempt."""

STEADY = 10.0
"""Seconds that a connection must have given pictures for the wait to begin at `FIRST_WAIT` again."""

log = structlog.get_logger()


def waits(longest: float) -> Iterator[float]:
    """Seconds between attempts: doubling from `FIRST_WAIT` up to `longest`."""
    wait = FIRST_WAIT
    while True:
        yield min(wait, longest)
        wait = min(wait * 2, longest)


class Reconnecting:
    """A Source made of attempts.

    `attempt` opens the camera and yields its events, raises SourceError when it cannot or when the camera is lost,
    and returns only when there is nothing more to come. Every SourceError leads to another attempt: a
    password or a cable may be mended at the camera.
    """

    def __init__(
        self,
        attempt: Callable[[], Iterator[SourceEvent]],
        *,
        name: str,
        longest: float,
        clock: Clock,
        stop: Event,
        on_state: OnState | None = None,
    ) -> None:
        self._attempt = attempt
        self._name = name
        self._longest = longest
        self._clock = clock
        self._stop = stop
        self._on_state = on_state

    def events(self) -> Iterator[SourceEvent]:
        """Ends when closed, or when an attempt comes to its own end; raises no SourceError."""
        wait = waits(self._longest)
        while not self._stop.is_set():
            self._tell("connecting", None)
            started: float | None = None
            try:
                for event in self._attempt():
                    if started is None and isinstance(event, Picture):
                        started = self._clock.monotonic()
                        self._tell("running", None)
                    yield event
            except SourceError as error:
                lost = error
            else:
                return
            if self._stop.is_set():
                return
            if started is not None and self._clock.monotonic() - started >= STEADY:
                wait = waits(self._longest)
            self._pause(lost, next(wait))

    def close(self) -> None:
        self._stop.set()

    def _pause(self, lost: SourceError, seconds: float) -> None:
        """Wait about `seconds`, a fifth more or less at random, so that many cameras do not come back as one."""
        seconds = min(self._longest, seconds * secrets.SystemRandom().uniform(0.8, 1.2))
        log.warning(
            "source lost", camera=self._name, why=lost.what, mend=lost.mend, next_attempt=round(seconds, 1)
        )
        self._tell("lost", lost)
        self._stop.wait(seconds)

    def _tell(self, state: CameraState, error: SourceError | None) -> None:
        if self._on_state is not None:
            self._on_state(state, error)
