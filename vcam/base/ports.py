"""The protocols by which the pipeline reaches what lies above it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from vcam.base.media import AccessUnit, AudioUnit, MaskedUnit, Picture, StreamInfo
from vcam.base.scene import Scene, Tampering


class Source(Protocol):
    """A camera or a file.

    `events` yields, for each connection: one `StreamInfo`, then `AccessUnit`s as they arrive and
    `Picture`s as they are decoded. A new `StreamInfo` may come at any time: then size, codec or time line have
    changed, and all that was learnt from earlier pictures is void. The iterator ends when the source
    has come to its end and raises `SourceError` when it cannot go on; a reconnecting source does neither.
    """

    def events(self) -> Iterator[StreamInfo | AccessUnit | AudioUnit | Picture]: ...

    def close(self) -> None:
        """End `events` from any thread, within the source's time-out."""


class RawSink(Protocol):
    """Takes the camera's untouched access units. Only the vault's writer is one."""

    def stream(self, info: StreamInfo) -> None: ...

    def raw(self, unit: AccessUnit) -> None: ...

    def close(self) -> None: ...


class MaskedSink(Protocol):
    """Takes the main masked stream: the recorder's masked writer, the channel to the server, a file."""

    def masked(self, unit: MaskedUnit) -> None: ...

    def audio(self, unit: AudioUnit) -> None: ...

    def close(self) -> None: ...


class Observer(Protocol):
    """Is told what there is of a camera beside its main stream."""

    def masked(self, unit: MaskedUnit) -> None:
        """An access unit of another masked stream."""

    def scene(self, scene: Scene) -> None:
        """What is masked, at most 5 times a second."""

    def tampering(self, tampering: Tampering) -> None:
        """The camera is covered or aimed elsewhere, or no longer."""


class Witness(Protocol):
    """Is told what happens at one camera, mostly what clients do at its virtual device, to put it on record.

    Called in the event loop; never blocks or raises. `user` is the account's name, None for nobody's; `peer` the
    address of the client; `door` onvif or rtsp.
    """

    def logged_in(self, user: str, peer: str, door: str) -> None:
        """Credentials were right, which happens with every request."""

    def refused(self, peer: str, door: str) -> None:
        """Credentials were wrong."""

    def reaimed(self, user: str | None, peer: str, profile: str, operation: str) -> None:
        """The camera has been told to look elsewhere."""

    def configured(self, user: str | None, peer: str, operation: str) -> None:
        """Something other than that was set by `operation`."""

    def keys(self, trouble: str) -> None:
        """Originals get no new keys, for the cause given, and the last one goes on; or they do again."""


class NoWitness:
    """For devices of which nothing is put on record."""

    def logged_in(self, user: str, peer: str, door: str) -> None:
        pass

    def refused(self, peer: str, door: str) -> None:
        pass

    def reaimed(self, user: str | None, peer: str, profile: str, operation: str) -> None:
        pass

    def configured(self, user: str | None, peer: str, operation: str) -> None:
        pass

    def keys(self, trouble: str) -> None:
        pass
