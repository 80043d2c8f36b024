"""One camera of a site as its parent process sees it: the worker behind, the virtual device in front."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog

from onvif_server.accounts import Accounts
from onvif_server.analytics.engine import RULE_SOURCE
from onvif_server.device import VirtualDevice
from onvif_server.device_service import PATH
from onvif_server.digest import DigestAuthority
from onvif_server.identity import camera_identity
from onvif_server.lockout import Lockout
from onvif_server.media.tokens import VIDEO_SOURCE
from onvif_server.notice import Notice, Notices
from onvif_server.ptz_service import REAIMED
from onvif_server.rtsp.limits import Limits
from onvif_server.rtsp.mount import Mount
from onvif_server.rtsp.multicast import Multicast
from onvif_server.rtsp.server import RtspServer
from onvif_server.store import Store
from onvif_server.video import VideoStatus
from onvif_server.watcher import Watcher
from vcam.base.channel import Aim, Demand, Encode, ForceKey, Keys, Segment, State, Stats
from vcam.base.clock import Clock
from vcam.base.errors import EncodeError, ServeError
from vcam.base.media import MaskedUnit
from vcam.base.ports import NoWitness, Witness
from vcam.base.rendition import DEFAULTS, MAIN, Overlay, Rendition
from vcam.base.scene import Scene
from vcam.base.settings import CameraSettings, Settings
from vcam.encode import trial
from vcam.encode.still import StillKeeper
from vcam.feed import Feed
from vcam.metadata_stream import MetadataStream
from vcam.osd import overlays as osd
from vcam.physical.camera import physical_camera
from vcam.supervisor import Listener, Supervisor

log = structlog.get_logger()

_REALM = "Garim"
_ASSUMED = (1920, 1080)
"""Size of the camera's pictures before the first has come."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where one virtual camera is found."""

    name: str
    host: str
    port: int
    onvif_url: str
    rtsp_url: str
    snapshot_url: str
    https_url: str | None = None
    rtsps_url: str | None = None


class Station:
    """One camera: what its worker says goes to the virtual device, finished segments to `on_segment`.

    `witness` is told what clients do at the virtual device.
    """

    def __init__(
        self,
        camera: CameraSettings,
        settings: Settings,
        installation: UUID,
        *,
        password: str,
        on_segment: Callable[[Segment], None],
        clock: Clock,
        witness: Witness | None = None,
    ) -> None:
        onvif = settings.onvif
        self.camera = camera
        self.state = State("starting")
        self._onvif = onvif
        self._still = StillKeeper()
        self._picture: tuple[int, int] | None = None
        self._demanded: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._changing = asyncio.Lock()
        self._placing = asyncio.Lock()
        self._first = asyncio.Event()
        self._bind = camera.address or onvif.bind
        self._rtsp_port = 0
        self._secure_ports: tuple[int, int] | None = None
        self._port = 0
        self._log = log.bind(camera=camera.name)
        self._witness: Witness = witness or NoWitness()

        store = Store(settings.site.state / "onvif" / f"{camera.name}.json")
        accounts = Accounts(store, onvif.user, password)
        # One count of wrong passwords for both doors.
        lockout = Lockout(clock)
        self._feeds = {rendition.name: self._feed(rendition, clock) for rendition in DEFAULTS}
        self._rtsp = RtspServer(
            {f"/{name}": feed.mount for name, feed in self._feeds.items()},
            DigestAuthority(_REALM, accounts.password, clock, lenient=True),
            lockout=lockout,
            limits=Limits(clients=onvif.max_clients),
            clock=clock,
            witness=witness,
        )
        notices = Notices()
        notices.listen(self._noticed)
        self._watcher = Watcher(notices, VIDEO_SOURCE, clock, RULE_SOURCE)
        self._clock = clock
        self._physical = physical_camera(camera.source, camera.name, clock)
        self.device = VirtualDevice(
            camera_identity(installation, camera.name),
            title=camera.title,
            site_name=settings.site.name,
            camera=self,
            accounts=accounts,
            store=store,
            notices=notices,
            clock=clock,
            # Whoever reaches a camera by an address of its own shall go on with that.
            host=None if camera.address else onvif.host,
            lockout=lockout,
            tunnel=self._rtsp.adopt,
            restart=self.restart,
            physical=self._physical,
            witness=witness,
        )
        mounts = [feed.mount for feed in self._feeds.values()]
        self._metadata = MetadataStream(mounts, self.device.media, notices, clock)
        self.device.media.on_change(lambda: self._soon(self._place()))
        listener = Listener(
            self._unit, on_segment, self._stated, self._scene, self._watcher.tampering, self._keyed
        )
        self._supervisor = Supervisor(
            camera, settings.recorder, settings.site, settings.custody, listener=listener, clock=clock
        )

    @property
    def stats(self) -> Stats:
        """Counters of the camera over all its workers."""
        return self._supervisor.stats

    async def start(self, port: int, rtsp_port: int) -> None:
        """Bind the virtual device's ports, 0 for free ones. Raises ServeError."""
        try:
            self._rtsp_port = await self._rtsp.start(self._bind, rtsp_port)
        except ServeError as error:
            raise ServeError(
                f"Camera {self.camera.name}: {error.what}",
                mend="Choose another onvif.rtsp_port or onvif.bind, give the host the camera's address "
                "('garim network plan'), or stop what uses it",
            ) from error
        self._port = await self.device.start(self._bind, port)
        await self._place()

    async def secure(self, https_port: int, rtsps_port: int, context: ssl.SSLContext) -> None:
        """Once started, serve over TLS too. Raises ServeError."""
        rtsps = await self._rtsp.start(self._bind, rtsps_port, tls=context)
        self._secure_ports = (await self.device.start_tls(https_port, context), rtsps)

    async def run(self) -> None:
        """Keep the camera's worker running until `stop`, and know what else the camera can do."""
        asking = None if self._physical is None else asyncio.create_task(self._physical.run())
        try:
            await self._supervisor.run()
        finally:
            if asking is not None:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)

    async def restart(self) -> None:
        """Start the camera's worker anew; what is set stays as it is."""
        await self._supervisor.restart()

    async def stop(self) -> None:
        """Let the worker finish its segments; `run` then ends."""
        await self._supervisor.stop()

    async def close(self) -> None:
        """Free the ports, when `run` has ended."""
        await self._rtsp.stop()
        await self.device.stop()

    async def serving(self, patience: float) -> bool:
        """Whether the first masked picture has come, waiting at most `patience` seconds for it."""
        try:
            await asyncio.wait_for(self._first.wait(), patience)
        except TimeoutError:
            return False
        return True

    def addresses(self, host: str) -> Addresses:
        """The addresses for those who reach this host by `host`."""
        host = self.camera.address or host
        web = f"http://{host}:{self._port}"
        https, _ = self._secure_ports or (None, None)
        return Addresses(
            self.camera.name,
            host,
            self._port,
            self.device.xaddrs(host)[0],
            self.rtsp_url(host, MAIN),
            f"{web}/snapshot",
            f"https://{host}:{https}{PATH}" if https else None,
            self.rtsps_url(host, MAIN),
        )

    def renditions(self) -> tuple[Rendition, ...]:
        """See `onvif_server.camera.Camera`, as for all of its methods."""
        return tuple(feed.rendition for feed in self._feeds.values())

    def rtsp_url(self, host: str, stream: str) -> str:
        return f"rtsp://{host}:{self._rtsp_port}/{stream}"

    def rtsps_url(self, host: str, stream: str) -> str | None:
        return f"rtsps://{host}:{self._secure_ports[1]}/{stream}" if self._secure_ports else None

    def video(self, stream: str) -> VideoStatus | None:
        main = self._feeds[MAIN]
        picture = self._picture or main.mount.size
        if picture is None:
            return None
        return self._feeds[stream].status(picture, main.fps)

    async def snapshot(self, stream: str) -> bytes | None:
        # The main stream's still serves all: it is there though nobody watches the others.
        rendition = self._feeds[stream].rendition
        try:
            return await asyncio.to_thread(self._still.jpeg, rendition.width or None)
        except EncodeError as error:
            self._log.error("no snapshot", error=error.what)
            return None

    async def force_key(self, stream: str) -> None:
        await self._supervisor.order(ForceKey(stream))

    async def encode(self, renditions: Sequence[Rendition], overlays: Sequence[Overlay]) -> None:
        async with self._changing:
            wanted = {rendition.name: rendition for rendition in renditions}
            if unknown := wanted.keys() - self._feeds.keys():
                raise EncodeError(
                    f"There is no stream {', '.join(sorted(unknown))}",
                    mend=f"There are {', '.join(self._feeds)}",
                )
            changed = [each for each in renditions if each != self._feeds[each.name].rendition]
            picture, fps = self._picture or _ASSUMED, self._feeds[MAIN].fps
            await asyncio.to_thread(trial.try_out, changed, self.camera.encode, picture, fps)
            await asyncio.to_thread(osd.try_out, overlays)
            for rendition in changed:
                self._feeds[rendition.name].change(rendition)
            await self._supervisor.order(Encode(self.renditions(), tuple(overlays)))

    def _feed(self, rendition: Rendition, clock: Clock) -> Feed:
        name = rendition.name
        demand = None if name == MAIN else partial(self._demand, name)
        mount = Mount(
            rendition.codec,
            title=self.camera.title or self.camera.name,
            clock=clock,
            demand=demand,
            refresh=lambda: self._soon(self.force_key(name)),
        )
        return Feed(rendition, self.camera.encode, mount)

    def _demand(self, stream: str, wanted: bool) -> None:
        if wanted:
            self._demanded.add(stream)
        else:
            self._demanded.discard(stream)
            self._feeds[stream].rest()
        self._soon(self._tell_demand())

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_demand(self) -> None:
        await self._supervisor.order(Demand(tuple(sorted(self._demanded))))

    def _unit(self, unit: MaskedUnit) -> None:
        self._feeds[unit.stream].publish(unit)
        if unit.stream == MAIN:
            self._still.offer(unit)
            self._first.set()

    async def _place(self) -> None:
        """Let streams go to the multicast groups that clients have chosen, and to those that they have started."""
        async with self._placing:  # changes may follow fast, and the last one counts
            media = self.device.media
            address, port, ttl, _ = media.metadata_multicast()
            if (track := self._feeds[MAIN].mount.metadata) is not None:
                track.multicast = Multicast(address, port, ttl)
            for name, feed in self._feeds.items():
                address, port, ttl, started = media.multicast(name)
                feed.mount.multicast = Multicast(address, port, ttl)
                try:
                    await self._rtsp.multicast(f"/{name}", started, local=self.device.own_address)
                except ServeError as error:
                    self._log.error("no multicast", stream=name, error=error.what, mend=error.mend)

    def _noticed(self, notice: Notice) -> None:
        if notice.topic == REAIMED:
            self._soon(self._supervisor.order(Aim()))

    def _scene(self, scene: Scene) -> None:
        self._picture = scene.width, scene.height
        self._watcher.scene(scene)
        self._metadata.scene(scene)

    def _keyed(self, keys: Keys) -> None:
        self._witness.keys(keys.error)

    def _stated(self, state: State) -> None:
        if state.state != self.state.state:
            self._log.debug("camera " + state.state, error=state.error or None)
        self.state = state
        if state.state == "running":
            self._watcher.signal(False, self._clock.utc())
        elif state.state == "lost":
            self._watcher.signal(True, self._clock.utc())
            for feed in self._feeds.values():
                feed.interrupt()
            self._still.clear()
