"""One camera of a site as its parent process sees it: the worker behind, the virtual device in front."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from onvif_server.accounts import Accounts
from onvif_server.device import VirtualDevice
from onvif_server.device_service import PATH
from onvif_server.digest import DigestAuthority
from onvif_server.identity import camera_identity
from onvif_server.lockout import Lockout
from onvif_server.notice import Notices
from onvif_server.rtsp.limits import Limits
from onvif_server.rtsp.mount import Mount
from onvif_server.rtsp.server import RtspServer
from onvif_server.store import Store
from onvif_server.video import VideoStatus
from vcam.base.channel import Segment, State, Stats
from vcam.base.clock import Clock
from vcam.base.errors import EncodeError, ServeError
from vcam.base.media import TICKS, MaskedUnit
from vcam.base.rendition import Overlay, Rendition
from vcam.base.settings import CameraSettings, Settings
from vcam.encode.still import StillKeeper
from vcam.encode.x264 import bit_rate
from vcam.supervisor import Listener, Supervisor

log = structlog.get_logger()

MAIN = "main"
"""Name of the masked stream, and its RTSP path."""
_REALM = "Garim"
_RATE_OVER = 50
"""Pictures over which the rate that NVRs are told is measured."""


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
    """One camera: what its worker says goes to the virtual device, finished segments to `on_segment`."""

    def __init__(
        self,
        camera: CameraSettings,
        settings: Settings,
        installation: UUID,
        *,
        password: str,
        on_segment: Callable[[Segment], None],
        clock: Clock,
    ) -> None:
        onvif = settings.onvif
        self.camera = camera
        self.state = State("starting")
        self._onvif = onvif
        self._still = StillKeeper()
        self._recent: deque[int] = deque(maxlen=_RATE_OVER)
        self._first = asyncio.Event()
        self._bind = camera.address or onvif.bind
        self._rtsp_port = 0
        self._secure_ports: tuple[int, int] | None = None
        self._port = 0
        self._log = log.bind(camera=camera.name)

        store = Store(settings.site.state / "onvif" / f"{camera.name}.json")
        accounts = Accounts(store, onvif.user, password)
        # One count of wrong passwords for both doors.
        lockout = Lockout(clock)
        self._mount = Mount(title=camera.title or camera.name, clock=clock)
        self._rtsp = RtspServer(
            {f"/{MAIN}": self._mount},
            DigestAuthority(_REALM, accounts.password, clock, lenient=True),
            lockout=lockout,
            limits=Limits(clients=onvif.max_clients),
            clock=clock,
        )
        self.device = VirtualDevice(
            camera_identity(installation, camera.name),
            title=camera.title,
            site_name=settings.site.name,
            camera=self,
            accounts=accounts,
            store=store,
            notices=Notices(),
            clock=clock,
            # Whoever reaches a camera by an address of its own shall go on with that.
            host=None if camera.address else onvif.host,
            lockout=lockout,
            tunnel=self._rtsp.adopt,
        )
        listener = Listener(self._unit, on_segment, self._stated)
        self._supervisor = Supervisor(camera, settings.recorder, settings.site, listener=listener, clock=clock)

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

    async def secure(self, https_port: int, rtsps_port: int, context: ssl.SSLContext) -> None:
        """Once started, serve over TLS too. Raises ServeError."""
        rtsps = await self._rtsp.start(self._bind, rtsps_port, tls=context)
        self._secure_ports = (await self.device.start_tls(https_port, context), rtsps)

    async def run(self) -> None:
        """Keep the camera's worker running until `stop`."""
        await self._supervisor.run()

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
        https, rtsps = self._secure_ports or (None, None)
        return Addresses(
            self.camera.name,
            host,
            self._port,
            self.device.xaddrs(host)[0],
            self.rtsp_url(host, MAIN),
            f"{web}/snapshot",
            f"https://{host}:{https}{PATH}" if https else None,
            f"rtsps://{host}:{rtsps}/{MAIN}" if rtsps else None,
        )

    def renditions(self) -> tuple[Rendition, ...]:
        """See `onvif_server.camera.Camera`, as for all of its methods."""
        return (Rendition(MAIN),)

    def rtsp_url(self, host: str, stream: str) -> str:
        return f"rtsp://{host}:{self._rtsp_port}/{stream}"

    def _unit(self, unit: MaskedUnit) -> None:
        self._mount.publish(unit)
        self._still.offer(unit)
        self._recent.append(unit.pts)
        self._first.set()

    def _stated(self, state: State) -> None:
        if state.state != self.state.state:
            self._log.debug("camera " + state.state, error=state.error or None)
        self.state = state
        if state.state == "lost":
            self._mount.interrupt()
            self._still.clear()
            self._recent.clear()

    def video(self, stream: str) -> VideoStatus | None:
        size = self._mount.size
        if size is None:
            return None
        fps = self._rate()
        encode = self.camera.encode
        return VideoStatus(*size, fps, bit_rate(encode, *size, fps), round(encode.gop * fps))

    def _rate(self) -> float:
        if len(self._recent) < 2:
            return 25.0
        span = self._recent[-1] - self._recent[0]
        return round((len(self._recent) - 1) * TICKS / span, 2) if span > 0 else 25.0

    async def snapshot(self, stream: str) -> bytes | None:
        try:
            return await asyncio.to_thread(self._still.jpeg)
        except EncodeError as error:
            self._log.error("no snapshot", error=error.what)
            return None

    async def force_key(self, stream: str) -> None:
        await self._supervisor.force_key()

    async def encode(self, renditions: Sequence[Rendition], overlays: Sequence[Overlay]) -> None:
        raise EncodeError("This stream's encoding is fixed", mend="Change encode in the settings")
