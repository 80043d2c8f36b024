"""Access units that come in pieces, put together again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from vcam.base.errors import SourceError


class Joiner:
    """Joins a live stream's consecutive packets of one time stamp into one access unit.

    In RTP all of an access unit has one time stamp (RFC 6184, 5.1), but FFmpeg's parser splits it where parameter
    sets are repeated between its slices, as some cameras do. Waiting for the next packet delays a stream by
    one picture, so that is done only once a stream is known to split. The first split unit after the lead-in
    goes out in pieces, and its pictures count as damaged until the next key picture.
    """

    def __init__(self, stream: VideoStream, *, splits: bool) -> None:
        self._stream = stream
        self._splits = splits

    def joined(self, packets: Iterator[Packet[Stream]]) -> Iterator[Packet[Stream]]:
        """`packets`, those of other streams passed through. What is held comes out before an error."""
        held: Packet[Stream] | None = None
        last: int | None = None
        while True:
            failure: SourceError | None = None
            packet: Packet[Stream] | None = None
            try:
                packet = next(packets, None)
            except SourceError as error:
                failure = error
            if packet is None:
                if held is not None:
                    yield held
                if failure is not None:
                    raise failure
                return
            if packet.stream_index != self._stream.index:
                yield packet
                continue
            same = packet.pts is not None and packet.pts == last
            last = packet.pts
            self._splits = self._splits or same
            if held is not None:
                if same:
                    held = self._join(held, packet)
                    continue
                yield held
                held = None
            if self._splits:
                held = packet
            else:
                yield packet

    def _join(self, first: Packet[Stream], second: Packet[Stream]) -> Packet[Stream]:
        whole: Packet[Stream] = Packet(bytes(first) + bytes(second))
        whole.stream = self._stream
        whole.time_base = first.time_base
        whole.pts, whole.dts = first.pts, first.dts
        whole.is_keyframe = first.is_keyframe
        whole.is_corrupt = first.is_corrupt or second.is_corrupt
        for packet in (first, second):
            if packet.has_sidedata("prft"):
                whole.set_sidedata(packet.get_sidedata("prft"))
        return whole


def splits(packets: list[Packet[Stream]]) -> bool:
    """Whether consecutive `packets` of one stream share a time stamp."""
    stamps = [packet.pts for packet in packets]
    return any(one is not None and one == two for one, two in pairwise(stamps))
