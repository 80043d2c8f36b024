"""What handles requests while a site runs: the console, and the rounds that remind, expire, erase and end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from console.server import Console, Site
from recorder.database import Database
from recorder.evidence.register import Exports
from recorder.release.lapsing import lapse
from recorder.release.runtime import Runtime
from recorder.requests import rounds
from recorder.requests.book import Requests
from recorder.requests.rules import Rules
from recorder.shares.store import FILE, ShareStore
from vcam.base.clock import Clock
from vcam.base.settings import Settings
from vcam.export.memory import Workspace
from vcam.export.recovery import recover
from vcam.tls import console_secured

log = structlog.get_logger()


def _tidy(settings: Settings, book: Requests) -> None:
    """Remove what killed exports have left, and end releases that nobody will open. Raises GarimError."""
    try:
        Workspace.clear(settings.custody.runtime)
        recover(settings.custody.exports, Exports(book.database))
    finally:
        _lapse(settings, book)


def _lapse(settings: Settings, book: Requests) -> None:
    """End releases that nobody will open any more. Raises GarimError."""
    path = settings.site.state / FILE
    if not path.exists():
        return
    with contextlib.closing(ShareStore.open(path, clock=book.clock)) as store:
        if store.releases():
            runtime = Runtime(settings.custody.runtime, on_disk=settings.custody.runtime_on_disk)
            for release in lapse(
                database=book.database, store=store, runtime=runtime, clock=book.clock, book=book
            ):
                log.info("a release has ended by itself", release=release)


@contextlib.asynccontextmanager
async def office(settings: Settings, index: str, clock: Clock) -> AsyncIterator[str | None]:
    """The office over the database at URL `index`; gives the console's address, or None where there is no console.

    Raises GarimError when it cannot open.
    """
    if not (settings.console.enabled or settings.recorder.enabled):
        yield None
        return
    rules = Rules.of(settings)
    database = await asyncio.to_thread(Database, index)
    tasks: list[asyncio.Task[None]] = []
    console: Console | None = None
    address: str | None = None
    try:
        if settings.console.enabled:
            secure = await asyncio.to_thread(console_secured, settings, clock)
            cameras = [camera.name for camera in settings.camera]
            site = Site(cameras, rules, settings.custody.exports)
            console = Console(settings.console, site, database, clock)
            address = await console.start(None if secure is None else secure.context)
            log.info("console", url=address)
            if secure is not None:
                tasks.append(asyncio.create_task(secure.keep()))
        book = Requests(database, clock, rules)
        tasks.append(asyncio.create_task(rounds.keep(book, besides=lambda: _tidy(settings, book))))
        yield address
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if console is not None:
            await console.stop()
        await asyncio.to_thread(database.close)
