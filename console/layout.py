"""The frame of every page, and the parts that pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from aiohttp import web

from console.guard import FORM
from console.markup import Markup, tag
from console.session import Session
from console.words import Language, say
from recorder.requests.role import Role

STYLE: Final = """\
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 0 1rem 3rem; color: #1a1a1a }
nav { display: flex; gap: 1rem; align-items: center; border-bottom: 1px solid #999; padding: .6rem 0 }
nav form { margin-left: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #ccc;
  overflow-wrap: anywhere }
label { display: block; margin: .7rem 0 .1rem }
input, select, textarea { font: inherit; padding: .3rem; max-width: 100%; width: 34rem; box-sizing: border-box }
input[type=checkbox] { width: auto }
button { font: inherit; padding: .35rem 1rem; margin-top: .7rem }
fieldset { margin: 1.2rem 0; border: 1px solid #999 }
.late { color: #a00; font-weight: 600 }
.wrong { border-left: .3rem solid #a00; padding: .3rem .8rem }
"""


def page(
    title: str, language: Language, session: Session | None, *content: str, status: int = 200
) -> web.Response:
    """A whole page."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} - Garim"),
        tag("link", rel="stylesheet", href="/style.css"),
    )
    body = tag("body", _menu(session, language), tag("main", tag("h1", title), *content))
    text = Markup.of(Markup("<!DOCTYPE html>\n"), tag("html", head, body, lang=language))
    return web.Response(text=str(text), content_type="text/html", charset="utf-8", status=status)


def _menu(session: Session | None, language: Language) -> Markup:
    if session is None:
        return Markup()
    person = session.person
    places: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
        ("requests", "/requests", (Role.OFFICER, Role.APPROVER, Role.CUSTODIAN, Role.AUDITOR)),
        ("new", "/requests/new", (Role.OFFICER,)),
        ("links", "/links", (Role.OFFICER, Role.AUDITOR)),
        ("log", "/log", (Role.AUDITOR,)),
    )
    shown = [tag("a", say(word, language), href=path) for word, path, roles in places if person.holds(*roles)]
    leave = form("/sign-out", session, language, "sign out")
    return tag("nav", *shown, tag("span", f"{person.title} ({', '.join(sorted(person.roles))})"), leave)


def form(
    action: str, session: Session | None, language: Language, button: str, *fields: str, files: bool = False
) -> Markup:
    """A form that is sent to `action`, with the session's synchroniser token; `files` where it has any."""
    token = tag("input", type="hidden", name=FORM, value=session.form) if session is not None else Markup()
    press = tag("button", say(button, language), type="submit")
    kind = {"enctype": "multipart/form-data"} if files else {}
    return tag("form", token, *fields, press, method="post", action=action, **kind)


def field(
    name: str, language: Language, kind: str = "text", *, value: str = "", needed: bool = False
) -> Markup:
    """A labelled input; `kind` is HTML's type, or "textarea"."""
    label = tag("label", say(name, language), for_=name)
    if kind == "textarea":
        return Markup.of(label, tag("textarea", value, id=name, name=name, rows="2", required=needed))
    given = {"autocomplete": "off"} if kind != "password" else {"autocomplete": "current-password"}
    fixed = {"value": value} if value else {}
    return Markup.of(label, tag("input", id=name, name=name, type=kind, required=needed, **given, **fixed))


def choice(name: str, language: Language, options: Iterable[tuple[str, str]]) -> Markup:
    """A labelled list of (value, what is shown) to choose from."""
    shown = [tag("option", text, value=value) for value, text in options]
    return Markup.of(tag("label", say(name, language), for_=name), tag("select", *shown, id=name, name=name))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], language: Language) -> Markup:
    """A table whose heads are words; cells may be Markup."""
    head = tag("tr", *(tag("th", say(column, language)) for column in columns))
    body = [tag("tr", *(tag("td", cell) for cell in row)) for row in rows]
    if not body:
        return tag("p", say("nothing", language))
    return tag("table", tag("thead", head), tag("tbody", *body))
