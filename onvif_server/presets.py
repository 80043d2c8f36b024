"""Which preset of the virtual device is which of the physical camera."""

from __future__ import annotations

from collections.abc import Iterable

from onvif_server.soap import Fault, invalid
from onvif_server.store import Store
from vcam.base.errors import ConfigError

_SECTION = "ptz presets"
_MOST = 1024
"""Presets that are remembered; a camera that names ever new ones fills no disk."""


class PresetTokens:
    """Gives each of the camera's presets a number of its own, which it keeps over restarts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._numbers = _checked(store.read(_SECTION))

    def virtual(self, physical: str) -> str:
        """The virtual device's token of a preset; a new one the first time. Raises Fault where it cannot be kept."""
        number = self._numbers.get(physical)
        if number is None:
            taken = set(self._numbers.values())
            number = next(each for each in range(1, len(taken) + 2) if each not in taken)
            if number > _MOST:
                raise Fault("Receiver", ("Action", "TooManyPresets"), "There is no room for another preset")
            self._keep({**self._numbers, physical: number})
        return str(number)

    def physical(self, virtual: str) -> str:
        """The camera's token. Raises Fault for a preset that is not known."""
        for token, number in self._numbers.items():
            if str(number) == virtual:
                return token
        raise invalid("There is no such preset", "NoToken")

    def settle(self, present: Iterable[str]) -> None:
        """Forget those that the camera has no more, so that their numbers serve again."""
        there = set(present)
        left = {token: number for token, number in self._numbers.items() if token in there}
        if len(left) < len(self._numbers):
            self._keep(left)

    def _keep(self, numbers: dict[str, int]) -> None:
        try:
            self._store.write(_SECTION, numbers)
        except ConfigError as error:
            raise Fault("Receiver", ("Action",), "This device cannot keep its presets") from error
        self._numbers = numbers


def _checked(read: object) -> dict[str, int]:
    """What was stored, as far as it makes sense."""
    if not isinstance(read, dict):
        return {}
    found: dict[str, int] = {}
    for token, number in read.items():
        fits = isinstance(token, str) and isinstance(number, int) and not isinstance(number, bool)
        if fits and 0 < number <= _MOST and number not in found.values():
            found[token] = number
    return found
