"""Time stamps for files, out of what cameras tell."""

from __future__ import annotations

import io
from itertools import pairwise

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.patch import RATE
from tests.vcam.export.support import BEGIN, INFO, SECOND, units
from vcam.base.media import TICKS, AccessUnit
from vcam.export.remux import remux
from vcam.export.timeline import places

FRAME = TICKS // RATE


def bare(*stamps: tuple[int, int, bool]) -> list[AccessUnit]:
    return [AccessUnit(b"x", pts, time, key) for pts, time, key in stamps]


@pytest.mark.parametrize("reorder", [0, 2, 3])
def test_a_file_plays_at_the_times_of_the_stream(reorder: int) -> None:
    sent = units(reorder=reorder)
    out = io.BytesIO()
    assert remux(out, INFO, sent, places(sent, RATE)) == len(sent)
    out.seek(0)
    with av.open(out, "r") as container:
        shown = [frame.pts or 0 for frame in container.decode(video=0)]
    assert [stamp - shown[0] for stamp in shown] == [number * FRAME for number in range(len(sent))]


def test_pictures_out_of_order_are_decoded_before_they_are_shown() -> None:
    sent = units(reorder=2)
    assert [unit.pts for unit in sent] != sorted(unit.pts for unit in sent)
    line = places(sent, RATE)
    assert all(place.dts <= place.pts for place in line)
    assert all(one.dts < two.dts for one, two in pairwise(line))
    assert line[0].dts == 0


def test_a_stream_that_begins_anew_is_placed_by_the_wall_clock() -> None:
    again = units(begin=BEGIN + 60 * SECOND)
    line = places([*units(), *again], RATE)
    second = line[len(line) // 2]
    assert second.pts - line[0].pts == 60 * TICKS


def test_a_wall_clock_that_was_set_back_does_not_turn_the_film_back() -> None:
    line = places([*units(), *units(begin=BEGIN - 3600 * SECOND)], RATE)
    assert all(one.dts < two.dts for one, two in pairwise(line))


def test_nothing_has_no_places() -> None:
    assert places([], RATE) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 1 << 40), st.integers(0, 1 << 50), st.booleans()), min_size=1, max_size=30
    ),
    st.floats(0, 240),
)
def test_whatever_comes_it_can_be_written(stamps: list[tuple[int, int, bool]], fps: float) -> None:
    line = places(bare(*stamps), fps)
    assert len(line) == len(stamps)
    assert line[0].dts == 0
    for one, two in pairwise(line):
        assert one.dts < two.dts
        assert one.duration == two.dts - one.dts
    assert all(place.pts >= place.dts and place.duration > 0 for place in line)
    assert [place.time for place in line] == [time for _, time, _ in stamps]
