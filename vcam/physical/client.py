"""SOAP to a physical camera: signed with the camera's own time, limited in time and size, sceptical of replies.

WS-UsernameToken goes with every request but the first (WSS UsernameToken Profile 1.1); a camera that asks for HTTP
Digest gets that as well. All requests go to the configured host, wherever the camera says that its services are.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
from lxml import etree

from onvif_server.physical import Declined, Unavailable
from onvif_server.sieve import Values
from onvif_server.soap import BODY_LIMIT
from onvif_server.username_token import DIGEST, WSSE, WSU
from onvif_server.wsdl import DEVICE, DEVICEIO, IMAGING, MEDIA, PTZ, Types
from vcam.base.clock import Clock
from vcam.physical import reply

DEVICE_PATH = "/onvif/device_service"
"""Where every device answers (ONVIF Core 5.2)."""
AT_ONCE = 4
"""Requests to one camera at the same time at the most."""

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
_REFUSALS = {"NotAuthorized", "FailedAuthentication", "InvalidSecurity", "FailedCheck"}
_CATEGORIES = {"Media": MEDIA, "PTZ": PTZ, "Imaging": IMAGING, "Extension/DeviceIO": DEVICEIO}


class Refused(Unavailable):
    """The camera wants other credentials."""


class Nonsense(Unavailable):
    """The camera answers, but not as ONVIF asks."""


class Client:
    """One camera at `host` and `port`. `timeout` in seconds holds for each request.

    Used as an async context manager, then `connect`. Every call raises Unavailable or Declined.
    """

    def __init__(
        self,
        host: str,
        port: int,
        credentials: tuple[str, str] | None,
        *,
        types: Types,
        clock: Clock,
        timeout: float,
    ) -> None:
        self._host = f"[{host}]" if ":" in host else host
        self._names = {host.lower(), self._host.lower()}
        self._port = port
        self._credentials = credentials
        self._types = types
        self._clock = clock
        self._timeout = timeout
        self._skew = timedelta(0)
        self._urls: dict[str, str] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Client:
        digest = []
        if self._credentials is not None and ":" not in self._credentials[0]:
            # RFC 7616 has no way to write such a name.
            digest.append(aiohttp.DigestAuthMiddleware(*self._credentials))
        self._session = aiohttp.ClientSession(middlewares=digest, connector=aiohttp.TCPConnector(limit=AT_ONCE))
        return self

    async def __aexit__(self, *_: object) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def retire(self) -> None:
        """Close when the requests under way have been answered, or have run out of time."""
        for _ in range(AT_ONCE):
            await self._turn.acquire()
        await self.__aexit__()

    @property
    def services(self) -> frozenset[str]:
        """Namespaces of the services that the camera has told of."""
        return frozenset(self._urls)

    async def connect(self) -> None:
        """Learn the camera's time and its services."""
        await self._synchronise()
        try:
            found = self._told(await self.ask(DEVICE, "GetServices", {"IncludeCapability": False}))
        except Declined:
            found = {}
        if not found:
            found = self._categories(await self.ask(DEVICE, "GetCapabilities", {"Category": ["All"]}))
        self._urls = found

    async def call(
        self,
        namespace: str,
        operation: str,
        values: Mapping[str, object] | None = None,
        defaults: Mapping[str, object] | None = None,
    ) -> Values:
        """What is right of the reply. `defaults` as for Sieve."""
        answer = await self.ask(namespace, operation, values or {})
        known = self._types.operation(f"{{{namespace}}}{operation}")
        found = known.told(answer, defaults) if known is not None else None
        if found is None:
            raise Nonsense
        return found

    async def ask(self, namespace: str, operation: str, values: Mapping[str, object]) -> etree._Element:
        """The reply's element, as it came."""
        known = self._types.operation(f"{{{namespace}}}{operation}")
        if known is None:
            raise Declined(("ActionNotSupported",))
        content = etree.Element("content")
        known.ask(content, values)
        return await self.send(namespace, content[0], known.action)

    async def send(self, namespace: str, content: etree._Element, action: str) -> etree._Element:
        """The reply to a request written by hand. A camera whose clock has been set meanwhile is asked twice."""
        try:
            return await self._exchange(namespace, content, action, signed=True)
        except Refused:
            before = self._skew
            await self._synchronise()
            if abs(self._skew - before) < timedelta(seconds=2):
                raise
        return await self._exchange(namespace, content, action, signed=True)

    async def _synchronise(self) -> None:
        content = etree.Element(f"{{{DEVICE}}}GetSystemDateAndTime")
        action = f"{DEVICE}/GetSystemDateAndTime"
        try:
            answer = await self._exchange(DEVICE, content, action, signed=False)
        except Declined:
            return
        except Refused:
            # Against the standard, some want even this signed.
            answer = await self._exchange(DEVICE, content, action, signed=True)
        now = reply.utc(answer)
        if now is not None:
            self._skew = now - self._now()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.utc() / 1_000_000, UTC)

    async def _exchange(
        self, namespace: str, content: etree._Element, action: str, *, signed: bool
    ) -> etree._Element:
        url = self._urls.get(namespace) or f"http://{self._host}:{self._port}{DEVICE_PATH}"
        try:
            asked = self._envelope(content, signed=signed)
        except ValueError:
            # XML has no way to write a name with control characters.
            raise Refused from None
        status, data = await self._post(url, asked, action)
        answer = reply.read(data)
        if answer is None:
            raise Refused if status in {401, 403} else Nonsense
        codes = reply.fault_codes(answer)
        if codes is not None:
            raise Refused if status in {401, 403} or _REFUSALS & set(codes) else Declined(codes)
        if status in {401, 403}:
            raise Refused
        return answer

    async def _post(self, url: str, data: bytes, action: str) -> tuple[int, bytes]:
        session = self._session
        if session is None:
            raise Unavailable
        headers = {
            "Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"',
            "Accept-Encoding": "identity",
        }
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._turn,
                session.post(url, data=data, headers=headers, allow_redirects=False) as response,
            ):
                got = bytearray()
                async for chunk in response.content.iter_any():
                    got += chunk
                    if len(got) > BODY_LIMIT:
                        raise Nonsense
                return response.status, bytes(got)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unavailable from error

    def _envelope(self, content: etree._Element, *, signed: bool) -> bytes:
        root = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"s": _SOAP})
        if signed and self._credentials is not None:
            root.append(self._security(*self._credentials))
        etree.SubElement(root, f"{{{_SOAP}}}Body").append(content)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def _security(self, user: str, password: str) -> etree._Element:
        """A fresh wsse:Security header, at the camera's time."""
        nonce = secrets.token_bytes(16)
        created = (self._now() + self._skew).strftime("%Y-%m-%dT%H:%M:%SZ")
        digest = hashlib.sha1(nonce + created.encode() + password.encode()).digest()  # noqa: S324  As the standard asks.
        header = etree.Element(f"{{{_SOAP}}}Header", nsmap={"wsse": WSSE, "wsu": WSU})
        security = etree.SubElement(header, f"{{{WSSE}}}Security")
        security.set(f"{{{_SOAP}}}mustUnderstand", "1")
        token = etree.SubElement(security, f"{{{WSSE}}}UsernameToken")
        etree.SubElement(token, f"{{{WSSE}}}Username").text = user
        secret = etree.SubElement(token, f"{{{WSSE}}}Password")
        secret.set("Type", DIGEST)
        secret.text = base64.b64encode(digest).decode()
        sent = etree.SubElement(token, f"{{{WSSE}}}Nonce")
        sent.set("EncodingType", _BASE64)
        sent.text = base64.b64encode(nonce).decode()
        etree.SubElement(token, f"{{{WSU}}}Created").text = created
        return header

    def _told(self, answer: etree._Element) -> dict[str, str]:
        """Addresses by namespace, of GetServices."""
        found = {}
        for service in reply.children(answer, "Service"):
            namespace, address = reply.text(service, "Namespace"), reply.text(service, "XAddr")
            if namespace and address:
                found[namespace] = self._here(address)
        return found

    def _categories(self, answer: etree._Element) -> dict[str, str]:
        """Addresses by namespace, of GetCapabilities."""
        found = {}
        for path, namespace in _CATEGORIES.items():
            address = reply.text(answer, f"Capabilities/{path}/XAddr")
            if address:
                found[namespace] = self._here(address)
        return found

    def _here(self, address: str) -> str:
        """`address` at the configured host; its port counts only when it means that host."""
        port, path = self._port, DEVICE_PATH
        try:
            parts = urlsplit(address)
            if parts.scheme == "http" and (parts.hostname or "") in self._names:
                port = parts.port or 80
            path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        except ValueError:
            pass
        return f"http://{self._host}:{port}{path if path.startswith('/') else f'/{path}'}"
