"""The share store for those who must go on without it: opened when it is needed, and tried again."""

from __future__ import annotations

import threading
from collections.abc import Collection
from pathlib import Path

from recorder.shares.records import Epoch
from recorder.shares.store import ShareStore
from vcam.base.clock import Clock


class LateStore:
    """As much of a `ShareStore` as purges and checks use. Making one never fails; its methods raise GarimError."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: ShareStore | None = None

    def close(self) -> None:
        """Close the store if it was opened."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def alive(self, ids: Collection[str]) -> set[str]:
        """Those of `ids` that are known and not destroyed."""
        return self._store().alive(ids)

    def epochs(self, camera: str | None = None) -> list[Epoch]:
        """Those that are alive."""
        return self._store().epochs(camera)

    def destroy(self, ids: Collection[str]) -> int:
        """Destroy every copy of the shares of these epochs."""
        return self._store().destroy(ids)

    def _store(self) -> ShareStore:
        with self._lock:
            if self._opened is None:
                self._opened = ShareStore.open(self._path, clock=self._clock)
            return self._opened
