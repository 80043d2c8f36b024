"""Tells the same deed once at first and then as a count, so that nobody can flood the log by repeating it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from recorder.audit.entry import Action, Entry
from vcam.base.clock import Clock

WINDOWS = {Action.LOGIN: 3600.0}
"""Seconds after a first deed in which others like it are counted, where it is not `WINDOW`."""
WINDOW = 60.0
MOST = 100
"""Different deeds of one action and subject within a window; the origins of more are told as `OTHERS`."""
OTHERS = "others"


@dataclass(slots=True)
class _Open:
    entry: Entry
    until: float
    count: int = 0
    first: int = 0
    last: int = 0


_Key = tuple[str, Action, str, str, tuple[tuple[str, object], ...]]


class Bundle:
    """`note` gets each deed at once when it is the first of its kind, else with `count`, `first` and `last`."""

    def __init__(self, note: Callable[[Entry], None], clock: Clock) -> None:
        self._note = note
        self._clock = clock
        self._open: dict[_Key, _Open] = {}
        self._kinds: Counter[tuple[Action, str]] = Counter()

    def tell(self, entry: Entry) -> None:
        """A deed. The values of its details must be hashable."""
        key = _key(entry)
        kind = entry.action, entry.subject
        if key not in self._open and self._kinds[kind] >= MOST:
            entry = replace(entry, origin=OTHERS)
            key = _key(entry)
        found = self._open.get(key)
        if found is not None:
            found.first = found.first if found.count else entry.time
            found.count, found.last = found.count + 1, entry.time
            return
        self._open[key] = _Open(entry, self._until(entry))
        self._kinds[kind] += 1
        self._note(entry)

    def settle(self, *, all_of_them: bool = False) -> None:
        """Tell the counts of those windows that are over; to be called every few seconds."""
        now = self._clock.monotonic()
        for key, found in tuple(self._open.items()):
            if found.until > now and not all_of_them:
                continue
            if found.count:
                counts = {"count": found.count, "first": found.first, "last": found.last}
                details = {**found.entry.details, **counts}
                self._note(replace(found.entry, time=self._clock.utc(), details=details))
                self._open[key] = _Open(found.entry, self._until(found.entry))
            else:
                del self._open[key]
                self._kinds -= Counter({(found.entry.action, found.entry.subject): 1})

    def _until(self, entry: Entry) -> float:
        return self._clock.monotonic() + WINDOWS.get(entry.action, WINDOW)


def _key(entry: Entry) -> _Key:
    return entry.actor, entry.action, entry.subject, entry.origin, tuple(sorted(entry.details.items()))
