"""Subscriptions: what each client is still to be told, and for how long."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from onvif_server.events.filter import Filter
from onvif_server.notice import Notice, Notices
from vcam.base.clock import Clock

QUEUE = 100
"""Notices that wait for one client at the most; then the oldest is dropped."""
LIMIT = 16
"""Subscriptions of either kind at the most."""


class Sink(Protocol):
    """Sends what waits in a subscription to where its client wants it; never blocks."""

    def __call__(self, subscription: Subscription, /) -> None:
        """Something waits."""

    def stop(self) -> None:
        """The subscription has ended."""


@dataclass(slots=True)
class Subscription:
    """One client's subscription.

    `user` and `peer` are who made it, from which address. It ends at `ends` by the monotonic clock, in seconds;
    `lasting` are the seconds for which it was granted. A client that wants `changes_only` is not told of initial
    states. `sink` sends what waits; None for a client who pulls it.
    """

    key: str
    user: str | None
    peer: str
    filter: Filter
    clock: Clock
    ends: float
    lasting: float
    changes_only: bool = False
    sink: Sink | None = None
    queue: deque[Notice] = field(default_factory=lambda: deque(maxlen=QUEUE))
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while notices wait, and at the end."""
    waiting: Callable[[], bool] | None = None
    """Whether the client whose PullMessages is unanswered is still there; None when there is no such request."""
    _ended: bool = False

    @property
    def over(self) -> bool:
        """Whether it has ended. It does not while a client waits for messages."""
        return self._ended or (self.waiting is None and self.remaining <= 0)

    @property
    def remaining(self) -> float:
        """Seconds until it ends."""
        return max(self.ends - self.clock.monotonic(), 0.0)

    def renew(self, lasting: float) -> None:
        """Let it end in so many seconds from now."""
        self.lasting = lasting
        self.ends = self.clock.monotonic() + lasting

    def keep(self, seconds: float) -> None:
        """Its client has pulled: it lasts for so many seconds at least, and as long as was granted."""
        self.ends = max(self.ends, self.clock.monotonic() + max(seconds, self.lasting))

    def offer(self, notice: Notice) -> None:
        """Queue a notice if the client wants it."""
        initial = notice.change in {"Initialized", "Deleted"}
        if (self.changes_only and initial) or not self.filter.passes(notice):
            return
        self.queue.append(notice)
        self.stirred.set()
        if self.sink is not None:
            self.sink(self)

    def take(self, most: int) -> list[Notice]:
        """The oldest notices that wait, which then do so no longer."""
        taken = [self.queue.popleft() for _ in range(min(most, len(self.queue)))]
        if not self.queue and not self._ended:
            self.stirred.clear()
        return taken

    def end(self) -> None:
        """Tell nothing more."""
        self._ended = True
        self.queue.clear()
        self.stirred.set()
        if self.sink is not None:
            self.sink.stop()


class Subscriptions:
    """Those of one device, by the key in their address.

    Each is forgotten when its time is over, or when its user is not `known` any more.
    """

    def __init__(self, notices: Notices, clock: Clock, known: Callable[[str], bool] = lambda _: True) -> None:
        self._known = known
        self._notices = notices
        self._clock = clock
        self._all: dict[str, Subscription] = {}
        self._deafen: Callable[[], None] | None = None
        self.start()

    def start(self) -> None:
        """Listen to what happens, as from the beginning."""
        if self._deafen is None:
            self._deafen = self._notices.listen(self._hear)

    def stop(self) -> None:
        """Forget all, and listen no longer."""
        if self._deafen is not None:
            self._deafen()
            self._deafen = None
        for each in tuple(self._all.values()):
            self.end(each)

    def __iter__(self) -> Iterator[Subscription]:
        """Those that are not over."""
        for each in tuple(self._all.values()):
            if each.over or (each.user is not None and not self._known(each.user)):
                self.end(each)
        return iter(tuple(self._all.values()))

    def full(self, *, sent: bool) -> bool:
        """Whether there are as many as there may be, of those that are sent or of those that are pulled.

        After `stop` there may be none.
        """
        return self._deafen is None or sum((each.sink is not None) == sent for each in self) >= LIMIT

    def add(
        self,
        wanted: Filter,
        lasting: float,
        *,
        user: str | None = None,
        peer: str = "",
        changes_only: bool = False,
        sink: Sink | None = None,
    ) -> Subscription:
        """A new subscription, which is told at once how all properties stand."""
        ends = self._clock.monotonic() + lasting
        key = secrets.token_hex(16)
        made = Subscription(key, user, peer, wanted, self._clock, ends, lasting, changes_only, sink)
        self._all[key] = made
        self.synchronize(made)
        return made

    def find(self, key: str) -> Subscription | None:
        """The subscription of that key; None when there is none or it is over."""
        return next((each for each in self if each.key == key), None)

    def synchronize(self, subscription: Subscription) -> None:
        """Tell a client how all properties stand."""
        for notice in self._notices.properties():
            subscription.offer(notice)

    def end(self, subscription: Subscription) -> None:
        """Forget a subscription."""
        self._all.pop(subscription.key, None)
        subscription.end()

    def _hear(self, notice: Notice) -> None:
        for each in self:
            each.offer(notice)
