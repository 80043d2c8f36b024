"""Links to shares over HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from recorder.requests.links import Links, digest
from recorder.requests.tables import link as table
from tests.console.conftest import Served
from tests.recorder.requests.conftest import NOON

HOUR = 3_600_000_000
CONTENT = bytes(range(256)) * 40


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / 'a "clip" 클립.mp4'
    path.write_bytes(CONTENT)
    return path


def link(served: Served, file: Path, downloads: int = 1) -> str:
    links = Links(served.office.database, served.office.clock)
    return links.create("x1", file, NOON + HOUR, downloads, by="officer-1", reason="insurer")


async def test_a_link_gives_the_file_once_it_is_on_record(served: Served, file: Path) -> None:
    token = link(served, file)
    answer = await served.stranger().get(f"/s/{token}")
    assert answer.status == 200
    assert await answer.read() == CONTENT
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=UTF-8''a%20%22clip%22%20%ED%81%B4%EB%A6%BD.mp4"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    last = served.office.entries()[-1]
    assert (last["action"], last["origin"]) == ("share.fetched", "127.0.0.1")


async def test_nothing_leaves_when_it_cannot_go_on_record(
    served: Served, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = link(served, file)

    def full(*_arguments: object) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr("recorder.requests.links.append", full)
    answer = await served.stranger().get(f"/s/{token}")
    assert answer.status == 500
    assert CONTENT[:64] not in await answer.read()
    monkeypatch.undo()
    assert (await served.stranger().get(f"/s/{token}")).status == 200


async def test_ranges_are_one_download_and_head_is_none(served: Served, file: Path) -> None:
    token = link(served, file)
    visitor = served.stranger()
    for _ in range(3):
        async with visitor.http.head(f"{visitor.url}/s/{token}") as head:
            assert (head.status, head.headers["Content-Length"]) == (200, str(len(CONTENT)))
    got = b""
    for start in range(0, len(CONTENT), 3000):
        part = await visitor.get(f"/s/{token}", Range=f"bytes={start}-{start + 2999}")
        assert part.status == 206
        got += await part.read()
    assert got == CONTENT
    assert sum(each["action"] == "share.fetched" for each in served.office.entries()) == 1
    assert (await served.stranger().get(f"/s/{token}")).status == 404
    async with served.stranger().http.head(f"{visitor.url}/s/{token}") as head:
        assert head.status == 404


async def test_whatever_is_wrong_the_answer_is_the_same(served: Served, file: Path, tmp_path: Path) -> None:
    links = Links(served.office.database, served.office.clock)
    used, revoked, expired, gone = (link(served, file) for _ in range(4))
    await served.stranger().get(f"/s/{used}")
    names = [each.id for each in links.list()]
    links.revoke(
        next(each for each in names if _leads(links, revoked, each)), by="officer-1", reason="a mistake"
    )
    lost = tmp_path / "lost.mp4"
    lost.write_bytes(b"x")
    missing = link(served, lost)
    lost.unlink()
    answers = []
    for token in (used, revoked, missing, "A" * 43, "x", "A" * 3000):
        answers.append(await _answer(served, token))
    served.office.clock.advance(3600)
    answers += [await _answer(served, token) for token in (expired, gone)]
    assert len(set(answers)) == 1
    assert answers[0][0] == 404


def _leads(links: Links, token: str, name: str) -> bool:
    """Whether `token` is of the link `name`: they are told apart by what a database read shows."""
    with links._database.read() as connection:
        return connection.scalar(select(table.c.id).where(table.c.hash == digest(token))) == name


async def _answer(served: Served, token: str) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    answer = await served.stranger().get(f"/s/{token}")
    headers = tuple(sorted((name, value) for name, value in answer.headers.items() if name != "Date"))
    return answer.status, await answer.read(), headers


async def test_many_at_once_get_no_more_than_allowed(served: Served, file: Path) -> None:
    token = link(served, file, downloads=3)
    visitors = [served.stranger() for _ in range(12)]
    answers = await asyncio.gather(*(visitor.get(f"/s/{token}") for visitor in visitors))
    assert sorted(each.status for each in answers) == [200] * 3 + [404] * 9


async def test_links_are_listed_and_revoked_at_the_console(served: Served, file: Path) -> None:
    token = link(served, file)
    officer = served.at_once("officer-1")
    (found,) = await (await officer.get("/api/links")).json()
    assert (found["export"], found["downloads"], found["used"]) == ("x1", 1, 0)
    assert "path" not in found
    assert "hash" not in found
    assert (await officer.call(f"/api/links/{found['id']}/revoke", {"reason": ""})).status == 422
    assert (await officer.call(f"/api/links/{found['id']}/revoke", {"reason": "a mistake"})).status == 200
    assert (await served.stranger().get(f"/s/{token}")).status == 404
