"""What strangers send does not fill the log, what fails does."""

from __future__ import annotations

import logging

import aiohttp
import pytest
from aiohttp.http_exceptions import BadStatusLine

from onvif_server.weblog import WEB_LOG


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadStatusLine("x"), False),
        (ConnectionResetError(), False),
        (aiohttp.ClientConnectionResetError(), False),
        (KeyError("defect"), True),
    ],
)
def test_only_defects_are_told(error: Exception, told: bool, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        WEB_LOG.error("Error handling request", exc_info=error)
    assert bool(caplog.records) is told
