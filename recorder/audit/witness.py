"""Puts on record what clients do at one virtual device, and how its camera's keys do."""

from __future__ import annotations

from collections.abc import Callable

from recorder.audit.entry import SYSTEM, Action, Entry
from vcam.base.clock import Clock

_ACTOR = 64
_LONGEST = 100


class DeviceWitness:
    """A `vcam.base.ports.Witness` of the device for `camera`; `tell` is that of a `Bundle`."""

    def __init__(self, camera: str, tell: Callable[[Entry], None], clock: Clock) -> None:
        self._subject = f"camera/{camera}"
        self._tell = tell
        self._clock = clock

    def logged_in(self, user: str, peer: str, door: str) -> None:
        self._deed(Action.LOGIN, user, peer, door=door)

    def refused(self, peer: str, door: str) -> None:
        # The name that a stranger gives may be a password in the wrong field.
        self._deed(Action.LOGIN_FAILED, None, peer, door=door, reason="wrong credentials")

    def reaimed(self, user: str | None, peer: str, profile: str, operation: str) -> None:
        self._deed(Action.REAIMED, user, peer, operation=operation, profile=profile)

    def configured(self, user: str | None, peer: str, operation: str) -> None:
        self._deed(Action.CONFIGURED, user, peer, operation=operation)

    def keys(self, trouble: str) -> None:
        if trouble:
            self._deed(Action.KEYS_FAILED, None, "", reason=trouble)
        else:
            self._deed(Action.KEYS_RESTORED, None, "")

    def _deed(self, action: Action, user: str | None, peer: str, **details: str) -> None:
        # Users of the device are no persons of the site: the slash keeps their names apart.
        actor = SYSTEM if user is None else _plain(f"onvif/{user}")[:_ACTOR]
        told = {name: _plain(value) for name, value in details.items()}
        self._tell(Entry(self._clock.utc(), actor, action, self._subject, told, _plain(peer)))


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text[:_LONGEST])
