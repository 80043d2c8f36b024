"""The console for programs: who may do what over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from console.deeds import DEEDS
from recorder.requests import totp
from recorder.requests.basis import Basis, Receiver
from recorder.requests.states import State
from tests.console.conftest import PASSWORD, Client, Served, fields
from tests.recorder.requests.conftest import CAST, SHA, citizen, letter

SAID = {
    "text": "as the letter says",
    "ground": "scope",
    "days": "5",
    "reason": "many cameras",
    "sha256": "cd" * 32,
    "name": "letter.pdf",
    "kind": "basis",
    "outcome": "done",
    "finding": "all well",
}


async def sign_in(client: Client, name: str, password: str = PASSWORD, code: str = "") -> int:
    answer = await client.call("/api/sign-in", {"name": name, "password": password, "code": code})
    if answer.status == 200:
        client.token = (await answer.json())["token"]
    return answer.status


async def test_a_case_goes_its_way_between_people(served: Served) -> None:
    officer, approver = served.stranger(), served.stranger()
    assert await sign_in(officer, "officer-1") == 200
    made = await officer.call("/api/requests", fields())
    assert made.status == 201
    number = (await made.json())["number"]
    assert (await officer.call(f"/api/requests/{number}/submit")).status == 422
    assert (await officer.call(f"/api/requests/{number}/attach", {"sha256": SHA, "name": "x"})).status == 200
    assert (await officer.call(f"/api/requests/{number}/submit")).status == 200
    refused = await officer.call(f"/api/requests/{number}/approve")
    assert refused.status == 403
    assert "officer-1 is no approver" in (await refused.json())["error"]
    secret = served.office.people.second("approver-1", by="approver-1")
    assert await sign_in(approver, "approver-1") == 403
    code = totp.code(secret, totp.step_at(served.office.clock.utc()))
    assert await sign_in(approver, "approver-1", code=code) == 200
    assert (await (await approver.call(f"/api/requests/{number}/approve")).json())["state"] == "approved"
    last = served.office.entries()[-1]
    assert (last["action"], last["actor"], last["origin"]) == ("request.approved", "approver-1", "127.0.0.1")
    assert (await approver.call("/api/sign-out")).status == 200
    assert (await approver.get("/api/requests")).status == 401
    assert served.office.entries()[-1]["action"] == "logout"


def allowed(deed: str, roles: set[str], own: bool) -> bool:
    """Who may do a deed to a submitted citizen's request: the role matrix, written down a second time."""
    matrix = {
        "attach": "officer" in roles,
        "submit": False,
        "approve": "approver" in roles and not own,
        "refuse": "approver" in roles and not own,
        "extend": bool({"officer", "approver"} & roles),
        "paid": "officer" in roles,
        "review": False,
        "close": "officer" in roles,
    }
    return matrix[deed]


@pytest.mark.parametrize("name", CAST)
async def test_the_role_matrix_holds_over_http(served: Served, name: str) -> None:
    book = served.office.book
    client = served.at_once(name)
    roles = {role.value for role in CAST[name]}
    for deed in DEEDS:
        for requester in ("officer-2", name):
            if requester == name and "officer" not in roles:
                continue
            number = book.draft(citizen(), by=requester).number
            book.submit(number, by=requester)
            said = {key: SAID[key] for key in DEEDS[deed].fields} | {"ground": "others"}
            answer = await client.call(f"/api/requests/{number}/{deed}", said)
            own = requester == name
            seen = own or roles != {"officer"}
            fine = allowed(deed, roles, own) and seen
            assert (answer.status == 200) is fine, (deed, requester, answer.status, await answer.text())
            if not fine:
                assert answer.status in {403, 404}
                assert book.get(number).state is State.SUBMITTED


@pytest.mark.parametrize("name", CAST)
async def test_who_may_look(served: Served, name: str) -> None:
    roles = {role.value for role in CAST[name]}
    client = served.at_once(name)
    served.office.submitted()
    statuses = {
        path: (await client.get(path)).status
        for path in ("/api/requests", "/api/links", "/api/log", "/log", "/links")
    }
    assert (statuses["/api/requests"] == 200) is (roles != {"administrator"})
    assert (statuses["/api/links"] == 200) is bool({"officer", "auditor"} & roles)
    assert (statuses["/api/log"] == 200) is ("auditor" in roles)
    assert (statuses["/log"] == 200) is ("auditor" in roles)
    assert (statuses["/links"] == 200) is bool({"officer", "auditor"} & roles)
    assert set(statuses.values()) <= {200, 403}


async def test_one_dishonest_approver_releases_nothing_over_http(served: Served) -> None:
    """Whoever one person is, and whatever that one calls in whatever order, nothing is ever approved."""
    book = served.office.book
    emergency = letter(basis=Basis.URGENT, receiver=Receiver.HELPER, emergency=True)
    for name in CAST:
        client = served.at_once(name)
        mine = await client.call("/api/requests", fields())
        numbers = [(await mine.json())["number"]] if mine.status == 201 else []
        waiting = book.draft(emergency, by="officer-2").number
        book.submit(waiting, by="officer-2")
        for _ in range(2):
            for number in (*numbers, waiting):
                for deed in ("attach", "submit", "approve", "approve", "review", "extend"):
                    await client.call(
                        f"/api/requests/{number}/{deed}", {key: SAID[key] for key in DEEDS[deed].fields}
                    )
        for number in (*numbers, waiting):
            assert book.get(number).state in {State.DRAFTED, State.SUBMITTED}, name


async def test_officers_see_their_own_cases_only(served: Served) -> None:
    number = served.office.submitted()
    other = served.at_once("officer-2")
    assert await (await other.get("/api/requests")).json() == []
    assert (await other.get(f"/api/requests/{number}")).status == 404
    assert (await other.call(f"/api/requests/{number}/close", {"outcome": "mine now"})).status == 404


async def test_a_changing_call_needs_the_sessions_token(served: Served) -> None:
    number = served.office.submitted()
    client = served.at_once("approver-1")
    token, client.token = client.token, "0" * 64
    assert (await client.call(f"/api/requests/{number}/approve")).status == 403
    client.token = served.at_once("approver-1").token
    assert (await client.call(f"/api/requests/{number}/approve")).status == 403
    client.token = token
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://x.example"},
    ):
        assert (await client.call(f"/api/requests/{number}/approve", headers=headers)).status == 403
    assert served.office.book.get(number).state is State.SUBMITTED
    assert (
        await client.call(f"/api/requests/{number}/approve", headers={"Sec-Fetch-Site": "same-origin"})
    ).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"a": 1}',
        b'{"a": {"b": []}}',
        b"\xff",
        b"[" * 60_000,
        rb'{"purpose": "\ud800"}',
        rb'{"purpose": "\u0000"}',
    ],
)
async def test_bodies_that_are_no_object_of_texts(served: Served, body: bytes) -> None:
    client = served.at_once("officer-1")
    headers = client.headers | {"X-Garim-Token": client.token, "Content-Type": "application/json"}
    async with client.http.post(f"{client.url}/api/requests", data=body, headers=headers) as answer:
        assert answer.status == 400
    async with client.http.post(f"{client.url}/api/requests", data=b"x" * 70_000, headers=headers) as answer:
        assert answer.status in {400, 413}


async def test_strangers_see_nothing(served: Served) -> None:
    stranger = served.stranger()
    for path in ("/api/requests", "/api/links", "/api/log", "/api/requests/2026-0001"):
        assert (await stranger.get(path)).status == 401
    for path in ("/requests", "/links", "/log", "/requests/new", "/requests/2026-0001"):
        answer = await stranger.get(path)
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    assert (await stranger.call("/api/requests", fields())).status == 401
    assert not served.office.book.list()


async def test_guesses_that_come_at_once_are_slowed_down_too(served: Served) -> None:
    said = await asyncio.gather(
        *(sign_in(served.stranger(), f"nobody-{n}", "wrong password") for n in range(20))
    )
    assert set(said) == {403}
    failed = [each for each in served.office.entries() if each["action"] == "login.failed"]
    assert len(failed) == 6


async def test_guessing_from_one_address_is_slowed_down(served: Served) -> None:
    stranger = served.stranger()
    said = [await sign_in(stranger, f"nobody-{number}", "wrong password") for number in range(7)]
    assert set(said) == {403}
    failed = [each for each in served.office.entries() if each["action"] == "login.failed"]
    assert len(failed) == 6
    assert await sign_in(stranger, "officer-1") == 403
    served.office.clock.advance(1.5)
    assert await sign_in(stranger, "officer-1") == 200
