"""The console for people: pages made on the server, without scripts and without anything from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import tzinfo
from typing import get_args

from aiohttp import web
from aiohttp.typedefs import Handler

from console.deeds import DEEDS
from console.desk import ORIGIN, SESSION, Desk, before, clean
from console.guard import FORM, PARTS, Guard, posted
from console.layout import STYLE, choice, field, form, page, table
from console.markup import Markup, tag
from console.session import Session
from console.upload import hashed
from console.words import Language, preferred, say
from recorder.requests import deadline
from recorder.requests.basis import GROUNDS, RULES, SUBJECT_GROUNDS, Basis, Receiver
from recorder.requests.book import KINDS
from recorder.requests.case import Request
from recorder.requests.fields import SUBJECT, shown
from recorder.requests.role import Role
from recorder.requests.states import WAITING
from recorder.requests.subject import PERSONAL, Asked, Proof
from recorder.requests.summary import lines
from vcam.base.errors import CustodyError, Forbidden

_DETAILS = 400
"""Characters of an entry's details that the log's page shows."""


class Pages:
    """Handlers of HTML."""

    def __init__(self, desk: Desk, guard: Guard) -> None:
        self._desk = desk
        self._guard = guard

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get("/", self._home),
            web.get("/style.css", self._style),
            web.get("/sign-in", self._door),
            web.post("/sign-in", self._sign_in),
            web.post("/sign-out", _shown(self._sign_out)),
            web.get("/requests", _shown(self._list)),
            web.get("/requests/new", _shown(self._new)),
            web.post("/requests", _shown(self._draft)),
            web.get("/requests/{number}", _shown(self._show)),
            web.post("/requests/{number}/{deed}", _shown(self._act)),
            web.get("/links", _shown(self._links)),
            web.post("/links/{link}/revoke", _shown(self._revoke)),
            web.get("/log", _shown(self._log)),
        ]

    @property
    def _zone(self) -> tzinfo | None:
        return self._desk.book.rules.zone

    async def _home(self, request: web.Request) -> web.Response:
        raise web.HTTPSeeOther("/sign-in" if request.get(SESSION) is None else "/requests")

    async def _style(self, _request: web.Request) -> web.Response:
        return web.Response(text=STYLE, content_type="text/css")

    async def _door(self, request: web.Request) -> web.Response:
        return _sign_in_page(_language(request))

    async def _sign_in(self, request: web.Request) -> web.Response:
        said = await _said(request)
        try:
            session = await self._desk.sign_in(
                said.get("name", ""), said.get("password", ""), said.get("code", ""), request[ORIGIN]
            )
        except Forbidden as error:
            return _sign_in_page(_language(request), error.what)
        response = web.Response(status=303, headers={"Location": "/requests"})
        self._guard.keep(response, session)
        return response

    async def _sign_out(self, request: web.Request, session: Session) -> web.Response:
        await self._desk.sign_out(session, request[ORIGIN])
        response = web.Response(status=303, headers={"Location": "/sign-in"})
        self._guard.forget(response)
        return response

    async def _list(self, request: web.Request, session: Session) -> web.Response:
        language = _language(request)
        rows = [
            (
                tag("a", case.number, href=f"/requests/{case.number}"),
                say(case.state, language),
                _basis(case.basis, language),
                case.receiving_body,
                " ".join(case.scope.cameras),
                shown(case.scope.start, self._zone),
                shown(case.scope.end, self._zone),
                case.requester,
                self._due(case),
            )
            for case in await self._desk.cases(session)
        ]
        columns = ("number", "state", "basis", "receiving_body", "cameras", "from", "to", "requester", "due")
        return page(say("requests", language), language, session, table(columns, rows, language))

    def _due(self, case: Request) -> Markup:
        if case.due is None:
            return Markup()
        late = case.state in WAITING and self._desk.book.clock.utc() >= case.due
        last = deadline.last_day(case.due, self._zone).isoformat()
        return tag("span", last, class_="late") if late else Markup.of(last)

    async def _new(self, request: web.Request, session: Session) -> web.Response:
        language = _language(request)
        bases = [(basis.value, f"{_basis(basis, language)}, {_article(basis, language)}") for basis in Basis]
        receivers = [("", ""), *((kind.value, kind.value) for kind in Receiver)]
        cameras = " ".join(self._desk.cameras)
        fields = (
            choice("basis", language, bases),
            choice("receiver", language, receivers),
            field("receiving_body", language),
            field("purpose", language, "textarea", needed=True),
            field("cameras", language, value=cameras, needed=True),
            field("from", language, "datetime-local", needed=True),
            field("to", language, "datetime-local", needed=True),
            field("received", language, "datetime-local"),
            field("limits", language, "textarea"),
            field("confirmation", language, "textarea"),
            field("emergency", language, "checkbox"),
            tag("fieldset", tag("legend", say("form", language)), *_citizen(language)),
        )
        return page(
            say("new", language), language, session, form("/requests", session, language, "draft", *fields)
        )

    async def _draft(self, request: web.Request, session: Session) -> web.Response:
        said = await _said(request)
        made = await self._desk.draft(session, said, request[ORIGIN])
        raise web.HTTPSeeOther(f"/requests/{made.number}")

    async def _show(self, request: web.Request, session: Session) -> web.Response:
        language = _language(request)
        case = await self._desk.case(session, request.match_info["number"])
        facts = table(
            ("", ""), ((say(word, language), value) for word, value in lines(case, self._zone)), language
        )
        deeds = [
            _deed(name, case, session, language)
            for name, deed in DEEDS.items()
            if deed.offered(case, session.person)
        ]
        return page(case.number, language, session, facts, await self._citizen(case, session, language), *deeds)

    async def _citizen(self, case: Request, session: Session, language: Language) -> Markup:
        """The citizen's form, for those who may see it."""
        if not session.person.holds(Role.OFFICER, Role.APPROVER, Role.AUDITOR):
            return Markup()
        found = await self._desk.subject(session, case.number)
        if found is None:
            return Markup()
        values = [
            (say(key, language), str(getattr(found, key))) for key in (*PERSONAL, "asked", "identity", "fee")
        ]
        values.append((say("paid", language), shown(found.paid, self._zone)))
        return Markup.of(tag("h2", say("form", language)), table(("", ""), values, language))

    async def _act(self, request: web.Request, session: Session) -> web.Response:
        number, deed = request.match_info["number"], request.match_info["deed"]
        if deed not in DEEDS:
            raise web.HTTPNotFound
        parts = request.get(PARTS)
        said = await _said(request) if parts is None else clean(await hashed(parts))
        await self._desk.act(deed, session, number, said, request[ORIGIN])
        raise web.HTTPSeeOther(f"/requests/{number}")

    async def _links(self, request: web.Request, session: Session) -> web.Response:
        language = _language(request)
        now = self._desk.book.clock.utc()
        rows = []
        for link in await self._desk.all_links(session):
            end: Markup | str = shown(link.revoked, self._zone)
            if link.alive(now) and session.person.holds(Role.OFFICER):
                reason = field("reason", language, needed=True)
                end = form(f"/links/{link.id}/revoke", session, language, "revoke", reason)
            used = f"{link.used} / {link.downloads}"
            rows.append((link.export, link.reason, link.made_by, shown(link.expires, self._zone), used, end))
        columns = ("export", "reason", "actor", "expires", "used", "revoke")
        return page(say("links", language), language, session, table(columns, rows, language))

    async def _revoke(self, request: web.Request, session: Session) -> web.Response:
        reason = (await _said(request)).get("reason", "")
        await self._desk.revoke(session, request.match_info["link"], reason, request[ORIGIN])
        raise web.HTTPSeeOther("/links")

    async def _log(self, request: web.Request, session: Session) -> web.Response:
        language = _language(request)
        entries = await self._desk.log(session, before(request))
        rows = [
            (
                str(each["number"]),
                shown(each["time"], self._zone),
                each["actor"],
                each["action"],
                each["subject"],
                each["origin"],
                json.dumps(each["details"], ensure_ascii=False)[:_DETAILS],
            )
            for each in entries
        ]
        columns = ("number", "time", "actor", "action", "subject", "origin", "details")
        older = Markup()
        if entries and entries[-1]["number"] > 0:
            older = tag("a", say("older", language), href=f"/log?before={entries[-1]['number']}")
        return page(say("log", language), language, session, table(columns, rows, language), older)


def _shown(handler: Callable[[web.Request, Session], Awaitable[web.StreamResponse]]) -> Handler:
    """`handler`, given the session; its errors as pages, and strangers sent to the door."""

    async def answer(request: web.Request) -> web.StreamResponse:
        session = request.get(SESSION)
        if session is None:
            raise web.HTTPSeeOther("/sign-in")
        try:
            return await handler(request, session)
        except CustodyError as error:
            language = _language(request)
            back = tag("p", tag("a", say("back", language), href="/requests"))
            said = tag("p", f"{error.what}. {error.mend}", class_="wrong")
            status = 403 if isinstance(error, Forbidden) else 422
            return page(say("requests", language), language, session, said, back, status=status)

    return answer


def _sign_in_page(language: Language, wrong: str = "") -> web.Response:
    fields = (
        field("name", language, needed=True),
        field("password", language, "password", needed=True),
        field("code", language),
    )
    said = tag("p", wrong, class_="wrong") if wrong else Markup()
    content = form("/sign-in", None, language, "sign in", *fields)
    return page(say("sign in", language), language, None, said, content, status=403 if wrong else 200)


def _deed(name: str, case: Request, session: Session, language: Language) -> Markup:
    """The form of one deed. A document is sent as a file, and hashed here."""
    fields = []
    if name == "attach":
        fields = [choice("kind", language, [(kind, kind) for kind in KINDS]), field("file", language, "file")]
        content = form(f"/requests/{case.number}/{name}", session, language, name, *fields, files=True)
        return tag("fieldset", tag("legend", say(name, language)), content)
    for each in DEEDS[name].fields:
        if each == "ground":
            allowed = SUBJECT_GROUNDS if case.basis is Basis.SUBJECT else frozenset(GROUNDS)
            index = 0 if language == "ko" else 1
            options = [(ground.value, texts[index]) for ground, texts in GROUNDS.items() if ground in allowed]
            fields.append(choice(each, language, options))
        else:
            fields.append(field(each, language, needed=each != "text"))
    content = form(f"/requests/{case.number}/{name}", session, language, name, *fields)
    return tag("fieldset", tag("legend", say(name, language)), content)


def _citizen(language: Language) -> list[Markup]:
    """The fields of the official form."""
    lists = {"asked": get_args(Asked), "identity": get_args(Proof)}
    return [
        choice(each, language, [(value, value) for value in ("", *lists[each])])
        if each in lists
        else field(each, language)
        for each in SUBJECT
    ]


def _basis(basis: Basis, language: Language) -> str:
    return RULES[basis].korean if language == "ko" else RULES[basis].english


def _article(basis: Basis, language: Language) -> str:
    return RULES[basis].article_korean if language == "ko" else RULES[basis].article


def _language(request: web.Request) -> Language:
    return preferred(request.headers.get("Accept-Language", ""))


async def _said(request: web.Request) -> dict[str, str]:
    """The form's fields but for its token. Raises web.HTTPUnsupportedMediaType."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPUnsupportedMediaType(text="Send a form.")
    return clean({key: value for key, value in (await posted(request)).items() if key != FORM})
