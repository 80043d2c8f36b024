"""What the model itself decides: presets, time zones, rules."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from vcam.base.presets import Preset
from vcam.base.settings import CameraSettings, MaskSettings, Rule, Settings

CAMERA: dict[str, Any] = {"name": "gate", "source": {"url": "rtsp://192.0.2.7/live"}}
CORNERS = [(0.1, 0.1), (0.2, 0.1), (0.2, 0.2)]


def site(*cameras: dict[str, Any], **more: Any) -> Settings:
    given = [CAMERA | {"name": f"gate-{at}"} | camera for at, camera in enumerate(cameras)]
    return Settings.model_validate({"recorder": {"keep_original": False}, "camera": given, **more})


def test_a_preset_decides_where_nothing_is_said() -> None:
    assert MaskSettings(preset="night").kinds == ["face", "head", "plate", "motion"]
    assert MaskSettings(preset="night", kinds=["face"]).kinds == ["face"]
    assert MaskSettings(preset="night", delay=0.5).delay == 0.5
    assert MaskSettings() == MaskSettings(preset="default")
    for preset in get_args(Preset):
        assert {"face", "plate"} <= set(MaskSettings(preset=preset).kinds)


def test_a_worker_gets_the_same_settings() -> None:
    (camera,) = site({"mask": {"preset": "overhead"}}, site={"timezone": "Asia/Seoul"}).camera
    assert CameraSettings.model_validate(camera.model_dump(mode="json")) == camera
    assert camera.mask.timezone == "Asia/Seoul"
    assert "motion" in camera.mask.kinds


def test_cameras_go_by_the_sites_time_unless_they_say_otherwise() -> None:
    made = site({}, {"mask": {"timezone": "Europe/Berlin"}}, site={"timezone": "Asia/Seoul"})
    assert [camera.mask.timezone for camera in made.camera] == ["Asia/Seoul", "Europe/Berlin"]
    assert site({}).camera[0].mask.timezone == "local"


@pytest.mark.parametrize("zone", ["Asia/Seoull", "", "../etc/passwd", "Asia", "\0"])
def test_an_unknown_time_zone_is_named(zone: str) -> None:
    with pytest.raises(ValidationError, match="time zone"):
        MaskSettings(timezone=zone)


@pytest.mark.parametrize(
    "hours", ["22-6", "24:00-06:00", "22:00-24:01", "22:60-23:00", "08:00-08:00", "8:00-9:00"]
)
def test_hours_are_two_times_of_day(hours: str) -> None:
    with pytest.raises(ValidationError, match="22:00-06:00"):
        Rule(name="night", hours=hours, kinds=["person"])


def test_a_rule_changes_something() -> None:
    with pytest.raises(ValidationError, match="changes nothing"):
        Rule(name="night", hours="22:00-06:00")
    assert Rule(name="night", hours="22:00-06:30", kinds=["person"]).span == (22 * 60, 6 * 60 + 30)
    assert Rule(name="evening", hours="18:00-24:00", kinds=["person"]).span == (18 * 60, 24 * 60)


def test_at_any_hour_everything_is_masked_that_ever_is() -> None:
    zone, other = ({"name": name, "points": CORNERS} for name in ("one", "other"))
    rule = {
        "name": "night",
        "hours": "22:00-06:00",
        "kinds": ["person", "face"],
        "always": [other],
        "never": [other],
    }
    settings = MaskSettings.model_validate(
        {"kinds": ["face"], "always": [zone], "never": [zone], "rule": [rule]}
    )
    every = settings.at_any_hour()
    assert every.kinds == ["face", "person"]
    assert [zone.name for zone in every.always] == ["one", "other"]
    assert [zone.name for zone in every.never] == ["one"]
    assert every.rule == []
    assert every.at_any_hour() == every
