"""Who writes the index but has not the recorder's key widens no scope and passes nothing off."""

from __future__ import annotations

import dataclasses
import io

import pytest
from sqlalchemy import delete, update

from recorder.index import Index
from recorder.scope import Scope
from recorder.signing import RECORDER, SigningKey
from recorder.tables import segment
from tests.recorder.release.conftest import NINE, Site
from vcam.base.errors import CustodyError

SECOND = 1_000_000


@pytest.fixture
def signed(site: Site) -> Site:
    """The same site, whose rows are signed; its first three segments."""
    key = SigningKey.open(site.folder / "state" / "keys", RECORDER)
    site.index = Index(site.database, site.index.policy, signer=key)
    site.record("gate", NINE)
    return site


def alter(site: Site, uid: str, **values: object) -> None:
    with site.database.write() as connection:
        connection.execute(update(segment).where(segment.c.uid == uid).values(values))


def test_rows_as_they_were_signed_open_without_a_note(signed: Site) -> None:
    opened = signed.opened(Scope(("gate",), NINE, NINE + SECOND))
    assert list(opened.units("gate")) == signed.sent["gate"][:30]
    assert opened.notes == {}


@pytest.mark.parametrize(
    "change",
    [
        {"start": NINE, "end": NINE + 2 * SECOND},
        {"start": NINE, "end": NINE + 2 * SECOND, "digest": "", "signature": "", "previous": ""},
        {"start": NINE, "end": NINE + 2 * SECOND, "signature": "!"},
    ],
)
def test_a_row_that_was_moved_into_the_scope_opens_nothing(signed: Site, change: dict[str, object]) -> None:
    rows = list(signed.index.all())
    alter(signed, rows[2].uid, **change)
    opened = signed.opened(Scope(("gate",), NINE, NINE + SECOND))
    assert list(opened.units("gate")) == signed.sent["gate"][:30]
    assert list(opened.notes) == [rows[2].uid]
    assert "signed" in opened.notes[rows[2].uid]


def test_a_path_that_leads_elsewhere_is_refused(signed: Site) -> None:
    (row, *_) = signed.index.all()
    alter(signed, row.uid, path=f"../{row.path}")
    with pytest.raises(CustodyError, match="not as it was signed"):
        signed.opened(Scope(("gate",), NINE, NINE + SECOND))


def test_a_row_that_was_taken_out_of_the_chain_is_told(signed: Site) -> None:
    first, second, *_ = signed.index.all()
    with signed.database.write() as connection:
        connection.execute(delete(segment).where(segment.c.uid == first.uid))
    opened = signed.opened(Scope(("gate",), second.start, second.end))
    assert list(opened.units("gate")) != []
    assert "came before it" in opened.notes[second.uid]


def test_an_altered_row_that_is_held_in_the_hand_is_no_way_round(signed: Site) -> None:
    opened = signed.opened(Scope(("gate",), NINE, NINE + SECOND))
    (row, *_) = opened.segments("gate")
    with pytest.raises(CustodyError, match="not in scope"):
        opened.write_age(dataclasses.replace(row, epoch="gate/2026-01-01/10"), ["age1x"], io.BytesIO())
