"""The log of the web server, without what any stranger could fill it with."""

from __future__ import annotations

import logging

from aiohttp.http_exceptions import HttpProcessingError


class _Ordinary(logging.Filter):
    """Drops what is no fault of ours: requests that are no HTTP, and clients that go away."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        return not isinstance(error, HttpProcessingError | ConnectionError)


WEB_LOG = logging.getLogger("onvif_server.web")
"""For `aiohttp.web.AppRunner`: aiohttp writes a whole traceback for each of those otherwise."""
WEB_LOG.addFilter(_Ordinary())
