"""Footage is cut to whole GOPs that reach into what was asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recorder.scope import Scope
from tests.vcam.export.support import BEGIN, SECOND, Opened, units
from vcam.base.media import AccessUnit
from vcam.export.footage import takes, within


def test_a_gop_is_taken_whole_or_not_at_all() -> None:
    sent = units()
    assert list(within(sent, BEGIN + 10, BEGIN + 20)) == sent[:25]
    assert list(within(sent, BEGIN + SECOND, BEGIN + 10 * SECOND)) == sent[25:]
    assert list(within(sent, BEGIN - SECOND, BEGIN)) == []
    assert list(within(sent, BEGIN - SECOND, BEGIN + 1)) == sent[:25]
    assert list(within(sent, BEGIN + 10 * SECOND, BEGIN + 20 * SECOND)) == []


@given(st.lists(st.integers(1, 20), min_size=1, max_size=8), st.integers(0, 3000), st.integers(1, 3000))
def test_every_picture_asked_for_is_there_and_no_gop_beside(gops: list[int], start: int, length: int) -> None:
    sent: list[AccessUnit] = []
    for gop in gops:
        for number in range(gop):
            time = len(sent) * 40
            sent.append(AccessUnit(bytes([number]), time * 90, time, number == 0))
    end = start + length
    found = list(within(sent, start, end))
    assert [unit for unit in sent if start <= unit.time < end] == [u for u in found if start <= u.time < end]
    at = 0
    for gop in gops:
        part = sent[at : at + gop]
        reaches = part[0].time < end and part[-1].time + 40 > start
        assert all(unit in found for unit in part) or not any(unit in found for unit in part)
        assert reaches or part[0] not in found
        at += gop


def test_segments_beside_the_scope_are_not_told() -> None:
    footage = Opened({"gate": units()})
    (take,) = takes(footage, Scope(("gate",), BEGIN, BEGIN + SECOND))
    assert len(take.sources()) == 1
    (take,) = takes(footage, Scope(("gate",), BEGIN + 60 * SECOND, BEGIN + 61 * SECOND))
    assert take.sources() == []
