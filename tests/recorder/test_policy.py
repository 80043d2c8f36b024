"""How long footage is kept, by camera and kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from recorder.layout import LONGEST
from recorder.policy import DAY, Policy, epoch_over, hour_of
from recorder.scope import epoch_id
from recorder.tables import HOUR
from tests.recorder.support import START
from vcam.base.settings import Settings

CAMERAS = [
    {"name": "gate", "source": {"url": "rtsp://192.0.2.7/"}},
    {"name": "yard", "source": {"url": "rtsp://192.0.2.8/"}, "retention_days": 7, "masked_retention_days": 90},
    {"name": "roof", "source": {"url": "rtsp://192.0.2.9/"}, "retention_days": 3},
]


def settings(**recorder: object) -> Settings:
    return Settings.model_validate({"recorder": {"recipients": ["age1x"], **recorder}, "camera": CAMERAS})


def test_a_camera_has_its_own_and_else_the_recorders() -> None:
    policy = Policy.of(settings())
    kept = {
        name: (policy.keep(name, "original") // DAY, policy.keep(name, "masked") // DAY)
        for name in ("gate", "yard", "roof", "gone")
    }
    assert kept == {"gate": (30, 30), "yard": (7, 90), "roof": (3, 3), "gone": (30, 30)}


def test_masked_copies_may_stay_longer_without_a_reason() -> None:
    policy = Policy.of(settings(masked_retention_days=365))
    assert policy.keep("gate", "masked") == 365 * DAY
    assert policy.keep("roof", "masked") == 365 * DAY
    assert policy.keep("yard", "masked") == 90 * DAY


def test_originals_beyond_30_days_need_the_policys_words() -> None:
    with pytest.raises(ValidationError, match="retention_reason"):
        settings(retention_days=31)
    with pytest.raises(ValidationError, match="retention_reason"):
        settings(retention_days=31, retention_reason="  ")
    assert settings(retention_days=31, retention_reason="the operating policy, 4").recorder.retention_days == 31
    assert settings(retention_days=31, keep_original=False).recorder.retention_days == 31


@given(st.integers(0, 50 * DAY), st.integers(1, LONGEST), st.integers(1, 40 * DAY))
def test_a_sealed_original_outlives_its_epoch(start: int, length: int, keep: int) -> None:
    policy = Policy(keep, keep)
    end = START + start + length
    assert policy.expires("gate", "masked", START + start, end, "") == end + keep
    sealed = policy.expires("gate", "original", START + start, end, "gate/x")
    hour_ends = (START + start) // HOUR * HOUR + HOUR
    assert sealed >= max(end + keep, hour_ends + LONGEST)
    assert sealed in {end + keep, epoch_over(START + start)}


@given(st.integers(0, 1 << 52))
def test_an_epochs_name_tells_its_hour(time: int) -> None:
    assert hour_of(epoch_id("gate", time)) == time - time % HOUR


def test_the_cycle_is_told_in_days() -> None:
    policy = Policy(30 * DAY, DAY // 8)
    assert (policy.cycle("gate", "original"), policy.cycle("gate", "masked")) == (30, "0.125")
