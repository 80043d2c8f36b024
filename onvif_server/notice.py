"""What happens on a virtual device, for those who have subscribed to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from onvif_server.topic import Topic

Change = Literal["Initialized", "Changed", "Deleted"]
"""tt:PropertyOperation."""
_Key = tuple[str, frozenset[tuple[str, object]]]


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
    """Hands notices to whoever listens, in the event loop. A listener neither blocks nor raises.

    The newest notice of each property is remembered: whoever subscribes is first told how things stand.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[Notice], None]] = []
        self._properties: dict[_Key, Notice] = {}
        self._topics: dict[str, Topic] = {}

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics that notices may have, by path."""
        return tuple(self._topics[path] for path in sorted(self._topics))

    def declare(self, *topics: Topic) -> None:
        """From now on notices may have these topics too. To clients the set is fixed: declare before they come."""
        self._topics.update((topic.path, topic) for topic in topics)

    def listen(self, listener: Callable[[Notice], None]) -> Callable[[], None]:
        """From now on call `listener` with every notice; call what is returned to end that."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def publish(self, notice: Notice) -> None:
        """Tell all listeners."""
        key = (notice.topic, frozenset(notice.source.items()))
        if notice.change == "Deleted":
            self._properties.pop(key, None)
        elif notice.change is not None:
            self._properties[key] = replace(notice, change="Initialized")
        for listener in tuple(self._listeners):
            listener(notice)

    def properties(self) -> tuple[Notice, ...]:
        """How every property stands, each as a notice of its initial state with the time of its last change."""
        return tuple(self._properties.values())
