"""The media state of a running device: it acts on the camera, is kept, and its changes are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog
from lxml import etree

from onvif_server.camera import Camera
from onvif_server.identity import Identity
from onvif_server.media.changes import changed_configurations, changed_profiles
from onvif_server.media.encoder import Ranges, Values, offered, told
from onvif_server.media.event_filter import filter_element
from onvif_server.media.kept import SECTION, keep, recall
from onvif_server.media.metadata import Metadata
from onvif_server.media.multicast import Multicast
from onvif_server.media.picture import Picture
from onvif_server.media.profile import Profile
from onvif_server.media.state import State
from onvif_server.media.tokens import (
    ANALYTICS_CONFIGURATION,
    METADATA_CONFIGURATION,
    PTZ_CONFIGURATION,
    SOURCE_CONFIGURATION,
    Kind,
    encoder_token,
)
from onvif_server.notice import Notice, Notices
from onvif_server.soap import Fault, invalid
from onvif_server.store import Store
from onvif_server.video import VideoStatus
from vcam.base.clock import Clock
from vcam.base.errors import ConfigError, EncodeError
from vcam.base.rendition import Rendition

log = structlog.get_logger()

SETTLING = 15.0
"""Seconds after a change of encoding during which what is seen of a stream may be of before it."""

_SHARE = 0.75
"""Power with which the bit rate goes with the samples a second, as in `vcam.encode`."""

Group = tuple[str, int, int, bool]
"""Address, port of RTP, time to live, and whether packets go out although nobody asks by RTSP."""
Configuration = Callable[[], Mapping[str, object] | None]
"""Gives a configuration of another service as zeep's values; None while there is none."""

_OTHERS: dict[Kind, str] = {"PTZ": PTZ_CONFIGURATION, "Analytics": ANALYTICS_CONFIGURATION}


class Media:
    """What the Media services of one device share. It lives in one event loop.

    Raises ConfigError when what `store` holds cannot be read.
    """

    def __init__(
        self, identity: Identity, camera: Camera, store: Store, notices: Notices, clock: Clock
    ) -> None:
        self._name = identity.name
        self._camera = camera
        self._store = store
        self._notices = notices
        self._clock = clock
        self._own = camera.renditions()
        self._device = identity.uuid
        self._state = self._recalled()
        self._change = asyncio.Lock()
        self._settled = 0.0
        self._others: dict[Kind, Configuration] = {}
        self._judge: Callable[[etree._Element], object] | None = None
        self._synchronised: list[Callable[[str], None]] = []
        self._changed: list[Callable[[], None]] = []

    # For the rest of the device

    async def start(self) -> None:
        """Take what the store holds, and let the camera encode and draw so.

        To be awaited before clients are served, and again when the store was emptied. What the camera refuses now is
        given up with a warning, until it is set again: the streams are then as the settings have them. Raises
        ConfigError when what the store holds cannot be read.
        """
        async with self._change:
            drawn = self._state.osds
            self._state = self._recalled()
            wanted = self._state.renditions(self._own)
            if wanted != self._camera.renditions() or drawn or self._state.osds:
                self._settle()
                try:
                    await self._camera.encode(wanted, self._state.overlays())
                except EncodeError as error:
                    log.warning(
                        "streams are as the settings have them",
                        camera=self._name,
                        error=error.what,
                        mend=error.mend,
                    )
                    encoders = tuple(replace(each, rendition=None) for each in self._state.encoders)
                    self._state = replace(self._state, encoders=encoders, osds=())
        for listener in tuple(self._changed):
            listener()

    def multicast(self, stream: str) -> Group:
        """Where a stream goes by multicast."""
        return self._group(stream, encoder_token(stream))

    def metadata_multicast(self) -> Group:
        """Where the metadata goes by multicast."""
        return self._group(METADATA_CONFIGURATION, METADATA_CONFIGURATION)

    @property
    def metadata(self) -> Metadata:
        """What the metadata track shall carry."""
        return self._state.metadata

    def offer(self, kind: Kind, configuration: Configuration) -> None:
        """Let profiles have the configuration of another service: PTZ (tt:PTZConfiguration) or Analytics
        (tt:VideoAnalyticsConfiguration), under the token that `onvif_server.media.tokens` has for it."""
        self._others[kind] = configuration

    def judge_filters(self, judge: Callable[[etree._Element], object]) -> None:
        """Let `judge` raise Fault for filters of the metadata's events (tt:Filter) that mean nothing."""
        self._judge = judge

    def check_filter(self, text: str) -> None:
        """Raises Fault for a filter of events that means nothing."""
        if not text or self._judge is None:
            return
        try:
            self._judge(filter_element(text))
        except Fault as fault:
            # Faults of subscriptions are no faults of configurations.
            raise invalid(fault.reason, "ConfigModify") from fault

    def holding(self, kind: Kind) -> dict[str, bool]:
        """Of every profile, by its token, whether it has a configuration of a kind."""
        return {each.token: kind in each.configurations for each in self._state.profiles}

    def on_synchronise(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with a stream's name whenever a client asks for its synchronisation point: what of the
        scene and of properties its metadata has told must be told again."""
        self._synchronised.append(listener)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each change of the state, such as of the multicast or of the metadata."""
        self._changed.append(listener)

    # For the services

    @property
    def state(self) -> State:
        """The state as it is now."""
        return self._state

    def picture(self) -> Picture:
        """The camera's whole picture: as a stream of its own size shows it, else as it was last seen."""
        known = self._state.picture or Picture()
        main = self._camera.renditions()[0]
        video = self._camera.video(main.name)
        if video is None or self._clock.monotonic() < self._settled:
            return known
        size = (video.width, video.height) if not main.width and not main.height else known.size
        picture = Picture(*size, known.fps if main.fps else video.fps)
        if picture != known:
            self._state = replace(self._state, picture=picture)
        return picture

    def rendition(self, stream: str) -> Rendition:
        """How a stream is asked for now."""
        return next(each for each in self._camera.renditions() if each.name == stream)

    def video(self, stream: str) -> VideoStatus:
        """A stream as it was last seen; one that was not is assumed to be encoded as the main one is."""
        seen = self._camera.video(stream)
        if seen is not None:
            return seen
        main = self._camera.video(self._own[0].name) or VideoStatus()
        rendition, picture = self.rendition(stream), self.picture()
        width, height = picture.scaled(rendition.width or picture.width)
        fps = min(rendition.fps or picture.fps, picture.fps)
        samples = width * height * fps / max(1.0, main.width * main.height * main.fps)
        return replace(
            main, width=width, height=height, fps=fps, bit_rate=round(main.bit_rate * samples**_SHARE)
        )

    def values(self, stream: str) -> Values:
        """How a stream is encoded, in ONVIF's terms."""
        return told(self.rendition(stream), self.video(stream), self.picture())

    def ranges(self, stream: str) -> tuple[Ranges, ...]:
        """What a stream may be set to."""
        return offered(self.rendition(stream), self.video(stream), self.picture())

    def other(self, kind: Kind) -> Mapping[str, object] | None:
        """The configuration of another service; None where there is none now."""
        configuration = self._others.get(kind)
        return configuration() if configuration else None

    def kinds(self) -> tuple[Kind, ...]:
        """Kinds of configurations that there are."""
        return ("VideoSource", "VideoEncoder", "Metadata", *(each for each in _OTHERS if self.other(each)))

    def known(self, kind: Kind, token: str) -> None:
        """Raises Fault unless there is such a configuration."""
        if kind in _OTHERS and not self.other(kind):
            subcode = "PTZNotSupported" if kind == "PTZ" else "AnalyticsNotSupported"
            raise Fault(
                "Receiver", ("ActionNotSupported", subcode), f"{kind} is not implemented by this device"
            )
        if kind == "VideoEncoder":
            self._state.encoder(token)
        elif token != self.token(kind):
            raise invalid(f"There is no {kind} configuration {token!r}", "NoConfig")

    def token(self, kind: Kind) -> str | None:
        """The token of the one configuration of a kind; None where there is none, or many."""
        if kind in _OTHERS:
            return _OTHERS[kind] if self.other(kind) else None
        return {"VideoSource": SOURCE_CONFIGURATION, "Metadata": METADATA_CONFIGURATION}.get(kind)

    def stream(self, profile: Profile) -> str:
        """The stream that a profile names. Raises Fault for a profile that names none."""
        token = profile.configurations.get("VideoEncoder")
        if token is None:
            raise Fault(
                "Receiver",
                ("Action", "IncompleteConfiguration"),
                f"The profile {profile.token!r} has no video encoder",
            )
        return self._state.encoder(token).stream

    async def change(self, change: Callable[[State], State]) -> State:
        """Bring about what `change` makes of the state: the camera first, then the store, then those who listen.

        Raises Fault, and then nothing has changed: that of `change`, and one for what the camera refuses or the store
        cannot keep.
        """
        async with self._change:
            picture = self.picture()
            before = replace(self._state, picture=picture) if self._seen() else self._state
            after = change(before)
            acts = after.renditions(self._own) != before.renditions(self._own) or after.osds != before.osds
            if acts:
                await self._encode(after)
            try:
                self._store.write(SECTION, keep(after))
            except ConfigError as error:
                if acts:
                    await self._encode(before)
                # It names files of the host, which are for its log alone.
                log.error("a change is not kept", camera=self._name, error=error.what, mend=error.mend)
                reason = "This device cannot keep the change; its log says why"
                raise Fault("Receiver", ("Action",), reason) from error
            if after.renditions(self._own) != before.renditions(self._own):
                self._settle()
            self._state = after
        self._tell(before, after)
        return after

    async def synchronise(self, stream: str) -> None:
        """Give a stream a synchronisation point."""
        await self._camera.force_key(stream)
        for listener in tuple(self._synchronised):
            listener(stream)

    def url(self, host: str, stream: str) -> str:
        """The stream's RTSP URL for those who reach us by `host`."""
        return self._camera.rtsp_url(host, stream)

    def secure_url(self, host: str, stream: str) -> str | None:
        """Its RTSPS URL; None where TLS is off."""
        return self._camera.rtsps_url(host, stream)

    def _recalled(self) -> State:
        return recall(self._store.read(SECTION), self._device, [each.name for each in self._own])

    def _settle(self) -> None:
        self._settled = self._clock.monotonic() + SETTLING

    def _group(self, stream: str, configuration: str) -> Group:
        group: Multicast = self._state.group(stream)
        return group.address, group.port, group.ttl, self._state.started(configuration)

    def _seen(self) -> bool:
        """Whether anything was ever seen of the camera's picture."""
        return self._state.picture is not None or self._camera.video(self._own[0].name) is not None

    async def _encode(self, state: State) -> None:
        try:
            await self._camera.encode(state.renditions(self._own), state.overlays())
        except EncodeError as error:
            raise invalid(error.what, "ConfigModify") from error

    def _tell(self, before: State, after: State) -> None:
        now = self._clock.utc()
        for token in changed_profiles(before, after):
            self._notices.publish(Notice("Media/ProfileChanged", now, {"Token": token}))
        for token, kind in changed_configurations(before, after):
            self._notices.publish(Notice("Media/ConfigurationChanged", now, {"Token": token, "Type": kind}))
        for listener in tuple(self._changed):
            listener()
