"""The console for people, as a browser gets it."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import aiohttp
import pytest

from console.words import WORDS, preferred
from tests.console.conftest import PASSWORD, Served, fields
from tests.recorder.requests.conftest import citizen, letter


class Page(HTMLParser):
    """What a page loads, and where its forms lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.forms: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"src", "href"}:
                self.loads.append(value or "")
            if name == "action":
                self.forms.append(value or "")
            assert not name.startswith("on"), "no scripts in attributes"
            assert name != "style", "no styles in attributes: the policy would refuse them"


async def test_an_officer_signs_in_drafts_and_submits(served: Served) -> None:
    officer = served.stranger()
    answer = await officer.send("/sign-in", {"name": "officer-1", "password": PASSWORD})
    assert (answer.status, answer.headers["Location"]) == (303, "/requests")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    text = await (await officer.get("/requests/new")).text()
    officer.token = re.findall(r'name="token" value="([0-9a-f]{64})"', text)[0]
    assert "형사소송법 제215조" in text
    made = await officer.send("/requests", fields())
    assert made.status == 303
    where = made.headers["Location"]
    shown = await (await officer.get(where)).text()
    assert "a theft &lt;b&gt;at the gate&lt;/b&gt;" in shown
    assert "<b>" not in shown
    assert f"{where}/submit" in Page(shown).forms
    assert f"{where}/approve" not in Page(shown).forms
    wrong = await officer.send(f"{where}/submit", {})
    assert wrong.status == 422
    assert "asks for a document" in await wrong.text()


def upload(token: str, content: bytes, name: str = "letter.pdf") -> aiohttp.FormData:
    """A form with a document, as a browser sends it."""
    data = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    data.add_field("token", token)
    data.add_field("kind", "basis")
    data.add_field("file", content, filename=name, content_type="application/pdf")
    return data


async def test_a_document_is_hashed_and_not_kept(served: Served, tmp_path: Path) -> None:
    number = served.office.book.draft(letter(), by="officer-1").number
    officer = served.at_once("officer-1")
    shown = await (await officer.get(f"/requests/{number}")).text()
    assert 'enctype="multipart/form-data"' in shown
    content = b"the text of the warrant " * 10_000
    where = f"{officer.url}/requests/{number}/attach"
    for token, status in (("0" * 64, 403), (officer.token, 303)):
        sent = upload(token, content, "영장 <1>.pdf")
        async with officer.http.post(
            where, data=sent, headers=officer.headers, allow_redirects=False
        ) as answer:
            assert answer.status == status
    (found,) = served.office.book.get(number).documents
    assert (found.name, found.sha256, found.kind) == (
        "영장 <1>.pdf",
        hashlib.sha256(content).hexdigest(),
        "basis",
    )
    assert all(b"text of the warrant" not in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


async def test_a_document_that_is_empty_or_too_large_is_refused(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.upload.LARGEST", 100_000)
    number = served.office.book.draft(letter(), by="officer-1").number
    officer = served.at_once("officer-1")
    where = f"{officer.url}/requests/{number}/attach"
    for content in (b"", b"x" * 100_001):
        sent = upload(officer.token, content)
        async with officer.http.post(where, data=sent, headers=officer.headers) as answer:
            assert answer.status == 422
    assert not served.office.book.get(number).documents


async def test_every_page_is_whole_and_loads_nothing_from_elsewhere(served: Served) -> None:
    number = served.office.book.draft(citizen(), by="everything-1").number
    served.office.book.submit(number, by="everything-1")
    paths = {
        "everything-1": ("/requests", "/requests/new", f"/requests/{number}", "/links"),
        "auditor-1": ("/requests", f"/requests/{number}", "/links", "/log", "/log?before=3"),
        "administrator-1": ("/requests",),
    }
    for name, wanted in paths.items():
        client = served.at_once(name)
        for path in wanted:
            answer = await client.get(path)
            found = Page(await answer.text())
            assert all(each.startswith("/") and not each.startswith("//") for each in found.loads + found.forms)
            assert "script" not in found.tags
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert "Server" not in answer.headers


async def test_personal_data_are_shown_to_who_works_on_the_case_alone(served: Served) -> None:
    number = served.office.book.draft(citizen(), by="officer-1").number
    for name, sees in (("officer-1", True), ("approver-1", True), ("auditor-1", True), ("custodian-1", False)):
        answer = await served.at_once(name).get(f"/requests/{number}")
        assert answer.status == 200
        assert ("by mail" in await answer.text()) is sees


async def test_a_form_from_elsewhere_does_nothing(served: Served) -> None:
    number = served.office.submitted()
    client = served.at_once("approver-1")
    headers = client.headers
    token, client.token = client.token, ""
    assert (await client.send(f"/requests/{number}/approve", {}, **headers)).status == 403
    client.token = token
    crossed = headers | {"Sec-Fetch-Site": "cross-site"}
    assert (await client.send(f"/requests/{number}/approve", {}, **crossed)).status == 403
    assert served.office.book.get(number).approver is None
    done = await client.send(f"/requests/{number}/approve", {}, **headers)
    assert (done.status, done.headers["Location"]) == (303, f"/requests/{number}")


async def test_a_wrong_password_says_no_more_than_that(served: Served) -> None:
    said = set()
    for name in ("officer-1", "nobody-1"):
        answer = await served.stranger().send("/sign-in", {"name": name, "password": "wrong password"})
        assert answer.status == 403
        said.add(await answer.text())
    assert len(said) == 1


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("en-GB,en;q=0.9,ko;q=0.3", "en"),
        ("de,en;q=0.5", "en"),
        ("de", "ko"),
        ("en;q=x,ko;q=0.1", "ko"),
        (";;;,,,en", "en"),
    ],
)
def test_the_language_is_the_browsers(header: str, language: str) -> None:
    assert preferred(header) == language


async def test_pages_are_korean_or_english(served: Served) -> None:
    client = served.at_once("officer-1")
    assert "영상 요청" in await (await client.get("/requests")).text()
    english = await (await client.get("/requests", **{"Accept-Language": "en"})).text()
    assert "Requests" in english
    assert not re.search("[가-힣]", english)


def test_every_word_has_both() -> None:
    for korean, english in WORDS.values():
        assert korean
        assert english
        assert not re.search("[가-힣]", english)


@pytest.mark.parametrize(
    ("path", "kind", "body", "status"),
    [
        ("/sign-in", "application/x-www-form-urlencoded; charset=zzz", b"name=a", 415),
        ("/sign-in", "application/x-www-form-urlencoded", b"name=\xff", 400),
        ("/api/sign-in", "application/json; charset=zzz", b"{}", 415),
        ("/api/sign-in", "application/json", b"\xff", 400),
    ],
)
async def test_what_no_browser_sends_is_refused(
    served: Served, path: str, kind: str, body: bytes, status: int
) -> None:
    """Strangers' nonsense is answered, and is no fault of ours to be logged."""
    http = served.stranger().http
    async with http.post(served.url + path, data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status == status


@pytest.mark.parametrize("rest", [b"--x\r\nContent-Disp", b"--x\r\nno colon here\r\n\r\nabc\r\n--x--\r\n"])
async def test_an_upload_that_breaks_off_attaches_nothing(served: Served, rest: bytes) -> None:
    officer = served.at_once("officer-1")
    made = await (await officer.call("/api/requests", fields())).json()
    disposition = b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n'
    body = disposition + officer.token.encode() + b"\r\n" + rest
    headers = officer.headers | {"Content-Type": "multipart/form-data; boundary=x"}
    path = f"{served.url}/requests/{made['number']}/attach"
    async with officer.http.post(path, data=body, headers=headers) as answer:
        assert answer.status == 422
    assert served.office.entries()[-1]["action"] == "request.drafted"
