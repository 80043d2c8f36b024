"""What stands before every handler: who asks, from where, on whose behalf, and what every answer says to browsers."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Final
from urllib.parse import urlsplit

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware

from console.desk import ORIGIN, SESSION, Desk
from console.patience import LONGEST_WAIT
from console.session import Session

TOKEN: Final = "X-Garim-Token"  # noqa: S105 - the name of a header
"""Header that carries the synchroniser token of a call that is no form."""
FORM: Final = "token"
"""Field of a form that does."""

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PARTS: Final = web.RequestKey("parts", MultipartReader)
"""The parts of a form with a file, after its token."""
_TOKEN: Final = 256
"""Bytes of a token at the most."""
_SAFE: Final = frozenset({"GET", "HEAD"})
_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii"})
_DOORS: Final = frozenset({"/sign-in", "/api/sign-in"})
"""Where people come who may have an old session still, whose token they do not know."""


class Guard:
    """Checks of every request. `secure` says that browsers come by TLS, `proxy` that a proxy tells their address."""

    def __init__(self, desk: Desk, *, secure: bool, proxy: bool) -> None:
        self._desk = desk
        self._secure = secure
        self._proxy = proxy
        self.cookie = cookie_name("garim", secure)

    async def headers(self, _request: web.Request, response: web.StreamResponse) -> None:
        """For `on_response_prepare`."""
        for name, value in _HEADERS.items():
            response.headers[name] = value
        if self._secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers.pop("Server", None)

    @property
    def middleware(self) -> Middleware:
        """For the application."""

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            request[ORIGIN] = self._address(request)
            if request.method not in _SAFE and not _same_origin(request):
                raise web.HTTPForbidden(text="This comes from another site.")
            if (request.charset or "utf-8").lower() not in _CHARSETS:
                raise web.HTTPUnsupportedMediaType(text="Send UTF-8.")
            token = request.cookies.get(self.cookie)
            session = await asyncio.to_thread(self._desk.sessions.find, token) if token else None
            if session is not None:
                asked = request.method not in _SAFE and request.path not in _DOORS
                if asked and not session.authentic(await _given(request)):
                    raise web.HTTPForbidden(text="The form is out of date. Go back, load it again, and repeat.")
                request[SESSION] = session
            return await handler(request)

        return check

    def keep(self, response: web.StreamResponse, session: Session) -> None:
        """Let the browser keep the session's token."""
        response.set_cookie(
            self.cookie, session.token, path="/", secure=self._secure, httponly=True, samesite="Strict"
        )

    def forget(self, response: web.StreamResponse) -> None:
        """Let the browser forget it."""
        response.del_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="Strict")

    def _address(self, request: web.Request) -> str:
        """The client's address. Behind a proxy, the one that the proxy added last."""
        peer = request.remote or ""
        if not self._proxy:
            return peer
        # A proxy may add a line of its own after those that the client has sent.
        told = ",".join(request.headers.getall("X-Forwarded-For", ())).rpartition(",")[2].strip()
        try:
            return str(ipaddress.ip_address(told))
        except ValueError:
            return peer


def cookie_name(name: str, secure: bool) -> str:
    """The cookie's name: browsers take `__Host-` only by TLS, for all paths, and from this very host."""
    return f"__Host-{name}" if secure else name


def _same_origin(request: web.Request) -> bool:
    """Whether a changing request comes from a page of ours, or from no page at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()


async def posted(request: web.Request) -> dict[str, str]:
    """The texts of a form that is sent without files. Raises web.HTTPBadRequest."""
    try:
        found = await request.post()
    except ValueError:
        raise web.HTTPBadRequest(text="The form cannot be read.") from None
    return {key: value for key, value in found.items() if isinstance(value, str)}


async def _given(request: web.Request) -> str:
    """The synchroniser token that came along."""
    header = request.headers.get(TOKEN)
    if header is not None:
        return header
    if request.content_type == "multipart/form-data":
        return await _first(request)
    if request.content_type == "application/x-www-form-urlencoded":
        return (await posted(request)).get(FORM, "")
    return ""


async def _first(request: web.Request) -> str:
    """The token of a form with a file: its first part. The others are left for the handler to read."""
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            reader = await request.multipart()
            part = await reader.next()
            if not isinstance(part, BodyPartReader) or part.name != FORM:
                return ""
            request[PARTS] = reader
            return (await part.read_chunk(_TOKEN)).decode("ascii", "replace")
    except (TimeoutError, ValueError, HttpProcessingError):
        return ""
