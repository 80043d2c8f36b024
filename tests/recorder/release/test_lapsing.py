"""No answer and no one-time key outlives its case."""

from __future__ import annotations

from recorder.audit.entry import SYSTEM, Action
from recorder.audit.log import Wanted, entries
from recorder.release.asking import LIFE
from recorder.release.lapsing import lapse
from recorder.requests.book import Requests
from recorder.scope import Scope
from tests.recorder.release.conftest import NINE, Site
from tests.recorder.requests.conftest import SHA, cast_into, letter

SCOPE = Scope(("gate",), NINE, NINE + 1_000_000)


def lapsed(site: Site, book: Requests) -> list[str]:
    return lapse(database=site.database, store=site.store, runtime=site.runtime, clock=site.clock, book=book)


def approved(site: Site) -> Requests:
    """The case that the site asks for."""
    cast_into(site.database)
    book = Requests(site.database, site.clock)
    number = book.draft(letter(scope=SCOPE), by="officer-1").number
    assert number == "2026-0001"
    book.attach(number, SHA, "warrant.pdf", by="officer-1")
    book.submit(number, by="officer-1")
    book.approve(number, by="approver-1")
    return book


def test_a_release_ends_with_its_case(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    book = approved(site)
    asked = site.ask(SCOPE)
    site.answer(asked, "custodian-1")
    assert lapsed(site, book) == []
    book.close("2026-0001", "nothing was needed", by="officer-1")
    assert lapsed(site, book) == [asked.release]
    assert not site.runtime.has(asked.release)
    assert (site.store.releases(), site.store.answers(asked.release)) == ([], {})
    with site.database.read() as connection:
        (told,) = entries(connection, Wanted(actions=[Action.RELEASE_ENDED]))
    assert (told.entry.actor, told.entry.details["why"]) == (SYSTEM, "its case is closed")


def test_a_release_ends_with_its_time(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    book = approved(site)
    asked = site.ask(SCOPE)
    site.clock.advance(LIFE / 1_000_000 + 1)
    assert lapsed(site, book) == [asked.release]
    assert not site.runtime.has(asked.release)
