"""What a virtual device says of itself on the network: its scopes, and whether it can be found at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from onvif_server.soap import Fault, invalid
from onvif_server.store import Store, kept
from onvif_server.wsd import Announcement

Mode = Literal["Discoverable", "NonDiscoverable"]
"""tt:DiscoveryMode."""

MAX_SCOPES = 16
"""Scopes that clients may set; with those that are fixed they fit into one datagram."""
MAX_SCOPE = 128
"""Bytes of the longest of them."""

_SECTION = "presence"
_SCOPE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")


@dataclass(frozen=True, slots=True)
class _Kept:
    scopes: tuple[str, ...]
    mode: Mode = "Discoverable"
    version: int = 1


class Presence:
    """Scopes that are `fixed`, those that clients may change and which are `first` so, and the discovery mode.

    What clients set is kept in `store`. Raises ConfigError when that cannot be read or written, and Fault for what
    ONVIF Core forbids.
    """

    def __init__(self, store: Store, fixed: Sequence[str], first: Sequence[str]) -> None:
        self._store = store
        self._first = tuple(first)
        self._listeners: list[Callable[[Announcement], None]] = []
        self.fixed = tuple(fixed)
        self._kept = _Kept(self._first)
        self.reload()

    def reload(self) -> None:
        """Be as the store says."""
        self._kept = kept(self._store, _SECTION, _Kept, _Kept(self._first))

    def listen(self, listener: Callable[[Announcement], None]) -> None:
        """Call `listener` whenever the network must be told."""
        self._listeners.append(listener)

    def say(self, announcement: Announcement) -> None:
        """Tell the network that the device is here, or is about to go. One that is not discoverable is silent."""
        if self.discoverable:
            for listener in self._listeners:
                listener(announcement)

    @property
    def scopes(self) -> tuple[str, ...]:
        """All scopes, the fixed ones first."""
        return (*self.fixed, *self.configurable)

    @property
    def configurable(self) -> tuple[str, ...]:
        """Scopes that clients may change."""
        return tuple(scope for scope in self._kept.scopes if scope not in self.fixed)

    @property
    def mode(self) -> Mode:
        """The discovery mode."""
        return self._kept.mode

    @property
    def discoverable(self) -> bool:
        """Whether searches are answered."""
        return self._kept.mode == "Discoverable"

    @property
    def version(self) -> int:
        """WS-Discovery's MetadataVersion, which grows when the scopes change."""
        return self._kept.version

    def set_mode(self, mode: Mode) -> None:
        """Let searches be answered or not."""
        if mode == "NonDiscoverable":
            self.say("Bye")
        self._keep(replace(self._kept, mode=mode))
        self.say("Hello")

    def replace(self, scopes: Sequence[str]) -> None:
        """Have these scopes beside the fixed ones."""
        if set(scopes) & set(self.fixed):
            raise Fault("Sender", ("OperationProhibited", "ScopeOverwrite"), "A fixed scope cannot be set")
        self._become(scopes)

    def add(self, scopes: Sequence[str]) -> None:
        """Have these scopes too."""
        self._become([*self.configurable, *(scope for scope in scopes if scope not in self.fixed)])

    def remove(self, scopes: Sequence[str]) -> None:
        """Have these scopes no more."""
        gone = [scope.strip() for scope in scopes]
        if set(gone) & set(self.fixed):
            raise Fault("Sender", ("OperationProhibited", "FixedScope"), "A fixed scope cannot be removed")
        if set(gone) - set(self.configurable):
            raise invalid("There is no such scope", "NoScope")
        self._become([scope for scope in self.configurable if scope not in gone])

    def _become(self, scopes: Sequence[str]) -> None:
        wanted = tuple(dict.fromkeys(scope.strip() for scope in scopes))
        for scope in wanted:
            if len(scope) > MAX_SCOPE or not _SCOPE.fullmatch(scope):
                raise invalid(f"A scope is a URI of {MAX_SCOPE} characters at most")
        if len(wanted) > MAX_SCOPES:
            raise Fault(
                "Receiver", ("Action", "TooManyScopes"), f"{MAX_SCOPES} scopes at most can be configured"
            )
        if wanted != self.configurable:
            self._keep(replace(self._kept, scopes=wanted, version=self._kept.version + 1))
            self.say("Hello")

    def _keep(self, values: _Kept) -> None:
        self._store.write(_SECTION, asdict(values))
        self._kept = values
