"""Who asks: WS-UsernameToken or HTTP Digest, with a lock-out for whoever guesses."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from lxml import etree

from onvif_server import digest, username_token
from onvif_server.digest import Answer, DigestAuthority
from onvif_server.lockout import Lockout
from onvif_server.username_token import UsernameTokens
from vcam.base.clock import Clock
from vcam.base.ports import NoWitness, Witness

_DOOR = "onvif"
_log = structlog.get_logger()


class Denied(Exception):
    """Credentials are absent, wrong or refused unseen.

    `challenges` are values for WWW-Authenticate headers, empty where a WS-UsernameToken was refused;
    `retry_after` is in seconds, 0 when the client may try again at once.
    """

    def __init__(self, reason: str, *, challenges: tuple[str, ...] = (), retry_after: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.challenges = challenges
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP request as far as credentials go. `target` is the request's target as it came."""

    address: str
    method: str
    target: str
    authorization: str | None
    security: etree._Element | None = None


class Authenticator:
    """The gate of one device's web server. `lookup` gives the password of a user, or None."""

    def __init__(
        self,
        realm: str,
        lookup: Callable[[str], str | None],
        clock: Clock,
        lockout: Lockout,
        witness: Witness | None = None,
    ) -> None:
        self._digest = DigestAuthority(realm, lookup, clock)
        self._tokens = UsernameTokens(lookup, clock)
        self._lockout = lockout
        self._witness = witness or NoWitness()

    def user(self, attempt: Attempt) -> str:
        """The user who made this request. Raises Denied."""
        claimed = username_token.claimed(attempt.security) or digest.claimed(attempt.authorization)
        wait = self._lockout.wait(attempt.address, claimed)
        # Who shows nothing guesses nothing, and needs a challenge.
        if wait > 0 and (attempt.authorization or attempt.security is not None):
            raise Denied("Too many failed attempts: wait", retry_after=math.ceil(wait))
        answer = Answer("absent") if attempt.security is None else self._tokens.check(attempt.security)
        by_token = answer.outcome != "absent"
        if not by_token:
            answer = self._digest.check(attempt.method, attempt.target, attempt.authorization)
        if answer.user is not None:
            self._lockout.succeeded(attempt.address, answer.user)
            self._witness.logged_in(answer.user, attempt.address, _DOOR)
            return answer.user
        if answer.outcome == "wrong":
            self._lockout.failed(attempt.address, claimed)
            _log.warning("wrong credentials", address=attempt.address)
            self._witness.refused(attempt.address, _DOOR)
        if not by_token:
            challenges = tuple(self._digest.challenges(attempt.authorization))
            raise Denied("Sender not authorized", challenges=challenges)
        if answer.outcome == "stale":
            raise Denied(
                "Sender not authorized: the token was used before, or the clocks differ by over 5 minutes"
            )
        raise Denied("Sender not authorized")
