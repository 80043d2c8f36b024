"""What one RTSP server grants to its clients."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on clients, time and memory; times in seconds, sizes in bytes."""

    clients: int = 64
    """Sessions at once."""
    session_timeout: int = 60
    """Silence after which a session ends; told to the client in the Session header (RFC 2326, 12.37)."""
    handshake_timeout: float = 15.0
    """Time within which a new connection must have made a request that was granted."""
    describe_wait: float = 5.0
    """How long DESCRIBE waits for the first picture of a stream."""
    backlog: int = 4 << 20
    """Bytes that may wait for a client to read them; one that lags further behind is dropped."""
    wrong_passwords: int = 5
    """Refused credentials after which a connection is closed."""

    @property
    def connections(self) -> int:
        """TCP connections at once: room for clients that only ask, and for each session's control."""
        return 2 * self.clients + 16
