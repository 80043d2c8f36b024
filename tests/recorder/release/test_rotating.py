"""After a rotation today's custodians open what was recorded before, and those of before do not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recorder.audit.entry import Action
from recorder.audit.log import Wanted, entries
from recorder.custodians import Custodians
from recorder.layout import BODY, HEADER
from recorder.release import rotating
from recorder.release.asking import Asked
from recorder.release.document import pack_shares
from recorder.release.opening import shares_in
from recorder.release.rotating import Rotated
from recorder.scope import Scope
from recorder.vault.envelope import LONGEST, seal
from recorder.vault.keys import Identity
from recorder.vault.share import Share
from tests.recorder.release.conftest import HOUR, NINE, PEOPLE, Site
from tests.recorder.support import files
from vcam.base.errors import CustodyError, VaultError

SCOPE = Scope(("gate",), NINE, NINE + 1_000_000)


def begin(site: Site) -> Asked:
    return rotating.begin(
        by="administrator-1",
        database=site.database,
        store=site.store,
        runtime=site.runtime,
        institution=site.institution,
        clock=site.clock,
    )


def finish(site: Site, release: str, threshold: int = 2, **replace: str) -> Rotated:
    return rotating.finish(
        release,
        threshold,
        replace={name.replace("_", "-"): recipient for name, recipient in replace.items()},
        by="administrator-1",
        database=site.database,
        store=site.store,
        runtime=site.runtime,
        clock=site.clock,
    )


def custodians(site: Site, threshold: int = 2) -> Custodians:
    return Custodians(site.database, site.store, threshold, site.clock)


def test_a_new_custodian_opens_what_was_recorded_before_him(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    site.record("yard", NINE + HOUR, frames=50)
    before = {p: p.read_bytes() for suffix in (HEADER, BODY) for p in files(site.media, suffix)}
    new = Identity.generate()
    custodians(site).add("custodian-4", new.recipient, by="administrator-1")
    asked = site.ask(SCOPE)
    assert sorted(asked.asks) == sorted(PEOPLE)
    rotation = begin(site)
    site.answer(rotation, "custodian-1", "custodian-2")
    done = finish(site, rotation.release, 3)
    assert (done.epochs, done.left) == (4, {})  # each camera's hour, and the one after it that was ready
    assert {p: p.read_bytes() for p in before} == before  # shares only, never bodies or headers
    PEOPLE["custodian-4"] = new
    try:
        again = site.ask(SCOPE)
        assert (again.threshold, len(again.asks)) == (3, 4)
        site.answer(again, "custodian-1", "custodian-3")
        with pytest.raises(CustodyError, match="2 of 3"):
            site.open(again.release)
        site.answer(again, "custodian-4")
        assert list(site.open(again.release).units("gate")) == site.sent["gate"][:30]
    finally:
        del PEOPLE["custodian-4"]
    # Shares of before the rotation neither join with today's nor count as today's.
    site.answer(asked, "custodian-1", "custodian-2")
    with pytest.raises(CustodyError, match="2 of 3"):
        site.open(asked.release)


def test_a_custodians_new_key_takes_the_place_of_the_old(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    rotation = begin(site)
    site.answer(rotation, "custodian-2", "custodian-3")
    new = Identity.generate()
    finish(site, rotation.release, custodian_1=new.recipient)
    asked = site.ask(SCOPE)
    with pytest.raises(VaultError, match="None of the keys"):
        site.answer(asked, "custodian-1")
    old, PEOPLE["custodian-1"] = PEOPLE["custodian-1"], new
    try:
        site.answer(asked, "custodian-1", "custodian-2")
    finally:
        PEOPLE["custodian-1"] = old
    assert site.open(asked.release).cameras == ("gate",)


def test_nobody_is_revoked_below_the_threshold(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    book = custodians(site)
    book.revoke("custodian-3", by="administrator-1")
    assert sorted(site.ask(SCOPE).asks) == ["custodian-1", "custodian-2"]
    with pytest.raises(CustodyError, match="1 custodians, and 2 are needed"):
        book.revoke("custodian-2", by="administrator-1")
    book.add("custodian-4", Identity.generate().recipient, by="administrator-1")
    with pytest.raises(CustodyError, match="nobody could open gate/"):  # the new one has no share of it yet
        book.revoke("custodian-2", by="administrator-1")
    rotation = begin(site)
    site.answer(rotation, "custodian-1", "custodian-2")
    finish(site, rotation.release)
    book.revoke("custodian-2", by="administrator-1")
    with pytest.raises(CustodyError, match="no custodian"):
        book.revoke("custodian-2", by="administrator-1")


def test_a_rotation_without_enough_answers_changes_nothing(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    before = [share for epoch in site.store.epochs() for share in site.store.shares(epoch.id)]
    rotation = begin(site)
    site.answer(rotation, "custodian-1")
    with pytest.raises(CustodyError, match="opens nothing"):
        site.open(rotation.release)
    done = finish(site, rotation.release)
    assert (done.epochs, len(done.left)) == (0, 2)
    assert [share for epoch in site.store.epochs() for share in site.store.shares(epoch.id)] == before


@pytest.mark.parametrize("form", [str, str.upper, " {}\n".format])
def test_two_custodians_with_one_key_are_refused(site: Site, form: Callable[[str], str]) -> None:
    key = form(PEOPLE["custodian-1"].recipient)
    with pytest.raises(CustodyError, match="Another custodian has that key"):
        custodians(site).add("custodian-9", key, by="administrator-1")
    site.record("gate", NINE, frames=50)
    rotation = begin(site)
    site.answer(rotation, "custodian-1", "custodian-2")
    with pytest.raises(CustodyError, match="keys of their own"):
        finish(site, rotation.release, custodian_2=key)
    with pytest.raises(CustodyError, match="is a custodian already"):
        custodians(site).add("custodian-1", Identity.generate().recipient, by="administrator-1")


def test_a_rotation_is_on_record_before_anybody_is_asked(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    rotation = begin(site)
    with site.database.read() as connection:
        (told,) = entries(connection, Wanted(actions=[Action.RELEASE_ASKED]))
    assert (told.entry.actor, told.entry.details["release"]) == ("administrator-1", rotation.release)
    assert told.entry.details["custodians"] == sorted(PEOPLE)


def test_one_rotation_never_gives_one_person_enough_new_keys(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    rotation = begin(site)
    site.answer(rotation, "custodian-1", "custodian-2")
    mine = Identity.generate().recipient, Identity.generate().recipient
    with pytest.raises(CustodyError, match="as many as open"):
        finish(site, rotation.release, custodian_1=mine[0], custodian_2=mine[1])
    assert {each.recipient for each in site.store.custodians()}.isdisjoint(mine)


def test_an_answer_of_a_large_sites_rotation_can_be_read(site: Site) -> None:
    """A month of 24 cameras' hours is more than a megabyte of shares."""
    identity = Identity.generate()
    name = "a-camera-with-a-long-lasting-name"
    share = Share(f"{name}/2026-01-01/09", 1, 2, bytes(8), bytes(32), bytes(32))
    packed = pack_shares("r", "custodian-1", [bytes(share)] * 24 * 24 * 30)
    sealed = seal(packed, identity.recipient)
    found = shares_in(sealed, "r", "custodian-1", identity.secret())
    assert len(packed) > LONGEST
    assert found == [share] * 24 * 24 * 30
