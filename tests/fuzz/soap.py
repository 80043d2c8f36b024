"""Requests to the services of a device, through its web application but without a socket."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from aiohttp import HttpVersion11, StreamReader, web
from aiohttp.http_parser import RawRequestMessage
from lxml import etree
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from onvif_server.soap import BODY_LIMIT
from tests.fuzz.bodies import Bodies
from tests.fuzz.credentials import Digest, token
from tests.fuzz.mutate import Mutator, bombs
from tests.fuzz.subject import Subject
from tests.fuzz.watch import Watch

BOUND = 5.0
"""Seconds within which a request must be answered."""
PATIENCE = 0.05
"""Seconds for which a client that pulls messages waits here before it hangs up."""

_SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
_SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
_WSA = "http://www.w3.org/2005/08/addressing"
_TYPES = (
    "application/soap+xml",
    "text/xml",
    "application/xml",
    "text/plain",
    "application/soap+xml; charset=x",
)
_PATHS = ("/onvif/device_service", "/onvif/media_service", "/onvif/events/1", "/", "/snapshot", "/%2e%2e/x")


class _Protocol:
    """The connection as aiohttp sees it; also what a reader of a body tells that it is full or empty."""

    ssl_context = None

    def __init__(self, peer: str, port: int) -> None:
        self._extra = {"peername": (peer, 40000), "sockname": ("127.0.0.1", port)}
        self.peername, self.sockname = self._extra["peername"], self._extra["sockname"]
        self.transport = self

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._extra.get(name, default)

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        pass

    def resume_reading(self, resume_parser: bool = True) -> None:
        pass


def _request(data: bytes, target: str, headers: dict[str, str], protocol: Any) -> web.Request:
    """A request as the web server makes it of what has arrived."""
    loop = asyncio.get_running_loop()
    payload = StreamReader(protocol, 2**16, loop=loop)
    payload.feed_data(data)
    payload.feed_eof()
    fields = CIMultiDictProxy(CIMultiDict(headers))
    raw = tuple((key.encode(), value.encode("utf-8", "surrogateescape")) for key, value in headers.items())
    message = RawRequestMessage(
        "POST", target, HttpVersion11, fields, raw, False, None, False, False, URL(target, encoded=True)
    )
    nothing: Any = None
    return web.Request(message, payload, protocol, nothing, nothing, loop, client_max_size=BODY_LIMIT)


class Soap:
    """Makes one request for each case, sends it and looks at what comes back."""

    def __init__(self, subject: Subject, watch: Watch, chance: random.Random) -> None:
        self._subject = subject
        self._watch = watch
        self._chance = chance
        self._bodies = Bodies(chance)
        self._known = sorted(subject.station.device.operations)
        self._fresh = self._known.copy()
        self._mutator = Mutator(chance)
        self._digest = Digest()
        self._application = subject.station.device.application
        self._application.freeze()

    async def case(self) -> None:
        """Make one request, wait for its end."""
        data, target = (
            self.request(),
            self._chance.choice(_PATHS[:3] if self._chance.random() < 0.9 else _PATHS),
        )
        self._watch.begin("soap", data)
        self._subject.clock.advance(0.05)
        headers = {"Host": "127.0.0.1:8081", "Content-Type": self._chance.choice(_TYPES)}
        peer = "127.0.0.1"
        credential = self._chance.random()
        if credential < 0.8:
            headers["Authorization"] = self._digest.sign("POST", target)
        elif credential < 0.86:
            spoilt = self._mutator.data(self._digest.sign("POST", target).encode()) or b"x"
            headers["Authorization"] = spoilt.translate(None, b"\r\n\0").decode("utf-8", "surrogateescape")
            peer = f"198.18.{self._chance.randrange(256)}.{self._chance.randrange(256)}"
        response = await self._answer(data, target, headers, peer)
        if response is None:
            return
        body = response.body if isinstance(response.body, bytes) else b""
        said = "\n".join(f"{key}: {value}" for key, value in response.headers.items()).encode(
            "utf-8", "replace"
        )
        self._watch.reply(said + b"\n\n" + body)
        if response.status == 401 and "WWW-Authenticate" in response.headers:
            self._digest.challenged(response.headers.getall("WWW-Authenticate")[-1])
        elif response.status == 200:
            self._bodies.learn(body)

    async def _answer(
        self, data: bytes, target: str, headers: dict[str, str], peer: str
    ) -> web.Response | None:
        request = _request(data, target, headers, _Protocol(peer, self._subject.port))
        pulls = b"PullMessages" in data
        try:
            match = await self._application.router.resolve(request)
            async with asyncio.timeout(PATIENCE if pulls else BOUND):
                response = await match.handler(request)
        except web.HTTPException as answer:
            return answer
        except TimeoutError:
            if not pulls:
                self._watch.found(f"no answer in {BOUND} s", "hang")
            return None
        except Exception as error:  # noqa: BLE001  This is what is sought.
            self._watch.error(error)
            return None
        return response if isinstance(response, web.Response) else None

    def request(self) -> bytes:
        """The bytes of a body: valid, spoilt, or an attack."""
        if self._fresh:
            # Once each as it should be, so that later ones know tokens.
            return etree.tostring(self._envelope(self._fresh.pop()))
        way = self._chance.random()
        if way < 0.04:
            return bombs(self._chance)
        root = self._envelope(self._chance.choice(self._known) if self._chance.random() < 0.8 else None)
        if way < 0.25:
            return etree.tostring(root)
        if way < 0.9:
            self._mutator.tree(root)
            return self._mutator.encoded(root)
        return self._mutator.data(etree.tostring(root))

    def _envelope(self, operation: str | None) -> etree._Element:
        soap = self._chance.choice((_SOAP12, _SOAP12, _SOAP11))
        root = etree.Element(f"{{{soap}}}Envelope", nsmap={"s": soap})
        header = etree.SubElement(root, f"{{{soap}}}Header")
        if self._chance.random() < 0.2:
            header.append(token(self._chance, self._subject.clock))
        if self._chance.random() < 0.2:
            etree.SubElement(header, f"{{{_WSA}}}MessageID").text = "urn:uuid:1"
            etree.SubElement(header, f"{{{_WSA}}}To").text = "http://127.0.0.1/onvif/events"
        body = etree.SubElement(root, f"{{{soap}}}Body")
        body.append(self._bodies.make(operation))
        return root
