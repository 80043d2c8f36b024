"""The regular rounds over a site's cases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from recorder.requests.upkeep import Upkeep
from vcam.base.errors import GarimError

EVERY: Final = 3600.0
"""Seconds between rounds."""
_log = structlog.get_logger()


def make(cases: Upkeep) -> None:
    """Remind, expire and erase what is due now."""
    for each in cases.remind():
        _log.warning("a request is due", request=each.number, what=each.what, days=each.days)
    for number in cases.expire():
        _log.info("a request has expired", request=number)
    for number in cases.erase():
        _log.info("a data subject's personal data are erased", request=number)


async def keep(cases: Upkeep, every: float = EVERY, *, besides: Callable[[], None] | None = None) -> None:
    """Make the rounds for ever, and do what is to be done `besides`; what fails is logged, and tried again."""
    while True:
        try:
            await asyncio.to_thread(make, cases)
            if besides is not None:
                await asyncio.to_thread(besides)
        except GarimError as error:
            _log.error("requests were not looked through", error=error.what, mend=error.mend)
        await asyncio.sleep(every)
