"""A review says what changed and why, survives its file, and loses its approval when it changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.errors import CustodyError
from vcam.base.media import Kind
from vcam.review.review import Review, added, removed

SHA = "ab" * 32
BLANK = Review(camera="gate", video=SHA, source=SHA, listing=SHA, width=640, height=360, frames=100)


def test_what_is_added_is_masked_in_its_pictures_and_no_others() -> None:
    review = BLANK.change(added(98, [(10.04, 20.0, 30.0, 40.01), (11, 20, 31, 40)], "a face at the window"))
    found = review.added
    assert sorted(found) == [98, 99]
    region = found[98][0]
    assert (region.x1, region.y1, region.x2, region.y2) == (10.0, 20.0, 30.0, 40.1)
    assert region.kind is Kind.ZONE


_EDGES = st.floats(-50, 700, allow_nan=False)


@given(x=_EDGES, y=_EDGES, width=st.floats(0.2, 99), height=st.floats(0.2, 99))
def test_tenths_never_cut_a_box(x: float, y: float, width: float, height: float) -> None:
    region = BLANK.change(added(0, [(x, y, x + width, y + height)], "r")).added[0][0]
    assert region.x1 <= x
    assert region.y1 <= y
    assert region.x2 >= x + width - 1e-6
    assert region.y2 >= y + height - 1e-6


def test_it_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "review.json"
    review = BLANK.change(removed(7, "a lantern")).change(added(1, [(1, 2, 3, 4)], "a face"))
    review = review.approved("officer-1", 5)
    review.save(path)
    again = Review.load(path)
    assert again == review
    assert again.sha256 == review.sha256
    assert again.removed == {7: "a lantern"}


def test_any_change_asks_for_another_approval() -> None:
    approved = BLANK.change(removed(7, "a lantern")).approved("officer-1", 5)
    approved.demand(SHA)
    for changed in (approved.change(removed(8, "a sign")), approved.undo(0)):
        with pytest.raises(CustodyError, match="approved"):
            changed.demand(SHA)
    with pytest.raises(CustodyError, match="other footage"):
        approved.demand("cd" * 32)


@pytest.mark.parametrize(
    "change",
    [
        lambda: BLANK.change(added(99, [(1, 2, 3, 4)] * 2, "r")),
        lambda: added(0, [(3, 2, 3, 4)], "r"),
        lambda: added(0, [(1, 2, 3, 4)], ""),
        lambda: added(0, [], "r"),
        lambda: removed(0, "r"),
        lambda: removed(4, ""),
        lambda: BLANK.undo(0),
    ],
)
def test_changes_that_make_no_sense_are_refused(change: object) -> None:
    assert callable(change)
    with pytest.raises(CustodyError):
        change()


def test_a_file_that_is_no_review_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with pytest.raises(CustodyError, match="cannot be read"):
        Review.load(path)
    path.write_text('{"version": 1, "video": "zz"}')
    with pytest.raises(CustodyError, match="no review"):
        Review.load(path)
