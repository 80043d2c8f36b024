"""What goes to those who play a camera's metadata tracks: scenes and notices, as clients have asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from onvif_server.events.filter import Filter, read_filter
from onvif_server.media import Media
from onvif_server.media.event_filter import filter_element
from onvif_server.metadata import document
from onvif_server.notice import Notice, Notices
from onvif_server.rtsp.mount import Mount
from vcam.base.clock import Clock
from vcam.base.scene import Scene


class MetadataStream:
    """Documents for the metadata tracks of `mounts`. Nothing is written while nobody plays one."""

    def __init__(self, mounts: Iterable[Mount], media: Media, notices: Notices, clock: Clock) -> None:
        self._tracks = [mount.metadata for mount in mounts if mount.metadata is not None]
        self._media = media
        self._notices = notices
        self._clock = clock
        self._read: tuple[str, Filter] = ("", Filter())
        notices.listen(lambda notice: self._tell((notice,)))
        media.on_synchronise(lambda _: self._tell(notices.properties()))

    def scene(self, scene: Scene) -> None:
        """Tell what is in the picture, unless clients want no analytics."""
        if self._media.metadata.analytics:
            self._publish(lambda: document(scene), scene.time)

    def _tell(self, notices: Sequence[Notice]) -> None:
        if not self._media.metadata.events:
            return
        wanted = self._filter()
        passing = tuple(notice for notice in notices if wanted.passes(notice))
        if passing:
            self._publish(lambda: document(None, passing), passing[-1].time)

    def _filter(self) -> Filter:
        text = self._media.metadata.filter
        if text != self._read[0]:
            topics = [topic.path for topic in self._notices.topics]
            element = filter_element(text) if text else None
            self._read = (text, read_filter(element, topics, self._clock.utc()))
        return self._read[1]

    def _publish(self, write: Callable[[], bytes], time: int) -> None:
        wanted = [track for track in self._tracks if track.wanted]
        if wanted:
            data = write()
            for track in wanted:
                track.publish(data, time)
