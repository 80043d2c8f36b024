"""Structured logs on stderr, for people or as one JSON object a line, without credentials.

What libraries log through the standard `logging` takes the same way out.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from vcam.base.redaction import HIDDEN, is_secret_name, redact_value

_NAMED = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

_AT_LEAST = {
    # At DEBUG these write whole messages, credentials and all, in forms that no pattern catches for certain.
    "zeep": logging.INFO,
    "httpx": logging.WARNING,
    "httpcore": logging.INFO,
    "urllib3": logging.INFO,
    "aiohttp.access": logging.WARNING,
    "apscheduler": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncio": logging.INFO,
}
"""Least level at which a library is heard, however low the site's level is."""


def redact_event(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The structlog processor that takes credentials out of every value."""
    del logger, method
    return {key: HIDDEN if is_secret_name(key) else redact_value(value) for key, value in event.items()}


def configure(level: str = "info", form: str = "console", stream: TextIO | None = None) -> None:
    """Log from `level` ("debug", "info", "warning", "error") up, in `form` "console" or "json", to stderr.

    May be called again; the last call holds.
    """
    number = _NAMED[level]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact_event,
                _renderer(form, out),
            ],
        )
    )
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h.formatter, structlog.stdlib.ProcessorFormatter)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(number)
    for name, least in _AT_LEAST.items():
        logging.getLogger(name).setLevel(max(number, least))


def _renderer(form: str, out: TextIO) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )
