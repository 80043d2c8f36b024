"""Who may use one connection."""

from __future__ import annotations

import math

import structlog

from onvif_server.digest import claimed
from onvif_server.rtsp.refusal import Refusal
from onvif_server.rtsp.service import Service

_DOOR = "rtsp"
log = structlog.get_logger()


class Gate:
    """Asks for credentials, and counts the wrong ones."""

    def __init__(self, service: Service, peer: str) -> None:
        self._service = service
        self._peer = peer
        self._wrong = 0
        self._users: set[str] = set()
        self.granted = False
        """Whether any request of the connection was let through."""
        self.user: str | None = None
        """Who made the last that was; None where nobody is asked."""

    @property
    def shut(self) -> bool:
        """Whether the connection has had its share of wrong passwords and must be closed."""
        return self._wrong >= self._service.limits.wrong_passwords

    def admit(self, method: str, uri: str, authorization: str | None) -> None:
        """Let one request through. Raises Refusal 401, and 503 for a host that has guessed too often.

        `authorization` holds the bytes of the header as the characters of the same numbers.
        """
        authority, lockout = self._service.authority, self._service.lockout
        if authority is None:
            self.granted = True
            return
        if authorization is not None:
            # Names are UTF-8 (RFC 7616, 4); what is not keeps its odd bytes.
            authorization = authorization.encode("latin-1").decode(errors="surrogateescape")
        user = claimed(authorization)
        wait = lockout.wait(self._peer, user)
        # Whoever has shown the password does not pay for a neighbour's guesses; who shows nothing needs a challenge.
        if wait > 0 and authorization and user not in self._users:
            raise Refusal(503, ("Retry-After", str(math.ceil(wait))), why="There were too many wrong passwords")
        answer = authority.check(method, uri, authorization)
        if answer.user is not None:
            self.granted = True
            self.user = answer.user
            self._users.add(answer.user)
            lockout.succeeded(self._peer, answer.user)
            self._service.witness.logged_in(answer.user, self._peer, _DOOR)
            return
        if answer.outcome == "wrong":
            self._wrong += 1
            lockout.failed(self._peer, user)
            log.warning("RTSP credentials refused", peer=self._peer)
            self._service.witness.refused(self._peer, _DOOR)
        raise Refusal(401, *(("WWW-Authenticate", value) for value in authority.challenges(authorization)))
