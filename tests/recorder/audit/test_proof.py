"""Proofs that leave the house."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.audit.append import append
from recorder.audit.heads import latest
from recorder.audit.proof import check, prove, prove_consistency
from recorder.database import Database
from recorder.signing import SigningKey
from tests.recorder.audit.conftest import fill, looks
from vcam.base.clock import ManualClock
from vcam.base.errors import CustodyError


@pytest.fixture
def log(database: Database, key: SigningKey, clock: ManualClock) -> Database:
    fill(database, key, clock, 6, 5)
    return database


def test_every_entry_under_a_head_can_be_proved(log: Database, key: SigningKey) -> None:
    with log.read() as connection:
        for number in range(12):
            checked = check(json.dumps(prove(connection, number)))
            assert checked.keys == {key.public.raw}
            assert checked.entry is not None
            assert json.loads(checked.entry)["number"] == number


def test_what_no_head_covers_cannot(log: Database, clock: ManualClock) -> None:
    with log.write() as connection:
        append(connection, *looks(clock, 1))
    with log.read() as connection:
        for number in (-1, 12, 13, 99):
            with pytest.raises(CustodyError, match="No head covers"):
                prove(connection, number)


def test_without_a_head_there_is_no_proof(database: Database) -> None:
    with database.read() as connection, pytest.raises(CustodyError, match="no head yet"):
        prove(connection, 0)


def test_a_later_head_goes_on_from_an_earlier_one(log: Database, key: SigningKey) -> None:
    with log.read() as connection:
        new, old = latest(connection, 2)
        checked = check(json.dumps(prove_consistency(connection, old)))
        assert checked.what == f"The log of {new.size} entries begins with that of {old.size}"
        assert checked.entry is None
        assert check(json.dumps(prove_consistency(connection, new))).head == new


def _altered(found: Any) -> list[Any]:
    """`found` with one leaf changed, in every way."""
    if isinstance(found, dict):
        return [{**found, name: other} for name, value in found.items() for other in _altered(value)]
    if isinstance(found, list):
        cut = [found[:-1], [*found, "00" * 32]]
        return cut + [
            [*found[:at], other, *found[at + 1 :]] for at in range(len(found)) for other in _altered(found[at])
        ]
    if isinstance(found, int):
        return [found + 1, found - 1]
    text = str(found)
    return [text[:-1], text.replace(text[3], "1" if text[3] != "1" else "2", 1), None]


def test_whatever_is_changed_it_proves_nothing(log: Database) -> None:
    with log.read() as connection:
        documents = [prove(connection, 4), prove_consistency(connection, latest(connection, 2)[1])]
    for document in documents:
        for altered in _altered(json.loads(json.dumps(document))):
            with pytest.raises(CustodyError):
                check(json.dumps(altered))


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["kind", "head", "path"]), inner),
    )
)
def test_anything_else_is_refused(found: object) -> None:
    with pytest.raises(CustodyError, match="no proof"):
        check(json.dumps(found))
