"""Which interleaved channels of one connection belong to which session (RFC 2326, 10.12)."""

from __future__ import annotations

from onvif_server.rtsp.session import Session


class Channels:
    """The 256 channels of one connection, given out in pairs for RTP and RTCP."""

    def __init__(self) -> None:
        self._owners: dict[int, tuple[Session, str]] = {}

    @property
    def sessions(self) -> set[Session]:
        """The sessions that the connection carries."""
        return {session for session, _ in self._owners.values()}

    def owner(self, channel: int) -> Session | None:
        """The session that a channel belongs to."""
        found = self._owners.get(channel)
        return found[0] if found else None

    def release(self, session: Session | None, control: str) -> None:
        """Free the channels of sessions that have ended, and those of a track that has been set up anew."""
        self._owners = {
            channel: owner
            for channel, owner in self._owners.items()
            if owner[0].alive and owner != (session, control)
        }

    def free(
        self, wanted: tuple[int, int] | None, session: Session | None = None, control: str = ""
    ) -> tuple[int, int] | None:
        """The pair wanted, or any pair, for a track of a session, which may keep its own; None when it is taken."""
        pairs = [wanted] if wanted else [(channel, channel + 1) for channel in range(0, 256, 2)]
        taken = {
            channel for channel, owner in self._owners.items() if owner[0].alive and owner != (session, control)
        }
        return next((pair for pair in pairs if not taken & set(pair)), None)

    def take(self, pair: tuple[int, int], session: Session, control: str) -> None:
        """Give a free pair to one track of a session."""
        self._owners.update(dict.fromkeys(pair, (session, control)))
