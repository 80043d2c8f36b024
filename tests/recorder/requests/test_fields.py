"""Drafts as they are typed."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.requests.basis import Basis, Receiver
from recorder.requests.fields import FIELDS, draft_of, shown
from vcam.base.errors import CustodyError

SEOUL = ZoneInfo("Asia/Seoul")
SAID = {
    "basis": "warrant",
    "purpose": "a theft",
    "receiving_body": "police",
    "cameras": "gate, yard gate",
    "from": "2026-03-02T11:00",
    "to": "2026-03-02T02:10Z",
}


def test_times_without_an_offset_are_the_sites() -> None:
    found = draft_of(SAID, {"gate", "yard"}, SEOUL)
    assert found.scope.cameras == ("gate", "yard")
    assert found.scope.start == int(datetime(2026, 3, 2, 2, tzinfo=UTC).timestamp()) * 1_000_000
    assert found.scope.end - found.scope.start == 600_000_000
    assert (found.basis, found.receiver, found.emergency) == (Basis.WARRANT, None, False)
    assert shown(found.scope.start, SEOUL) == "2026-03-02 11:00:00+09:00"


def test_an_emergency_and_its_receiver() -> None:
    found = draft_of(
        SAID | {"basis": "urgent", "emergency": "on", "receiver": "helper"}, {"gate", "yard"}, SEOUL
    )
    assert (found.emergency, found.receiver) == (True, Receiver.HELPER)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"basis": "whim"}, "basis: 'whim' is none"),
        ({"receiver": "friend"}, "receiver: 'friend' is none"),
        ({"cameras": "gate roof"}, "no camera 'roof'"),
        ({"cameras": ""}, "names no camera"),
        ({"from": "noon"}, "from: 'noon' is no time"),
        ({"to": "2026-03-02T01:00"}, "not after its start"),
        ({"to": "9999-12-31T23:00Z"}, "to: '9999-12-31T23:00Z' is no time"),
        ({"to": "2300-01-01T00:00"}, "to: '2300-01-01T00:00' is no time"),
        ({"received": "0001-01-01T09:00Z"}, "received: '0001-01-01T09:00Z' is no time"),
        ({"colour": "red"}, "no field 'colour'"),
        ({"basis": "data-subject"}, "cannot be asked for"),
        ({"basis": "data-subject", "fee": "-1"}, "fee: '-1' is no number"),
    ],
)
def test_mistakes_name_their_field(change: dict[str, str], said: str) -> None:
    with pytest.raises(CustodyError, match=said):
        draft_of(SAID | change, {"gate", "yard"}, SEOUL)


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=30)))
def test_whatever_is_typed_it_is_a_draft_or_named(typed: dict[str, str]) -> None:
    with contextlib.suppress(CustodyError):
        draft_of(typed, {"gate"}, SEOUL)
