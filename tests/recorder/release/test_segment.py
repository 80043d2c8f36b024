"""Tables of units cut into GOPs, also where a segment was cut by force within one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recorder.descriptor import SegmentDescriptor
from recorder.epochs import Epochs
from recorder.raw import RawWriter
from recorder.release.segment import gops
from recorder.scope import Scope
from recorder.units import DTYPE
from tests.recorder.release.conftest import NINE, Site
from vcam.base.clock import ManualClock
from vcam.base.media import AccessUnit, StreamInfo

SECOND = 1_000_000


@given(st.lists(st.booleans(), max_size=40), st.booleans())
def test_every_unit_is_in_one_gop_that_begins_with_a_key(keys: list[bool], added: bool) -> None:
    rows = [(0, 5, 0, NINE, False, True)] if added and keys else []
    rows += [(n, 1, n * 3600, NINE + n * 40_000, key, False) for n, key in enumerate(keys)]
    table = np.array(rows, dtype=DTYPE)
    found = gops(table, NINE + len(keys) * 40_000)
    covered = [n for gop in found for n in range(gop.first, gop.end)]
    assert covered == [n for n, row in enumerate(rows) if not row[5]]
    for number, gop in enumerate(found):
        assert bool(table[gop.first]["key"]) != gop.headless
        assert not gop.headless or number == 0
        assert not any(table[gop.first + 1 : gop.end]["key"])
        assert gop.start == table[gop.first]["time"]
        assert gop.stop == (found[number + 1].start if gop is not found[-1] else NINE + len(keys) * 40_000)


def long_gop(site: Site) -> list[AccessUnit]:
    """A GOP of 2000 s, which no segment can hold: it is cut by force."""
    sent = [
        AccessUnit(b"\x00\x00\x00\x01%d" % n, n * 900_000, NINE + n * 10 * SECOND, n == 0) for n in range(200)
    ]
    found: list[SegmentDescriptor] = []
    clock = ManualClock(NINE)
    epochs = Epochs(site.folder / "state" / "shares.sqlite", "gate", 2, [], clock)
    writer = RawWriter(site.media, "gate", [], 60, found.append, clock, epochs=epochs)
    writer.stream(StreamInfo("h264", 64, 64, 0.1))
    for unit in sent:
        writer.raw(unit)
    writer.close()
    for descriptor in found:
        site.index.add(descriptor)
    return sent


def test_what_a_forced_cut_has_left_comes_with_its_beginning_only(site: Site) -> None:
    sent = long_gop(site)
    opened = site.opened(Scope(("gate",), NINE, NINE + 2000 * SECOND))
    assert len(opened.segments("gate")) == 3
    assert list(opened.units("gate")) == sent
    # Without its key picture nothing of it can be decoded, and nothing of it is given.
    late = site.opened(Scope(("gate",), NINE + 1900 * SECOND, NINE + 2000 * SECOND))
    assert len(late.segments("gate")) == 1
    assert list(late.units("gate")) == []


def test_the_rate_of_a_stream_is_told_by_its_time_stamps(site: Site) -> None:
    long_gop(site)
    opened = site.opened(Scope(("gate",), NINE, NINE + SECOND))
    assert [info.fps for info in opened.streams("gate")] == [0.1]
