"""Tracks on their way to multicast groups: one sender for all who have set the track up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from onvif_server.rtsp.multicast import Multicast
from onvif_server.rtsp.rtcp import is_rtcp
from onvif_server.rtsp.stream import Stream
from onvif_server.rtsp.track import Start, Track
from onvif_server.rtsp.udp import UdpCarrier
from vcam.base.clock import Clock

_CNAME = "multicast@garim"


class Group:
    """One track on its way to one group by one interface; sent to while any of its members plays."""

    def __init__(self, stream: Stream, ended: Callable[[], None]) -> None:
        self.stream = stream
        self._ended = ended
        self._members: set[Membership] = set()
        self._playing: set[Membership] = set()

    def add(self, member: Membership) -> None:
        """Keep the group for `member`."""
        self._members.add(member)

    def prepare(self) -> Start:
        """What playing begins with. Who comes to a group that is sent to joins in the middle."""
        if self._playing:
            return Start((), self.stream.track.sequence)
        return self.stream.prepare()

    def begin(self, member: Membership, start: Start) -> None:
        """`member` plays."""
        idle = not self._playing
        self._playing.add(member)
        if idle:
            self.stream.begin(start)

    def pause(self, member: Membership) -> None:
        """`member` does not; nothing happens when it did not."""
        if member in self._playing:
            self._playing.discard(member)
            if not self._playing:
                self.stream.pause()

    def remove(self, member: Membership) -> None:
        """`member` has gone; the group ends with its last."""
        self.pause(member)
        if member in self._members:
            self._members.discard(member)
            if not self._members:
                self.stream.close()
                self._ended()

    def heard(self, data: bytes, peer: str) -> None:
        """RTCP came to the group: a sign of life of those at `peer`."""
        if is_rtcp(data):
            for member in self._members:
                if member.peer == peer:
                    member.touch()


class Membership:
    """One client's part in a group; used as a `Stream` is."""

    def __init__(self, group: Group, peer: str, touch: Callable[[], None]) -> None:
        self._group = group
        self.peer = peer
        self.touch = touch
        self.track = group.stream.track
        group.add(self)

    def prepare(self) -> Start:
        return self._group.prepare()

    def begin(self, start: Start) -> None:
        self._group.begin(self, start)

    def pause(self) -> None:
        self._group.pause(self)

    def report(self) -> None:
        self._group.stream.report()

    def close(self) -> None:
        self._group.remove(self)


class Groups:
    """All groups of one server."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[tuple[Track, Multicast, str], Group] = {}
        self._opening = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._all)

    async def join(
        self, track: Track, place: Multicast, local: str, *, peer: str, touch: Callable[[], None]
    ) -> Membership:
        """Become a member of the group of `track` at `place`, by the interface that has the address `local`.

        `touch` is called at each sign of life of `peer`. Raises OSError when the group cannot be sent to.
        """
        key = (track, place, local)
        async with self._opening:
            group = self._all.get(key)
            if group is None:

                def heard(data: bytes, peer: str) -> None:
                    made.heard(data, peer)

                carrier = await UdpCarrier.multicast(local, place, heard)
                stream = Stream(track, carrier, _CNAME, self._clock)
                made = self._all[key] = group = Group(stream, lambda: self._forget(key))
            return Membership(group, peer, touch)

    def _forget(self, key: tuple[Track, Multicast, str]) -> None:
        self._all.pop(key, None)
