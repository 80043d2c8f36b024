"""Links: they expire, count, are revoked, and nothing leaves before it is on record."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from recorder.database import Database
from recorder.requests.links import GRACE, Links
from recorder.requests.role import Role
from recorder.requests.tables import link, person
from tests.recorder.requests.conftest import NOON, Office
from vcam.base.clock import ManualClock
from vcam.base.errors import CustodyError, Forbidden

HOUR = 3_600_000_000


@pytest.fixture
def links(office: Office) -> Links:
    return Links(office.database, office.clock)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"masked footage")
    return path


def made(links: Links, file: Path, downloads: int = 2) -> str:
    return links.create("x1", file, NOON + HOUR, downloads, by="officer-1", reason="insurer")


def test_each_fetch_counts_and_is_on_record(office: Office, links: Links, file: Path) -> None:
    token = made(links, file)
    assert links.fetch(token, "192.0.2.9") == file
    assert links.peek(token) == file
    assert links.fetch(token, "192.0.2.10") == file
    assert links.fetch(token, "192.0.2.9") is None
    assert links.peek(token) is None
    linked, *fetched = office.entries()
    assert (linked["action"], linked["subject"], linked["actor"]) == ("share.linked", "export/x1", "officer-1")
    assert [(each["origin"], each["details"]["fetches"]) for each in fetched] == [
        ("192.0.2.9", 1),
        ("192.0.2.10", 2),
    ]
    assert fetched[0]["details"]["files"] == ["clip.mp4"]
    assert token not in str(office.entries())
    assert str(file.parent) not in str(office.entries())


def test_the_token_is_not_kept(office: Office, links: Links, file: Path) -> None:
    token = made(links, file)
    assert len(token) == 43
    with office.database.read() as connection:
        row = connection.execute(select(link)).one()
    assert token not in str(row)
    assert token.encode() not in Path(str(office.database.url.database)).read_bytes()


def test_ranges_of_one_visitor_are_one_download(office: Office, links: Links, file: Path) -> None:
    token = made(links, file, downloads=1)
    assert links.fetch(token, "192.0.2.9", "visit-1") == file
    assert links.fetch(token, "192.0.2.9", "visit-1") == file
    assert links.fetch(token, "192.0.2.9", "visit-2") is None
    assert links.fetch(token, "192.0.2.9") is None
    office.clock.advance(GRACE / 1e6)
    assert links.fetch(token, "192.0.2.9", "visit-1") is None
    assert links.list()[0].used == 1


def test_links_end_for_visitors_too(office: Office, links: Links, file: Path) -> None:
    token, other = made(links, file), made(links, file)
    assert links.fetch(token, "192.0.2.9", "visit-1") == file
    assert links.fetch(other, "192.0.2.9", "visit-1") == file
    office.clock.advance(3600)
    assert links.fetch(token, "192.0.2.9", "visit-1") is None
    assert links.fetch(other, "192.0.2.9", "visit-1") is None


def test_a_revoked_link_leads_nowhere(office: Office, links: Links, file: Path) -> None:
    token = made(links, file)
    links.fetch(token, "192.0.2.9", "visit-1")
    (found,) = links.list()
    with pytest.raises(Forbidden):
        links.revoke(found.id, by="approver-1", reason="sent to the wrong address")
    links.revoke(found.id, by="officer-1", reason="sent to the wrong address")
    assert links.fetch(token, "192.0.2.9", "visit-1") is None
    assert links.fetch(token, "192.0.2.9") is None
    assert office.entries()[-1]["details"]["reason"] == "sent to the wrong address"
    with pytest.raises(CustodyError, match="no link"):
        links.revoke(found.id, by="officer-1", reason="again")


def test_a_file_that_is_gone_costs_no_download(links: Links, file: Path) -> None:
    token = made(links, file)
    file.unlink()
    assert links.fetch(token, "192.0.2.9") is None
    assert links.list()[0].used == 0


@pytest.mark.parametrize(
    ("expires", "downloads", "reason"),
    [(NOON, 1, "insurer"), (NOON + HOUR, 0, "insurer"), (NOON + HOUR, 1001, "insurer"), (NOON + HOUR, 1, " ")],
)
def test_links_that_cannot_be(links: Links, file: Path, expires: int, downloads: int, reason: str) -> None:
    with pytest.raises(CustodyError):
        links.create("x1", file, expires, downloads, by="officer-1", reason=reason)


def test_only_officers_make_links(links: Links, file: Path) -> None:
    with pytest.raises(Forbidden):
        links.create("x1", file, NOON + HOUR, 1, by="custodian-1", reason="insurer")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), st.integers(0, 1200)), max_size=12),
    st.integers(1, 3),
)
def test_never_more_downloads_than_allowed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]], allowed: int
) -> None:
    database = _memory()
    clock = ManualClock(NOON)
    links = Links(database, clock)
    path = tmp_path_factory.getbasetemp() / "clip.mp4"
    path.write_bytes(b"masked footage")
    token = links.create("x1", path, NOON + HOUR, allowed, by="officer-1", reason="insurer")
    begun: dict[str, int] = {}
    downloads = 0
    for visit, pause in steps:
        goes_on = bool(visit) and clock.utc() < begun.get(visit, 0)
        alive = clock.utc() < NOON + HOUR
        found = links.fetch(token, "192.0.2.9", visit)
        assert (found is not None) == (alive and (goes_on or downloads < allowed))
        if found is not None and not goes_on:
            downloads += 1
            begun[visit] = clock.utc() + GRACE
        clock.advance(pause)
    assert links.list()[0].used == downloads <= allowed
    database.close()


def _memory() -> Database:
    database = Database("sqlite://")
    with database.write() as connection:
        row = {
            "name": "officer-1",
            "title": "officer-1",
            "password": "none",
            "added": NOON,
            Role.OFFICER.value: 1,
        }
        connection.execute(insert(person).values(row))
    return database


def test_a_link_leads_into_the_folder_of_exports_alone(office: Office, links: Links, tmp_path: Path) -> None:
    """Who writes the database must not read the recorder's files by a link."""
    exports = tmp_path / "exports"
    exports.mkdir()
    clip, secret = exports / "clip.mp4", tmp_path / "recorder.key"
    clip.write_bytes(b"masked footage")
    secret.write_bytes(b"secret")
    bound = Links(office.database, office.clock, exports)
    assert bound.fetch(made(bound, clip), "192.0.2.9") == clip
    with pytest.raises(CustodyError, match=r"custody\.exports alone"):
        made(bound, secret)
    token = made(links, secret)  # as a row that somebody wrote himself
    assert bound.peek(token) is None
    assert bound.fetch(token, "192.0.2.9") is None
    (exports / "way-out").symlink_to(secret)
    token = made(links, exports / "way-out")
    assert bound.fetch(token, "192.0.2.9") is None
