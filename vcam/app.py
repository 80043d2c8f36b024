"""`garim run`: the parent process of a site. The only place that puts the parts together."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path

import structlog
from sqlalchemy import make_url

from onvif_server.discovery import Discovery
from onvif_server.identity import installation
from recorder.audit.chronicle import Chronicle
from recorder.ballast import MIB, Ballast
from recorder.check import Abandoned, check
from recorder.epochs import check_sealing
from recorder.evidence.register import Exports
from recorder.index import Index
from recorder.intake import Intake
from recorder.own_key import own_key
from recorder.policy import Policy
from recorder.scheduler import PurgeScheduler
from recorder.shares.late import LateStore
from recorder.shares.store import FILE
from recorder.signing import SigningKey
from vcam.base.channel import Segment
from vcam.base.clock import Clock, SystemClock
from vcam.base.doors import HTTPS, ONVIF, RTSP, RTSPS
from vcam.base.errors import GarimError, RecordError
from vcam.base.settings import RecorderSettings, Settings
from vcam.export.recovery import recover
from vcam.office import office
from vcam.station import Station
from vcam.tls import secured

log = structlog.get_logger()

PATIENCE = 10.0
"""Seconds to wait for a camera's first masked picture before its addresses are printed all the same."""


def index_url(settings: Settings) -> str:
    """Where the recorder's index lies, password and all. Raises ConfigError when that cannot be read."""
    recorder = settings.recorder
    if recorder.index is None:
        return f"sqlite:///{settings.site.state / 'index.sqlite'}"
    if recorder.index_password is None:
        return recorder.index
    password = recorder.index_password.read("recorder.index_password")
    return make_url(recorder.index).set(password=password).render_as_string(hide_password=False)


def signing_key(settings: Settings) -> SigningKey:
    """The recorder's own signing key. Raises RecordError, ConfigError."""
    return own_key(settings.site.state / "keys", index_url(settings), settings.recorder.name)


def open_index(settings: Settings) -> Index:
    """The site's index with its policy, its signing key and its name. Raises RecordError, ConfigError."""
    return Index.open(
        index_url(settings),
        policy=Policy.of(settings),
        signer=signing_key(settings),
        recorder=settings.recorder.name,
    )


def ballast(settings: Settings) -> Ballast:
    """The site's ballast."""
    return Ballast(settings.site.state / "ballast", settings.recorder.ballast * MIB)


def _folder(path: Path, setting: str) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise RecordError(
            f"{path} cannot be written to ({error.strerror or type(error).__name__})",
            mend=f"Let {setting} name a folder that Garim's user may write to, on a disk with room",
        ) from None


class Keeper:
    """The index of what is recorded: mended after the start, written by this process alone, purged on time."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._recorder: RecorderSettings = settings.recorder
        _folder(settings.site.state, "site.state")
        _folder(settings.recorder.folder, "recorder.folder")
        if settings.recorder.keep_original:
            warning = check_sealing(
                settings.site.state, settings.recorder.recipients, settings.custody.threshold
            )
            if warning is not None:
                log.warning("originals have no custodians", why=warning)
        self._exports = settings.custody.exports
        self._ballast = ballast(settings)
        self._index = open_index(settings)
        self._key = signing_key(settings).public
        self._shares = LateStore(settings.site.state / FILE, clock)
        self._intake = Intake(self._index, self._check)
        self._purge = PurgeScheduler(
            self._index,
            settings.recorder.folder,
            settings.recorder.purge_every,
            clock,
            shares=self._shares,
            ballast=self._ballast,
            keep_free=settings.recorder.keep_free * MIB,
        )
        self._stopping = threading.Event()
        self._mending: asyncio.Task[None] | None = None
        self._purging = False

    async def start(self) -> None:
        """End exports that were cut short and take segments. Recordings are mended and purged beside that.

        To look at a million segments takes minutes, in which cameras must be recorded.
        """
        await asyncio.to_thread(self._recover)
        self._intake.start()
        self._mending = asyncio.create_task(self._mend())

    def _recover(self) -> None:
        try:
            recover(self._exports, Exports(self._index.database))
        except GarimError as error:
            log.error("an export was cut short", error=error.what, mend=error.mend)

    async def _mend(self) -> None:
        """Mend what an earlier end left behind, apply the retention as it is now, and purge from then on."""
        try:
            await asyncio.to_thread(self._put_right)
        except Abandoned:
            return
        except GarimError as error:
            log.error("the recordings were not checked", error=error.what, mend=error.mend)
        if not self._stopping.is_set():
            self._purge.start()
            self._purging = True

    def _put_right(self) -> None:
        """The disk may have been full at the last end: the ballast makes room for what is put on record."""
        with self._ballast.lent():
            self._check()
            self._index.fate.reschedule()
        self._ballast.make()

    def _check(self) -> None:
        check(
            self._recorder.folder,
            self._index,
            mend=True,
            key=self._key,
            shares=self._shares,
            ended=self._stopping,
        )

    def add(self, segment: Segment) -> None:
        """Take note of a finished segment; it is written to the index soon, and as often tried as it takes."""
        self._intake.take(segment.descriptor)

    async def stop(self) -> None:
        """Write what has arrived, then close the index. A check that is not done begins anew at the next start."""
        self._stopping.set()
        if self._mending is not None:
            await self._mending
            if self._purging:
                await self._purge.stop()
            await self._intake.stop()
        self._index.close()
        self._shares.close()


async def serve(
    settings: Settings,
    *,
    print_json: bool = False,
    stats_json: Path | None = None,
    clock: Clock | None = None,
    config: Path | None = None,
) -> None:
    """Run the site until SIGTERM or SIGINT.

    `config` is the settings' file, whose digest goes on record. `print_json` prints one JSON line for each camera
    once it serves. `stats_json` receives each camera's counters at the end. Raises GarimError when the site cannot
    start.
    """
    clock = clock or SystemClock()
    stopping = _stop_signals()
    async with (
        _record(settings, clock, config) as chronicle,
        _stations(settings, clock, chronicle) as stations,
        _discovery(settings, stations),
        office(settings, index_url(settings), clock) as console,
    ):
        runs = [asyncio.create_task(station.run()) for station in stations]
        says = [asyncio.create_task(_announce(station, settings, console, print_json)) for station in stations]
        try:
            await _first_of(stopping, runs)
        finally:
            for say in says:
                say.cancel()
            await asyncio.gather(*(station.stop() for station in stations))
            await asyncio.gather(*says, *runs, return_exceptions=True)
            if stats_json is not None:
                stats = {station.camera.name: asdict(station.stats) for station in stations}
                stats_json.write_text(json.dumps(stats), encoding="utf-8")


def _stop_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


async def _first_of(stopping: asyncio.Event, runs: Sequence[asyncio.Task[None]]) -> None:
    """Wait for the signal; a supervisor that fails by a defect of its own ends the site at once."""
    wait = asyncio.create_task(stopping.wait())
    done, _ = await asyncio.wait([wait, *runs], return_when=asyncio.FIRST_COMPLETED)
    wait.cancel()
    for task in done:
        if task is not wait:
            task.result()


@contextlib.asynccontextmanager
async def _record(settings: Settings, clock: Clock, config: Path | None) -> AsyncIterator[Chronicle]:
    _folder(settings.site.state, "site.state")
    chronicle = Chronicle(settings, index_url(settings), clock, config=config)
    await chronicle.start()
    try:
        yield chronicle
    finally:
        await chronicle.stop()


@contextlib.asynccontextmanager
async def _stations(settings: Settings, clock: Clock, chronicle: Chronicle) -> AsyncIterator[list[Station]]:
    password = settings.onvif.password.read("onvif.password")
    site = installation(settings.site.state)
    keeper = Keeper(settings, clock) if settings.recorder.enabled else None
    stations: list[Station] = []
    renewals: list[asyncio.Task[None]] = []
    try:
        if keeper is not None:
            await keeper.start()
        on_segment = keeper.add if keeper is not None else _ignore
        for number, camera in enumerate(settings.camera):
            station = Station(
                camera,
                settings,
                site,
                password=password,
                on_segment=on_segment,
                clock=clock,
                witness=chronicle.witness(camera.name),
            )
            stations.append(station)
            places = settings.places(number)
            await station.start(places[ONVIF.key].port, places[RTSP.key].port)
            secure = await asyncio.to_thread(secured, camera, settings, clock)
            if secure is not None:
                await station.secure(places[HTTPS.key].port, places[RTSPS.key].port, secure.context)
                renewals.append(asyncio.create_task(secure.keep()))
        yield stations
    finally:
        for renewal in renewals:
            renewal.cancel()
        await asyncio.gather(*renewals, return_exceptions=True)
        for station in stations:
            await station.close()
        if keeper is not None:
            await keeper.stop()


def _ignore(_segment: Segment) -> None:
    """Nothing is recorded, so no segment comes."""


@contextlib.asynccontextmanager
async def _discovery(settings: Settings, stations: Sequence[Station]) -> AsyncIterator[None]:
    if not settings.onvif.discovery:
        yield
        return
    discovery = Discovery([station.device for station in stations], settings.onvif.discovery_interface)
    await discovery.start()
    try:
        yield
    finally:
        await discovery.stop()


async def _announce(station: Station, settings: Settings, console: str | None, print_json: bool) -> None:
    serving = await station.serving(PATIENCE)
    addresses = station.addresses(_reachable(settings))
    log.info("virtual camera", picture=serving, **asdict(addresses))
    if print_json:
        said = asdict(addresses) | ({} if console is None else {"console_url": console})
        print(json.dumps(said), flush=True)  # noqa: T201 - asked for on stdout


def _reachable(settings: Settings) -> str:
    """An address for people: what the settings say, or this host's own."""
    onvif = settings.onvif
    if onvif.host:
        return onvif.host
    return onvif.bind if onvif.bind not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104


def run(
    settings: Settings, *, print_json: bool = False, stats_json: Path | None = None, config: Path | None = None
) -> None:
    """`serve`, for those who have no event loop."""
    asyncio.run(serve(settings, print_json=print_json, stats_json=stats_json, config=config))
