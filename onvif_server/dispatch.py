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
    brackets), `local` the address of our end of the connection, `user` who asks, None when not known.
    """

    authority: str
    host: str
    local: str
    user: str | None = None


class Handler(Protocol):
    """A method named after its operation: takes the call and the arguments by name, gives the reply's values."""

    async def __call__(self, call: Call, /, **arguments: object) -> Mapping[str, object]: ...


class Dispatcher:
    """The services of one device. `services` maps a namespace to an object with a method for each operation."""

    def __init__(self, types: Types, services: Mapping[str, object]) -> None:
        self._types = types
        self._services = services

    def is_open(self, request: Request) -> bool:
        """Whether `request` needs no credentials."""
        name = etree.QName(request.content)
        return name.localname in OPEN and name.namespace in self._services

    async def answer(self, request: Request, call: Call) -> Reply:
        """The reply to a request that is allowed. Raises Fault."""
        name = etree.QName(request.content)
        operation = self._types.operation(name.text)
        handler = self._handler(name.namespace or "", operation)
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

    def _handler(self, namespace: str, operation: Operation | None) -> Handler | None:
        service = self._services.get(namespace)
        if service is None or operation is None:
            return None
        handler: Handler | None = getattr(service, operation.name, None)
        return handler if inspect.ismethod(handler) else None
