"""Counts what a process writes, to files and to databases, and kills it at the point that was chosen."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from recorder import database

_READS = ("SELECT", "PRAGMA", "EXPLAIN")


@dataclass(frozen=True)
class Kill:
    """At which point, counted from 0, and how: before it, in the middle of its bytes, or `late` seconds after it."""

    point: int
    torn: bool = False
    late: float = 0.0


class Points:
    """Set up once in the process that is to die. `count` is how many points it has passed."""

    def __init__(self, kill: Kill | None) -> None:
        self.count = 0
        self._kill = kill
        self._lock = threading.Lock()
        self._wrap(os, "write", self._write)
        for name in (
            "fsync",
            "unlink",
            "replace",
            "link",
            "ftruncate",
            "truncate",
            "mkdir",
            "rmdir",
            "posix_fallocate",
        ):
            self._wrap(os, name, self._plain)
        self._statements()

    def _due(self) -> bool:
        """Pass a point; whether it is the one at which to die."""
        with self._lock:
            number = self.count
            self.count += 1
        kill = self._kill
        if kill is None or number != kill.point:
            return False
        if kill.late:
            threading.Thread(target=_die, args=(kill.late,), daemon=True).start()
            return False
        return True

    def _plain(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if self._due():
                _die()
            return real(*arguments, **named)

        return call

    def _write(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(handle: int, data: Any) -> int:
            if self._due():
                if self._kill is not None and self._kill.torn:
                    real(handle, bytes(data)[: len(data) // 2])
                _die()
            written: int = real(handle, data)
            return written

        return call

    def _statements(self) -> None:
        module = database.sqlite_module()
        real = module.connect

        def connect(*arguments: Any, **named: Any) -> Any:
            connection = real(*arguments, **named)
            connection.set_trace_callback(self._statement)
            return connection

        module.connect = connect  # type: ignore[attr-defined]

    def _statement(self, sql: str) -> None:
        if (not sql.lstrip().upper().startswith(_READS) or "checkpoint" in sql) and self._due():
            _die()

    def _wrap(self, owner: Any, name: str, made: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        setattr(owner, name, made(getattr(owner, name)))


def _die(after: float = 0.0) -> None:
    if after:
        time.sleep(after)
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()
