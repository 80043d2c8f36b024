"""What happens on a virtual device, for those who have subscribed to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Change = Literal["Initialized", "Changed", "Deleted"]
"""tt:PropertyOperation."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification message.

    `topic` is a path such as "VideoSource/MotionAlarm"; its root is in ONVIF's topic namespace. `source` and `data`
    are simple items; values are written as their XML Schema types ask (True as "true"). `change` is None for an event
    that is no property. `time` in microseconds UTC.
    """

    topic: str
    time: int
    source: Mapping[str, object] = field(default_factory=dict)
    data: Mapping[str, object] = field(default_factory=dict)
    change: Change | None = None


class Notices:
    """Hands notices to whoever listens, in the event loop. A listener neither blocks nor raises."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Notice], None]] = []

    def listen(self, listener: Callable[[Notice], None]) -> Callable[[], None]:
        """From now on call `listener` with every notice; call what is returned to end that."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def publish(self, notice: Notice) -> None:
        """Tell all listeners."""
        for listener in tuple(self._listeners):
            listener(notice)
