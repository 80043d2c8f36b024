"""The console for programs: JSON over the same deeds, under `/api`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from console.deeds import DEEDS
from console.desk import ORIGIN, SESSION, Desk, before, clean
from console.guard import Guard
from console.session import Session
from recorder.requests.case import Request
from vcam.base.errors import CustodyError, Forbidden


class Api:
    """Handlers of JSON. Errors are objects with `error` and `mend`."""

    def __init__(self, desk: Desk, guard: Guard) -> None:
        self._desk = desk
        self._guard = guard

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.post("/api/sign-in", _told(self._sign_in)),
            web.post("/api/sign-out", _told(self._sign_out)),
            web.get("/api/requests", _told(self._list)),
            web.post("/api/requests", _told(self._draft)),
            web.get("/api/requests/{number}", _told(self._show)),
            web.post("/api/requests/{number}/{deed}", _told(self._act)),
            web.get("/api/links", _told(self._links)),
            web.post("/api/links/{link}/revoke", _told(self._revoke)),
            web.get("/api/log", _told(self._log)),
        ]

    async def _sign_in(self, request: web.Request) -> web.Response:
        said = await _body(request)
        name, password, code = (said.get(key, "") for key in ("name", "password", "code"))
        session = await self._desk.sign_in(name, password, code, request[ORIGIN])
        response = web.json_response(
            {"person": session.person.name, "roles": sorted(session.person.roles), "token": session.form}
        )
        self._guard.keep(response, session)
        return response

    async def _sign_out(self, request: web.Request) -> web.Response:
        await self._desk.sign_out(_session(request), request[ORIGIN])
        response = web.json_response({})
        self._guard.forget(response)
        return response

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response([_json(each) for each in await self._desk.cases(_session(request))])

    async def _draft(self, request: web.Request) -> web.Response:
        made = await self._desk.draft(_session(request), await _body(request), request[ORIGIN])
        return web.json_response(_json(made), status=201)

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(_json(await self._desk.case(_session(request), request.match_info["number"])))

    async def _act(self, request: web.Request) -> web.Response:
        number, deed = request.match_info["number"], request.match_info["deed"]
        if deed not in DEEDS:
            raise web.HTTPNotFound
        said = await _body(request)
        return web.json_response(
            _json(await self._desk.act(deed, _session(request), number, said, request[ORIGIN]))
        )

    async def _links(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(each) for each in await self._desk.all_links(_session(request))])

    async def _revoke(self, request: web.Request) -> web.Response:
        said, link = await _body(request), request.match_info["link"]
        await self._desk.revoke(_session(request), link, said.get("reason", ""), request[ORIGIN])
        return web.json_response({})

    async def _log(self, request: web.Request) -> web.Response:
        return web.json_response(await self._desk.log(_session(request), before(request)))


def _told(handler: Handler) -> Handler:
    """`handler`, with its errors as JSON."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except CustodyError as error:
            status = 403 if isinstance(error, Forbidden) else 422
            return web.json_response({"error": error.what, "mend": error.mend}, status=status)

    return answer


def _session(request: web.Request) -> Session:
    found: Session | None = request.get(SESSION)
    if found is None:
        raise web.HTTPUnauthorized(text='{"error": "Nobody is signed in"}', content_type="application/json")
    return found


async def _body(request: web.Request) -> dict[str, str]:
    """The JSON object of texts in the request's body. Raises web.HTTPBadRequest."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send application/json.")
    try:
        found = json.loads(await request.text())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise web.HTTPBadRequest(text="Send one JSON object whose values are texts.")
    return clean(found)


def _json(case: Request) -> dict[str, Any]:
    found = asdict(case)
    scope = found.pop("scope")
    return found | {"cameras": scope["cameras"], "from": scope["start"], "to": scope["end"]}
