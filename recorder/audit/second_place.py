"""The second place of signed heads: a folder on another disk or host, one small text file for each head."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import structlog

from recorder.audit.head import Head
from vcam.base.errors import CustodyError
from vcam.base.partfile import write_whole

_log = structlog.get_logger()


class SecondPlace:
    """Heads in `folder`. It may be away for a while: nothing waits for it, and what it missed is written later."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, heads: Iterable[Head]) -> bool:
        """Write those that are not there yet; whether that could be done. What is there is never written over."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for head in heads:
                file = self._folder / f"head-{head.size:012}-{head.time}.txt"
                if not file.exists():
                    write_whole(file, head.text().encode())
        except OSError as error:
            _log.warning("heads of the audit log cannot be written to custody.heads", error=error.strerror)
            return False
        return True

    def last(self) -> Head | None:
        """The head over most entries; None where there is none that can be read."""
        try:
            files = sorted(self._folder.glob("head-*.txt"), reverse=True)
            return Head.parse(files[0].read_text(encoding="utf-8")) if files else None
        except (OSError, UnicodeDecodeError, CustodyError):
            return None
