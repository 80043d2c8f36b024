"""What must not happen: exceptions that nobody expected, replies that tell too much, requests without an end."""

from __future__ import annotations

import asyncio
import html
import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog

SHOWN = 600
"""Bytes of a request that a finding shows."""

_INNARDS = re.compile(
    rb"Traceback|File \"|site-packages|dist-packages|\.pyc?\b|object at 0x|<class '|NoneType|lxml\.|zeep\.|asyncio\."
)
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: `what` says it, `where` tells it from others, `request` is what brought it about."""

    kind: str
    what: str
    where: str
    request: bytes

    def text(self) -> str:
        return f"{self.kind}: {self.what} [{self.where}]\n    {self.request[:SHOWN]!r}"


def leaks(reply: bytes, secrets: Mapping[str, str]) -> dict[str, bytes]:
    """Names of the `secrets` that stand in `reply`, and "innards" for words that only Python says, with places."""
    plain = reply + html.unescape(reply.decode("utf-8", "replace")).encode("utf-8", "replace")
    plain += unquote_to_bytes(reply)
    places = {name: plain.find(secret.encode()) for name, secret in secrets.items()}
    innards = _INNARDS.search(plain)
    places["innards"] = innards.start() if innards else -1
    return {name: plain[max(0, at - 100) : at + 200] for name, at in places.items() if at >= 0}


@dataclass
class Watch:
    """Collects findings, one of each sort, while it is entered: it listens to all logs and to the event loop.

    `secrets` are texts that no reply may hold, by name. `kind` and `request` say what is being done just now.
    """

    secrets: Mapping[str, str]
    kind: str = ""
    request: bytes = b""
    findings: dict[str, Finding] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._handler = _Handler(self)
        self._before: Any = None

    def __enter__(self) -> Watch:
        logging.getLogger().addHandler(self._handler)
        self._before = structlog.get_config()
        structlog.configure(processors=[self._logged], cache_logger_on_first_use=False)
        asyncio.get_running_loop().set_exception_handler(self._loop)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self._handler)
        structlog.configure(**self._before)
        asyncio.get_running_loop().set_exception_handler(None)

    def begin(self, kind: str, request: bytes) -> None:
        """`request` is about to be made."""
        self.kind, self.request = kind, request

    def reply(self, reply: bytes) -> None:
        """This came back."""
        for name, excerpt in leaks(reply, self.secrets).items():
            self.found(f"a reply holds the {name}: {excerpt!r}", f"leak of {name}")

    def error(self, error: BaseException) -> None:
        """This was raised, and is not what the code says of itself."""
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "site-packages" not in frame.filename] or list(frames)
        place = f"{ours[-1].filename.rpartition('/')[2]}:{ours[-1].lineno}" if ours else "?"
        self.found(f"{type(error).__name__}: {error}"[:300], f"{type(error).__name__} at {place}")

    def found(self, what: str, where: str) -> None:
        """Take note of something that is wrong."""
        self.findings.setdefault(f"{self.kind} {where}", Finding(self.kind, what, where, self.request))

    def _logged(self, _logger: Any, level: str, event: MutableMapping[str, Any]) -> Any:
        told = event.get("exc_info")
        if told:
            self.error(
                told if isinstance(told, BaseException) else sys.exc_info()[1] or RuntimeError(str(event))
            )
        text = repr({key: value for key, value in event.items() if key != "exc_info"}).encode()
        for name, secret in self.secrets.items():
            if secret.encode() in text:
                self.found(f"a log line holds the {name}: {text[:300]!r}", f"log of {name}")
        raise structlog.DropEvent

    def _loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.error(error)
        else:
            self.found(str(context.get("message")), "event loop")


class _Handler(logging.Handler):
    """For what libraries log."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.WARNING)
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            self._watch.error(record.exc_info[1])
