"""Scopes reach whole hours of their own cameras and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.scope import Scope, epoch_id
from recorder.tables import HOUR
from vcam.base.errors import CustodyError

_TIMES = st.integers(0, 4_000_000_000_000_000)


@given(start=_TIMES, length=st.integers(1, 50 * HOUR), at=_TIMES)
def test_an_instant_is_in_one_of_the_epochs_when_its_hour_meets_the_scope(
    start: int, length: int, at: int
) -> None:
    scope = Scope(("door", "hall"), start, start + length)
    epochs = scope.epochs()
    hour = at - at % HOUR
    assert (epoch_id("hall", at) in epochs) == scope.covers("hall", hour, hour + HOUR)
    assert epoch_id("yard", at) not in epochs
    assert len(epochs) == len(set(epochs)) == 2 * (1 + (start + length - 1) // HOUR - start // HOUR)


@pytest.mark.parametrize(
    ("cameras", "start", "end"), [((), 0, 1), (("a", "a"), 0, 1), (("a",), 5, 5), (("a",), 5, 1 << 53)]
)
def test_empty_and_endless_scopes_are_refused(cameras: tuple[str, ...], start: int, end: int) -> None:
    with pytest.raises(CustodyError):
        Scope(cameras, start, end)


def test_names_are_the_folders_of_the_media() -> None:
    assert epoch_id("door", 1_767_225_599_999_999) == "door/2025-12-31/23"


def test_a_narrower_scope_is_within() -> None:
    wide = Scope(("a", "b"), 10, 90)
    assert Scope(("b",), 10, 90).within(wide)
    assert not Scope(("c",), 20, 30).within(wide)
    assert not Scope(("a",), 9, 30).within(wide)
    assert not Scope(("a",), 20, 91).within(wide)
