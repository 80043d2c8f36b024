"""From the element in a SOAP body to the method that answers it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lxml import etree

from onvif_server.access import Access, Level, access_class, configures, may
from onvif_server.soap import Envelope, Fault, Reply, Request
from onvif_server.wsdl import Operation, Types
from vcam.base.ports import NoWitness, Witness


@dataclass(frozen=True, slots=True)
class Call:
    """The circumstances of a request.

    `authority` is HOST:PORT of our web server as this client can reach it, `host` its first part (IPv6 in
    brackets), `local` the address of our end of the connection, `user` who asks, None when not known. `path` is that
    of the URL that was asked, `request` the whole request, None where none was made. `level` is what the user may do,
    None for nobody's. `scheme` is that of the URL, http or https. `peer` is the address of the client's end,
    `connected` whether somebody still waits for the reply. `port` is that of our end, 0 when not known.
    """

    authority: str
    host: str
    local: str
    user: str | None = None
    path: str = ""
    request: Request | None = None
    level: Level | None = None
    scheme: str = "http"
    peer: str = ""
    connected: Callable[[], bool] = lambda: True
    port: int = 0

    def url(self, path: str) -> str:
        """The URL by which this client reaches `path`."""
        return f"{self.scheme}://{self.authority}{path}"


class Handler(Protocol):
    """A method named after its operation: takes the call and the arguments by name, gives the reply's values."""

    async def __call__(self, call: Call, /, **arguments: object) -> Mapping[str, object]: ...


Patch = Callable[[etree._Element], etree._Element]
"""Gives a request's element with what its client has left out."""


class Dispatcher:
    """The services of one device.

    `services` maps a namespace to an object, or several, with a method for each operation. One may have `patches`:
    by the name of an operation, what completes its request's element before it is parsed. `witness` is told of each
    operation that has set something.
    """

    def __init__(self, types: Types, services: Mapping[str, object], witness: Witness | None = None) -> None:
        self._witness = witness or NoWitness()
        self._handlers: dict[str, tuple[Operation, Handler]] = {}
        self._patches: dict[str, Patch] = {}
        for namespace, service in services.items():
            for operation in types.operations(namespace):
                for each in service if isinstance(service, tuple) else (service,):
                    handler: Handler | None = getattr(each, operation.name, None)
                    if inspect.ismethod(handler):
                        # Some requests bear the namespace of another service (Device IO, WS-BaseNotification).
                        self._handlers.setdefault(operation.request, (operation, handler))
                    patches: Mapping[str, Patch] = getattr(each, "patches", {})
                    if operation.name in patches:
                        self._patches[operation.request] = patches[operation.name]

    @property
    def operations(self) -> frozenset[str]:
        """The names of all requests that are answered, in Clark's notation."""
        return frozenset(self._handlers)

    def is_open(self, request: Request) -> bool:
        """Whether `request` needs no credentials."""
        name = etree.QName(request.content).text
        return name in self._handlers and access_class(name) is Access.PRE_AUTH

    async def answer(self, request: Request, call: Call) -> Reply:
        """The reply to a request. Raises Fault, also for a user who may not make it."""
        name = etree.QName(request.content)
        operation, handler = self._handlers.get(name.text, (None, None))
        if operation is None or handler is None:
            raise Fault(
                "Receiver",
                ("ActionNotSupported",),
                f"Optional action not implemented: {name.localname} is not implemented by this device",
            )
        access = access_class(name.text)
        if not may(call.level, access):
            raise Fault("Sender", ("NotAuthorized",), f"This user may not call {name.localname}")
        patch = self._patches.get(name.text)
        content = request.content if patch is None else patch(request.content)
        values = await handler(call, **operation.parse(content))
        if configures(name.text, access):
            self._witness.configured(call.user, call.peer, name.localname)
        envelope = Envelope(request.version)
        operation.render(envelope.body, values)
        if request.message_id:
            envelope.relate(request.message_id, f"{operation.action.removesuffix('Request')}Response")
        return envelope.reply()
