"""The keys that a camera's originals are sealed to: a key pair for each hour, ready before the hour begins.

A thread of its own works on the share store, so that a segment's start waits for nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from recorder.scope import epoch_id
from recorder.shares.store import FILE, ShareStore
from recorder.tables import HOUR
from recorder.vault import epoch as vault
from vcam.base.clock import Clock
from vcam.base.errors import ConfigError, CustodyError, GarimError, RecordError

_log = structlog.get_logger()

PATIENCE = 0.5
"""Seconds that a segment's start waits at the most for a key that is not ready: the first of a camera, or after a
step of the clock."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a segment is sealed to. `epoch` is empty for fixed recipients."""

    epoch: str
    recipients: tuple[str, ...]


def check_sealing(state: Path, recipients: Sequence[str], threshold: int) -> str | None:
    """Whether originals can be sealed: None if custodians can open them, or else a warning.

    Raises ConfigError when nobody could: there are neither custodians enough nor fixed recipients. A store that
    cannot be used is warned of: recording waits for none.
    """
    path = state / FILE
    count = 0
    if path.exists():
        try:
            with contextlib.closing(ShareStore.open(path)) as store:
                count = sum(each.active for each in store.custodians())
        except GarimError as error:
            return f"{error.what}. {error.mend}"
    if count >= threshold:
        return None
    have = f"{count} custodians of the {threshold} that custody.threshold asks for"
    if not recipients:
        raise ConfigError(
            f"There are {have} and recorder.recipients is empty, so originals could never be read",
            mend="Make custodians with 'garim custodian create', or a key with 'garim keys new' for "
            "recorder.recipients, or set recorder.keep_original = false",
        )
    return f"{have}: originals are sealed to recorder.recipients, each of whom opens them alone"


class Epochs:
    """The keys of one camera. `at` may be called from one thread; `on_trouble` is called in another, with the error
    at the beginning of each outage and with None at its end.

    While the store gives nothing, segments are sealed to the camera's last epoch; where custodians are too few, to
    the fixed `recipients`. An epoch that was destroyed is used no more: the next hour's takes its place.
    """

    def __init__(
        self,
        path: Path,
        camera: str,
        threshold: int,
        recipients: Sequence[str],
        clock: Clock,
        *,
        on_trouble: Callable[[GarimError | None], None] | None = None,
    ) -> None:
        self._path = path
        self._camera = camera
        self._threshold = threshold
        self._fixed = tuple(recipients)
        self._clock = clock
        self._on_trouble = on_trouble
        self._changed = threading.Condition()
        self._ready: dict[int, Key] = {}
        """Keys by the hour's first instant."""
        self._wanted: list[int] = []
        self._failed: set[int] = set()
        """Hours for which the store gave no key when last asked."""
        self._last: Key | None = None
        self._store: ShareStore | None = None
        self._troubled = False
        self._closed = False
        self._want(clock.utc())
        self._thread = threading.Thread(target=self._run, name=f"{camera} epochs", daemon=True)
        self._thread.start()

    def at(self, time: int) -> Key:
        """The key for a segment that begins at `time` (us UTC).

        Waits `PATIENCE` at the most. Raises RecordError when there is no key at all.
        """
        hour = time - time % HOUR
        with self._changed:
            if hour not in self._ready:
                self._want(time)
                self._changed.wait_for(lambda: hour in self._ready or hour in self._failed, PATIENCE)
            key = self._ready.get(hour) or self._last or self._ready.get(hour + HOUR)
            if key is not None and key.epoch:
                self._last = key
            self._want(
                time
            )  # looked at again behind the segment's back: it may be destroyed, or custodians come
        if key is not None:
            return key
        if self._fixed:
            return Key("", self._fixed)
        raise RecordError(
            f"Camera {self._camera}: there is no key to seal its original to",
            mend="Mend the share store, or make custodians with 'garim custodian create'",
        )

    def close(self) -> None:
        """End the thread and close the store."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _want(self, time: int) -> None:
        """Ask for the hour of `time`, and for the one after it unless it is ready; forget those before."""
        hour = time - time % HOUR
        with self._changed:
            for old in [each for each in self._ready if each < hour - HOUR]:
                del self._ready[old]
            self._failed = {each for each in self._failed if each >= hour - HOUR}
            wanted = [hour] if hour + HOUR in self._ready else [hour, hour + HOUR]
            self._wanted += [each for each in wanted if each not in self._wanted]
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._wanted)
                if self._closed:
                    break
                hour = self._wanted[0]
            self._look(hour)
        if self._store is not None:
            self._store.close()

    def _look(self, hour: int) -> None:
        """Ask the store for an hour's key, and take note of what it gives."""
        key: Key | None = None
        error: GarimError | None = None
        try:
            key = self._key(hour)
        except GarimError as caught:
            error = caught
        self._tell(error)
        with self._changed:
            self._wanted.remove(hour)
            if key is not None:
                self._ready[hour] = key
                self._failed.discard(hour)
            else:
                self._failed.add(hour)
            if key is None and error is None:  # destroyed
                gone = epoch_id(self._camera, hour)
                self._ready.pop(hour, None)
                if self._last is not None and self._last.epoch == gone:
                    self._last = None
            self._changed.notify_all()

    def _key(self, hour: int) -> Key | None:
        """The hour's key out of the store, made now if it is new; None when it was destroyed. Raises GarimError."""
        if self._store is None:
            self._store = ShareStore.open(self._path, clock=self._clock)
        name = epoch_id(self._camera, hour)
        if self._last is None and (last := self._store.latest(self._camera, name)) is not None:
            with self._changed:
                self._last = Key(last.id, (last.recipient,))
        found = self._store.epoch(name)
        if found is None:
            custodians = {each.name: each.recipient for each in self._store.custodians() if each.active}
            if len(custodians) < self._threshold:
                if self._fixed:
                    return Key("", self._fixed)
                raise CustodyError(
                    f"{len(custodians)} custodians are too few for custody.threshold = {self._threshold}",
                    mend="Make custodians with 'garim custodian create'",
                )
            made = vault.make(name, self._threshold, custodians)
            shares = [(share.number, share.custodian, share.sealed) for share in made.shares]
            found = self._store.add_epoch(name, made.recipient, made.threshold, shares)
        return None if found.destroyed is not None else Key(name, (found.recipient,))

    def _tell(self, error: GarimError | None) -> None:
        """Warn once for each outage."""
        if error is None:
            if self._troubled:
                _log.info("keys of originals work again", camera=self._camera)
                if self._on_trouble is not None:
                    self._on_trouble(None)
            self._troubled = False
        elif not self._troubled:
            self._troubled = True
            _log.warning(
                "no new key for originals: the last one goes on",
                camera=self._camera,
                error=error.what,
                mend=error.mend,
            )
            if self._on_trouble is not None:
                self._on_trouble(error)
