"""The WS-Discovery responder: one process answers for many devices, each by the address that faces who asks."""

from __future__ import annotations

import asyncio
import ipaddress
import random
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Protocol

import structlog

from onvif_server import wsd
from onvif_server.identity import Identity
from onvif_server.interfaces import Interface, interfaces
from onvif_server.multicast import GROUP, PORT, Datagram, MulticastSocket
from onvif_server.presence import Presence
from vcam.base.clock import Clock, SystemClock
from vcam.base.errors import ServeError

MAX_DELAY = 0.5
"""Longest random wait in seconds before a message (APP_MAX_DELAY)."""
REFRESH = 15.0
"""Seconds between looks for interfaces that have come or gone."""

_REPEAT_DELAY = 0.1
_REMEMBERED = 4096
_RATE = 40
_RATE_WINDOW = 5.0
_REPEAT_WINDOW = 5.0
"""Seconds for which a message is taken for a repetition: some programs search with one MessageID for ever."""
_PENDING = 1024

_log = structlog.get_logger()


class Discoverable(Protocol):
    """A device that can be found."""

    @property
    def identity(self) -> Identity:
        """Who it is."""

    @property
    def presence(self) -> Presence:
        """What it says of itself, and whether it wants to be found."""

    @property
    def own_address(self) -> str | None:
        """The address that is this device's alone, None when it answers on all of the host's."""

    def xaddrs(self, address: str) -> list[str]:
        """Its addresses for those who reach the host by `address`; empty when it does not serve."""


class Memory:
    """What was answered of late, and how much each address has asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answered: OrderedDict[tuple[str, str, str], float] = OrderedDict()
        self._asked: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def admit(self, peer: str) -> bool:
        """Whether to look at another datagram of `peer`, who must not make us flood a third party."""
        now = self._clock.monotonic()
        since, count = self._asked.pop(peer, (now, 0))
        if now - since > _RATE_WINDOW:
            since, count = now, 0
        self._asked[peer] = (since, count + 1)
        if len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        return count < _RATE

    def first(self, peer: str, message_id: str, endpoint: str) -> bool:
        """Whether `endpoint` has not just answered this message: they are repeated, and come by many interfaces."""
        key = (peer, message_id, endpoint)
        now = self._clock.monotonic()
        answered = self._answered.get(key)
        if answered is not None and now - answered <= _REPEAT_WINDOW:
            return False
        self._answered[key] = now
        self._answered.move_to_end(key)
        if len(self._answered) > _REMEMBERED:
            self._answered.popitem(last=False)
        return True


def facing(peer: str, index: int, present: Iterable[Interface]) -> Interface | None:
    """Of the addresses of interface `index`, the one on the network of `peer`, else the first."""
    here = [each for each in present if each.index == index]
    near = [each for each in here if ipaddress.IPv4Address(peer) in each.network]
    return next(iter(near or here), None)


class Discovery:
    """Answers Probe and Resolve, says Hello and Bye.

    `devices` may start and stop at any time; those that do not serve are not found. `interface` is the address of
    the one interface to use, all when None. Messages leave from the address that they name.
    """

    def __init__(
        self,
        devices: Sequence[Discoverable],
        interface: str | None = None,
        *,
        clock: Clock | None = None,
        max_delay: float = MAX_DELAY,
    ) -> None:
        self._devices = devices
        self._interface = interface
        self._clock = clock or SystemClock()
        self._max_delay = max_delay
        self._memory = Memory(self._clock)
        self._present: list[Interface] = []
        self._sockets: dict[int, MulticastSocket] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        self._refresher: asyncio.Task[None] | None = None
        self._instance = 0
        self._number = 0
        for device in devices:
            device.presence.listen(partial(self._say, device))

    async def start(self) -> None:
        """Join the group, say Hello. Raises ServeError when the port or the interface cannot be used."""
        self._instance = self._clock.utc() // 1_000_000
        try:
            self._join()
        except ServeError:
            self._close()
            raise
        if not self._sockets:
            raise ServeError(
                f"WS-Discovery cannot use {self._interface or 'any interface'}",
                mend="Let onvif.discovery_interface be an address of this host, or set onvif.discovery = false",
            )
        self._refresher = asyncio.create_task(self._refresh())

    async def stop(self) -> None:
        """Say Bye and leave."""
        refresher, self._refresher = self._refresher, None
        if refresher is None:
            return
        refresher.cancel()
        await asyncio.gather(refresher, return_exceptions=True)
        byes = [bye for index in self._sockets for bye in self._announcements("Bye", index)]
        for pause in (_REPEAT_DELAY, 0.0):
            for index, source, data in byes:
                self._sockets[index].send(data, (GROUP, PORT), source)
            await asyncio.sleep(pause)
        self._close()

    def _close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for index in list(self._sockets):
            self._leave(index)

    def _leave(self, index: int) -> None:
        left = self._sockets.pop(index)
        asyncio.get_running_loop().remove_reader(left)
        left.close()

    def _join(self) -> None:
        """Join the group on interfaces that are new, and leave those that are gone."""
        self._present = [each for each in interfaces() if self._interface in {None, each.address}]
        for index in set(self._sockets) - {each.index for each in self._present}:
            self._leave(index)
        for interface in self._present:
            if interface.index in self._sockets:
                continue
            try:
                joined = MulticastSocket(interface)
            except OSError as error:
                _log.debug("interface without multicast", interface=interface.name, error=error.strerror)
                continue
            self._sockets[interface.index] = joined
            asyncio.get_running_loop().add_reader(joined, self._readable, joined)
            for index, source, data in self._announcements("Hello", interface.index):
                wait = random.uniform(0, self._max_delay)  # noqa: S311  Spreads load, hides nothing.
                self._later(wait, index, data, (GROUP, PORT), source)
                self._later(wait + _REPEAT_DELAY, index, data, (GROUP, PORT), source)

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH)
            self._join()

    def _order(self) -> wsd.Order:
        self._number += 1
        return wsd.Order(self._instance, self._number)

    def _announcements(self, kind: wsd.Announcement, index: int) -> list[tuple[int, str, bytes]]:
        """Interface, source address and message for each device that is found through interface `index`."""
        found = []
        for device in self._devices:
            interface = self._meeting(device, "", index)
            if interface is not None:
                target = _target(device, interface)
                found.append((index, interface.address, wsd.announce(kind, target, self._order())))
        return found

    def _say(self, device: Discoverable, kind: wsd.Announcement) -> None:
        """Announce one device on all interfaces, now and once more."""
        for index in self._sockets:
            interface = self._meeting(device, "", index)
            if interface is not None:
                data = wsd.announce(kind, _target(device, interface), self._order())
                for wait in (0.0, _REPEAT_DELAY):
                    self._later(wait, index, data, (GROUP, PORT), interface.address)

    def _meeting(self, device: Discoverable, peer: str, index: int) -> Interface | None:
        """The address by which `peer` at interface `index` reaches `device`, None when it cannot or shall not."""
        if not device.presence.discoverable:
            return None
        own = device.own_address
        if own is not None:
            interface = next(
                (each for each in self._present if (each.index, each.address) == (index, own)), None
            )
        else:
            # Where another device has an address of its own, this one is not spoken for by it.
            taken = {each.own_address for each in self._devices}
            interface = facing(
                peer or GROUP, index, [each for each in self._present if each.address not in taken]
            )
        return interface if interface is not None and device.xaddrs(interface.address) else None

    def _readable(self, joined: MulticastSocket) -> None:
        datagram = joined.receive(wsd.DATAGRAM_LIMIT + 1)
        if datagram is None or not self._near(datagram) or not self._memory.admit(datagram.peer[0]):
            return
        question = wsd.read(datagram.data)
        if question is None:
            return
        for device in self._devices:
            interface = self._meeting(device, datagram.peer[0], datagram.index)
            if interface is None:
                continue
            target = _target(device, interface)
            if not wsd.asks_for(question, target):
                continue
            if self._memory.first(datagram.peer[0], question.message_id, target.endpoint):
                wait = random.uniform(0, self._max_delay)  # noqa: S311  Spreads load, hides nothing.
                data = wsd.reply(question, target, self._order())
                self._later(wait, joined.index, data, datagram.peer, interface.address)

    def _near(self, datagram: Datagram) -> bool:
        """Whether the sender may be answered: forged senders far away would be flooded by our answers."""
        peer = ipaddress.IPv4Address(datagram.peer[0])
        return not peer.is_global or any(peer in each.network for each in self._present)

    def _later(self, wait: float, index: int, data: bytes, to: tuple[str, int], source: str) -> None:
        if len(self._timers) >= _PENDING:
            return

        def send() -> None:
            self._timers.discard(timer)
            if index in self._sockets:
                self._sockets[index].send(data, to, source)

        timer = asyncio.get_running_loop().call_later(wait, send)
        self._timers.add(timer)


def _target(device: Discoverable, interface: Interface) -> wsd.Target:
    presence = device.presence
    xaddrs = tuple(device.xaddrs(interface.address))
    return wsd.Target(device.identity.endpoint, presence.scopes, xaddrs, presence.version)
