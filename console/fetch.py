"""Links to shares: `/s/TOKEN`. Whatever is wrong with a link, the answer is the same."""

from __future__ import annotations

import asyncio
import secrets
from typing import Final
from urllib.parse import quote

from aiohttp import web

from console.desk import ORIGIN, Desk
from console.guard import cookie_name
from recorder.requests.links import GRACE

_LONGEST: Final = 100
"""Characters of a token or a visitor's cookie."""


class Fetch:
    """The handler of links."""

    def __init__(self, desk: Desk, *, secure: bool) -> None:
        self._desk = desk
        self._secure = secure
        self._cookie = cookie_name("garim-visit", secure)

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [web.get("/s/{token}", self._get, allow_head=False), web.head("/s/{token}", self._head)]

    async def _get(self, request: web.Request) -> web.StreamResponse:
        """The file, once the fetch is on record. Ranges of one visitor are one download."""
        token = request.match_info["token"]
        visit = request.cookies.get(self._cookie, "")
        fresh = not 40 <= len(visit) <= _LONGEST
        if fresh:
            visit = secrets.token_urlsafe(32)
        path = None
        if len(token) <= _LONGEST:
            path = await asyncio.to_thread(self._desk.links.fetch, token, request[ORIGIN], visit)
        if path is None:
            return _nowhere()
        response = web.FileResponse(path, headers=_headers(path.name))
        if fresh:
            response.set_cookie(
                self._cookie,
                visit,
                max_age=GRACE // 1_000_000,
                path="/",
                secure=self._secure,
                httponly=True,
                samesite="Lax",
            )
        return response

    async def _head(self, request: web.Request) -> web.StreamResponse:
        """What a fetch would give; it does not count."""
        token = request.match_info["token"]
        path = await asyncio.to_thread(self._desk.links.peek, token) if len(token) <= _LONGEST else None
        return _nowhere() if path is None else web.FileResponse(path, headers=_headers(path.name))


def _headers(name: str) -> dict[str, str]:
    # RFC 6266; the name is quoted whole, so that nothing in it can end the header.
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Type": "application/octet-stream",
        "X-Robots-Tag": "noindex",
    }


def _nowhere() -> web.Response:
    return web.Response(status=404, text="This link leads nowhere. / 유효하지 않은 링크입니다.\n")
