"""Rules come into force by the wall clock, on both sides of midnight and of a change of the clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.media import Kind
from vcam.base.settings import MaskSettings
from vcam.mask.rules import Rules

CORNERS = [(0.1, 0.1), (0.2, 0.1), (0.2, 0.2)]


def rules(*rule: dict[str, Any], zone: str = "Asia/Seoul", **more: Any) -> Rules:
    named = [{"name": f"rule {number}", "kinds": ["person"], **one} for number, one in enumerate(rule)]
    return Rules(MaskSettings.model_validate({"timezone": zone, "rule": named, **more}))


def at(when: str, zone: str = "Asia/Seoul", fold: int = 0) -> int:
    return round(datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1e6)


def kinds(held: Rules, time: int) -> list[set[str]]:
    return [{str(kind) for kind in scope.kinds} for scope in held.at(time)]


BASE = {"face", "head", "plate", "plate_band"}


@pytest.mark.parametrize(
    ("when", "in_force"),
    [
        ("2026-03-06T21:59:50", False),
        ("2026-03-06T22:00:10", True),  # a Friday
        ("2026-03-07T05:59:50", True),
        ("2026-03-07T06:00:10", False),
        ("2026-03-07T23:00:00", False),  # a Saturday's evening is not meant
        ("2026-03-08T03:00:00", False),
    ],
)
def test_hours_past_midnight_belong_to_the_day_they_begin_on(when: str, in_force: bool) -> None:
    held = rules({"hours": "22:00-06:00", "days": ["fri"]})
    assert kinds(held, at(when)) == [{"person"} if in_force else BASE]


@pytest.mark.parametrize("delay", [0, 1, 2])
def test_around_a_change_both_hold(delay: float) -> None:
    held = rules({"hours": "08:00-09:00"}, delay=delay)
    for change in ("2026-03-06T08:00:00", "2026-03-06T09:00:00"):
        edge = max(delay, 1) * 1_000_000
        for off in (-edge + 1, 0, edge - 1_000_000):
            assert len(held.at(round(at(change) + off))) == 2
        assert len(held.at(round(at(change) - edge - 1_000_000))) == 1
        assert len(held.at(round(at(change) + edge + 1_000_000))) == 1


def test_where_rules_meet_each_is_a_scope() -> None:
    held = rules(
        {"hours": "08:00-12:00"},
        {"hours": "10:00-24:00", "kinds": None, "always": [{"name": "till", "points": CORNERS}]},
        always=[{"name": "window", "points": CORNERS}],
    )
    first, second = held.at(at("2026-03-06T11:00:00"))
    assert first.kinds == {Kind.PERSON}
    assert [zone.name for zone in first.always] == ["window"]
    assert Kind.FACE in second.kinds
    assert [zone.name for zone in second.always] == ["window", "till"]
    assert len(held.at(at("2026-03-06T23:59:00"))) == 1


def test_hours_are_the_wall_clocks_when_clocks_change() -> None:
    berlin = "Europe/Berlin"
    held = rules({"hours": "02:30-04:00"}, zone=berlin)
    # 02:00 to 03:00 did not come: what was to begin at half past begins at three
    assert kinds(held, at("2026-03-29T01:59:50", berlin)) == [BASE]
    assert kinds(held, at("2026-03-29T03:00:10", berlin)) == [{"person"}]
    # 02:00 to 03:00 came twice
    assert kinds(held, at("2026-10-25T02:29:50", berlin)) == [BASE]
    assert kinds(held, at("2026-10-25T02:45:00", berlin)) == [{"person"}]
    assert kinds(held, at("2026-10-25T02:15:00", berlin, fold=1)) == [BASE]
    assert kinds(held, at("2026-10-25T02:45:00", berlin, fold=1)) == [{"person"}]


def test_without_rules_the_settings_hold() -> None:
    assert kinds(rules(), 0) == [BASE]


@given(
    st.integers(0, 4_000_000_000),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sampled_from(["UTC", "Asia/Seoul", "America/New_York"]),
)
def test_a_rule_and_its_rest_of_the_day_take_turns(seconds: int, start: int, end: int, zone: str) -> None:
    if start == end:
        return
    first, last = (f"{minute // 60:02}:{minute % 60:02}" for minute in (start, end))
    rest = {"hours": f"{last}-{first}", "kinds": ["vehicle"]}
    held = rules({"hours": f"{first}-{last}"}, rest, zone=zone)
    scopes = held.at(seconds * 1_000_000)
    assert 1 <= len(scopes) <= 2
    assert all(scope.kinds in ({Kind.PERSON}, {Kind.VEHICLE}) for scope in scopes)
