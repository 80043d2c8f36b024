"""The record of a running site: starts and stops, settings, what its clients do, and a signed head every hour."""

from __future__ import annotations

import asyncio
import contextlib
from importlib import metadata
from pathlib import Path

import structlog

from recorder import durable
from recorder.audit.bundle import Bundle
from recorder.audit.changes import Seen
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.audit.heads import latest, sign, size
from recorder.audit.journal import Journal
from recorder.audit.log import Wanted, entries
from recorder.audit.second_place import SecondPlace
from recorder.audit.witness import DeviceWitness
from recorder.database import Database
from recorder.own_key import own_key
from vcam.base.canonical import Json
from vcam.base.clock import Clock
from vcam.base.errors import GarimError
from vcam.base.settings import Settings

EVERY = 3600.0
"""Seconds between heads."""

_SETTLE = 5.0
_CAUGHT_UP = 168
"""Heads that a second place which was away is given later: a week's."""
_log = structlog.get_logger()


class Chronicle:
    """Keeps the record in the database at `url`, from `start` to `stop`. `config` is the settings' file."""

    def __init__(
        self, settings: Settings, url: str, clock: Clock, *, config: Path | None = None, every: float = EVERY
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._every = every
        self._config = config
        self._name = settings.recorder.name
        self._key = own_key(settings.site.state / "keys", url, self._name)
        self._seen = Seen(settings.site.state, settings)
        self._database = Database(url)
        self._journal = Journal(self._database)
        self._bundle = Bundle(self._journal.note, clock)
        heads = settings.custody.heads
        self._second = SecondPlace(heads) if heads is not None else None
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def witness(self, camera: str) -> DeviceWitness:
        """Who puts on record what clients do at the virtual device of `camera`."""
        return DeviceWitness(camera, self._bundle.tell, self._clock)

    async def start(self) -> None:
        """Put the start on record, and what was set otherwise before. Raises RecordError."""
        await asyncio.to_thread(self._look_back)
        changes = self._seen.changes()
        version, clean = metadata.version("garim"), await asyncio.to_thread(self._ended_well)
        self._note(Action.STARTED, version=version, settings_sha256=changes.sha256, clean=clean)
        if changes.names is None or changes.names:
            told: dict[str, Json] = {"settings_sha256": changes.sha256}
            if changes.names is not None:
                told["changed"] = changes.names
            if self._config is not None:
                told["file_sha256"] = await asyncio.to_thread(durable.sha256, self._config)
            self._note(Action.CONFIGURED, **told)
            await asyncio.to_thread(self._seen.remember)
        self._journal.start()
        self._tasks = [asyncio.create_task(self._settle()), asyncio.create_task(self._sign_on())]

    async def stop(self) -> None:
        """Put the stop on record, under a last head."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        self._bundle.settle(all_of_them=True)
        self._note(Action.STOPPED, version=metadata.version("garim"))
        await self._journal.stop()
        await self._head()
        self._database.close()

    def _note(self, action: Action, **details: Json) -> None:
        told = {"recorder": self._name, **details}
        self._journal.note(Entry(self._clock.utc(), SYSTEM, action, "site", told))

    def _ended_well(self) -> bool:
        """Whether the last run of this recorder ended with a stop; so it is when there was none."""
        last = Action.STOPPED
        with self._database.read() as connection:
            for logged in entries(connection, Wanted(actions=(Action.STARTED, Action.STOPPED))):
                if logged.entry.details.get("recorder") == self._name:
                    last = logged.entry.action
        return last is Action.STOPPED

    def _look_back(self) -> None:
        """Warn when the second place has seen more of the log than there is."""
        last = self._second.last() if self._second is not None else None
        with self._database.read() as connection:
            count = size(connection)
        # The entry that tells of a head is written with it, so there is always more than it covers.
        if last is not None and last.size >= count:
            _log.error(
                "the audit log is shorter than custody.heads says: its tail was cut or an old copy restored",
                entries=count,
                head=last.size,
            )

    async def _settle(self) -> None:
        while not await self._stopped(_SETTLE):
            self._bundle.settle()

    async def _sign_on(self) -> None:
        await self._head()
        while not await self._stopped(self._every):
            await self._head()

    async def _stopped(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()

    async def _head(self) -> None:
        try:
            await asyncio.to_thread(self._sign)
        except GarimError as error:
            _log.error("no head of the audit log was signed", error=error.what, mend=error.mend)

    def _sign(self) -> None:
        sign(self._database, self._key, self._clock)
        if self._second is not None:
            with self._database.read() as connection:
                heads = latest(connection, _CAUGHT_UP)
            self._second.put(heads)
