"""A run's clock and its pace: camera, analyst and masking thread go in step, so that a seed tells the whole story.

Time passes only when the camera lets it. Before it does, the masking thread has taken every picture, and the analyst
has answered or sleeps until a later moment. Nothing waits for the time of day, so a run is as fast as its work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from vcam.base.media import Analysis, StreamInfo
from vcam.live import Looker
from vcam.screen import Work

EPOCH: Final = 1_700_000_000_000_000
"""Microseconds UTC at which every run begins."""
PATIENCE: Final = 60.0
"""Real seconds after which a run that does not move counts as stuck."""


class Stage:
    """The clock of one run (`vcam.base.clock.Clock`), and what its threads are about."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self._now = 0.0
        self._wake = 0.0
        self._step_utc = 0
        self._given = 0
        self._taken = 0
        self._released = 0.0
        self._asked = 0
        self._answered = 0
        self._worked = 0
        self._until = 0.0
        self._over = False
        self._dry = False
        self._flooding = 0
        self.dropped: Callable[[], int] = lambda: 0
        """How many pictures were given but never taken."""

    def monotonic(self) -> float:
        """Seconds of the run."""
        return self._now

    def utc(self) -> int:
        """Microseconds UTC; steps when told to."""
        return EPOCH + round(self._now * 1_000_000) + self._step_utc

    def advance(self, to: float) -> None:
        """Let time pass up to `to` seconds, while the masking thread is busy."""
        with self.changed:
            self._now = self._wake = max(self._wake, to)
            self.changed.notify_all()

    def go_on(self, to: float) -> None:
        """The camera lets time pass up to `to` seconds: answers that come meanwhile come before what is due then."""
        with self.changed:
            self._wake = max(self._wake, to)
            self.changed.notify_all()
        self._wait(lambda: self._flooding > 0 or self._quiet())
        self.advance(to)

    def step_utc(self, seconds: float) -> None:
        """Set the wall clock."""
        self._step_utc += round(seconds * 1_000_000)

    def end(self) -> None:
        """Nobody waits any more."""
        with self.changed:
            self._over = True
            self.changed.notify_all()

    @property
    def over(self) -> bool:
        """Whether the run has ended."""
        return self._over

    def given(self) -> None:
        """The camera gives one picture."""
        with self.changed:
            self._given += 1
            self._flooding = max(0, self._flooding - 1)
            self.changed.notify_all()

    def taken(self, count: int, at: float) -> None:
        """The masking thread has dealt with so many pictures, and let out what was due `at` seconds."""
        with self.changed:
            self._taken = count
            self._released = at
            self.changed.notify_all()

    def dry(self) -> None:
        """The camera gives no more."""
        with self.changed:
            self._dry = True
            self.changed.notify_all()

    def settle(self) -> None:
        """Wait until all that can happen at this moment has happened. In a flood, do not wait."""
        self._wait(lambda: self._flooding > 0 or (self._done() and self._quiet()))

    def sleep(self, seconds: float) -> None:
        """The analyst's sleep of so many seconds of the run."""
        with self.changed:
            self._until = self._wake + seconds
            self.changed.notify_all()
        self._wait(lambda: self._wake >= self._until)

    def flood(self, pictures: int) -> None:
        """Keep the masking thread busy while the camera gives so many pictures more than it can take."""
        with self.changed:
            self._flooding = pictures
            self.changed.notify_all()
        self._wait(lambda: self._flooding == 0 or self._dry)
        self._flooding = 0

    def asked(self) -> None:
        """The analyst is given work."""
        with self.changed:
            self._asked += 1

    def worked(self) -> None:
        """The analyst is done with what it was asked."""
        with self.changed:
            self._worked = self._asked
            self.changed.notify_all()

    def think(self) -> bool:
        """Wait until the analyst sleeps or is done, for its work takes no time of the run. Whether it is done."""
        self._wait(lambda: self._until > self._wake or self._worked == self._asked)
        return self._worked == self._asked

    def answered(self) -> None:
        """The masking thread has its answer."""
        with self.changed:
            self._answered = self._asked
            self.changed.notify_all()

    def _done(self) -> bool:
        # An output that is slow lets time pass: what has come due meanwhile leaves before the camera goes on.
        return self._taken + self.dropped() >= self._given and self._released >= self._now

    def _quiet(self) -> bool:
        return self._until > self._wake or self._answered == self._asked

    def _wait(self, true: Callable[[], bool]) -> None:
        with self.changed:
            if not self.changed.wait_for(lambda: self._over or true(), PATIENCE):
                raise TimeoutError("the run stands still")


def looker_on(stage: Stage) -> type[Looker]:
    """`vcam.live.Looker` that tells `stage` when it asks and when it has its answer."""

    class Told(Looker):
        def ask(self, work: Work | StreamInfo) -> None:
            stage.asked()
            super().ask(work)
            stage.think()

        def answers(self, wait: float = 0.0) -> list[Analysis | Work]:
            # Its answer lies in the queue as good as at once.
            there = stage.think() and not self.idle
            seen = super().answers(1.0 if there else wait)
            if self.idle:
                stage.answered()
            return seen

        def _do(self, work: Work | StreamInfo) -> Analysis | None:
            try:
                return super()._do(work)
            finally:
                stage.worked()

    return Told
