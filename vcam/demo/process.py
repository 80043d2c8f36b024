"""Processes that the demo starts, and ends again."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from vcam.base.errors import WorkerError

_STEP: Final = 0.2
"""Longest wait in seconds before a process that has died is noticed."""


class Process:
    """A process in a group of its own, so that Ctrl-C reaches the demo alone. Its log goes to a file."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._name = name
        self._log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                list(command),
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                text=True,
            )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name=f"{name} output", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def line(self, seconds: float) -> dict[str, Any]:
        """The next line of JSON that the process prints, waiting at most `seconds`. Raises WorkerError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty, ValueError):
                found = json.loads(self._lines.get(timeout=_STEP))
                if isinstance(found, dict):
                    return found
            if not self.running and self._lines.empty():
                raise WorkerError(
                    f"{self._name} has ended with status {self._process.returncode}", mend=f"Read {self._log}"
                )
        raise WorkerError(f"{self._name} does not serve after {seconds:.0f} s", mend=f"Read {self._log}")

    def end(self, seconds: float = 30.0) -> int:
        """Ask the process to end, and kill it when it does not within `seconds`; its exit status."""
        if self.running:
            self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return self._process.returncode

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)
