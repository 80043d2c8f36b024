"""From the element in a SOAP body to the method that answers it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from lxml import etree

from onvif_server.soap import Envelope, Fault, Reply, Request
from onvif_server.wsdl import Operation, Types

OPEN = frozenset(
    {
        "GetWsdlUrl",
        "GetServices",
        "GetServiceCapabilities",
        "GetCapabilities",
        "GetHostname",
        "GetSystemDateAndTime",
        "GetEndpointReference",
    }
)
"""Operations that need no credentials (access class PRE_AUTH of ONVIF Core)."""


@dataclass(frozen=True, slots=True)
class Call:
    """The circumstances of a request.

    `authority` is HOST:PORT of our web server as this client can reach it, `host` its first part (IPv6 in
    brackets), `local` the address of our end of the connection, `user` who asks, None when not known. `path` is that
    of the URL that was asked, `request` the whole request, None where none was made.
    """

    authority: str
    host: str
    local: str
    user: str | None = None
    path: str = ""
    request: Request | None = None


class Handler(Protocol):
    """A method named after its operation: takes the call and the arguments by name, gives the reply's values."""

    async def __call__(self, call: Call, /, **arguments: object) -> Mapping[str, object]: ...


class Dispatcher:
    """The services of one device. `services` maps a namespace to an object with a method for each operation."""

    def __init__(self, types: Types, services: Mapping[str, object]) -> None:
        self._services = services
        self._handlers: dict[str, tuple[Operation, Handler]] = {}
        for namespace, service in services.items():
            for operation in types.operations(namespace):
                handler: Handler | None = getattr(service, operation.name, None)
                if inspect.ismethod(handler):
                    # Some requests bear the namespace of another service (Device IO, WS-BaseNotification).
                    self._handlers.setdefault(operation.request, (operation, handler))

    @property
    def operations(self) -> frozenset[str]:
        """The names of all requests that are answered, in Clark's notation."""
        return frozenset(self._handlers)

    def is_open(self, request: Request) -> bool:
        """Whether `request` needs no credentials."""
        name = etree.QName(request.content)
        return name.localname in OPEN and name.namespace in self._services

    async def answer(self, request: Request, call: Call) -> Reply:
        """The reply to a request that is allowed. Raises Fault."""
        name = etree.QName(request.content)
        operation, handler = self._handlers.get(name.text, (None, None))
        if operation is None or handler is None:
            raise Fault(
                "Receiver",
                ("ActionNotSupported",),
                f"Optional action not implemented: {name.localname} is not implemented by this device",
            )
        values = await handler(call, **operation.parse(request.content))
        envelope = Envelope(request.version)
        operation.render(envelope.body, values)
        if request.message_id:
            envelope.relate(request.message_id, f"{operation.action}Response")
        return envelope.reply()
